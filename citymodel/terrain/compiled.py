"""Compiling a loop over samples to machine code, kept on disk from one run to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a function with numba; its types remain those that are written."""
    return cast("F", njit(cache=True, nogil=True, error_model="numpy")(function))
