"""Municipalities: what has to be known of a town before its data are there."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from citykernel.errors import SettingsError

PACKAGED = "municipalities.toml"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEY = re.compile(r"[0-9]{8}")
BBOX_SIDES = 4
# The geoid on Earth lies between -107 m and +86 m (EGM96).
LOWEST_UNDULATION_M, HIGHEST_UNDULATION_M = -110.0, 90.0


@dataclass(frozen=True, slots=True)
class Municipality:
    """One town.

    Parameters
    ----------
    id : str
        Word for the command line and for addresses, for example ``"soest"``.
    name : str
        Proper name.
    municipality_key : str
        Official key (Amtlicher Gemeindeschlüssel), eight digits.
    municipality_key_status : str
        Whether the key was compared with the official list: "verified" or "not verified".
    bbox_m : tuple of 4 float or None
        West, south, east, north in EPSG:25832, metres.
    undulation_m : float
        Height of the geoid above the ellipsoid in metres where no grid is at hand, NaN if
        it is not declared.
    undulation_source : str
        Where that number comes from.
    undulation_accuracy_m : float
        One sigma of it in metres, NaN if unknown.
    """

    id: str
    name: str
    municipality_key: str
    municipality_key_status: str = "not verified"
    bbox_m: tuple[float, float, float, float] | None = None
    undulation_m: float = math.nan
    undulation_source: str = ""
    undulation_accuracy_m: float = math.nan

    @classmethod
    def from_row(cls, id_: str, row: Mapping[str, Any], *, where: str) -> Municipality:
        """Read one table of a TOML file.

        Parameters
        ----------
        id_ : str
            The table's name.
        row : mapping
            Its keys and values.
        where : str
            The file, for messages.

        Returns
        -------
        Municipality
            The town.

        Raises
        ------
        SettingsError
            A key is unknown or missing, or a value cannot be.
        """
        at = f"{where}: municipality '{id_}'"
        known = {field.name for field in fields(cls)} - {"id"}
        unknown = sorted(set(row) - known)
        if unknown:
            raise SettingsError(
                f"{at} has the unknown key '{unknown[0]}'; known are {', '.join(sorted(known))}"
            )
        if not _ID.fullmatch(id_):
            raise SettingsError(f"{at}: wanted an id of a-z, 0-9 and hyphens")
        texts = ("name", "municipality_key", "municipality_key_status", "undulation_source")
        for key in (key for key in texts if key in row or key in texts[:2]):
            if not isinstance(row.get(key), str) or not row[key]:
                raise SettingsError(f"{at}: wanted a text for {key}, found {row.get(key)!r}")
        if not _KEY.fullmatch(row["municipality_key"]):
            raise SettingsError(
                f"{at}: municipality_key has eight digits, found '{row['municipality_key']}'"
            )
        if row.get("municipality_key_status", "verified") not in {"verified", "not verified"}:
            raise SettingsError(f"{at}: municipality_key_status is verified or not verified")
        return cls(id=id_, **dict(row) | _numbers(row, at))


def _numbers(row: Mapping[str, Any], at: str) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for key, low, high in (
        ("undulation_m", LOWEST_UNDULATION_M, HIGHEST_UNDULATION_M),
        ("undulation_accuracy_m", 0.0, 100.0),
    ):
        if key in row:
            if not _is_number(row[key]) or not low <= row[key] <= high:
                raise SettingsError(
                    f"{at}: wanted metres from {low:g} to {high:g} for {key}, "
                    f"found {row[key]!r}"
                )
            numbers[key] = float(row[key])
    if "undulation_m" in row and not row.get("undulation_source"):
        raise SettingsError(f"{at}: undulation_m wants its undulation_source")
    if "bbox_m" in row:
        sides = row["bbox_m"]
        if (
            not isinstance(sides, list)
            or len(sides) != BBOX_SIDES
            or not all(map(_is_number, sides))
            or not (sides[0] < sides[2] and sides[1] < sides[3])
        ):
            raise SettingsError(
                f"{at}: bbox_m is west, south, east, north in metres, found {sides!r}"
            )
        numbers["bbox_m"] = tuple(float(side) for side in sides)
    return numbers


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    )


@cache
def packaged_municipalities() -> Mapping[str, Municipality]:
    """Municipalities known without a settings file.

    Returns
    -------
    mapping of str to Municipality
        By id, read-only.
    """
    text = resources.files("citykernel").joinpath(PACKAGED).read_text("utf-8")
    rows = tomllib.loads(text)
    return MappingProxyType(
        {id_: Municipality.from_row(id_, row, where=PACKAGED) for id_, row in rows.items()}
    )


def find_municipality(
    word: str, known: Mapping[str, Municipality] | None = None
) -> Municipality:
    """Find a municipality by id, name or official key.

    Parameters
    ----------
    word : str
        For example ``"soest"``, ``"Soest"`` or ``"05974040"``.
    known : mapping of str to Municipality, optional
        By default the packaged ones.

    Returns
    -------
    Municipality
        The one that is meant.

    Raises
    ------
    SettingsError
        None is called so; the message lists those that are known.

    Examples
    --------
    >>> find_municipality("05974040").name
    'Soest'
    """
    known = packaged_municipalities() if known is None else known
    for town in known.values():
        if word.casefold() in {town.id, town.name.casefold(), town.municipality_key}:
            return town
    raise SettingsError(
        f"no municipality '{word}'; known are {', '.join(sorted(known))}; others are added in "
        "a settings file under [municipalities.<id>]"
    )
