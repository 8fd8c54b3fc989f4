"""tiles.spool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from mmap import mmap
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from citymodel import CityModel
from citymodel.testing import askew_hamlet, askew_house, build_model
from tiles import FeatureMesh, Features, read_features, write_features
from tiles.columns import TextColumn
from tiles.spool import FeatureIndex, concatenate_indices, index_of, read_index

Featured = Callable[[CityModel], Features]


def _assert_meshes_equal(actual: FeatureMesh, expected: FeatureMesh) -> None:
    for column in fields(FeatureMesh):
        found, wanted = getattr(actual, column.name), getattr(expected, column.name)
        assert found.dtype == wanted.dtype, column.name
        assert_array_equal(found, wanted, err_msg=column.name)


def test_features_come_back_as_they_were(featured: Featured, tmp_path: Path) -> None:
    """Meshes, stand-ins, properties and pictures."""
    features = featured(askew_hamlet())
    write_features(features, tmp_path / "one")
    back = read_features(tmp_path / "one")
    _assert_meshes_equal(back.mesh, features.mesh)
    _assert_meshes_equal(back.simplified.block, features.simplified.block)
    _assert_meshes_equal(back.simplified.box, features.simplified.box)
    assert_array_equal(back.simplified.block_error_m, features.simplified.block_error_m)
    assert_array_equal(back.simplified.box_error_m, features.simplified.box_error_m)
    assert_array_equal(back.low, features.low)
    assert_array_equal(back.high, features.high)
    assert back.pictures == features.pictures
    assert list(back.columns) == list(features.columns)
    for name, column in features.columns.items():
        found = back.columns[name]
        if isinstance(column, TextColumn):
            assert isinstance(found, TextColumn)
            assert found.texts() == column.texts()
        else:
            assert not isinstance(found, TextColumn)
            assert_array_equal(found.values, column.values)


def test_features_stay_on_disk_until_they_are_touched(
    featured: Featured, tmp_path: Path
) -> None:
    """Memory holds a tile and not a town."""
    write_features(featured(askew_house()), tmp_path / "one")
    owner: object = read_features(tmp_path / "one").mesh.positions.base
    while isinstance(owner, np.ndarray):
        owner = owner.base
    assert isinstance(owner, memoryview)
    assert isinstance(owner.obj, mmap)


def test_no_features_are_written_and_read(featured: Featured, tmp_path: Path) -> None:
    """The empty tile: an empty array cannot be mapped."""
    write_features(featured(build_model([])), tmp_path / "none")
    back = read_features(tmp_path / "none")
    assert len(back) == 0
    assert len(read_index(tmp_path / "none").low) == 0


def test_the_same_features_give_the_same_bytes(featured: Featured, tmp_path: Path) -> None:
    """File by file."""
    for name in ("one", "two"):
        write_features(featured(askew_hamlet()), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_existing_folder_is_not_written_into(featured: Featured, tmp_path: Path) -> None:
    """Two units in one folder would mix."""
    with pytest.raises(FileExistsError):
        write_features(featured(askew_house()), tmp_path)


def test_the_index_says_how_heavy_features_are(featured: Featured) -> None:
    """Vertices, triangles and bounds of each; two indices stand behind each other."""
    features = featured(askew_hamlet())
    index = index_of(features)
    assert index.vertices.sum() == len(features.mesh.positions)
    assert index.triangles.sum() == len(features.mesh.triangles)
    both = concatenate_indices([index, index_of(featured(askew_house()))])
    for column in fields(FeatureIndex):
        assert len(getattr(both, column.name)) == len(features) + 1
    assert_array_equal(both.low[:-1], features.low)
