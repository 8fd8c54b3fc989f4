"""Importing what is heavy, so that it costs little more than it must.

A run imports some hundred thousand objects that all stay. Python's collector walks over them
again and again while they come, and later with each full collection: 0.1 s of a run of 1 s.
As much goes to threads of numpy's linear algebra that wait for work: our largest matrices
have three columns, and whoever wants more cores asks for more --jobs.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heavy_imports() -> Iterator[None]:
    """Suspend the collector for a block of imports and take their objects out of its sight.

    Yields
    ------
    None
        Import within the block; numpy for the first time in the process, if possible.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # is read when numpy is imported
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
