"""The quadtree: whole features by the centre of their bounds, never cut."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from citykernel.arrays import Float64Array, Int64Array

# No leaf is larger, so that 16 bits resolve its vertices to three centimetres.
BASE_CELL_M = 2048.0
GRID_M = 256.0
SMALLEST_CELL_M = 32.0
# Vertices of a leaf: 36,000 are about 900 houses of LoD2, 250 kB with meshopt and 1.6 MB
# without; small enough for a phone, large enough for few requests.
LEAF_VERTICES = 36_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of the quadtree.

    Parameters
    ----------
    level : int
        0 is the root.
    x, y : int
        Column from the west and row from the south among the squares of the level.
    side_m : float
        Side of the square.
    rows : (k,) int64
        Features of the cell and of all below it.
    children : tuple of Cell
        None for a leaf.
    """

    level: int
    x: int
    y: int
    side_m: float
    rows: Int64Array
    children: tuple[Cell, ...] = ()

    def flattened(self) -> Cell:
        """Leave out every other level: its tiles would cost as much as they save.

        Measured on real tiles: with all levels the coarse ones take almost as many bytes as
        the leaves, with every other level a quarter.
        """
        if not self.children:
            return self
        below = [
            grandchild for child in self.children for grandchild in (child.children or (child,))
        ]
        return replace(self, children=tuple(cell.flattened() for cell in below))

    @property
    def name(self) -> str:
        """Name for files, the same on every run."""
        return f"{self.level}-{self.x}-{self.y}"


def subdivide(
    low: Float64Array,
    high: Float64Array,
    weight: Int64Array,
    *,
    leaf_weight: int = LEAF_VERTICES,
) -> Cell:
    """Divide features into a quadtree.

    The root is the town's extent in whole ``GRID_M``, so that a changed house changes its
    own leaf and the leaf's parents only, unless the town grows across such a line.

    Parameters
    ----------
    low, high : (f, 3) float64
        Bounds in metres of the tileset's frame.
    weight : (f,) int64
        Vertices of each feature.
    leaf_weight : int
        A cell with more is divided, down to ``SMALLEST_CELL_M``.

    Returns
    -------
    Cell
        The root; it holds all features, even if there are none.
    """
    centre = (low[:, :2] + high[:, :2]) / 2
    if not len(centre):
        return Cell(0, 0, 0, GRID_M, np.empty(0, np.int64))
    first = np.floor(centre.min(axis=0) / GRID_M)
    span = np.floor(centre.max(axis=0) / GRID_M) - first + 1
    size, corner = GRID_M * float(max(span)), first * GRID_M

    def divide(level: int, x: int, y: int, rows: Int64Array) -> Cell:
        side = size / 2**level
        light = side <= BASE_CELL_M and int(weight[rows].sum()) <= leaf_weight
        if light or side <= SMALLEST_CELL_M:
            return Cell(level, x, y, side, rows)
        half = side / 2
        place = np.floor((centre[rows] - corner) / half).astype(np.int64)
        place -= np.array([2 * x, 2 * y])
        children = []
        for row in (0, 1):
            for column in (0, 1):
                inside = rows[(place[:, 0] == column) & (place[:, 1] == row)]
                if len(inside):
                    children.append(divide(level + 1, 2 * x + column, 2 * y + row, inside))
        return Cell(level, x, y, side, rows, tuple(children))

    return divide(0, 0, 0, np.arange(len(centre))).flattened()


def curve_order(centre: Float64Array) -> Int64Array:
    """Order of points along a Z-curve: near ones stand together and compress better.

    Parameters
    ----------
    centre : (k, 2) float64
        Metres.

    Returns
    -------
    (k,) int64
        Rows in order.

    References
    ----------
    G. M. Morton, A computer oriented geodetic data base, IBM 1966.
    """
    if not len(centre):
        return np.empty(0, np.int64)
    cells = np.clip((centre - centre.min(axis=0)) / 4.0, 0, 2**16 - 1).astype(np.uint64)
    code = np.zeros(len(centre), np.uint64)
    for bit in range(16):
        one, place = np.uint64(1), np.uint64(bit)
        for axis in (0, 1):
            picked = (cells[:, axis] >> place) & one
            code |= picked << np.uint64(2 * bit + axis)
    return np.argsort(code, kind="stable")
