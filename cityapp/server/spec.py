"""The OpenAPI document's media types, where an answer is not plain JSON."""

from __future__ import annotations

from typing import Any

from .tiles import MEDIA_TYPES

FIRST_ERROR = 400


def name_media_types(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Name what each answer really is: problem documents, and tiles as files.

    Parameters
    ----------
    spec : dict
        The document APIFlask makes, which takes every answer for JSON.

    Returns
    -------
    dict
        The same document, corrected in place.
    """
    if isinstance(spec, str):  # APIFlask's other form, YAML, is not served
        return spec
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                _correct(path, int(status), answer)
    return spec


def _correct(path: str, status: int, answer: dict[str, Any]) -> None:
    plain = answer.get("content", {}).pop("application/json", None)
    if plain is None:
        return
    if status >= FIRST_ERROR:
        answer["content"] = {"application/problem+json": plain}
    elif not path.startswith("/tiles/"):
        answer["content"] = {"application/json": plain}
    elif status in {200, 206}:
        answer["content"] = {media_type: {} for media_type in sorted(set(MEDIA_TYPES.values()))}
    else:
        del answer["content"]
