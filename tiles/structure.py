"""3D Tiles 1.1 as plain data with the standard's names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from citykernel.arrays import Float64Array, least_and_most
from citykernel.frame import LocalFrame


def _three(values: list[float]) -> tuple[float, float, float]:
    x, y, z = values
    return x, y, z


@dataclass(frozen=True, slots=True)
class Bounds:
    """An upright box in the tileset's frame, metres."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    @classmethod
    def around(cls, points: Float64Array, *, margin_m: float = 0.0) -> Bounds:
        """Bounds of points, (n, 3) float64, grown on all sides."""
        low, high = least_and_most(points)
        low, high = low - margin_m, high + margin_m
        return cls(_three(low.tolist()), _three(high.tolist()))

    def union(self, other: Bounds) -> Bounds:
        """Bounds of both."""
        low = [min(a, b) for a, b in zip(self.low, other.low, strict=True)]
        high = [max(a, b) for a, b in zip(self.high, other.high, strict=True)]
        return Bounds(_three(low), _three(high))

    def box(self) -> list[float]:
        """Centre and half axes, as ``boundingVolume.box`` wants them.

        Corners are moved outwards to even millimetres: centre and half axes are whole ones
        then, and what contained another box still does when it is written down.
        """
        low = np.floor(np.array(self.low) * 500)
        high = np.ceil(np.array(self.high) * 500)
        axes = np.diag(high - low).ravel()
        return [float(v) / 1000 for v in (*(low + high), *axes)]


@dataclass(slots=True)
class Tile:
    """One tile.

    Parameters
    ----------
    bounds : Bounds
        Contains the content and the children.
    geometric_error_m : float
        How far off the tile is where its children are not shown.
    content : str
        URI of the glb, "" without content.
    children : list of Tile
        Each with a geometric error no larger.
    """

    bounds: Bounds
    geometric_error_m: float
    content: str = ""
    children: list[Tile] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the tile as tileset.json has it."""
        entry: dict[str, Any] = {
            "boundingVolume": {"box": self.bounds.box()},
            "geometricError": round(self.geometric_error_m, 3),
        }
        if self.content:
            entry["content"] = {"uri": self.content}
        if self.children:
            entry["children"] = [child.as_dict() for child in self.children]
        return entry

    def contents(self) -> list[str]:
        """URIs of this tile and of all below it."""
        own = [self.content] if self.content else []
        return own + [uri for child in self.children for uri in child.contents()]


def enclose(tile: Tile) -> Tile:
    """Grow each parent's bounds round its children's; errors never grow downwards."""
    for child in tile.children:
        enclose(child)
        tile.bounds = tile.bounds.union(child.bounds)
        tile.geometric_error_m = max(tile.geometric_error_m, child.geometric_error_m)
    return tile


TOWN_PROPERTIES = (
    "title",
    "notice",
    "attribution",
    "licence",
    "crs",
    "vertical_crs",
    "height_method",
)


def tileset_dict(root: Tile, frame: LocalFrame, town: dict[str, Any]) -> dict[str, Any]:
    """Build tileset.json.

    Parameters
    ----------
    root : Tile
        The tree, bounds in the frame.
    frame : LocalFrame
        Where the frame stands on the Earth; becomes the root's transform.
    town : dict
        Texts of ``TOWN_PROPERTIES``, ``copyright`` and ``height_accuracy_m`` (a number or
        None); they become the tileset's metadata.

    Returns
    -------
    dict
        OGC 3D Tiles 1.1.
    """
    low, high = np.array(root.bounds.low), np.array(root.bounds.high)
    entry = {"refine": "REPLACE", "transform": frame.matrix(), **root.as_dict()}
    properties: dict[str, Any] = {name: {"type": "STRING"} for name in TOWN_PROPERTIES}
    properties["height_accuracy_m"] = {
        "type": "SCALAR",
        "componentType": "FLOAT32",
        "noData": -9999.0,
    }
    values: dict[str, Any] = {name: str(town.get(name, "")) for name in TOWN_PROPERTIES}
    accuracy = town.get("height_accuracy_m")
    values["height_accuracy_m"] = -9999.0 if accuracy is None else accuracy
    document: dict[str, Any] = {
        "asset": {"version": "1.1", "generator": "Stadtbild"},
        "schema": {"id": "stadtbild_town", "classes": {"town": {"properties": properties}}},
        "metadata": {"class": "town", "properties": values},
        # Without the tileset the whole town is missing.
        "geometricError": round(float(np.linalg.norm(high - low)), 3),
        "root": entry,
    }
    if town.get("copyright"):
        document["asset"]["copyright"] = str(town["copyright"])
    return document
