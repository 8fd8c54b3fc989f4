"""The input: a town in the official form, as large as wanted, from our own sample town.

The sample town's buildings are repeated over neighbouring squares of the kilometre grid,
with identifiers of their own, until the file has its size.

Usage: ``python -m benchmarks.town FOLDER BYTES...``, in a process of its own: a process that
starts others lends them its peak of memory.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MEMBER_START = b"  <core:cityObjectMember>\n"
CLOSING = b"</core:CityModel>\n"
TOWN_KM = 2  # the sample town covers two squares by two; its copies stand in a row, eastwards
_IDENTIFIER = re.compile(rb"(UUID_|ID_)([0-9a-f])")
_BUILDING = re.compile(rb"(DENW(?:AT)?)([0-9]{2})")
# Easting in kilometres, the rest of it and the whole northing.
_CORNER = re.compile(rb"\b(4[0-9]{2})([0-9]{3}\.[0-9]+ 57[0-9]{5}\.[0-9]+ )")
_UPPER = re.compile(rb"(<gml:upperCorner[^>]*>)([0-9]+)([0-9]{3}\.0 [0-9]+\.0)")


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample town on disk.

    Parameters
    ----------
    folder : Path
        With its terrain model.
    tiles : tuple of Path
        CityGML, one file each square kilometre.
    """

    folder: Path
    tiles: tuple[Path, ...]


def sample_town(folder: Path) -> Sample:
    """Write the sample town, unless it is there.

    Parameters
    ----------
    folder : Path
        Is made.

    Returns
    -------
    Sample
        Where it lies.
    """
    if not (folder / "LIESMICH.txt").is_file():  # the last of its files
        from citymodel.sample_town import write_sample_town  # noqa: PLC0415 - large

        write_sample_town(folder)
    return Sample(folder, tuple(sorted(folder.glob("LoD2_*.gml"))))


def write_town(path: Path, tiles: tuple[Path, ...], size_bytes: int) -> Path:
    """Write one file of whole buildings, just as large as wanted.

    Parameters
    ----------
    path : Path
        Of the file; one that is there with at least that size is taken as it is.
    tiles : tuple of Path
        The sample town.
    size_bytes : int
        The file ends with the building that exceeds it.

    Returns
    -------
    Path
        The file.
    """
    if path.is_file() and path.stat().st_size >= size_bytes:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    copies = -(-size_bytes // sum(tile.stat().st_size for tile in tiles))
    with part.open("wb") as file:
        written = file.write(_head(tiles, copies))
        for member in _members(tiles):
            if written >= size_bytes:
                break
            written += file.write(member)
        file.write(CLOSING)
    part.replace(path)
    return path


def _head(tiles: tuple[Path, ...], copies: int) -> bytes:
    """Everything before the first building, with the envelope of all copies."""
    first, last = (
        tile.read_bytes().split(MEMBER_START, 1)[0] for tile in (tiles[0], tiles[-1])
    )
    upper = _UPPER.search(last)
    if upper is None:
        raise ValueError(f"{tiles[-1].name} has no envelope in whole kilometres")
    east = int(upper[2]) + TOWN_KM * (copies - 1)
    return _UPPER.sub(b"%b%d%b" % (upper[1], east, upper[3]), first)


def _members(tiles: tuple[Path, ...]) -> Iterator[bytes]:
    """Buildings without end, each with identifiers and a place of its own."""
    copy = 0
    while True:
        for tile in tiles:
            text = tile.read_bytes().removesuffix(CLOSING)
            for member in text.split(MEMBER_START)[1:]:
                yield MEMBER_START + _moved(member, copy)
        copy += 1


def _moved(member: bytes, copy: int) -> bytes:
    if not copy:
        return member
    member = _IDENTIFIER.sub(
        lambda found: found[1] + b"%x" % ((int(found[2], 16) + copy) % 16), member
    )
    member = _BUILDING.sub(
        lambda found: found[1] + b"%02d" % ((int(found[2]) + copy) % 100), member
    )
    return _CORNER.sub(
        lambda found: b"%d%b" % (int(found[1]) + TOWN_KM * copy, found[2]), member
    )


def town_path(folder: Path, size_bytes: int) -> Path:
    """Where the town of a size lies."""
    return folder / f"town-{size_bytes}.gml"


def main(folder: Path, sizes_bytes: list[int]) -> None:
    """Write the sample town and the towns made of it, where they are missing."""
    tiles = sample_town(folder / "sample").tiles
    for size_bytes in sizes_bytes:
        write_town(town_path(folder, size_bytes), tiles, size_bytes)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(size) for size in sys.argv[2:]])
