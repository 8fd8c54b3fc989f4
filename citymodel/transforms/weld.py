"""Weld: corners that are meant to be the same become the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from citykernel.arrays import BoolArray, Int32Array, Int64Array
from citykernel.issues import Issue, Severity

from ..boundary import following_corners
from ..metric import TOLERANCE_M, merged_vertices, metric_vertices
from ..model import CityModel
from .subset import keep_corners

LEAST_CORNERS = 3


def weld(
    model: CityModel, *, tolerance_m: float = TOLERANCE_M
) -> tuple[CityModel, list[Issue]]:
    """Merge vertices that lie nearer to each other than a tolerance.

    No vertex is moved to a place where there was none: the first of those that merge stays.
    An edge shorter than the tolerance disappears; a ring that has less than three corners
    left goes, and with an exterior ring its surface.

    Parameters
    ----------
    model : CityModel
        The model; no ring is empty.
    tolerance_m : float
        Most that merged vertices are apart, in metres; 0 merges exact copies only.

    Returns
    -------
    CityModel
        Each vertex once, in the order of first use.
    list of Issue
        ``edge-closed`` (info), ``hole-collapsed`` and ``surface-collapsed`` (warning), with
        counts, one of each an object.
    """
    place = merged_vertices(metric_vertices(model), tolerance_m)
    welded = replace(model, ring_vertices=place[model.ring_vertices])
    if not len(model.ring_vertices):
        return keep_corners(welded, np.empty(0, bool)), []
    keep = welded.ring_vertices != welded.ring_vertices[following_corners(model.ring_offsets)]
    ring_counts = np.add.reduceat(keep.astype(np.int64), model.ring_offsets[:-1])
    collapsed = ring_counts < LEAST_CORNERS
    exterior = np.zeros(len(collapsed), bool)
    exterior[model.surface_offsets[:-1]] = True
    surface_of_ring = np.repeat(
        np.arange(len(model.surface_type)), np.diff(model.surface_offsets)
    )
    lost_surface = collapsed[model.surface_offsets[:-1]]
    gone = collapsed | lost_surface[surface_of_ring]
    ring_object = model.surface_object[surface_of_ring]
    corner_ring = np.repeat(np.arange(len(gone)), np.diff(model.ring_offsets))
    closed = np.bincount(corner_ring[~keep & ~gone[corner_ring]], minlength=len(gone))
    tolerance = f"{tolerance_m * 1000:g} mm"
    issues = [
        *_issues(model, ring_object, closed, "edge-closed", f"edges below {tolerance} closed"),
        *_issues(
            model, ring_object, _ones(collapsed & ~exterior & ~lost_surface[surface_of_ring]),
            "hole-collapsed", f"holes narrower than {tolerance} left out",
        ),
        *_issues(
            model, ring_object, _ones(collapsed & exterior),
            "surface-collapsed", f"surfaces narrower than {tolerance} left out",
        ),
    ]  # fmt: skip
    return _in_order_of_use(keep_corners(welded, keep & ~gone[corner_ring])), issues


def _ones(mask: BoolArray) -> Int64Array:
    return mask.astype(np.int64)


def _issues(
    model: CityModel, ring_object: Int32Array, counts: Int64Array, code: str, text: str
) -> list[Issue]:
    each = np.bincount(ring_object, counts, minlength=len(model.objects)).astype(np.int64)
    severity: Severity = "info" if code == "edge-closed" else "warning"
    return [
        Issue(code, severity, f"{each[row]} {text}", gml_id=str(model.objects.id[row]))
        for row in np.flatnonzero(each)
    ]


def _in_order_of_use(model: CityModel) -> CityModel:
    _, first, row = np.unique(model.ring_vertices, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    vertices = model.vertices[model.ring_vertices[first[order]]]
    return replace(model, vertices=vertices, ring_vertices=rank[row.ravel()].astype(np.int32))
