"""The paper-model look: colours of surfaces where the source has none.

Roofs are told apart by their pitch and not by the roof code alone: a mixed roof is red
where it is steep and grey where it is flat.
"""

from __future__ import annotations

import numpy as np

from citykernel.arrays import Float64Array, Int32Array, UInt8Array
from citymodel import CityModel, SurfaceType

# sRGB, from the house's tokens: render cream, roof red, pale grey, half-timber umber...
WALL = "#efe6d6"
PITCHED_ROOF = "#a8432f"
FLAT_ROOF = "#c9ccc6"
GROUND = "#b9b3a4"
OPENING = "#7c8f9b"
WATER = "#b7cdd6"
TRAFFIC = "#d5d2cb"
PLAIN = "#e3ddd0"
BY_TYPE = {
    SurfaceType.WALL_SURFACE: WALL,
    SurfaceType.INTERIOR_WALL_SURFACE: WALL,
    SurfaceType.GROUND_SURFACE: GROUND,
    SurfaceType.FLOOR_SURFACE: GROUND,
    SurfaceType.WINDOW: OPENING,
    SurfaceType.DOOR: "#6b4a35",
    SurfaceType.WATER_SURFACE: WATER,
    SurfaceType.WATER_GROUND_SURFACE: WATER,
    SurfaceType.WATER_CLOSURE_SURFACE: WATER,
    SurfaceType.TRAFFIC_AREA: TRAFFIC,
    SurfaceType.AUXILIARY_TRAFFIC_AREA: "#cdd5bf",
    SurfaceType.MARKING: "#f6f6f2",
}
# DIN 18531 calls roofs flat up to 5 degrees; generalised LoD2 roofs scatter a little more.
FLAT_ROOF_PITCH_DEG = 7.0


def linear(colour: str) -> UInt8Array:
    """Turn a hexadecimal sRGB colour into linear bytes.

    Parameters
    ----------
    colour : str
        ``#rrggbb``.

    Returns
    -------
    (3,) uint8
        Linear red, green, blue.

    References
    ----------
    IEC 61966-2-1 (sRGB transfer function).

    Examples
    --------
    >>> linear("#ffffff").tolist(), linear("#808080").tolist()
    ([255, 255, 255], [55, 55, 55])
    """
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return linear_bytes(srgb)


def linear_bytes(srgb: Float64Array) -> UInt8Array:
    """Turn sRGB values of 0 to 1 into linear bytes.

    Parameters
    ----------
    srgb : (..., 3) float64
        0 to 1.

    Returns
    -------
    (..., 3) uint8
        Linear values.
    """
    srgb = np.clip(srgb, 0, 1)  # X3DMaterial allows no more, files have it
    value = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
    return np.asarray(np.round(value * 255), np.uint8)


def surface_colours(model: CityModel, normals: Float64Array) -> UInt8Array:
    """Colour of each surface: the source's material, else by type and pitch.

    Parameters
    ----------
    model : CityModel
        With or without appearances.
    normals : (s, 3) float64
        Unit normals of its surfaces, up last.

    Returns
    -------
    (s, 3) uint8
        Linear red, green, blue.
    """
    table = np.tile(linear(PLAIN), (256, 1))
    for kind, colour in BY_TYPE.items():
        table[kind] = linear(colour)
    colours = table[model.surface_type]
    is_roof = (model.surface_type == SurfaceType.ROOF_SURFACE) | (
        model.surface_type == SurfaceType.OUTER_FLOOR_SURFACE
    )
    flat = np.abs(normals[:, 2]) >= np.cos(np.radians(FLAT_ROOF_PITCH_DEG))
    colours[is_roof & flat] = linear(FLAT_ROOF)
    colours[is_roof & ~flat] = linear(PITCHED_ROOF)
    # Surfaces without semantics: what looks up is a roof, what stands is a wall.
    plain = model.surface_type == SurfaceType.SURFACE
    upwards = normals[:, 2] > np.cos(np.radians(80))
    colours[plain & (np.abs(normals[:, 2]) < np.cos(np.radians(80)))] = linear(WALL)
    colours[plain & upwards & ~flat] = linear(PITCHED_ROOF)
    colours[plain & upwards & flat] = linear(FLAT_ROOF)
    if model.appearances is not None:
        _paint(colours, model.appearances.surface_material, model)
    return colours


def _paint(colours: UInt8Array, surface_material: Int32Array, model: CityModel) -> None:
    if model.appearances is None or not model.appearances.materials:
        return
    palette = np.array([m.diffuse for m in model.appearances.materials])
    plain = np.array([not m.image for m in model.appearances.materials])
    wears = surface_material >= 0
    wears[wears] = plain[surface_material[wears]]
    colours[wears] = linear_bytes(palette[surface_material[wears]])
