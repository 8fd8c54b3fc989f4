"""citykernel.install."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from citykernel.errors import InstallationError
from citykernel.install import PACKAGES, check_owners, package_owners


def _install(
    folder: Path, name: str, *, record: str = "", top_level: str | None = None
) -> None:
    """What pip leaves of a distribution beside its modules."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
    )
    (info / "RECORD").write_text(record, encoding="utf-8")
    if top_level is not None:
        (info / "top_level.txt").write_text(top_level, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed distributions, and nothing else."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def test_alone_nothing_is_wrong(site: Path) -> None:
    """Ours may own our packages, also under another spelling of its name."""
    _install(site, "Stadtbild", record="".join(f"{name}/__init__.py,,\n" for name in PACKAGES))
    _install(site, "numpy", top_level="numpy\n")
    check_owners()


@pytest.mark.parametrize(
    ("record", "top_level"),
    [("", "tiles\n"), ("tiles/__init__.py,,\n", None), ("a.py,,\ntiles.py,,\n", None)],
)
def test_a_second_owner_is_named_with_the_cure(
    site: Path, record: str, top_level: str | None
) -> None:
    """Whether it tells its modules by top_level.txt or by its list of files."""
    _install(site, "stadtbild", record="tiles/__init__.py,,\n")
    _install(site, "tiles", record=record, top_level=top_level)
    assert package_owners()["tiles"].count("tiles") == 1
    with pytest.raises(InstallationError, match=r"'tiles'.*environment of its own"):
        check_owners()


def test_a_longer_name_or_a_deeper_folder_is_no_owner(site: Path) -> None:
    """``tiles_of_rome``, ``rome/tiles`` and ``map-tiles`` are none of ours."""
    _install(
        site, "map-tiles",
        record="tiles_of_rome/__init__.py,,\nrome/tiles/__init__.py,,\nrome_tiles.py,,\n",
    )  # fmt: skip
    _install(site, "other", top_level="tilesets\n")
    assert not any(package_owners().values())
    check_owners()


def test_every_package_of_ours_is_watched() -> None:
    """Each has a short name."""
    for package in PACKAGES:
        with pytest.raises(InstallationError, match=f"'{package}'"):
            check_owners({package: ["stadtbild", "another"]})


def test_the_environment_of_these_tests_is_whole() -> None:
    """Otherwise they would test somebody else's files."""
    check_owners()
