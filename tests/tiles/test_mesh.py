"""tiles.mesh."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from citykernel.arrays import offsets_from_counts
from tiles import FeatureMesh
from tiles.mesh import concatenate_meshes, empty_mesh, without_pictures

# Vertices and triangles of each feature.
counts = st.lists(st.tuples(st.integers(3, 6), st.integers(1, 4)), max_size=6)


def _mesh(sizes: list[tuple[int, int]], seed: int, *, textured: bool = False) -> FeatureMesh:
    """A mesh of random numbers that knows where each came from."""
    rng = np.random.default_rng(seed)
    vertices, triangles = np.array(sizes, np.int64).reshape(-1, 2).T
    v = int(vertices.sum())
    return FeatureMesh(
        rng.normal(size=(v, 3)),
        rng.normal(size=(v, 3)).astype(np.float32),
        rng.integers(0, 255, (v, 3)).astype(np.uint8),
        rng.integers(0, 8, v).astype(np.uint8),
        np.concatenate(
            [np.empty((0, 3), np.int32), *(rng.integers(0, n, (t, 3)) for n, t in sizes)]
        ).astype(np.int32),
        offsets_from_counts(vertices),
        offsets_from_counts(triangles),
        rng.random((v, 2)).astype(np.float32) if textured else np.empty((0, 2), np.float32),
        rng.integers(-1, 3, v).astype(np.int32) if textured else np.empty(0, np.int32),
    )


def _feature(mesh: FeatureMesh, row: int) -> list[object]:
    """Everything of one feature: what must survive each operation."""
    v = slice(mesh.vertex_offsets[row], mesh.vertex_offsets[row + 1])
    t = slice(mesh.triangle_offsets[row], mesh.triangle_offsets[row + 1])
    return [
        mesh.positions[v].tolist(),
        mesh.normals[v].tolist(),
        mesh.colours[v].tolist(),
        mesh.classes[v].tolist(),
        mesh.triangles[t].tolist(),
    ]


@settings(deadline=None)
@given(counts, st.integers(0, 99), st.data())
def test_features_are_taken_whole_and_in_the_given_order(
    sizes: list[tuple[int, int]], seed: int, data: st.DataObject
) -> None:
    """Twice, never, in any order; triangles still count from the feature's first vertex."""
    mesh = _mesh(sizes, seed)
    rows = data.draw(st.lists(st.integers(0, len(sizes) - 1), max_size=8)) if sizes else []
    taken = mesh.take(np.array(rows, np.int64))
    assert len(taken) == len(rows)
    assert [_feature(taken, i) for i in range(len(rows))] == [_feature(mesh, r) for r in rows]


@settings(deadline=None)
@given(st.lists(counts, max_size=4))
def test_meshes_are_put_behind_each_other(parts: list[list[tuple[int, int]]]) -> None:
    """The features of all, each as it was."""
    meshes = [_mesh(sizes, seed) for seed, sizes in enumerate(parts)]
    joined = concatenate_meshes(meshes)
    expected = [_feature(mesh, row) for mesh in meshes for row in range(len(mesh))]
    assert [_feature(joined, row) for row in range(len(joined))] == expected


def test_triangles_become_rows_of_all_vertices() -> None:
    """Each triangle's corners belong to the triangle's feature."""
    mesh = _mesh([(4, 2), (3, 1), (5, 3)], 1)
    feature_of_triangle = np.repeat(np.arange(3), np.diff(mesh.triangle_offsets))
    corners = mesh.vertex_feature[mesh.absolute_triangles]
    assert_array_equal(corners, np.repeat(feature_of_triangle[:, None], 3, axis=1))


def test_a_mesh_without_pictures_beside_one_with_wears_none() -> None:
    """Its vertices get row -1 and no coordinates; the others keep theirs."""
    plain, textured = _mesh([(4, 2)], 1), _mesh([(3, 1)], 2, textured=True)
    joined = concatenate_meshes([plain, textured])
    assert_array_equal(joined.textures, [-1, -1, -1, -1, *textured.textures])
    assert np.isnan(joined.texture_coordinates[:4]).all()
    assert_array_equal(joined.texture_coordinates[4:], textured.texture_coordinates)


def test_pictures_can_be_taken_off() -> None:
    """What is left is the same mesh in its colours."""
    textured = _mesh([(3, 1), (4, 2)], 2, textured=True)
    plain = without_pictures(textured)
    assert textured.is_textured
    assert not plain.is_textured
    assert [_feature(plain, row) for row in (0, 1)] == [_feature(textured, r) for r in (0, 1)]
    assert len(plain.take(np.array([1]))) == 1


def test_an_empty_mesh_has_features_without_triangles() -> None:
    """It joins others without a trace."""
    assert len(empty_mesh(3)) == 3
    mesh = _mesh([(4, 2)], 1)
    joined = concatenate_meshes([empty_mesh(), mesh])
    assert _feature(joined, 0) == _feature(mesh, 0)
    assert len(concatenate_meshes([])) == 0
