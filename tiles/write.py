"""Writing a tileset so that an interrupted run leaves the old one usable.

Contents are named by their hash: what did not change is not written again, clients may
keep it forever, and old and new tilesets lie side by side until ``tileset.json``, written
last and renamed into place, says which is meant.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from citykernel.arrays import Int64Array, offsets_from_counts
from citykernel.errors import TilesetError
from citykernel.frame import LocalFrame
from citykernel.issues import Issue

from .content import ContentOptions, build_content
from .features import Features
from .spool import FeatureIndex, concatenate_indices, read_features, read_index
from .structure import Bounds, Tile, enclose, tileset_dict
from .subdivide import Cell, subdivide

CONTENT_FOLDER = "content"

A = TypeVar("A")
B = TypeVar("B")
Run = Callable[[Callable[[A], B], Iterable[A]], Iterable[B]]


@dataclass(frozen=True, slots=True)
class TilesetReport:
    """What was written.

    Parameters
    ----------
    tiles : int
        Tiles with content.
    bytes_in_all : int
        Of all contents and tileset.json.
    bytes_written : int
        Of what was not there already.
    features : int
        City objects with geometry of their own.
    triangles : int
        In the leaves.
    issues : tuple of Issue
        What could not be shown as the source has it (pictures).
    """

    tiles: int
    bytes_in_all: int
    bytes_written: int
    features: int
    triangles: int
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Encoded:
    uri: str
    bounds: Bounds
    error_m: float
    triangles: int
    size: int
    written: int
    issues: tuple[Issue, ...] = field(default_factory=tuple)


@lru_cache(maxsize=256)
def _opened(folder: Path) -> Features:
    return read_features(folder)


def store_content(target: Path, name: str, glb: bytes) -> tuple[str, int]:
    """Write a content beside its place and rename it, unless it is there already.

    Parameters
    ----------
    target : Path
        Folder of the tileset.
    name : str
        The cell's name.
    glb : bytes
        The content.

    Returns
    -------
    str, int
        The URI from tileset.json, and the bytes written.
    """
    digest = hashlib.sha256(glb).hexdigest()[:16]
    uri = f"{CONTENT_FOLDER}/{name}.{digest}.glb"
    path = target / uri
    if path.is_file() and path.stat().st_size == len(glb):
        return uri, 0
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(glb)
    part.replace(path)
    return uri, len(glb)


def write_json(path: Path, document: dict[str, Any]) -> int:
    """Write JSON beside its place and rename it; returns its size in bytes."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = text.encode() + b"\n"
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)
    return len(data)


def _encode(
    cell: Cell, *, folders: tuple[Path, ...], offsets: Int64Array, options: ContentOptions,
    target: Path,
) -> _Encoded:  # fmt: skip
    numbers = np.unique(np.searchsorted(offsets, cell.rows, side="right") - 1)
    parts = {number: _opened(folders[number]) for number in numbers.tolist()}
    content = build_content(parts, offsets, cell, options)
    uri, written = store_content(target, cell.name, content.glb) if content.glb else ("", 0)
    return _Encoded(
        uri,
        content.bounds,
        content.error_m,
        content.triangles if not cell.children else 0,
        len(content.glb),
        written,
        content.issues,
    )


def _walk(cell: Cell) -> Iterator[Cell]:
    yield cell
    for child in cell.children:
        yield from _walk(child)


def _tree(cell: Cell, encoded: dict[str, _Encoded]) -> Tile:
    own = encoded[cell.name]
    children = [_tree(child, encoded) for child in cell.children]
    return Tile(own.bounds, own.error_m, own.uri, children)


def write_features_tileset(
    folders: Sequence[Path],
    target: Path,
    frame: LocalFrame,
    *,
    town: dict[str, Any],
    options: ContentOptions | None = None,
    run: Run[Cell, _Encoded] = map,
    progress: Callable[[float], None] | None = None,
) -> TilesetReport:
    """Write a tileset of features that lie on disk.

    Parameters
    ----------
    folders : sequence of Path
        Written by :func:`~tiles.spool.write_features`, in the order of the town's parts.
    target : Path
        Folder of the tileset; is made if it is missing.
    frame : LocalFrame
        The frame the features were built in.
    town : dict
        Texts for the tileset's metadata.
    options : ContentOptions, optional
        Encoding.
    run : callable
        Like ``map``: hand in a process pool's to share the work.
    progress : callable, optional
        Is told the share of tiles done.

    Returns
    -------
    TilesetReport
        Counts and sizes.

    Raises
    ------
    TilesetError
        There is no feature, or the folder cannot be written.
    """
    options = options or ContentOptions()
    indices = [read_index(folder) for folder in folders]
    if not sum(len(index.low) for index in indices):
        raise TilesetError(f"{target}: there is nothing to show; no object has a surface")
    index: FeatureIndex = concatenate_indices(indices)
    offsets = offsets_from_counts(np.array([len(i.low) for i in indices])).astype(np.int64)
    root = subdivide(index.low, index.high, index.vertices)
    cells = list(_walk(root))
    encode = partial(
        _encode, folders=tuple(folders), offsets=offsets, options=options, target=target
    )
    encoded: dict[str, _Encoded] = {}
    try:
        (target / CONTENT_FOLDER).mkdir(parents=True, exist_ok=True)
        for cell, result in zip(cells, run(encode, cells), strict=True):
            encoded[cell.name] = result
            if progress:
                progress(len(encoded) / len(cells))
        tree = enclose(_tree(root, encoded))
        size = write_json(target / "tileset.json", tileset_dict(tree, frame, town))
    except OSError as error:
        raise TilesetError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        _opened.cache_clear()
    remove_unnamed(target, set(tree.contents()))
    return TilesetReport(
        tiles=sum(bool(e.uri) for e in encoded.values()),
        bytes_in_all=size + sum(e.size for e in encoded.values()),
        bytes_written=size + sum(e.written for e in encoded.values()),
        features=len(index.low),
        triangles=sum(e.triangles for e in encoded.values()),
        issues=tuple(issue for e in encoded.values() for issue in e.issues),
    )


def remove_unnamed(target: Path, named: set[str]) -> int:
    """Remove contents no tileset.json names any more; returns how many."""
    gone = 0
    for path in sorted((target / CONTENT_FOLDER).iterdir()):
        if path.suffix in {".glb", ".part"} and f"{CONTENT_FOLDER}/{path.name}" not in named:
            path.unlink()
            gone += 1
    return gone
