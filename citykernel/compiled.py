"""Loops as machine code: compiled once, kept beside their module, loaded without a compiler.

numba makes itself ready to compile anything before it looks into its cache: it imports its
implementations of numpy and, for linear algebra, scipy. That takes 0.4 s of each process,
twice as long as reading 50 MB of CityGML; what is in the cache does not need it. Loops that
multiply matrices are not for this module: they would miss scipy's BLAS.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.runtime.nrt import rtsys

F = TypeVar("F", bound=Callable[..., object])
_BLAS = "scipy.linalg.cython_blas"


def compiled(function: F) -> F:
    """Compile a loop once; it runs without Python's lock and without bounds checks.

    Parameters
    ----------
    function : callable
        Of numbers and arrays only; divisions by zero give infinities as numpy's do.

    Returns
    -------
    callable
        The same, compiled or loaded at its first call.
    """
    dispatcher = njit(cache=True, nogil=True, error_model="numpy")(function)
    _load_lightly(dispatcher)
    return cast("F", dispatcher)


def _load_lightly(dispatcher: Any) -> None:
    """Look into the cache before numba makes itself ready to compile.

    Attributes that begin with an underscore are numba's own affair: where another version
    lacks one, or loads differently, its own way is taken. Compiling makes ready itself.
    """
    cache = getattr(dispatcher, "_cache", None)
    load_only = getattr(cache, "_load_overload", None)
    if cache is None or load_only is None:
        return
    prepared_load = cache.load_overload

    def load_overload(signature: Any, target: Any) -> Any:
        try:
            with _without_blas():
                rtsys.initialize(target)
                return load_only(signature, target)
        except Exception:  # noqa: BLE001 - whatever it is, numba's own way tells it properly
            return prepared_load(signature, target)

    cache.load_overload = load_overload


@contextmanager
def _without_blas() -> Iterator[None]:
    """Let numba look for BLAS in vain: importing it takes 0.1 s."""
    if _BLAS in sys.modules:
        yield
        return
    sys.modules[_BLAS] = None  # type: ignore[assignment]  # Python's way to forbid an import
    try:
        yield
    finally:
        del sys.modules[_BLAS]
