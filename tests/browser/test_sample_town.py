"""The whole way: the sample town's CityGML through our tiles to the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.browser

READY = ["state", "ready"]
KNOWN = "tiles versions at 1.1 or higher have limited support"
NOTICE = "Musterdaten, nicht das amtliche Modell"


def tiles_of(received: dict[str, int]) -> Iterable[int]:
    return [size for path, size in received.items() if Path(path).suffix == ".glb"]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        ((1280, 720), "light"),
        ((1280, 720), "dark"),
        ((412, 915), "light"),
        ((412, 915), "dark"),
    ],
)
def test_the_sample_town_is_seen_at_once_and_named_as_a_sample(
    sample_browser: Any, pictures: Path, size: tuple[int, int], scheme: str
) -> None:
    """The label stands there, nothing complains, the first view is at most 20 tiles."""
    name = pictures / f"sample-{size[0]}x{size[1]}-{scheme}.png"
    visit = sample_browser.visit(
        READY,
        ["wait", 4000],
        ["shot", str(name)],
        ["text", ".notice"],
        ["title"],
        size=size,
        scheme=scheme,
    )
    assert visit.answers[3:] == [NOTICE, "Muster-Soest in 3D – Stadtbild"]
    assert [line for line in visit.console if KNOWN not in line] == []
    assert visit.failed == []
    assert visit.outside == []
    assert 0 < len(list(tiles_of(visit.received))) <= 20


def test_a_building_seen_from_afar_is_loaded_in_detail_to_tell_its_data(
    sample_browser: Any, pictures: Path
) -> None:
    """Coarse tiles know only ids; the panel fills when the fine tile has come."""
    visit = sample_browser.visit(
        READY,
        ["wait", 3000],
        ["focus", "canvas"],
        *[["press", "-"]] * 4,
        *[["press", "PageUp"]] * 5,
        ["wait", 2000],
        ["press", "Enter"],
        ["until", "building-panel", "Funktion"],
        ["text", "building-panel"],
        ["shot", str(pictures / "sample-building-1280x720-light.png")],
    )
    text = visit.answers[-2]
    assert "DENW" in text
    assert "ü. NHN (DHHN2016)" in text
    assert NOTICE in text
    assert "geladen" not in text
