"""tiles.features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.testing import assert_allclose

from citykernel.crs import Geocentric
from citykernel.frame import LocalFrame
from citymodel import Appearances, CityModel, Material, SurfaceType
from citymodel.testing import (
    Piece,
    askew_hamlet,
    askew_house,
    build_model,
    courtyard_house,
    gable_house,
)
from tiles import FeatureMesh, Features, build_features

Featured = Callable[[CityModel], Features]


def _areas_m2(mesh: FeatureMesh) -> np.ndarray:
    a, b, c = (mesh.positions[mesh.absolute_triangles[:, i]] for i in range(3))
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2)


def test_each_object_with_geometry_of_its_own_is_a_feature(
    geocentric: Geocentric, frame: LocalFrame
) -> None:
    """A building without parts, each part; the building of parts has no geometry."""
    features, report = build_features(askew_hamlet(), geocentric, frame)
    assert len(features) == 4
    assert report.without_geometry == 1
    assert report.issues == ()


def test_all_triangles_are_there(featured: Featured) -> None:
    """Of what is drawn: corners less two, and holes' corners and two."""
    features = featured(askew_hamlet())
    per_feature = np.diff(features.mesh.triangle_offsets)
    # Gable: 5 quads and 2 pentagons; each part lost its closure of two triangles; the court
    # has two faces of eight corners with a hole and eight walls.
    assert per_feature.tolist() == [16, 14, 10, 2 * 8 + 8 * 2]


def test_areas_are_those_of_the_model(featured: Featured) -> None:
    """Ground 300, roof 300, walls 600 m2, on the ground's scale: UTM is 0.04 % off."""
    features = featured(build_model(courtyard_house()))
    areas = _areas_m2(features.mesh)
    classes = features.mesh.classes[features.mesh.absolute_triangles[:, 0]]
    for kind, expected in (
        (SurfaceType.GROUND_SURFACE, 300),
        (SurfaceType.ROOF_SURFACE, 300),
        (SurfaceType.WALL_SURFACE, 600),
    ):
        assert_allclose(areas[classes == kind].sum(), expected, rtol=1e-3)


def test_triangles_look_where_their_normals_do(featured: Featured) -> None:
    """Counter-clockwise about the normal, which looks out of the house."""
    mesh = featured(askew_hamlet()).mesh
    triangles = mesh.absolute_triangles
    a, b, c = (mesh.positions[triangles[:, i]] for i in range(3))
    cross = np.cross(b - a, c - a)
    cross /= np.linalg.norm(cross, axis=1)[:, None]
    assert (np.sum(cross * mesh.normals[triangles[:, 0]], axis=1) > 0.999).all()
    up = mesh.normals[:, 2]
    assert (up[mesh.classes == SurfaceType.GROUND_SURFACE] < -0.999).all()
    assert (up[mesh.classes == SurfaceType.ROOF_SURFACE] > 0.7).all()


def test_bounds_hold_every_vertex(featured: Featured) -> None:
    """Of each feature."""
    features = featured(askew_hamlet())
    rows = features.mesh.vertex_feature
    assert (features.mesh.positions >= features.low[rows]).all()
    assert (features.mesh.positions <= features.high[rows]).all()


def test_vertices_of_a_surface_are_its_own(featured: Featured) -> None:
    """No vertex serves two surfaces, so normals, classes and pictures may differ."""
    mesh = featured(askew_house()).mesh
    assert len(mesh.positions) == 4 * 5 + 5 * 2
    assert np.unique(mesh.triangles).tolist() == list(range(30))


def test_a_surface_without_area_is_told_and_the_rest_is_drawn(
    geocentric: Geocentric, frame: LocalFrame
) -> None:
    """Nothing is silently lost."""
    (piece,) = gable_house()
    line = [(0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (2.0, 0.0, 0.0)]
    faces = [*piece.faces, (SurfaceType.WALL_SURFACE, [line])]
    model = build_model([replace(piece, faces=faces)])
    features, report = build_features(model, geocentric, frame)
    assert len(features) == 1
    assert [(i.code, i.gml_id, i.dropped) for i in report.issues] == [
        ("surface-without-area", "gable", False)
    ]


def test_an_object_that_cannot_be_drawn_is_called_dropped(
    geocentric: Geocentric, frame: LocalFrame
) -> None:
    """Beside one that can."""
    line = [(0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (2.0, 0.0, 0.0)]
    flat = Piece("flat", [(SurfaceType.WALL_SURFACE, [line])])
    features, report = build_features(build_model([flat, *gable_house()]), geocentric, frame)
    assert len(features) == 1
    assert [issue.gml_id for issue in report.issues if issue.dropped] == ["flat"]


def test_an_outline_that_crosses_itself_is_told(
    geocentric: Geocentric, frame: LocalFrame
) -> None:
    """It is drawn all the same."""
    bow = [(0.0, 0.0, 0.0), (10.0, 10.0, 0.0), (10.0, 0.0, 0.0), (0.0, 6.0, 0.0)]
    model = build_model([Piece("bow", [(SurfaceType.ROOF_SURFACE, [bow])])])
    features, report = build_features(model, geocentric, frame)
    assert [(i.code, i.gml_id) for i in report.issues] == [("outline-crosses-itself", "bow")]
    assert len(features.mesh.triangles) == 2


def test_a_model_without_objects_has_no_features(featured: Featured) -> None:
    """The empty tile."""
    features = featured(build_model([]))
    assert len(features) == 0
    assert features.mesh.triangles.shape == (0, 3)


def _painted(model: CityModel) -> CityModel:
    """The house with a picture on its third surface; one corner without coordinates."""
    wears = np.full(len(model.surface_type), -1, np.int32)
    wears[[2, 3]] = 1
    coordinates = np.full((len(model.ring_vertices), 2), np.nan, np.float32)
    second, third, fourth = model.ring_offsets[2:5].tolist()
    coordinates[second:third] = np.array([[0, 0], [1, 0], [1, 1], [0, 0.25]])
    coordinates[third : fourth - 1] = 0.5
    materials = (Material(), Material(image="textures/wall.jpg"))
    return replace(model, appearances=Appearances(materials, wears, coordinates))


def test_pictures_are_counted_from_the_upper_left(
    geocentric: Geocentric, frame: LocalFrame
) -> None:
    """CityGML counts from the lower left; the path is that of the source's folder."""
    model = _painted(askew_house())
    features, _ = build_features(model, geocentric, frame, picture_folder=Path("/data/town"))
    assert features.pictures == ("", str(Path("/data/town/textures/wall.jpg")))
    worn = features.mesh.textures == 1
    expected = [[0, 1], [1, 1], [1, 0], [0, 0.75]]
    assert features.mesh.texture_coordinates[worn][:4].tolist() == expected


def test_a_corner_without_coordinates_wears_nothing(
    geocentric: Geocentric, frame: LocalFrame
) -> None:
    """And then its whole surface does: a triangle has one texture."""
    model = _painted(askew_house())
    mesh = build_features(model, geocentric, frame, picture_folder=Path())[0].mesh
    assert (mesh.textures == 1).sum() == 4
    textures = mesh.textures[mesh.absolute_triangles]
    assert (textures == textures[:, :1]).all()


def test_without_a_folder_nothing_wears_pictures(featured: Featured) -> None:
    """Nobody knows where they are."""
    features = featured(_painted(askew_house()))
    assert not features.mesh.is_textured
    assert features.pictures == ()
