"""``stadtbild check``: faults in city model files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from citykernel.scene import SAMPLE_NOTICE

from .reading import source_options, walk_source

if TYPE_CHECKING:
    from citykernel.issues import Issue
    from citymodel import CityModel

    from .reading import Step

RANK = {"error": 0, "warning": 1, "info": 2}


@click.command()
@source_options
@click.option(
    "--examples", default=3, show_default=True, type=click.IntRange(min=0),
    help="Most examples of one kind of issue.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def check(
    ctx: click.Context, *, source: Path, lod: int | None, crs: str, examples: int, as_json: bool
) -> None:
    """Look for faults in SOURCE: a file, a folder, a .zip or .gz archive.

    What reading had to drop or mend, and what is doubtful in what was read: solids that do
    not close or are turned, surfaces that are not planar, ids that stand twice, heights
    that cannot be. The exit code is 1 where something is lost or nothing can be read.
    """
    findings = _Findings(examples)
    for step in walk_source(source, lod=lod, crs=crs, settings_path=ctx.obj):
        findings.add(step)
    document = findings.as_dict(source.name or str(source))
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(document)
    if findings.has_errors():
        ctx.exit(1)


@dataclass(slots=True)
class _Kind:
    """Issues of one code and severity: all counted, some kept."""

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)


class _Findings:
    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._files: set[str] = set()
        # Hashes instead of ids: 60 MB for a million objects, whatever their ids look like.
        self._ids: set[int] = set()
        self._objects = self._solids = self._closed = 0
        self._is_sample = False

    def add(self, step: Step) -> None:
        self._files.add(step.file.shown_path)
        if step.unit is not None and SAMPLE_NOTICE in step.unit.header.description:
            self._is_sample = True
        self._take(step.issues)
        model = step.result.model if step.result is not None else None
        if model is not None:
            from citymodel.checks import check_citymodel

            found = [*check_citymodel(model), *self._repeated(model)]
            # What the reader has told already, with its line, is not told again.
            told = {(issue.code, issue.gml_id) for issue in step.issues}
            self._take(
                replace(issue, path=step.file.shown_path)
                for issue in found
                if (issue.code, issue.gml_id) not in told
            )
            self._count(model, found)

    def _count(self, model: CityModel, found: list[Issue]) -> None:
        from citymodel import GeometryType

        solids = int((model.geometry_type == GeometryType.SOLID).sum())
        wrong = sum(issue.code in {"solid-open", "surfaces-turned"} for issue in found)
        self._objects += len(model.objects)
        self._solids += solids
        self._closed += solids - wrong

    def _repeated(self, model: CityModel) -> list[Issue]:
        """Ids that stood in another unit already; within the unit the check finds them."""
        from citykernel.issues import Issue

        ids = dict.fromkeys(str(id_) for id_ in model.objects.id if id_)
        again = [id_ for id_ in ids if hash(id_) in self._ids]
        self._ids.update(map(hash, ids))
        text = "the id stood before in another part of the source"
        return [Issue("duplicate-id", "warning", text, gml_id=id_) for id_ in again]

    def _take(self, issues: Iterable[Issue]) -> None:
        for issue in issues:
            kind = self._kinds.setdefault((issue.severity, issue.code), _Kind())
            kind.count += 1
            if len(kind.examples) < self._examples:
                kind.examples.append(issue.as_dict())

    def has_errors(self) -> bool:
        return any(severity == "error" for severity, _ in self._kinds)

    def as_dict(self, source: str) -> dict[str, Any]:
        order = sorted(self._kinds, key=lambda key: (RANK[key[0]], key[1]))
        return {
            "source": source,
            "notice": SAMPLE_NOTICE if self._is_sample else "",
            "files": len(self._files),
            "objects": self._objects,
            "solids": self._solids,
            "closed_solids": self._closed,
            "issues": [
                {
                    "code": code, "severity": severity,
                    "count": self._kinds[severity, code].count,
                    "examples": self._kinds[severity, code].examples,
                }
                for severity, code in order
            ],
        }  # fmt: skip


def _print(document: dict[str, Any]) -> None:
    if document["notice"]:
        click.echo(document["notice"])
    click.echo(
        f"{document['files']} files, {document['objects']} objects, "
        f"{document['closed_solids']} of {document['solids']} solids close"
    )
    if not document["issues"]:
        click.echo("Nothing to complain about.")
    for kind in document["issues"]:
        click.echo(f"\n{kind['severity']}: {kind['code']} ({kind['count']})")
        for example in kind["examples"]:
            line = f":{example['line']}" if example["line"] else ""
            owner = f" [{example['gml_id']}]" if example["gml_id"] else ""
            text = f"  {example['path']}{line}{owner}: {example['message']}"
            click.echo("".join(sign if sign.isprintable() else " " for sign in text))
        if kind["count"] > len(kind["examples"]) > 0:
            click.echo(f"  ... and {kind['count'] - len(kind['examples'])} more")
