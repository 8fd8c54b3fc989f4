"""German words for the codes of German city models, for people who read the result.

Never invented: a code that is in no list stays a code. The lists and their sources stand in
``german_names.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

from .codes import ObjectType, SurfaceType

_CODE: Final = re.compile(r"[0-9]+(_[0-9]+)?")
# Codes that say "not known" or "other": only with the object type they say anything.
_REST_CODES: Final = ("9998", "9999")
_BUILDING: Final = "31001"


@cache
def _names() -> dict[str, dict[str, Any]]:
    text = resources.files("citymodel").joinpath("german_names.toml").read_text("utf-8")
    return tomllib.loads(text)


def function_name(code: str) -> str:
    """Say what a building or structure is for.

    Parameters
    ----------
    code : str
        ALKIS object type and function, for example ``"31001_2463"``; a text that is no code
        is readable already.

    Returns
    -------
    str
        German name, ``"Code ..."`` where the lists do not have it, "" for "".

    Examples
    --------
    >>> function_name("31001_2463"), function_name("51001_9999")
    ('Garage', 'Sonstiges (Turm)')
    >>> function_name("31001_1234")
    'Code 31001_1234'
    """
    if not _CODE.fullmatch(code):
        return code
    object_type, _, function = code.partition("_")
    group = _names()["function"].get(object_type, {})
    if function not in group:
        # Without the object type's number other lists would be possible as well: 1010 is
        # "Wohnhaus" to ALKIS and "tenement" to the SIG 3D.
        return f"Code {code}"
    name = str(group[function])
    if function in _REST_CODES and object_type != _BUILDING:
        return f"{name} ({group['object_type']})"
    return name


def roof_type_name(code: str) -> str:
    """Say what form a roof has.

    Parameters
    ----------
    code : str
        Of the AdV's list (``"3100"``) or of CityGML 2.0 (``"1030"``); a text that is no code
        is readable already.

    Returns
    -------
    str
        German name, ``"Code ..."`` where the lists do not have it, "" for "".

    Examples
    --------
    >>> roof_type_name("3100"), roof_type_name("1030"), roof_type_name("3150")
    ('Satteldach', 'Satteldach', 'Code 3150')
    """
    if not _CODE.fullmatch(code):
        return code
    return str(_names()["roof_type"].get(code, f"Code {code}"))


def object_type_name(object_type: ObjectType) -> str:
    """German name of a kind of city object.

    Parameters
    ----------
    object_type : ObjectType
        The kind.

    Returns
    -------
    str
        For example ``"Gebäudeteil"``.
    """
    return str(_names()["object_type"][object_type.name])


def surface_type_name(surface_type: SurfaceType) -> str:
    """German name of a kind of surface.

    Parameters
    ----------
    surface_type : SurfaceType
        The kind.

    Returns
    -------
    str
        For example ``"Dachfläche"``.
    """
    return str(_names()["surface_type"][surface_type.name])
