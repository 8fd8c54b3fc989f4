"""citykernel.compiled: what the cache of machine code promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOP = """
import sys
import numpy as np
from citykernel.compiled import compiled

@compiled
def longest(values, offsets):
    most = np.zeros(1)
    for k in range(len(offsets) - 1):
        most[0] = max(most[0], values[offsets[k] : offsets[k + 1]].sum())
    return most.max()

found = longest(np.arange(6.0), np.array([0, 4, 6]))
print(found, "numba.typed.typeddict" in sys.modules, "scipy.linalg" in sys.modules)
import scipy.linalg.cython_blas
"""


def _run(path: Path) -> str:
    return subprocess.run(
        [sys.executable, path],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_loop_from_the_cache_needs_neither_compiler_nor_blas(tmp_path: Path) -> None:
    """The second process gives the same without numba's library of things to compile."""
    program = tmp_path / "program.py"
    program.write_text(LOOP, encoding="utf-8")
    assert _run(program).split()[0] == "9.0"
    assert _run(program) == "9.0 False False"


def test_a_changed_loop_is_compiled_anew(tmp_path: Path) -> None:
    """The cache is asked first, but not believed blindly."""
    program = tmp_path / "program.py"
    program.write_text(LOOP, encoding="utf-8")
    _run(program)
    program.write_text(LOOP.replace(".sum()", ".max() + 0.25"), encoding="utf-8")
    assert _run(program).split()[0] == "5.25"
