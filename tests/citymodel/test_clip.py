"""citymodel.transforms.clip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from citykernel.errors import BoundaryError
from citymodel import Appearances, CityModel, Material
from citymodel.model import ExternalReferences
from citymodel.testing import (
    askew_hamlet,
    assert_models_equal,
    build_model,
    courtyard_house,
    gable_house,
    house_with_parts,
)
from citymodel.transforms import clip_by_object


def _dressed(model: CityModel) -> CityModel:
    """A model in which everything that can refer does so."""
    surfaces, corners = len(model.surface_type), len(model.ring_vertices)
    worn = Appearances(
        (Material(), Material(image="wall.jpg")),
        np.arange(surfaces, dtype=np.int32) // 20,  # the courtyard house wears the second
        np.arange(corners * 2, dtype=np.float32).reshape(corners, 2),
    )
    names = np.array([f"in register: {id_}" for id_ in model.objects.id], object)
    rows = np.arange(len(names), dtype=np.int32)
    references = ExternalReferences(rows, np.array(["register"] * len(rows), object), names)
    objects = replace(model.objects, external_references=references)
    return replace(model, appearances=worn, objects=objects, terrain_points=np.ones((2, 3)))


def test_a_building_is_kept_whole_and_as_if_it_stood_alone() -> None:
    """Rows of parents, addresses, geometries and vertices are counted anew."""
    hamlet = askew_hamlet()
    clipped = clip_by_object(hamlet, hamlet.top_level == 1)
    alone = build_model(house_with_parts(at=(20, 0, 0)))
    assert_models_equal(clipped, alone)
    assert clipped.objects.parent.tolist() == [-1, 0, 0]
    assert clipped.objects.addresses.object_ix.tolist() == [0]
    assert clipped.objects.addresses.number.tolist() == ["12a"]


def test_what_is_kept_before_and_behind_a_gap_keeps_its_own() -> None:
    """The first and the last house, without the one between them."""
    hamlet = askew_hamlet()
    clipped = clip_by_object(hamlet, hamlet.top_level != 1)
    assert_models_equal(clipped, build_model(gable_house() + courtyard_house(at=(50, 5, 1))))


def test_references_and_appearances_follow_their_objects() -> None:
    """A surface keeps its material, a corner its texture coordinates."""
    dressed = _dressed(askew_hamlet())
    clipped = clip_by_object(dressed, dressed.objects.id == "courtyard")
    assert clipped.appearances is not None
    assert dressed.appearances is not None
    assert len(clipped.appearances.materials) == 2
    kept = dressed.surface_object == 4
    expected = dressed.appearances.surface_material[kept]
    assert (clipped.appearances.surface_material == expected).all()
    last = len(clipped.ring_vertices)
    expected_pairs = dressed.appearances.texture_coordinates[-last:]
    assert (clipped.appearances.texture_coordinates == expected_pairs).all()
    references = clipped.objects.external_references
    assert references.object_ix.tolist() == [0]
    assert references.name.tolist() == ["in register: courtyard"]


def test_a_part_without_its_building_becomes_a_top_level_object() -> None:
    """A dangling parent would point at somebody else's row."""
    hamlet = askew_hamlet()
    clipped = clip_by_object(hamlet, hamlet.objects.id == "parts-annex")
    assert clipped.objects.parent.tolist() == [-1]
    assert clipped.objects.addresses.object_ix.tolist() == []


def test_keeping_all_changes_nothing() -> None:
    """To the bit, all tables included."""
    dressed = _dressed(askew_hamlet())
    assert_models_equal(clip_by_object(dressed, np.ones(5, bool)), dressed)


def test_keeping_nothing_gives_an_empty_model() -> None:
    """Terrain points belong to no object."""
    clipped = clip_by_object(_dressed(askew_hamlet()), np.zeros(5, bool))
    assert len(clipped.objects) == len(clipped.vertices) == len(clipped.geometry_lod) == 0
    assert len(clipped.terrain_points) == 2


def test_a_mask_of_another_length_is_refused() -> None:
    """A mask of surfaces, say."""
    with pytest.raises(BoundaryError, match=r"shape \(3,\).* 5 objects"):
        clip_by_object(askew_hamlet(), np.ones(3, bool))
