"""The page in the browser: this package only knows where its bundle is.

The sources are TypeScript in ``viewer/frontend``; Vite builds them into
``viewer/assets``, which the wheel carries.
"""

from __future__ import annotations

from pathlib import Path

from citykernel.errors import InstallationError

__all__ = ["assets_folder"]


def assets_folder() -> Path:
    """Folder of the built page.

    Returns
    -------
    Path
        Holds ``index.html``, ``licences.txt`` and ``assets/``.

    Raises
    ------
    InstallationError
        The bundle was not built, as in a clone without its first build.
    """
    folder = Path(__file__).parent / "assets"
    if not (folder / "index.html").is_file():
        raise InstallationError(
            f"the viewer's page is missing in {folder}; in a clone, build it with "
            "'npm ci --ignore-scripts' and 'npm run build' in viewer/frontend, "
            "otherwise reinstall stadtbild"
        )
    return folder
