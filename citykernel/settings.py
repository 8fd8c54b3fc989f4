"""Settings: one frozen object, and for each value where it comes from.

A flag beats the environment, the environment beats the file, the file beats the default.
Settings are passed as an argument, never imported as a global. An unknown key is an error:
a slip of the keyboard must not leave a default in force in silence.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from citykernel.errors import SettingsError
from citykernel.municipalities import (
    PACKAGED,
    Municipality,
    find_municipality,
    packaged_municipalities,
)

PREFIX = "STADTBILD_"
# Names the settings file itself, so it cannot stand in one.
FILE_VARIABLE = "STADTBILD_SETTINGS"
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Who made the data, and on what terms.

    Parameters
    ----------
    attribution : str
        Shown with every picture. dl-de/zero-2-0 does not ask for it; we name the source.
    licence, licence_url : str
        Name and address of the licence.
    """

    attribution: str = "Geobasis NRW"
    licence: str = "Datenlizenz Deutschland – Zero – Version 2.0 (dl-de/zero-2-0)"
    licence_url: str = "https://www.govdata.de/dl-de/zero-2-0"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens.

    Parameters
    ----------
    host : str
        Address; the default answers this machine only.
    port : int
        Port, 0 = a free one.
    """

    host: str = "127.0.0.1"
    port: int = 8000


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How much input is accepted; more is refused before memory or disk run out.

    Parameters
    ----------
    document_bytes : int
        One CityGML or CityJSON file.
    gzip_bytes, gzip_unpacked_bytes : int
        A .gz file and what it may grow to.
    zip_bytes, zip_unpacked_bytes : int
        A .zip archive and what it may grow to in all.
    zip_members : int
        Files in an archive.
    """

    document_bytes: int = 500_000_000
    gzip_bytes: int = 200_000_000
    gzip_unpacked_bytes: int = 2_000_000_000
    zip_bytes: int = 500_000_000
    zip_unpacked_bytes: int = 4_000_000_000
    zip_members: int = 10_000


_SECTIONS = {"data": DataSettings, "server": ServerSettings, "limits": LimitSettings}
_KEYS = {
    f"{section}.{item.name}": item.default
    for section, kind in _SECTIONS.items()
    for item in fields(kind)
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process, for one municipality.

    Parameters
    ----------
    municipality : Municipality
        The town.
    data : DataSettings
        Source and licence of its data.
    server : ServerSettings
        Where the server listens.
    limits : LimitSettings
        How much input is accepted.
    known : mapping of str to Municipality
        All that can be chosen, by id.
    origins : mapping of str to str
        Key, for example ``"server.port"``, to where its value comes from; a key that is
        not in it has its default.
    """

    municipality: Municipality = field(
        default_factory=lambda: find_municipality("soest", packaged_municipalities())
    )
    data: DataSettings = field(default_factory=DataSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    known: Mapping[str, Municipality] = field(default_factory=packaged_municipalities)
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_toml(cls, path: Path) -> Settings:
        """Read a settings file on top of the defaults.

        Parameters
        ----------
        path : Path
            TOML: ``municipality = "..."``, tables ``[data]``, ``[server]``, ``[limits]``,
            and ``[municipalities.<id>]`` for further towns.

        Returns
        -------
        Settings
            Defaults and file.

        Raises
        ------
        SettingsError
            The file is missing or no TOML, a key is unknown, a value cannot be.
        """
        where = path.name
        try:
            content = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise SettingsError(f"{path}: no settings file: {error.strerror}") from error
        except ValueError as error:  # no UTF-8, no TOML
            raise SettingsError(f"{path}: is not TOML: {error}") from error
        towns = _table(content, "municipalities", where)
        known = dict(packaged_municipalities())
        for id_ in towns:
            row = _table(towns, id_, where)
            known[id_] = Municipality.from_row(id_, row, where=where)
        flat: dict[str, Any] = {}
        for key, value in content.items():
            if key in _SECTIONS:
                section = _table(content, key, where)
                flat |= {f"{key}.{name}": item for name, item in section.items()}
            elif key != "municipalities":
                flat[key] = value
        settings = replace(cls(), known=MappingProxyType(known))
        # A table may replace a packaged town that is also the default choice.
        settings = replace(settings, municipality=known[settings.municipality.id])
        origins = {f"municipalities.{id_}": f"file {where}" for id_ in towns}
        settings = replace(settings, origins=MappingProxyType(origins))
        return _laid_over(settings, flat, dict.fromkeys(flat, f"file {where}"))

    def with_environment(self, environment: Mapping[str, str]) -> Settings:
        """Lay variables such as ``STADTBILD_SERVER_PORT`` over the settings.

        Parameters
        ----------
        environment : mapping of str to str
            For example ``os.environ``; names without the prefix are none of ours.

        Returns
        -------
        Settings
            New settings.

        Raises
        ------
        SettingsError
            A name with our prefix is unknown, or a value cannot be.
        """
        by_variable = {PREFIX + key.upper().replace(".", "_"): key for key in _KEYS}
        by_variable[f"{PREFIX}MUNICIPALITY"] = "municipality"
        values: dict[str, Any] = {}
        origins = {}
        for name in sorted(environment):
            if not name.startswith(PREFIX) or name == FILE_VARIABLE:
                continue
            if name not in by_variable:
                raise _unknown(name, [*by_variable, FILE_VARIABLE], "the environment")
            key, text = by_variable[name], environment[name]
            values[key] = _number_of(text) if isinstance(_KEYS.get(key), int) else text
            origins[key] = f"environment {name}"
        return _laid_over(self, values, origins)

    def with_flags(self, flags: Mapping[str, Any]) -> Settings:
        """Lay what the command line says over the settings.

        Parameters
        ----------
        flags : mapping of str to Any
            Key to value; None = the flag was not given.

        Returns
        -------
        Settings
            New settings.

        Raises
        ------
        SettingsError
            A key is unknown, or a value cannot be.
        """
        given = {key: value for key, value in flags.items() if value is not None}
        return _laid_over(self, given, dict.fromkeys(given, "flag"))

    def rows(self) -> Iterator[tuple[str, Any, str]]:
        """Go through all settings.

        Yields
        ------
        (str, Any, str)
            Key, value and origin; a number that is not declared is None.
        """
        town = self.municipality
        chosen = self.origins.get("municipality", "default")
        yield "municipality", town.id, chosen
        its_origin = self.origins.get(f"municipalities.{town.id}", f"packaged {PACKAGED}")
        for item in fields(town):
            if item.name != "id":
                value = getattr(town, item.name)
                missing = isinstance(value, float) and math.isnan(value)
                yield f"municipality.{item.name}", None if missing else value, its_origin
        for key in _KEYS:
            section, name = key.split(".")
            value = getattr(getattr(self, section), name)
            yield key, value, self.origins.get(key, "default")


def load_settings(
    path: Path | None = None,
    *,
    environment: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Gather the settings in their order: default, file, environment, flag.

    Parameters
    ----------
    path : Path, optional
        A settings file.
    environment : mapping of str to str
        For example ``os.environ``.
    flags : mapping of str to Any, optional
        What the command line says; None values count as not given.

    Returns
    -------
    Settings
        For one process.

    Raises
    ------
    SettingsError
        A key is unknown or a value cannot be, wherever it stands.
    """
    settings = Settings() if path is None else Settings.from_toml(path)
    return settings.with_environment(environment).with_flags(flags or {})


def _laid_over(
    settings: Settings, values: Mapping[str, Any], origins: Mapping[str, str]
) -> Settings:
    changed: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    town = settings.municipality
    for key, value in values.items():
        where = origins[key]
        if key == "municipality":
            if not isinstance(value, str):
                raise SettingsError(
                    f"{where}: wanted the id of a municipality, found {value!r}"
                )
            town = find_municipality(value, settings.known)
        elif key in _KEYS:
            section, name = key.split(".")
            changed[section][name] = _checked(key, value, where)
        else:
            raise _unknown(key, [*_KEYS, *_SECTIONS, "municipality", "municipalities"], where)
    return replace(
        settings,
        municipality=town,
        data=replace(settings.data, **changed["data"]),
        server=replace(settings.server, **changed["server"]),
        limits=replace(settings.limits, **changed["limits"]),
        origins=MappingProxyType({**settings.origins, **origins}),
    )


def _table(content: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise SettingsError(f"file {where}: '{key}' is a table [{key}], found {value!r}")
    return value


def _unknown(key: str, known: list[str], where: str) -> SettingsError:
    close = difflib.get_close_matches(key, known, 1)
    wanted = f"is '{close[0]}' meant?" if close else f"known are {', '.join(known)}"
    return SettingsError(f"{where}: unknown setting '{key}'; {wanted}")


def _number_of(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text  # refused with its key and origin by _checked


def _checked(key: str, value: Any, where: str) -> str | int:
    if isinstance(_KEYS[key], str):
        if not isinstance(value, str) or not value.strip():
            raise SettingsError(f"{where}: wanted a text for {key}, found {value!r}")
        return value
    low, high = (0, HIGHEST_PORT) if key == "server.port" else (1, 2**63 - 1)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise SettingsError(
            f"{where}: wanted a whole number from {low} to {high} for {key}, found {value!r}"
        )
    return value
