"""How far a mesh lies from the samples it stands for: measured, not believed.

This looks at every sample again, those at borders included, and shares nothing with the
insertion but the span of a row.
"""

from __future__ import annotations

from citykernel.arrays import Float32Array, Float64Array, Int32Array
from citykernel.compiled import compiled

from .insertion import row_span


@compiled
def worst_deviation(
    heights: Float32Array,
    x: Int32Array,
    y: Int32Array,
    z: Float64Array,
    triangles: Int32Array,
) -> float:
    """Largest vertical distance between a mesh and the samples under it.

    Parameters
    ----------
    heights : (rows, columns) float32
        Samples; NaN is void.
    x, y : (n,) int32
        Column and row of each vertex.
    z : (n,) float64
        Its height in metres.
    triangles : (m, 3) int32
        Counter-clockwise.

    Returns
    -------
    float
        Metres; 0 if the mesh covers no sample.
    """
    worst = 0.0
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, bx, by = int(x[a]), int(y[a]), int(x[b]), int(y[b])
        cx, cy = int(x[c]), int(y[c])
        area2 = float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
        for row in range(min(ay, by, cy), max(ay, by, cy) + 1):
            low, high = row_span(ax, ay, bx, by, cx, cy, row)
            for column in range(low, high + 1):
                # Barycentric weights of b and c.
                of_b = ((column - ax) * (cy - ay) - (row - ay) * (cx - ax)) / area2
                of_c = ((bx - ax) * (row - ay) - (by - ay) * (column - ax)) / area2
                missed = abs(
                    z[a] + of_b * (z[b] - z[a]) + of_c * (z[c] - z[a]) - heights[row, column]
                )
                worst = max(worst, missed)
    return worst
