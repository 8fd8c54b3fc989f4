"""What a viewer needs to know of a town: the contract between tiles, server and page.

A scene names its place, how its heights were made, and its layers with source and
licence. It is written as ``scene.json`` beside the tiles, read here by the server and in
the browser by ``contracts.ts``; both sides read the same fixtures in ``tests/contracts``.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from citykernel.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCENE_VERSION = 1
SAMPLE_NOTICE = "Musterdaten, nicht das amtliche Modell"

LayerKind = Literal["buildings", "terrain"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The place the town is drawn around.

    Parameters
    ----------
    longitude_deg, latitude_deg : float
        ETRS89 longitude and latitude in degrees.
    height_ellipsoidal : float
        Height above the GRS80 ellipsoid in metres.
    """

    longitude_deg: float
    latitude_deg: float
    height_ellipsoidal: float


@dataclass(frozen=True, slots=True)
class HeightReference:
    """How the heights of the source became ellipsoidal heights.

    Parameters
    ----------
    vertical_crs : str
        Name of the source's height system, for example "DHHN2016".
    method : str
        The geoid used, in words.
    accuracy_m : float or None
        Stated accuracy of the conversion in metres; None where none is known.
    undulation_m : float
        Ellipsoidal minus physical height at the origin, in metres.
    """

    vertical_crs: str
    method: str
    accuracy_m: float | None
    undulation_m: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One tileset of the scene.

    Parameters
    ----------
    id : str
        Unique in the scene.
    kind : {"buildings", "terrain"}
        What the tiles show.
    title : str
        What citizens read.
    href : str
        Path of the ``tileset.json``: relative to the scene's folder in a file,
        absolute on its host in an answer of the server. Never another host.
    attribution, licence : str
        The source as its licence wants it named, and the licence.
    visible : bool
        Whether the layer is drawn at the start.
    """

    id: str
    kind: LayerKind
    title: str
    href: str
    attribution: str
    licence: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A town as a viewer loads it.

    Parameters
    ----------
    id : str
        Short name for addresses: lower-case letters, digits and hyphens.
    title : str
        What citizens read.
    notice : str
        What must stand on every picture, "" for nothing.
    origin : Origin
        The place the town is drawn around.
    crs : str
        The source's compound coordinate reference system, "EPSG:25832+7837".
    height : HeightReference
        How the heights were made.
    layers : tuple of Layer
        What is drawn; may be empty.

    Raises
    ------
    SettingsError
        The id is not fit for an address, or two layers share an id.
    """

    id: str
    title: str
    notice: str
    origin: Origin
    crs: str
    height: HeightReference
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        """Refuse ids that would break addresses or hide a layer."""
        plain = self.id.replace("-", "")
        if not plain or not (plain.isascii() and plain.isalnum() and plain == plain.lower()):
            raise SettingsError(
                f"scene id {self.id!r}: wanted lower-case letters, digits and hyphens"
            )
        ids = [layer.id for layer in self.layers]
        for layer_id in ids:
            if ids.count(layer_id) > 1:
                raise SettingsError(f"scene {self.id!r}: two layers have the id {layer_id!r}")

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, in the contract's order.

        Returns
        -------
        dict
            What :func:`scene_from_dict` reads back.
        """
        plain = asdict(self)
        plain["layers"] = list(plain["layers"])
        return {"version": SCENE_VERSION, **plain}


def scene_from_dict(data: Mapping[str, Any]) -> Scene:
    """Read a scene from plain data, strictly.

    Parameters
    ----------
    data : mapping
        Parsed JSON of version 1.

    Returns
    -------
    Scene
        The scene, every key used.

    Raises
    ------
    SettingsError
        A key is unknown, missing or has a value it cannot have; the message names it.
    """
    scene = _Fields(data, "scene")
    version = scene.number("version")
    if version != SCENE_VERSION:
        raise SettingsError(f"scene.version is {version:g}, wanted {SCENE_VERSION}")
    origin = scene.inner("origin")
    height = scene.inner("height")
    result = Scene(
        id=scene.text("id"),
        title=scene.text("title"),
        notice=scene.text("notice"),
        origin=Origin(
            longitude_deg=origin.number("longitude_deg", within=180),
            latitude_deg=origin.number("latitude_deg", within=90),
            height_ellipsoidal=origin.number("height_ellipsoidal"),
        ),
        crs=scene.text("crs"),
        height=HeightReference(
            vertical_crs=height.text("vertical_crs"),
            method=height.text("method"),
            accuracy_m=height.optional_number("accuracy_m"),
            undulation_m=height.number("undulation_m"),
        ),
        layers=tuple(_layer(item) for item in scene.several("layers")),
    )
    for fields in (origin, height, scene):
        fields.finish()
    return result


def _layer(fields: _Fields) -> Layer:
    kind = fields.text("kind")
    if kind not in get_args(LayerKind):
        wanted = " or ".join(get_args(LayerKind))
        raise SettingsError(f"{fields.where}.kind is {kind!r}, wanted {wanted}")
    layer = Layer(
        id=fields.text("id"),
        kind=cast("LayerKind", kind),
        title=fields.text("title"),
        href=_own_path(fields.text("href"), fields.where),
        attribution=fields.text("attribution"),
        licence=fields.text("licence"),
        visible=fields.flag("visible"),
    )
    fields.finish()
    return layer


def _own_path(href: str, where: str) -> str:
    """Refuse every address that is not a plain path on the scene's own host."""
    steps = href.removeprefix("/").split("/")
    if any(step in {"", ".", ".."} for step in steps) or any(c in href for c in ":\\?#%"):
        raise SettingsError(f"{where}.href is {href!r}, wanted a path on the same host")
    return href


class _Fields:
    """A mapping of which every key must be asked for, each by its type."""

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, dict):
            raise SettingsError(f"{where} is {_kind(data)}, wanted an object")
        self._rest = dict(data)

    def _take(self, key: str) -> Any:
        if key not in self._rest:
            raise SettingsError(f"{self.where}.{key} is missing")
        return self._rest.pop(key)

    def _refused(self, key: str, value: Any, wanted: str) -> SettingsError:
        return SettingsError(f"{self.where}.{key} is {_kind(value)}, wanted {wanted}")

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str):
            raise self._refused(key, value, "a text")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if not isinstance(value, bool):
            raise self._refused(key, value, "true or false")
        return value

    def number(self, key: str, *, within: float = math.inf) -> float:
        value = self._take(key)
        # bool is an int to Python, but "true" is no number in the contract.
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refused(key, value, "a number")
        if not math.isfinite(value) or abs(value) > within:
            raise SettingsError(f"{self.where}.{key} is {value}, out of range")
        return float(value)

    def optional_number(self, key: str) -> float | None:
        if self._rest.get(key, 0) is None:
            del self._rest[key]
            return None
        return self.number(key)

    def inner(self, key: str) -> _Fields:
        return _Fields(self._take(key), f"{self.where}.{key}")

    def several(self, key: str) -> list[_Fields]:
        value = self._take(key)
        if not isinstance(value, list):
            raise self._refused(key, value, "a list")
        return [_Fields(item, f"{self.where}.{key}[{ix}]") for ix, item in enumerate(value)]

    def finish(self) -> None:
        if self._rest:
            raise SettingsError(f"{self.where}.{min(self._rest)} is not a known key")


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "nothing" if value is None else names.get(type(value), "a number")
