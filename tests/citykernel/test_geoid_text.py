"""citykernel.geoid_text: grids of undulations as text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from citykernel import geoid_text as geoid_text_module
from citykernel.errors import CrsError
from citykernel.geoid import choose_undulation
from citykernel.geoid_text import read_geoid_text


def surface(latitude: float, longitude: float) -> float:
    """An undulation that is bilinear in both, so that interpolation is exact."""
    return (
        46.28 + 0.3 * (latitude - 51.57) - 0.7 * (longitude - 8.1) + 0.2 * latitude * longitude
    )


def lines(*, swap: bool = False, parted: str = "  ") -> list[str]:
    """Nodes around Soest every 30" by 45", from north to south."""
    nodes = []
    for row in range(20, -1, -1):
        for column in range(25):
            latitude, longitude = 51.5 + row / 120, 8.0 + column / 80
            place = (longitude, latitude) if swap else (latitude, longitude)
            value = surface(latitude, longitude)
            nodes.append(parted.join([*(f"{angle:.8f}" for angle in place), f"{value:.6f}"]))
    return nodes


@pytest.mark.parametrize("swap", [False, True])
def test_order_of_columns_is_seen(tmp_path: Path, swap: bool) -> None:  # noqa: FBT001 - by name
    """In Germany a latitude is never a longitude; both orders give the same undulation."""
    path = tmp_path / "gcg2016.txt"
    path.write_text("\n".join(["Breite Laenge Undulation", *lines(swap=swap)]))
    undulation = choose_undulation(str(path), require_grid=True)
    places = np.array([8.104589, 8.2]), np.array([51.578419, 51.61])
    expected = [surface(lat, lon) for lon, lat in zip(*places, strict=True)]
    assert_allclose(undulation.at(*places), expected, atol=1e-5)
    assert undulation.method == "grid gcg2016.txt"


def test_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    """Semicolons, blank lines and any order of nodes make the same grid."""
    mixed = lines(parted="; ")
    np.random.default_rng(1).shuffle(mixed)
    (tmp_path / "a.asc").write_text("\n\n".join(mixed))
    (tmp_path / "b.asc").write_text("\n".join(lines()))
    one, two = (read_geoid_text(tmp_path / name) for name in ("a.asc", "b.asc"))
    assert_allclose(one.undulations_m, two.undulations_m)


def test_place_outside_is_refused_by_name(tmp_path: Path) -> None:
    """A grid is never stretched: outside and beside missing nodes there is no undulation."""
    nodes = lines()
    del nodes[12]
    (tmp_path / "a.txt").write_text("\n".join(nodes))
    undulation = choose_undulation(str(tmp_path / "a.txt"))
    for longitude, latitude in ((7.9, 51.55), (8.151, 51.664)):
        with pytest.raises(
            CrsError, match=rf"does not cover {longitude:.5f} E {latitude:.5f} N"
        ):
            undulation.at(np.array([longitude]), np.array([latitude]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no geoid grid"),
        ("51.5 8.0 46.2\n51.5 8.1 zwei\n", r"a.txt:2: wanted latitude"),
        ("51.5 8.0 46.2\n51.5 8.1\n", r"a.txt:2: wanted latitude"),
        ("48.8 2.3 44\n48.8 -2.4 44\n48.9 2.3 44\n48.9 2.4 44\n", "in Germany"),
        ("51.5 8.0 46\n51.5 8.1 46\n51.5 8.2 46\n51.5 8.3 46\n", "on one line"),
        ("51.5 8.0 46\n51.5 8.1 46\n51.6 8.0 46\n51.6 8.13 46\n51.7 8 46\n", "do not stand on"),
        ("51.5 8.0 46\n51.6 8.1 46\n51.7 8.2 46\n51.8 8.3 46\n51.9 8.4 46\n", "scattered"),
    ],
)
def test_text_that_is_no_grid_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The message names the line, or what the places look like."""
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(CrsError, match=message):
        choose_undulation(str(tmp_path / "a.txt"))


def test_file_that_is_too_large_or_missing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Size is looked at before the file is read."""
    monkeypatch.setattr(geoid_text_module, "MOST_BYTES", 10)
    (tmp_path / "a.txt").write_text("51.5 8.0 46.2\n")
    with pytest.raises(CrsError, match="more than 10 bytes"):
        read_geoid_text(tmp_path / "a.txt")
    with pytest.raises(CrsError, match="cannot be read"):
        read_geoid_text(tmp_path / "nowhere.txt")
