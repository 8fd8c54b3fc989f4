"""The page in a real browser, in front of the real server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser

READY = ["state", "ready"]
DESKTOP, PHONE = (1280, 720), (412, 915)
FIELD_OF_VIEW_DEG = 45.0
# 3d-tiles-renderer 0.5.3 says this of every tileset that is not of version 1.0.
KNOWN = "tiles versions at 1.1 or higher have limited support"


def complaints(visit: Any) -> list[str]:
    return [line for line in visit.console if KNOWN not in line]


def colour_at(picture: Path, place: tuple[float, float]) -> tuple[int, int, int]:
    """Red, green and blue of a picture."""
    with Image.open(picture) as image:
        colour = image.convert("RGB").getpixel((round(place[0]), round(place[1])))
    assert isinstance(colour, tuple)
    return colour[0], colour[1], colour[2]


def pixel_of(
    pose: dict[str, Any], east: float, north: float, up: float, size: tuple[int, int]
) -> tuple[float, float]:
    """Where the camera of a pose shows a point, by the textbook's projection."""
    sin_h, cos_h = math.sin(pose["heading"]), math.cos(pose["heading"])
    sin_p, cos_p = math.sin(pose["pitch"]), math.cos(pose["pitch"])
    target = pose["target"]
    x, y, z = east - target["x"], up - target["y"], north + target["z"]
    ahead, right = x * sin_h + z * cos_h, x * cos_h - z * sin_h
    depth = pose["distance"] + ahead * cos_p - y * sin_p
    above = ahead * sin_p + y * cos_p
    scale = size[1] / 2 / math.tan(math.radians(FIELD_OF_VIEW_DEG / 2)) / depth
    return size[0] / 2 + right * scale, size[1] / 2 - above * scale


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        (DESKTOP, "light"),
        (DESKTOP, "dark"),
        (PHONE, "light"),
        (PHONE, "dark"),
        ((360, 740), "light"),
        ((1920, 1080), "light"),
    ],
)
def test_the_town_appears_without_a_complaint(
    browser: Any, pictures: Path, size: tuple[int, int], scheme: str
) -> None:
    """No console message, no violated policy, no failed request, none to another host."""
    name = pictures / f"town-{size[0]}x{size[1]}-{scheme}.png"
    visit = browser.visit(
        READY, ["settle"], ["shot", str(name)], ["text", ".notice"], size=size, scheme=scheme
    )
    assert complaints(visit) == []
    assert visit.failed == []
    assert visit.outside == []
    assert visit.answers[-1] == "Musterdaten, nicht das amtliche Modell"
    colours = Image.open(name).convert("RGB").resize((160, 90)).getcolors(160 * 90)
    assert colours is not None
    assert len(colours) > 40, "the picture is empty"


def test_the_town_is_upright_and_north_is_up(browser: Any, pictures: Path) -> None:
    """The roof of the house at the origin is red where the pose says it must be."""
    name = pictures / "upright.png"
    pose = browser.visit(READY, ["pose"], ["settle"], ["shot", str(name)]).answers[1]
    assert pose["heading"] == 0
    assert math.degrees(pose["pitch"]) == pytest.approx(38, abs=3)
    # A point on the southern slope of the house in the west, and one on the ground beside.
    red, green, blue = colour_at(name, pixel_of(pose, -38.8, 10.0, 8.5, DESKTOP))
    assert red > 1.5 * green > 1.5 * blue * 0.8
    red, green, blue = colour_at(name, pixel_of(pose, -38.8, -8.0, 0.0, DESKTOP))
    assert max(red, green, blue) < 1.25 * min(red, green, blue)


def test_a_click_on_a_building_tells_what_is_known(browser: Any, pictures: Path) -> None:
    """The panel shows the rows in German, with units, and leaves out what is missing."""
    shot = ["shot", str(pictures / "building-1280x720-light.png")]
    visit = browser.visit(
        READY, ["click", 640, 360], ["settle"], ["text", "building-panel"], ["wait", 400], shot
    )
    lines = visit.answers[3].replace("\xa0", " ").split("\n")
    assert lines[0] == "Musterstraße 12, 59494 Soest"
    rows = dict(zip(lines[1::2], lines[2::2], strict=False))
    assert rows["Funktion"] == "Wohngebäude"
    assert rows["Dachform"] == "Satteldach"
    assert rows["Höhe"] == "11,0 m"
    assert rows["Geschosse"] == "2"
    assert rows["Boden"] == "95,2 m ü. NHN (DHHN2016)"
    assert rows["First"] == "106,2 m ü. NHN (DHHN2016)"
    assert rows["Gebäudeteile"] == "2"
    assert rows["Kennung"] == "DENW39AL100000aa"
    assert "Musterdaten, nicht das amtliche Modell" in visit.answers[3]
    assert complaints(visit) == []


def test_the_whole_building_is_marked_and_no_other(browser: Any, pictures: Path) -> None:
    """A click on the house changes the colour of its annex too, not of the neighbour's."""
    before, after = pictures / "unmarked.png", pictures / "marked.png"
    visit = browser.visit(
        READY,
        ["pose"],
        ["settle"],
        ["shot", str(before)],
        ["click", 640, 360],
        ["settle"],
        ["shot", str(after)],
    )
    pose = visit.answers[1]

    def change(east: float, north: float, up: float) -> float:
        place = pixel_of(pose, east, north, up, DESKTOP)
        return math.dist(colour_at(before, place), colour_at(after, place))

    assert change(11.5, 3.5, 4.0) > 30  # the annex's flat roof
    assert change(-38.8, 10.0, 8.5) < 3  # the house in the west
    assert change(0.0, -25.0, 0.0) < 3  # the ground


def test_a_click_on_the_ground_takes_the_choice_back(browser: Any) -> None:
    """Only a building has a panel."""
    panel = ["text", "building-panel"]
    visit = browser.visit(
        READY, ["click", 640, 360], panel, ["click", 640, 560], ["settle"], panel
    )
    assert visit.answers[2] is not None
    assert visit.answers[-1] is None


@pytest.mark.parametrize(
    ("key", "changed"),
    [
        ("ArrowLeft", "target"),
        ("ArrowUp", "target"),
        ("Shift+ArrowLeft", "heading"),
        ("PageUp", "pitch"),
        ("PageDown", "pitch"),
        ("+", "distance"),
        ("-", "distance"),
    ],
)
def test_a_key_moves_the_camera_and_home_brings_it_back(
    browser: Any, key: str, changed: str
) -> None:
    """Each key changes what it should and nothing else; Home undoes it."""
    pose = ["pose"]
    visit = browser.visit(
        READY, pose, ["focus", "canvas"], ["press", key], pose, ["press", "Home"], pose
    )
    start, moved, home = visit.answers[1], visit.answers[4], visit.answers[6]
    same = {name for name in start if moved[name] == pytest.approx(start[name], abs=1e-9)}
    assert set(start) - same == {changed}
    assert home == start


def test_a_building_is_chosen_and_left_with_keys_alone(browser: Any, pictures: Path) -> None:
    """Enter asks the building in the middle and moves the reader there, Escape returns."""
    visit = browser.visit(
        READY,
        ["focus", "canvas"],
        ["press", "PageUp"],
        ["settle"],
        ["press", "Enter"],
        ["settle"],
        ["focused"],
        ["shot", str(pictures / "keyboard-1280x720-light.png")],
        ["press", "Escape"],
        ["settle"],
        ["focused"],
        ["text", "building-panel"],
    )
    assert visit.answers[6] == "Musterstraße 12, 59494 Soest"
    assert visit.answers[10] == "3D-Ansicht von Muster-Soest"
    assert visit.answers[11] is None


def test_the_wheel_comes_nearer_to_the_cursor(browser: Any) -> None:
    """The house under the cursor stays under it."""
    start = browser.visit(READY, ["pose"]).answers[1]
    x, y = pixel_of(start, -38.8, 10.0, 8.5, DESKTOP)
    visit = browser.visit(READY, ["wheel", x, y, -300], ["settle"], ["pose"])
    assert visit.answers[3]["distance"] < 0.75 * start["distance"]
    assert pixel_of(visit.answers[3], -38.8, 10.0, 8.5, DESKTOP) == pytest.approx((x, y), abs=4)


def test_dragging_holds_the_ground_and_the_right_button_turns(browser: Any) -> None:
    """The left button moves the town with the hand, the right one turns around it."""
    place = (0.0, -25.0, -0.2)
    start = browser.visit(READY, ["pose"]).answers[1]
    x, y = pixel_of(start, *place, DESKTOP)
    visit = browser.visit(
        READY,
        ["drag", "left", x, y, x + 200, y - 60],
        ["pose"],
        ["drag", "right", x + 200, y - 60, x + 300, y - 60],
        ["pose"],
    )
    moved, turned = visit.answers[2], visit.answers[4]
    assert pixel_of(moved, *place, DESKTOP) == pytest.approx((x + 200, y - 60), abs=3)
    assert moved["heading"] == start["heading"]
    assert turned["heading"] > 0.2
    assert turned["pitch"] == pytest.approx(moved["pitch"])
    assert pixel_of(turned, *place, DESKTOP) == pytest.approx((x + 200, y - 60), abs=3)


def test_the_phone_shows_a_building_in_a_sheet(browser: Any, pictures: Path) -> None:
    """A tap opens the lower half; its handle makes it larger; the label stays in sight."""
    visit = browser.visit(
        READY,
        ["tap", 206, 457],
        ["wait", 400],
        ["box", "building-panel"],
        ["shot", str(pictures / "building-412x915-light.png")],
        ["button", "Mehr anzeigen"],
        ["wait", 400],
        ["box", "building-panel"],
        ["box", ".notice"],
        size=PHONE,
        touch=True,
    )
    half, full, label = (visit.answers[ix] for ix in (3, 7, 8))
    assert half["y"] == pytest.approx(457, abs=3)
    assert full["height"] > 1.5 * half["height"]
    assert label["y"] + label["height"] < full["y"]
    assert complaints(visit) == []


def test_every_state_is_accessible(browser: Any) -> None:
    """No violation of WCAG 2.2 AA: before, with a building, with the model's facts open."""
    visit = browser.visit(
        READY,
        ["axe"],
        ["click", 640, 360],
        ["settle"],
        ["wait", 400],
        ["axe"],
        ["click", 100, 188],
        ["axe"],
        ["narrow", 320],
        ["axe"],
    )
    assert [visit.answers[ix] for ix in (1, 5, 7, 9)] == [[], [], [], []]
    assert visit.answers[8] <= 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_webgl_the_facts_are_told_as_text(
    browser: Any, pictures: Path, scheme: str
) -> None:
    """No white screen: what the model is, its sources and its label stand there."""
    visit = browser.visit(
        ["state", "no-webgl"],
        ["text", "main"],
        ["shot", str(pictures / f"no-webgl-412x915-{scheme}.png")],
        ["axe"],
        ["text", ".notice"],
        webgl=False,
        size=PHONE,
        scheme=scheme,
    )
    text = visit.answers[1].replace("\xa0", " ")
    assert "Ihr Gerät kann die 3D\u2011Ansicht nicht zeigen." in text
    assert "DHHN2016" in text
    assert "± 0,5 m" in text
    assert "erzeugte Musterdaten, CC0-1.0" in text
    assert visit.answers[3:] == [[], "Musterdaten, nicht das amtliche Modell"]


@pytest.mark.parametrize("missing", ["api", "tiles"])
def test_a_town_that_does_not_come_says_so_and_can_be_asked_again(
    browser: Any, pictures: Path, missing: str
) -> None:
    """A message in German with a way out, not an empty page; the way out works."""
    visit = browser.visit(
        ["state", "unreachable"],
        ["text", "main"],
        ["shot", str(pictures / f"error-{missing}-1280x720.png")],
        ["axe"],
        ["allow"],
        ["button", "Noch einmal versuchen"],
        READY,
        refuse=[f"/{missing}/"],
    )
    assert "Die Stadt kann gerade nicht geladen werden." in visit.answers[1]
    assert visit.answers[3] == []


def test_a_missing_layer_leaves_what_is_there(browser: Any, pictures: Path) -> None:
    """Houses without their ground are shown, and the page says that something is missing."""
    visit = browser.visit(
        READY,
        ["settle"],
        ["text", ".trouble"],
        ["shot", str(pictures / "trouble-1280x720.png")],
        ["axe"],
        refuse=["/tiles/terrain/"],
    )
    assert "Was Sie sehen, bleibt. Wir versuchen es weiter." in visit.answers[2]
    assert visit.answers[4] == []


def test_waiting_is_drawn(browser: Any, pictures: Path) -> None:
    """While the tiles are on their way the page says what it does."""
    visit = browser.visit(
        ["wait", 1500],
        ["text", "main"],
        ["shot", str(pictures / "loading-412x915.png")],
        ["axe"],
        hold=["/tiles/"],
        size=PHONE,
    )
    assert "Die Stadt wird geladen" in visit.answers[1]
    assert visit.answers[3] == []
