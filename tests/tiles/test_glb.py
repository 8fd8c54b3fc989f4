"""tiles.glb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tiles.columns import FeatureColumns, TextColumn
from tiles.glb import TilePrimitive, glb_bytes, quantisation_step_m

Decode = Callable[[bytes], Any]
BOTH = pytest.mark.parametrize("compress", [True, False], ids=["compressed", "plain"])


def _primitive(seed: int = 1, quads: int = 20, extent_m: float = 300.0) -> TilePrimitive:
    """Quads of random places, each a feature, corners not shared: as tiles have them."""
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-extent_m, extent_m, (quads, 1, 3)) + np.array([800, -400, 30])
    square = np.array([[0, 0, 0], [9, 3, 0], [6, 12, 4], [-3, 9, 4.0]])
    normal = rng.normal(size=(quads, 3))
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    first = np.arange(quads)[:, None, None] * 4
    return TilePrimitive(
        (corner + square).reshape(-1, 3),
        np.repeat(normal, 4, axis=0).astype(np.float32),
        np.repeat(rng.integers(0, 255, (quads, 3)), 4, axis=0).astype(np.uint8),
        (first + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3).astype(np.int32),
        np.repeat(np.arange(quads), 4).astype(np.int32),
        np.repeat(rng.integers(1, 4, quads), 4).astype(np.uint8),
    )


def _names(count: int) -> FeatureColumns:
    return {"gml_id": TextColumn.of(np.array([f"DENW{i}ü" for i in range(count)], object))}


def _corners(primitive: dict[str, np.ndarray], names: list[str]) -> list[tuple[Any, ...]]:
    """Each triangle's corners with all they carry, in an order that encoding may change."""
    found = []
    for triangle in primitive["triangles"].tolist():
        corners = [
            (
                *primitive["POSITION"][v].round(6).tolist(),
                *primitive["COLOR_0"][v].round(4).tolist(),
                names[int(primitive["_FEATURE_ID_0"][v, 0])],
                int(primitive["_FEATURE_ID_1"][v, 0]),
            )
            for v in triangle
        ]
        first = corners.index(min(corners))
        found.append(tuple(corners[first:] + corners[:first]))
    return sorted(found)


@BOTH
def test_every_triangle_comes_back_with_all_it_carries(
    decode: Decode,
    compress: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Position, colour, feature and class of each corner, whatever order they are stored in."""
    given_ = _primitive()
    back = decode(glb_bytes([given_], columns=_names(20), compress=compress))
    (primitive,), names = back.primitives, back.tables[0]["gml_id"]
    step = quantisation_step_m(given_.positions) if compress else 1e-4
    expected = {
        "POSITION": given_.positions,
        "COLOR_0": np.column_stack([given_.colours / 255, np.ones(80)]),
        "_FEATURE_ID_0": given_.feature_id[:, None],
        "_FEATURE_ID_1": given_.surface_class[:, None],
        "triangles": given_.triangles,
    }
    found = _corners(primitive, names)
    wanted = _corners(expected, [f"DENW{i}ü" for i in range(20)])
    assert len(found) == len(wanted) == 40
    # Rounding may change which of two corners is the smaller: compare feature by feature.
    found.sort(key=_by_feature)
    wanted.sort(key=_by_feature)
    for one, other in zip(found, wanted, strict=True):
        for a, b in zip(one, other, strict=True):
            assert_allclose(a[:3], b[:3], atol=step / 2 + 1e-5)
            assert a[3:] == b[3:]


def _by_feature(triangle: tuple[Any, ...]) -> tuple[Any, ...]:
    return triangle[0][7], [corner[0] for corner in triangle]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.floats(0.5, 5000), st.sampled_from([0.0, 0.002, 0.01, 0.5]))
def test_positions_are_within_half_a_step(
    decode: Decode, seed: int, extent_m: float, step_m: float
) -> None:
    """Whether 16 bits hold them or floats of few bits, and the step is what was asked."""
    given_ = _primitive(seed, 8, extent_m)
    step = quantisation_step_m(given_.positions, step_m)
    back = decode(glb_bytes([given_], columns=_names(8), step_m=step_m))
    found = back.primitives[0]["POSITION"]
    assert len(found) == len(given_.positions)
    nearest = np.abs(given_.positions[:, None] - found[None]).max(axis=2).min(axis=1)
    assert nearest.max() <= step / 2 + 1e-9
    if step_m:
        assert step <= step_m


@BOTH
def test_normals_come_back_within_a_degree(
    decode: Decode,
    compress: bool,  # noqa: FBT001 - as above
) -> None:
    """In eight bits, or as they were."""
    given_ = _primitive()
    (primitive,) = decode(glb_bytes([given_], columns=_names(20), compress=compress)).primitives
    by_feature = {int(f): n for f, n in zip(given_.feature_id, given_.normals, strict=True)}
    for feature, normal in zip(
        primitive["_FEATURE_ID_0"][:, 0].tolist(), primitive["NORMAL"], strict=True
    ):
        cosine = normal @ by_feature[int(feature)] / np.linalg.norm(normal)
        assert cosine > np.cos(np.radians(1 if compress else 0.05))


@BOTH
def test_rows_and_offsets_are_multiples_of_four(
    decode: Decode,
    compress: bool,  # noqa: FBT001 - as above
) -> None:
    """Each vertex attribute; a second 16-bit feature id is the classical fault."""
    document = decode(glb_bytes([_primitive()], columns=_names(20), compress=compress)).document
    for entry in document["meshes"][0]["primitives"]:
        for row in entry["attributes"].values():
            view = document["bufferViews"][document["accessors"][row]["bufferView"]]
            assert view["byteStride"] % 4 == 0
            assert view["byteOffset"] % 4 == 0


@BOTH
def test_stated_bounds_are_those_of_the_positions(
    decode: Decode,
    compress: bool,  # noqa: FBT001 - as above
) -> None:
    """Clients cull by them."""
    document = decode(glb_bytes([_primitive()], columns=_names(20), compress=compress)).document
    row = document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]
    accessor, node = document["accessors"][row], document["nodes"][0]
    scale = np.array(node.get("scale", [1, 1, 1]))
    low = np.array(accessor["min"]) * scale + node["translation"]
    high = np.array(accessor["max"]) * scale + node["translation"]
    x, y, z = _primitive().positions.T
    expected = np.stack([x, z, -y], axis=1)
    step = quantisation_step_m(expected) if compress else 1e-4
    assert_allclose(low, expected.min(axis=0), atol=step)
    assert_allclose(high, expected.max(axis=0), atol=step)


def test_the_same_input_gives_the_same_bytes() -> None:
    """Contents are named by their hash."""
    one, two = (glb_bytes([_primitive()], columns=_names(20)) for _ in range(2))
    assert one == two


def test_a_plain_glb_asks_for_no_extension(decode: Decode) -> None:
    """Any client reads it; what it does not know of features it may leave."""
    document = decode(glb_bytes([_primitive()], columns=_names(20), compress=False)).document
    assert "extensionsRequired" not in document
    compressed = decode(glb_bytes([_primitive()], columns=_names(20))).document
    assert compressed["extensionsRequired"] == [
        "EXT_meshopt_compression",
        "KHR_mesh_quantization",
    ]


def test_more_vertices_than_16_bits_count_get_wider_indices(decode: Decode) -> None:
    """And more features than that get float ids, because vertices know no 32-bit integers."""
    count = 70_000
    given_ = _primitive(quads=count)
    back = decode(glb_bytes([given_], columns=_names(count)))
    (primitive,) = back.primitives
    assert primitive["triangles"].dtype == np.uint32
    assert primitive["_FEATURE_ID_0"].dtype == np.float32
    assert_array_equal(np.unique(primitive["_FEATURE_ID_0"]), np.arange(count))
    assert back.tables[0]["gml_id"][-1] == f"DENW{count - 1}ü"


def test_a_ground_without_features_has_no_table(decode: Decode) -> None:
    """The terrain."""
    bare = replace(
        _primitive(), feature_id=np.empty(0, np.int32), surface_class=np.empty(0, np.uint8)
    )
    document = decode(glb_bytes([bare])).document
    assert "extensions" not in document
    assert not {n for n in document["extensionsUsed"] if "metadata" in n or "features" in n}


def test_both_feature_id_sets_lead_to_their_table(decode: Decode) -> None:
    """Objects first, then surface classes; ids are rows."""
    back = decode(glb_bytes([_primitive()], columns=_names(20)))
    entry = back.document["meshes"][0]["primitives"][0]
    sets = entry["extensions"]["EXT_mesh_features"]["featureIds"]
    assert [s["propertyTable"] for s in sets] == [0, 1]
    for which, ids in enumerate(sets):
        values = back.primitives[0][f"_FEATURE_ID_{ids['attribute']}"]
        assert values.max() < ids["featureCount"]
        assert ids["featureCount"] == len(
            back.tables[which]["gml_id" if which == 0 else "name"]
        )


def test_attribution_is_in_the_file(decode: Decode) -> None:
    """Clients collect it from each tile they show."""
    document = decode(glb_bytes([_primitive()], copyright_text="© Geobasis NRW")).document
    assert document["asset"]["copyright"] == "© Geobasis NRW"
