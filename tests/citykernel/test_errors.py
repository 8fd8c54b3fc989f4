"""citykernel.errors and citykernel.issues."""

from __future__ import annotations

import inspect
import json

import pytest

from citykernel import errors
from citykernel.errors import CityError, ReadError
from citykernel.issues import Issue

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_descends_from_the_one_root(kind: type) -> None:
    """Who catches CityError catches all that is raised on purpose."""
    assert issubclass(kind, CityError)


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not CityError])
def test_every_error_is_drawn_in_the_tree(kind: type) -> None:
    """The drawing at the top of the file is what people read."""
    assert errors.__doc__ is not None
    assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({}, "is empty"),
        ({"path": "a.gml"}, "a.gml: is empty"),
        ({"path": "a.gml", "line": 3}, "a.gml:3: is empty"),
        ({"path": "a.gml", "line": 3, "gml_id": "X"}, "a.gml:3 [X]: is empty"),
        ({"gml_id": "X"}, "[X]: is empty"),
    ],
)
def test_a_read_error_says_where(place: dict[str, object], text: str) -> None:
    """File, line and object, as far as they are known."""
    error = ReadError("is empty", **place)  # type: ignore[arg-type]
    assert str(error) == text
    assert (error.path, error.line) == (place.get("path"), place.get("line"))


def test_an_issue_is_plain_data() -> None:
    """It goes into reports as it is."""
    issue = Issue("ring-too-short", "error", "two corners", gml_id="X", line=3, dropped=True)
    assert json.loads(json.dumps(issue.as_dict())) == {
        "code": "ring-too-short", "severity": "error", "message": "two corners",
        "gml_id": "X", "path": "", "line": 3, "dropped": True,
    }  # fmt: skip
    assert len({issue, Issue(**issue.as_dict())}) == 1
