"""Processes that share a run's work, and go when it goes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.forkserver import ensure_running
from typing import Any

from citykernel.errors import TilesetError

Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@contextmanager
def workers(jobs: int) -> Iterator[Run]:
    """Yield ``map``, over processes if there is more than one job.

    Parameters
    ----------
    jobs : int
        Processes.

    Yields
    ------
    callable
        Like ``map``; results come in order.

    Raises
    ------
    TilesetError
        A process was killed, most often for want of memory.
    """
    if jobs <= 1:
        yield map
        return
    ready_workers()
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)
    try:
        yield pool.map
    except BrokenProcessPool as error:
        raise TilesetError(
            f"one of {jobs} processes was killed, perhaps for want of memory; "
            "try again with fewer --jobs"
        ) from error
    finally:
        # What has not begun is not begun any more: an error shall be told at once.
        pool.shutdown(cancel_futures=True)


def ready_workers() -> None:
    """Start the process that workers are copied from: it imports while this one does.

    Called before this process imports what is heavy, a run with several processes is half a
    second shorter. Nothing happens where it runs already.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(["cityapp.jobs.prepare"])
    ensure_running()


def _begin() -> None:
    gc.freeze()  # what was imported stays: no collection need look at it
    # Ctrl+C reaches the whole group: workers end without a word, the parent speaks of it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot call its workers back: they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
