"""citykernel.settings."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from citykernel.errors import SettingsError
from citykernel.settings import Settings, load_settings

MUSTER = """
municipality = "muster"

[municipalities.muster]
name = "Muster"
municipality_key = "05999001"
bbox_m = [424000, 5706000, 434000, 5716000]

[server]
port = 8100
"""


@pytest.fixture
def muster(tmp_path: Path) -> Path:
    """A settings file with a second town."""
    path = tmp_path / "muster.toml"
    path.write_text(MUSTER, encoding="utf-8")
    return path


def origin_of(settings: Settings, wanted: str) -> tuple[object, str]:
    return next((value, origin) for key, value, origin in settings.rows() if key == wanted)


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "town.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_town_is_soest_with_its_declared_undulation() -> None:
    """Soest: 46.28 m by EGM96, half a metre; its key is not verified and says so."""
    town = Settings().municipality
    assert (town.id, town.municipality_key) == ("soest", "05974040")
    assert town.municipality_key_status == "not verified"
    assert (town.undulation_m, town.undulation_accuracy_m) == (46.28, 0.5)
    assert town.undulation_source == "EGM96"


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(muster: Path) -> None:
    """Each layer wins over those below, and the origin says which layer it was."""
    by_default = load_settings(environment={})
    by_file = load_settings(muster, environment={})
    variable = {"STADTBILD_SERVER_PORT": "8200", "HOME": "/nowhere"}
    by_variable = load_settings(muster, environment=variable)
    by_flag = load_settings(muster, environment=variable, flags={"server.port": 8300})
    assert origin_of(by_default, "server.port") == (8000, "default")
    assert origin_of(by_file, "server.port") == (8100, "file muster.toml")
    assert origin_of(by_variable, "server.port") == (8200, "environment STADTBILD_SERVER_PORT")
    assert origin_of(by_flag, "server.port") == (8300, "flag")


def test_a_flag_that_is_not_given_changes_nothing() -> None:
    """None is click's word for a missing option."""
    assert Settings().with_flags({"server.port": None}) == Settings()


def test_a_town_is_added_by_the_file_and_chosen_by_id_name_or_key(muster: Path) -> None:
    """The region's other municipalities need no new release."""
    settings = load_settings(muster, environment={})
    assert settings.municipality.name == "Muster"
    assert math.isnan(settings.municipality.undulation_m)
    assert origin_of(settings, "municipality.name") == ("Muster", "file muster.toml")
    assert origin_of(settings, "municipality.undulation_m") == (None, "file muster.toml")
    for word in ("soest", "Soest", "05974040"):
        assert settings.with_flags({"municipality": word}).municipality.id == "soest"


def test_a_file_may_correct_a_packaged_town(tmp_path: Path) -> None:
    """The official key, once verified, is stated in the settings file."""
    text = '[municipalities.soest]\nname = "Soest"\nmunicipality_key = "05974040"\n'
    path = _file(tmp_path, text + 'municipality_key_status = "verified"\n')
    assert Settings.from_toml(path).municipality.municipality_key_status == "verified"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[server]\nprot = 1", "server.prot"),
        ("[serve]\nport = 1", "serve"),
        ("[server]\nport = 65536", "server.port"),
        ("[server]\nport = true", "server.port"),
        ("server = 3", "server"),
        ("[limits]\nzip_members = 0", "limits.zip_members"),
        ("[limits]\nzip_members = 1.5", "limits.zip_members"),
        ("[data]\nattribution = ''", "data.attribution"),
        ("municipality = 'nowhere'", "nowhere"),
        ("municipality = 3", "municipality"),
        ("[municipalities.a]\nname = 'A'", "municipality_key"),
        ("[municipalities.a]\nname = 'A'\nmunicipality_key = '123'", "123"),
        ("[municipalities.'A B']\nname = 'A'\nmunicipality_key = '05974040'", "A B"),
        ("municipality = ", "TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_key_and_file(
    tmp_path: Path, text: str, found: str
) -> None:
    """A slip must not leave a default in force in silence."""
    with pytest.raises(SettingsError, match=found) as caught:
        Settings.from_toml(_file(tmp_path, text))
    assert "town.toml" in str(caught.value) or found == "nowhere"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("undulaton_m = 46.0", "undulaton_m"),
        ("undulation_m = 460.0\nundulation_source = 'EGM96'", "undulation_m"),
        ("undulation_m = nan\nundulation_source = 'EGM96'", "undulation_m"),
        ("undulation_m = 46.0", "undulation_source"),
        ("bbox_m = [1, 2, 3]", "bbox_m"),
        ("bbox_m = [3, 2, 1, 4]", "bbox_m"),
        ("bbox_m = ['a', 2, 3, 4]", "bbox_m"),
        ("municipality_key_status = 'maybe'", "municipality_key_status"),
        ("undulation_source = 3", "undulation_source"),
    ],
)
def test_a_town_with_impossible_facts_is_refused(tmp_path: Path, row: str, found: str) -> None:
    """What is declared of a town moves every height of it."""
    town = "[municipalities.a]\nname = 'A'\nmunicipality_key = '05974040'\n" + row
    with pytest.raises(SettingsError, match=found):
        Settings.from_toml(_file(tmp_path, town))


def test_an_unknown_variable_with_our_prefix_is_refused() -> None:
    """The message offers the name that is near."""
    with pytest.raises(SettingsError, match="STADTBILD_SERVER_PORT"):
        Settings().with_environment({"STADTBILD_SERVER_PRT": "8000"})
    with pytest.raises(SettingsError, match=r"server\.port.*'many'"):
        Settings().with_environment({"STADTBILD_SERVER_PORT": "many"})
    with pytest.raises(SettingsError, match=r"server\.prot"):
        Settings().with_flags({"server.prot": 1})


def test_the_variable_that_names_the_file_is_no_setting() -> None:
    """The command line reads STADTBILD_SETTINGS itself."""
    assert Settings().with_environment({"STADTBILD_SETTINGS": "x.toml"}) == Settings()


def test_a_text_of_digits_stays_a_text_in_the_environment() -> None:
    """Only numbers are read as numbers."""
    settings = Settings().with_environment({"STADTBILD_DATA_ATTRIBUTION": "2026"})
    assert settings.data.attribution == "2026"


def test_a_missing_file_is_a_settings_error(tmp_path: Path) -> None:
    """With the path, so that the slip is seen."""
    with pytest.raises(SettingsError, match=r"absent\.toml"):
        Settings.from_toml(tmp_path / "absent.toml")


def test_settings_cannot_be_changed_in_place(muster: Path) -> None:
    """One process, one set of settings: what was checked stays."""
    settings = Settings.from_toml(muster)
    with pytest.raises(FrozenInstanceError):
        settings.server.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.known["x"] = settings.municipality  # type: ignore[index]
    assert replace(settings) == settings
