"""Checks: what is doubtful in a model, as issues; a check changes nothing."""

from __future__ import annotations

from citykernel.issues import Issue

from ..model import CityModel
from ..solids import solid_edges
from .closed import check_closed
from .duplicate_ids import check_duplicate_ids
from .empty import check_empty
from .height import check_measured_height
from .oriented import check_oriented
from .planar import check_planar, deviations_from_plane
from .summary import Summary

__all__ = [
    "Summary",
    "check_citymodel",
    "check_closed",
    "check_duplicate_ids",
    "check_empty",
    "check_measured_height",
    "check_oriented",
    "check_planar",
    "deviations_from_plane",
]


def check_citymodel(model: CityModel) -> list[Issue]:
    """Run all checks.

    Parameters
    ----------
    model : CityModel
        The model; each ring has three corners at least, as readers give it.

    Returns
    -------
    list of Issue
        Check by check, within each in the order of the model's rows.

    Raises
    ------
    BoundaryError
        A ring has fewer than three corners.

    Examples
    --------
    >>> from citymodel.testing import askew_hamlet
    >>> check_citymodel(askew_hamlet())
    []
    """
    edges = solid_edges(model)
    return [
        *check_duplicate_ids(model),
        *check_empty(model),
        *check_measured_height(model),
        *check_planar(model),
        *check_closed(model, edges=edges),
        *check_oriented(model, edges=edges),
    ]
