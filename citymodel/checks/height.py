"""Height: a measured height is one a building can have."""

from __future__ import annotations

import numpy as np

from citykernel.issues import Issue

from ..model import CityModel

# In NRW's tiles 0.195 to 84.098 m; no building of Germany reaches 300 m, masts do.
LOWEST_M, HIGHEST_M = 0.0, 500.0


def check_measured_height(model: CityModel) -> list[Issue]:
    """Find measured heights that cannot be.

    Parameters
    ----------
    model : CityModel
        The model.

    Returns
    -------
    list of Issue
        ``height-out-of-bounds`` (warning): not above 0, above 500 m, or infinite. A missing
        height is none.
    """
    column = model.objects.attributes.get("measured_height")
    if column is None or column.values.dtype.kind != "f":
        return []
    heights = column.values.astype(np.float64)
    wrong = ~np.isnan(heights) & ~((heights > LOWEST_M) & (heights <= HIGHEST_M))
    return [
        Issue(
            "height-out-of-bounds",
            "warning",
            f"measuredHeight is {heights[row]:g} m, wanted above {LOWEST_M:g} and at most "
            f"{HIGHEST_M:g} m",
            gml_id=str(model.objects.id[row]),
        )
        for row in np.flatnonzero(wrong)
    ]
