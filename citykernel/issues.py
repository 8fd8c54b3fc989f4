"""Issues: what a check or a reader found, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one place of the input.

    Parameters
    ----------
    code : str
        Stable machine name in kebab case, for example ``"ring-too-short"``.
    severity : {"info", "warning", "error"}
        ``error``: something of the input is lost; ``warning``: it was mended or is doubtful;
        ``info``: worth knowing.
    message : str
        One sentence for a person.
    gml_id : str
        The city object concerned, "" if none.
    path : str
        The file concerned, "" if none.
    line : int
        Line in the file counted from 1, 0 if unknown.
    dropped : bool
        The object ``gml_id`` is missing from the result.
    """

    code: str
    severity: Severity
    message: str
    gml_id: str = ""
    path: str = ""
    line: int = 0
    dropped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the issue as plain data for JSON."""
        return asdict(self)
