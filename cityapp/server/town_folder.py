"""The folder ``stadtbild tile`` makes: where its parts lie and whether it is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citykernel.errors import InputError, SettingsError
from citykernel.scene import Scene, scene_from_dict

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TownFolder:
    """One town on disk.

    Parameters
    ----------
    path : Path
        Absolute folder.
    """

    path: Path

    def check(self) -> None:
        """Make sure that there is something to serve.

        Raises
        ------
        InputError
            There is no tileset.
        SettingsError
            The scene is missing, broken, or names a layer that is not there.
        """
        if not (self.path / "tileset.json").is_file():
            raise InputError(f"no tileset.json in {self.path}; make one with 'stadtbild tile'")
        for layer in self.read_scene().layers:
            if not (self.path / layer.href).is_file():
                raise SettingsError(
                    f"{self.path / 'scene.json'} names the layer {layer.id!r} at "
                    f"{layer.href!r}, but there is no such file"
                )

    def read_scene(self) -> Scene:
        """Read the scene.

        Returns
        -------
        Scene
            As the contract has it, hrefs relative to the folder.

        Raises
        ------
        SettingsError
            The file is missing, no JSON, or against the contract.
        """
        path = self.path / "scene.json"
        try:
            plain = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise SettingsError(
                f"no scene.json in {self.path}; make one with 'stadtbild tile'"
            ) from None
        except (ValueError, OSError) as fault:
            raise SettingsError(f"{path} cannot be read: {fault}") from fault
        return scene_from_dict(plain)
