"""Many pictures on few sheets: shelf packing, the same on every run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from citykernel.arrays import UInt8Array

# Mipmaps and linear filtering look beyond a picture's edge: it is continued by two pixels,
# and by up to three more to a multiple of four, so that the first two mipmaps mix nothing.
GUTTER_PX = 2
_GRAIN_PX = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture stands: the sheet, and the corner of its gutter in pixels."""

    sheet: int
    x: int
    y: int


def cell_size(size: tuple[int, int]) -> tuple[int, int]:
    """Pixels that a picture of a width and height takes with its gutter."""
    width, height = (-(-(side + 2 * GUTTER_PX) // _GRAIN_PX) * _GRAIN_PX for side in size)
    return width, height


def power_of_two(least: int) -> int:
    """Return the smallest power of two that is not less."""
    return 1 << max(least - 1, 0).bit_length()


def pack(
    sizes: Sequence[tuple[int, int]], side_px: int
) -> tuple[list[Place], list[tuple[int, int]]]:
    """Place pictures on sheets.

    Parameters
    ----------
    sizes : sequence of (int, int)
        Width and height of each picture without gutter; with it none exceeds ``side_px``.
    side_px : int
        Largest side of a sheet, a power of two.

    Returns
    -------
    list of Place
        One for each picture.
    list of (int, int)
        Width and height of each sheet, powers of two.

    Notes
    -----
    Highest first, each on the first shelf that has room (first-fit decreasing height:
    Coffman, Garey, Johnson and Tarjan, SIAM Journal on Computing 9, 1980).
    """
    cells = [cell_size(size) for size in sizes]
    area = sum(width * height for width, height in cells)
    widest = max((width for width, _ in cells), default=1)
    wide = min(power_of_two(max(int(np.ceil(area**0.5)), widest)), side_px)
    places: list[Place] = [Place(0, 0, 0)] * len(cells)
    shelves: list[list[int]] = []  # sheet, y, height, next x
    used: list[int] = []  # height used on each sheet
    for row in sorted(range(len(cells)), key=lambda r: (-cells[r][1], -cells[r][0], r)):
        width, height = cells[row]
        shelf = next((s for s in shelves if s[2] >= height and s[3] + width <= wide), None)
        if shelf is None:
            sheet = next((i for i, y in enumerate(used) if y + height <= side_px), len(used))
            if sheet == len(used):
                used.append(0)
            shelf = [sheet, used[sheet], height, 0]
            shelves.append(shelf)
            used[sheet] += height
        places[row] = Place(shelf[0], shelf[3], shelf[1])
        shelf[3] += width
    return places, [(wide, power_of_two(height)) for height in used]


def draw(
    pictures: Sequence[UInt8Array], places: Sequence[Place], sheets: Sequence[tuple[int, int]]
) -> list[UInt8Array]:
    """Draw pictures on their sheets, their edges continued into the gutters.

    Parameters
    ----------
    pictures : sequence of (h, w, k) uint8
        All with the same number of channels.
    places, sheets
        As packed.

    Returns
    -------
    list of (height, width, k) uint8
        The sheets; what is empty has the mean colour of the pictures, because distant
        mipmaps mix it in.
    """
    mean = np.mean([p.mean(axis=(0, 1)) for p in pictures], axis=0).round().astype(np.uint8)
    drawn = [np.tile(mean, (height, width, 1)) for width, height in sheets]
    for pixels, place in zip(pictures, places, strict=True):
        height, width = pixels.shape[:2]
        cell_width, cell_height = cell_size((width, height))
        drawn[place.sheet][place.y : place.y + cell_height, place.x : place.x + cell_width] = (
            np.pad(
                pixels,
                (
                    (GUTTER_PX, cell_height - height - GUTTER_PX),
                    (GUTTER_PX, cell_width - width - GUTTER_PX),
                    (0, 0),
                ),
                mode="edge",
            )
        )
    return drawn
