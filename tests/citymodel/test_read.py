"""Rules of citymodel.readers.read: whole sources, whatever they are made of."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from citykernel.errors import CrsError, ReadError
from citykernel.issues import Issue
from citymodel import iter_units, list_units, read_citymodel, read_unit
from citymodel.testing import assert_models_equal

ROOF = [(0, 0, 3), (8, 0, 3), (8, 6, 3), (0, 6, 3)]


@pytest.fixture
def folder(gml: Any, tmp_path: Path) -> Path:
    """Two files of one house each, one of them only for the reference reader."""
    town = tmp_path / "town"
    town.mkdir()
    roof = gml.bound("RoofSurface", gml.polygon(ROOF))
    for name, more in (("a", ""), ("b", "<ade:colour>red</ade:colour>")):
        gml.write(gml.building(roof, more, gml_id=name)).rename(town / f"{name}.gml")
    return town


def test_a_folder_a_zip_and_a_gzip_are_read_as_files_are(folder: Path, tmp_path: Path) -> None:
    packed, zipped = tmp_path / "a.gml.gz", tmp_path / "town.zip"
    packed.write_bytes(gzip.compress((folder / "a.gml").read_bytes()))
    with zipfile.ZipFile(zipped, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    model = read_citymodel(folder)
    assert model.objects.id.tolist() == ["a", "b"]
    assert model.objects.attributes["colour"].values.tolist() == ["", "red"]
    assert_models_equal(read_citymodel(zipped), model)
    assert_models_equal(read_citymodel(packed), read_citymodel(folder / "a.gml"))


def test_units_come_with_their_counts(folder: Path) -> None:
    results = list(iter_units(folder))
    assert [result.polygons for result in results] == [1, 1]


def test_one_bad_file_of_a_folder_is_an_issue(folder: Path) -> None:
    """It stops nothing but itself."""
    (folder / "c.gml").write_bytes((folder / "a.gml").read_bytes()[:-40])
    (folder / "d.gml").write_bytes(b"\x89PNG")
    issues: list[Issue] = []
    model = read_citymodel(folder, on_issue=issues.append)
    assert model.objects.id.tolist() == ["a", "b"]
    refused = {issue.path: issue.message for issue in issues if issue.code == "file-refused"}
    assert set(refused) == {"town/c.gml", "town/d.gml"}
    assert "truncated" in refused["town/c.gml"]


def test_a_bad_file_alone_is_an_error(folder: Path) -> None:
    (folder / "c.gml").write_bytes((folder / "a.gml").read_bytes()[:-40])
    with pytest.raises(ReadError, match=r"c\.gml:\d+: .*truncated"):
        read_citymodel(folder / "c.gml")


def test_where_all_files_are_bad_the_first_is_told(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ReadError, match=r"a\.gml"):
        read_citymodel(folder)


def test_nothing_to_read_is_an_error(gml: Any) -> None:
    """Never an empty model and exit code 0."""
    with pytest.raises(ReadError, match="no city object"):
        read_citymodel(gml.write())


def test_a_source_without_a_system_needs_one(gml: Any) -> None:
    path = gml.write(gml.building(gml.bound("RoofSurface", gml.polygon(ROOF))), crs="")
    with pytest.raises(CrsError, match="--crs"):
        read_citymodel(path)
    assert str(read_citymodel(path, crs="EPSG:25832+7837").crs) == "EPSG:25832+7837"


def test_references_reach_over_the_bounds_of_units(gml: Any) -> None:
    """A wall that another member holds is found, whichever unit that is in."""
    filler = [gml.building(gml_id=f"f{n}") for n in range(2000)]
    shared = gml.bound("WallSurface", gml.polygon(ROOF, "shared"))
    solid = f"<bldg:lod2Solid>{gml.solid('#shared')}</bldg:lod2Solid>"
    path = gml.write(
        gml.building(shared, gml_id="first"), *filler, gml.building(solid, gml_id="last")
    )

    units = list_units(path, unit_bytes=10_000)
    assert len(units) > 3
    model = read_unit(units[-1]).model
    assert model is not None
    assert len(model.surface_type) == 1
