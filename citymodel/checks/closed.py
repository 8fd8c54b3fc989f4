"""Closed: each edge of a solid is used by two surfaces."""

from __future__ import annotations

import numpy as np

from citykernel.issues import Issue

from ..codes import GeometryType
from ..model import CityModel
from ..solids import SolidEdges, solid_edges


def check_closed(model: CityModel, *, edges: SolidEdges | None = None) -> list[Issue]:
    """Find solids with edges that only one surface uses.

    In NRW's tiles 15 % of the solids do not match edge for edge, mostly because a neighbour
    has a corner within the edge: worth knowing, for no volume can be stated, but no fault
    that shows.

    Parameters
    ----------
    model : CityModel
        The model.
    edges : SolidEdges, optional
        What :func:`~citymodel.solids.solid_edges` found, where it is known already.

    Returns
    -------
    list of Issue
        ``solid-open`` (info), one a solid, with the number of edges.
    """
    edges = solid_edges(model) if edges is None else edges
    is_open = (model.geometry_type == GeometryType.SOLID) & (edges.open_edges > 0)
    return [
        Issue(
            "solid-open",
            "info",
            f"the solid does not close: {edges.open_edges[row]} edges belong to one surface "
            "only; its volume is not known",
            gml_id=str(model.objects.id[model.geometry_object[row]]),
        )
        for row in np.flatnonzero(is_open)
    ]
