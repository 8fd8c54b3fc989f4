"""citykernel.scene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citykernel.errors import SettingsError
from citykernel.scene import SAMPLE_NOTICE, scene_from_dict

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"
REFUSED = json.loads((CONTRACTS / "scene_refused.json").read_text("utf-8"))


def contract() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((CONTRACTS / "scene.json").read_text("utf-8"))
    return plain


def test_the_contract_survives_reading_and_writing() -> None:
    """What is read is written again key by key, so that no side invents or loses one."""
    scene = scene_from_dict(contract())
    written = json.dumps(scene.as_dict(), ensure_ascii=False, indent=2)
    assert written == (CONTRACTS / "scene.json").read_text("utf-8").rstrip()
    assert scene.notice == SAMPLE_NOTICE


def test_unknown_accuracy_stays_unknown() -> None:
    """No stated accuracy is None, not zero: zero would claim exactness."""
    plain = contract()
    plain["height"]["accuracy_m"] = None
    assert scene_from_dict(plain).height.accuracy_m is None


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["why"])
def test_refuses_what_the_contract_does_not_know(case: dict[str, Any]) -> None:
    """Every wrong key or value is refused, and the message names it."""
    plain = contract()
    place: Any = plain
    for step in case["at"][:-1]:
        place = place[step]
    place[case["at"][-1]] = case["value"]
    with pytest.raises(SettingsError) as refusal:
        scene_from_dict(plain)
    assert case["names"] in str(refusal.value)


@pytest.mark.parametrize("key", sorted(contract()))
def test_refuses_a_missing_key(key: str) -> None:
    """There are no silent defaults."""
    plain = contract()
    del plain[key]
    with pytest.raises(SettingsError, match=f"scene.{key} is missing"):
        scene_from_dict(plain)
