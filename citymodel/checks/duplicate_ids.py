"""Ids: a gml:id names one object."""

from __future__ import annotations

from collections import Counter

from citykernel.issues import Issue

from ..model import CityModel


def check_duplicate_ids(model: CityModel) -> list[Issue]:
    """Find ids that several objects bear.

    Parameters
    ----------
    model : CityModel
        The model.

    Returns
    -------
    list of Issue
        ``duplicate-id`` (warning), one an id, in the order of first use.
    """
    counts = Counter(str(id_) for id_ in model.objects.id)
    return [
        Issue("duplicate-id", "warning", f"{count} objects have the same id", gml_id=id_)
        for id_, count in counts.items()
        if count > 1 and id_
    ]
