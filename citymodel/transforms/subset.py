"""Leaving out corners, and with them the rings, surfaces and geometries that become empty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from citykernel.arrays import BoolArray, Int32Array, offsets_from_counts

from ..model import CityModel


def keep_corners(model: CityModel, keep: BoolArray) -> CityModel:
    """Keep some ring corners; what holds none any more goes, down to unused vertices.

    Parameters
    ----------
    model : CityModel
        The model.
    keep : (c,) bool
        Corners to keep. Whoever takes all corners of an exterior ring takes those of its
        holes as well: the first ring that stays is the exterior.

    Returns
    -------
    CityModel
        Objects and materials are untouched.
    """
    ring_counts = _counts_within(keep, model.ring_offsets)
    ring_stays = ring_counts > 0
    surface_counts = _counts_within(ring_stays, model.surface_offsets)
    surface_stays = surface_counts > 0
    geometry_counts = _counts_within(surface_stays, model.geometry_offsets)
    geometry_stays = geometry_counts > 0
    used = np.zeros(len(model.vertices), bool)
    used[model.ring_vertices[keep]] = True
    row = np.cumsum(used, dtype=np.int32) - 1
    appearances = model.appearances
    if appearances is not None:
        appearances = replace(
            appearances,
            surface_material=appearances.surface_material[surface_stays],
            texture_coordinates=appearances.texture_coordinates[keep],
        )
    return replace(
        model,
        vertices=model.vertices[used],
        ring_vertices=row[model.ring_vertices[keep]].astype(np.int32),
        ring_offsets=offsets_from_counts(ring_counts[ring_stays]),
        surface_offsets=offsets_from_counts(surface_counts[surface_stays]),
        surface_type=model.surface_type[surface_stays],
        geometry_offsets=offsets_from_counts(geometry_counts[geometry_stays]),
        geometry_lod=model.geometry_lod[geometry_stays],
        geometry_type=model.geometry_type[geometry_stays],
        geometry_object=model.geometry_object[geometry_stays],
        appearances=appearances,
    )


def _counts_within(keep: BoolArray, offsets: Int32Array) -> Int32Array:
    before = offsets_from_counts(keep.astype(np.int32))
    return np.diff(before[offsets])
