"""``stadtbild inspect``: what is in city model files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .reading import source_options, walk_source

if TYPE_CHECKING:
    from .reading import Step

FORMATS = {"citygml": "CityGML", "cityjson": "CityJSON", "cityjsonseq": "CityJSONSeq"}
# More lines than this of functions or attributes nobody reads; --json has them all.
MOST_LINES = 25


@click.command(name="inspect")
@source_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def inspect(
    settings_path: Path | None, *, source: Path, lod: int | None, crs: str, as_json: bool
) -> None:
    """Say what is in SOURCE: a file, a folder, a .zip or .gz archive.

    Files with version and coordinate system, objects, levels of detail, roof types,
    attributes and how often they are filled. Nothing is judged: that is 'stadtbild check'.
    """
    from citymodel.checks import Summary

    summary, files = Summary(), dict[str, dict[str, Any]]()
    polygons, skipped, issues = 0, Counter[str](), Counter[str]()
    for step in walk_source(source, lod=lod, crs=crs, settings_path=settings_path):
        _add_file(files, step)
        issues.update(issue.code for issue in step.issues)
        if step.result is not None:
            polygons += step.result.polygons
            skipped.update(step.result.skipped)
            if step.result.model is not None:
                summary.add(step.result.model)
    document = {
        "source": source.name or str(source),
        "files": list(files.values()),
        "polygons": polygons,
        **summary.as_dict(),
        "skipped_elements": dict(sorted(skipped.items())),
        "issues": dict(sorted(issues.items())),
    }
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(document)


def _add_file(files: dict[str, dict[str, Any]], step: Step) -> None:
    entry = files.setdefault(
        step.file.shown_path,
        {
            "path": step.file.shown_path, "format": "", "bytes": step.file.size,
            "encoding": "", "crs_name": "", "description": "", "objects": 0,
            "refused": "",
        },
    )  # fmt: skip
    if step.unit is not None:
        header = step.unit.header
        entry["format"] = f"{FORMATS[step.unit.reader]} {header.version}".strip()
        entry["encoding"], entry["crs_name"] = header.encoding, header.crs_name
        entry["description"] = header.description
    if step.result is not None and step.result.model is not None:
        entry["objects"] += len(step.result.model.objects)
    for issue in step.issues:
        if issue.code == "file-refused":
            entry["refused"] = issue.message


def _print(document: dict[str, Any]) -> None:
    _table(
        f"Files ({len(document['files'])})",
        [
            (
                file["path"],
                file["refused"] or file["format"] or "no objects",
                f"{file['bytes'] / 1e6:.2f} MB",
                f"{file['objects']} objects",
            )
            for file in document["files"]
        ],
    )
    # The survey repeats the file's name there; samples say here that they are samples.
    descriptions = sorted(
        {f["description"] for f in document["files"] if f["description"] not in f["path"]}
    )
    _table("Description", [(text,) for text in descriptions])
    _table("Coordinate systems", [_system(*item) for item in document["systems"].items()])
    _table("Objects", _counts(document["objects"]))
    _table("Levels of detail", [(f"LoD{k}", str(n)) for k, n in document["lods"].items()])
    _table("Surfaces", [*_counts(document["surfaces"]), *_geometry_counts(document)])
    _table("Roof types", _named(document["roof_types"]))
    _table("Functions", _named(document["functions"]))
    _table("Attributes", [_attribute(*item) for item in document["attributes"].items()])
    _table("Skipped elements", _counts(document["skipped_elements"]))
    _table("Issues (see 'stadtbild check')", _counts(document["issues"]))


def _geometry_counts(document: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        ("polygons read", str(document["polygons"])),
        ("holes", str(document["holes"])),
        ("addresses", str(document["addresses"])),
        ("materials", str(document["materials"])),
    ]


def _counts(counts: dict[str, int]) -> list[tuple[str, ...]]:
    return [(name, str(count)) for name, count in counts.items()]


def _named(entries: dict[str, Any]) -> list[tuple[str, ...]]:
    return [(code, entry["name"], str(entry["count"])) for code, entry in entries.items()]


def _system(code: str, entry: dict[str, Any]) -> tuple[str, ...]:
    heights = f"heights: {entry['height_system']}"
    if entry["envelope"] is None:
        return code, heights, "no coordinates"
    west, south, low, east, north, high = entry["envelope"]
    digits = 3 if abs(east) > 360 else 6  # noqa: PLR2004 - degrees have more of them
    span = f"{west:.{digits}f} {south:.{digits}f} to {east:.{digits}f} {north:.{digits}f}"
    return code, heights, span, f"{low:.2f} to {high:.2f} m"


def _attribute(name: str, entry: dict[str, Any]) -> tuple[str, ...]:
    kind = f"{entry['kind']} [{entry['unit']}]" if entry["unit"] else entry["kind"]
    rate = f"{entry['fill_rate']:.1%}"
    return name, kind, entry["source"], f"{entry['filled']} filled", rate


def _table(title: str, rows: list[tuple[str, ...]]) -> None:
    """Print aligned columns; names out of foreign files cannot drive the terminal."""
    if not rows:
        return
    click.echo(f"\n{title}")
    # Only what is printed decides on the width.
    shown = [
        tuple("".join(sign if sign.isprintable() else " " for sign in cell) for cell in row)
        for row in rows[:MOST_LINES]
    ]
    columns = max(map(len, shown))
    widths = [max(len(row[i]) for row in shown if i < len(row)) for i in range(columns)]
    for row in shown:
        cells = [f"{cell:{widths[i]}}" for i, cell in enumerate(row)]
        click.echo(f"  {'  '.join(cells)}".rstrip())
    if len(rows) > MOST_LINES:
        click.echo(f"  ... and {len(rows) - MOST_LINES} more")
