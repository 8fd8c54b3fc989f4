"""What was read, what was written, what was lost: the report and the scene of a town."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from citykernel.errors import ReadError
from citykernel.frame import LocalFrame
from citykernel.geoid import Undulation
from citykernel.issues import Issue
from citykernel.scene import HeightReference, Layer, Origin, Scene
from tiles import TilesetReport, write_json

from .gather import Gathered
from .prepare import Prepared

EXAMPLES_PER_CODE = 20


@dataclass(frozen=True, slots=True)
class TownInput:
    """What a run was given and what came of it.

    Parameters
    ----------
    found : Gathered
        Files, units, and files that cannot be read.
    prepared : list of Prepared
        One a unit.
    """

    found: Gathered
    prepared: list[Prepared]

    def issues(self) -> list[Issue]:
        """All issues, in the order of the files; last the ids that stand in two of them."""
        found = [issue for prepared in self.prepared for issue in prepared.issues]
        return [*_with_causes(found), *self._repeated()]

    def lost(self) -> list[tuple[str, str]]:
        """Files of objects that cannot be shown, with id and reason."""
        return [
            (
                issue.path,
                str(
                    ReadError(
                        issue.message,
                        path=issue.path,
                        line=issue.line or None,
                        gml_id=issue.gml_id or None,
                    )
                ),
            )
            for issue in self.issues()
            if issue.dropped
        ]

    def _repeated(self) -> Iterator[Issue]:
        first: dict[str, str] = {}
        for unit, prepared in zip(self.found.units, self.prepared, strict=True):
            path = unit.header.shown_path
            for gml_id in dict.fromkeys(prepared.ids):
                if gml_id and gml_id in first:
                    text = f"the id stands in {first[gml_id]} too; both are shown"
                    yield Issue("duplicate-id", "warning", text, gml_id, path)
                first.setdefault(gml_id, path)

    def failed(self) -> list[tuple[str, str]]:
        """Files that could not be read, wholly or in part, with the reason."""
        units = zip(self.found.units, self.prepared, strict=True)
        parts = [(unit.header.shown_path, p.failed) for unit, p in units if p.failed]
        return [*self.found.failures, *parts]


def _with_causes(issues: list[Issue]) -> Iterator[Issue]:
    """Say of each object that is missing what was wrong with it first."""
    causes: dict[tuple[str, str], Issue] = {}
    for issue in issues:
        if issue.severity == "error" and not issue.dropped:
            causes.setdefault((issue.path, issue.gml_id), issue)
    for issue in issues:
        cause = causes.get((issue.path, issue.gml_id))
        if issue.dropped and cause is not None:
            text = f"{issue.message} ({cause.message})"
            yield replace(issue, message=text, line=issue.line or cause.line)
        else:
            yield issue


def town_report(
    given: TownInput,
    output: TilesetReport,
    terrain: dict[str, Any] | None,
    town: dict[str, Any],
    *,
    seconds: float,
) -> dict[str, Any]:
    """Build the report.

    Parameters
    ----------
    given : TownInput
        What was read.
    output : TilesetReport
        What was written.
    terrain : dict or None
        The terrain's own report.
    town : dict
        Texts about the town and its heights.
    seconds : float
        Wall time of the run.

    Returns
    -------
    dict
        For ``report.json``: ``input``, ``output``, ``dropped``, ``issues``, ``height``...
    """
    objects: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for prepared in given.prepared:
        objects += prepared.objects
        skipped += prepared.skipped
    issues = [*given.issues(), *output.issues]
    crs = sorted({str(p.crs) for p in given.prepared if p.crs is not None})
    dropped = [
        {"id": issue.gml_id, "reason": issue.message, "code": issue.code, "path": issue.path}
        for issue in issues
        if issue.dropped
    ]
    return {
        "notice": town["notice"],
        "input": {
            "files": len(given.found.files),
            "bytes": sum(file.size for file in given.found.files),
            "objects": dict(sorted(objects.items())),
            "top_level_objects": sum(p.top_level for p in given.prepared),
            "polygons": sum(p.polygons for p in given.prepared),
            "crs": crs,
            "passed_over": dict(sorted(given.found.passed_over.items())),
            "failed": [{"path": k, "reason": v} for k, v in sorted(given.failed())],
            "not_understood": dict(sorted(skipped.items())),
        },
        "output": {
            "tiles": output.tiles,
            "bytes": output.bytes_in_all,
            "bytes_written": output.bytes_written,
            "objects": output.features,
            "top_level_objects": sum(p.drawn for p in given.prepared),
            "triangles": output.triangles,
        },
        "terrain": terrain,
        "dropped": dropped,
        "issues": _grouped(issues),
        "height": {
            "vertical_crs": town["vertical_crs"],
            "method": town["height_method"],
            "accuracy_m": town["height_accuracy_m"],
        },
        "seconds": round(seconds, 3),
    }


def _grouped(issues: list[Issue]) -> list[dict[str, Any]]:
    """Issues by code: how many, and the first of them."""
    groups: dict[str, list[Issue]] = {}
    for issue in issues:
        groups.setdefault(issue.code, []).append(issue)
    return [
        {
            "code": code,
            "severity": found[0].severity,
            "count": len(found),
            "examples": [
                {"id": i.gml_id, "message": i.message, "path": i.path, "line": i.line}
                for i in found[:EXAMPLES_PER_CODE]
            ],
        }
        for code, found in sorted(groups.items())
    ]


def town_scene(
    town: dict[str, Any],
    frame: LocalFrame,
    undulation: Undulation,
    terrain: dict[str, Any] | None,
) -> Scene:
    """Build the scene that viewers load.

    Parameters
    ----------
    town : dict
        Texts about the town and its heights.
    frame : LocalFrame
        The tileset's frame.
    undulation : Undulation
        Source of undulations.
    terrain : dict or None
        The terrain's report; without it there is no ground layer.

    Returns
    -------
    Scene
        With layers relative to its own folder.
    """
    at = undulation.at(np.array([frame.longitude_deg]), np.array([frame.latitude_deg]))[0]
    source = {"attribution": town["attribution"], "licence": town["licence"]}
    layers = [
        Layer("buildings", "buildings", "Gebäude", "tileset.json", visible=True, **source)
    ]
    if terrain is not None:
        if terrain["notice"]:
            sources = [town["attribution"], terrain["notice"]]
            source = {**source, "attribution": ". ".join(filter(None, sources))}
        href = "terrain/tileset.json"
        layers.append(Layer("terrain", "terrain", "Gelände", href, visible=True, **source))
    return Scene(
        id=scene_id(town["title"]),
        title=town["title"],
        notice=town["notice"],
        origin=Origin(frame.longitude_deg, frame.latitude_deg, frame.height_ellipsoidal),
        crs=town["crs"],
        height=HeightReference(
            town["vertical_crs"],
            town["height_method"],
            town["height_accuracy_m"],
            round(float(at), 3),
        ),
        layers=tuple(layers),
    )


def scene_id(title: str) -> str:
    """Turn a title into a name for addresses.

    Examples
    --------
    >>> scene_id("Muster-Soest"), scene_id("Körbecke (Möhnesee)"), scene_id("東京")
    ('muster-soest', 'koerbecke-moehnesee', 'stadt')
    """
    plain = title.lower()
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(letter, letters)
    words = re.findall("[a-z0-9]+", plain)
    return "-".join(words) or "stadt"


def write_town(target: Path, report: dict[str, Any], scene: Scene) -> None:
    """Write ``scene.json`` and ``report.json`` beside the tiles."""
    write_json(target / "scene.json", scene.as_dict())
    write_json(target / "report.json", report)
