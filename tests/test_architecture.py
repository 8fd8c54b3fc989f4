"""The shape of the house: sizes, directions, and what is public."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
API = Path(__file__).parent / "contracts" / "api.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
# Set to write what is public now into contracts/api.txt, to be read in the diff.
UPDATE = "UPDATE_API"
LONGEST_PYTHON, LONGEST_TYPESCRIPT = 400, 250


def _modules() -> list[Path]:
    return [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_module_is_longer_than_400_lines() -> None:
    """Who wants to know a module reads it in one go."""
    too_long = {str(path.relative_to(ROOT)): _lines(path) for path in _modules()}
    assert {name: n for name, n in too_long.items() if n > LONGEST_PYTHON} == {}


def test_no_typescript_module_is_longer_than_250_lines() -> None:
    """The same for the front end."""
    folder = ROOT / "viewer" / "frontend"
    files = [path for path in sorted(folder.rglob("*.ts")) if "node_modules" not in path.parts]
    too_long = {str(path.relative_to(ROOT)): _lines(path) for path in files}
    assert {name: n for name, n in too_long.items() if n > LONGEST_TYPESCRIPT} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed_and_says_what_it_is(package: str) -> None:
    """Without py.typed others see no types; the first docstring is the idea."""
    assert (ROOT / package / "py.typed").is_file()
    for path in sorted((ROOT / package).rglob("*.py")):
        module = ast.parse(path.read_text("utf-8"))
        assert ast.get_docstring(module), f"{path.relative_to(ROOT)} says nothing of itself"


def test_imports_point_downwards() -> None:
    """As import-linter's contracts in pyproject.toml draw it."""
    told = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def _imports(path: Path) -> Iterator[tuple[int, str, int]]:
    """Line, module and level of each import of a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "", node.level
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, 0


def _is_door(module: str) -> bool:
    """Whether a module is the root of a package or of a part that says what it offers."""
    folder = ROOT.joinpath(*module.split("."))
    return (folder / "__init__.py").is_file() and "__all__" in (
        folder / "__init__.py"
    ).read_text("utf-8")


def test_other_packages_are_entered_by_their_doors() -> None:
    """Only the kernel is used by module: what a package keeps inside may move."""
    inside = []
    for path in _modules():
        own = path.relative_to(ROOT).parts[0]
        for line, module, level in _imports(path):
            package = module.partition(".")[0]
            foreign = package in PACKAGES and package not in {own, "citykernel"}
            if level == 0 and foreign and not _is_door(module):
                inside.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert inside == []


# Which package may know a library that is not for everybody. A second place is a decision.
FENCES = {
    "lxml": ("citymodel",),
    "shapely": ("citymodel", "tiles"),
    "rasterio": ("citymodel",),
    "meshopt": ("tiles",),
    "click": ("cityapp",),
    "flask": ("cityapp",),
    "apiflask": ("cityapp",),
    "gunicorn": ("cityapp",),
}


def test_libraries_stay_behind_their_fences() -> None:
    """A library that only one package knows can be replaced."""
    outside = []
    for path in _modules():
        own = path.relative_to(ROOT).parts[0]
        for line, module, level in _imports(path):
            allowed = FENCES.get(module.partition(".")[0])
            if level == 0 and allowed is not None and own not in allowed:
                outside.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert outside == []


# Signals within one package, caught there: nobody outside ever sees them.
SIGNALS = {
    "NotKnownError": "citymodel/readers/fast",  # the unit goes to the reference reader
    "CurvedRingError": "citymodel/readers/reference",  # becomes an issue
}


def test_every_exception_class_descends_from_the_one_root() -> None:
    """Who catches CityError catches all that is raised on purpose."""
    builtin = {"Exception", "BaseException", "ValueError", "RuntimeError", "OSError"}
    strays = []
    for path in _modules():
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                home = SIGNALS.get(node.name)
                if bases & builtin and not (home and name.startswith(home)):
                    strays.append(f"{name}: {node.name}")
    assert strays == ["citykernel/errors.py: CityError"]


def test_signals_do_not_leave_their_package() -> None:
    """A name that is used elsewhere is an error and belongs into the tree."""
    used = []
    for path in _modules():
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text("utf-8")
        # The reader that asks the fast one is the place where its signal is caught.
        used += [
            f"{name}: {signal}"
            for signal, home in SIGNALS.items()
            if signal in text and not name.startswith(home.rpartition("/")[0])
        ]
    assert used == []


def test_nothing_is_put_off() -> None:
    """An open end is an issue, not a comment."""
    word = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _modules()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert found == []


def test_nothing_tells_of_the_machine_it_was_written_on() -> None:
    """The path of this clone is of no use on another computer."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "*.ts", "*.toml", "*.md", "*.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode or len(ROOT.parts) < 3:
        pytest.skip("not a clone, or one whose path is too short to be told from others")
    found = [
        name
        for name in tracked.stdout.split("\0")
        if name and (ROOT / name).is_file() and str(ROOT) in (ROOT / name).read_text("utf-8")
    ]
    assert found == []


def _public(module_name: str) -> Iterator[str]:
    """Lines of what a module offers: names, signatures, fields."""
    module = importlib.import_module(module_name)
    names = getattr(module, "__all__", None)
    if names is None:  # a module of the kernel: what it defines without underscore
        names = sorted(
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", None) == module_name
        )
    for name in names:
        value = getattr(module, name)
        where = f"{module_name}.{name}"
        if inspect.isclass(value):
            yield f"class {where}{_signature(value)}"
            yield from (f"  .{member}" for member in _members(value))
        elif callable(value):
            yield f"{where}{_signature(value)}"
        else:
            yield f"{where}: {type(value).__name__}"


def _members(kind: type) -> list[str]:
    """Methods and properties a class itself defines."""
    return sorted(
        name + (_signature(value) if inspect.isfunction(value) else "")
        for name, value in vars(kind).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, property | classmethod))
    )


def _signature(value: object) -> str:
    try:
        text = str(inspect.signature(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):  # enumerations and the like have none
        return ""
    # A default that is an object shows its address, another one in each run.
    return re.sub(r"<([\w.]+)[^<>]* at 0x[0-9a-f]+>", r"<\1>", text)


def _api() -> str:
    kernel = importlib.import_module("citykernel")
    modules = [f"citykernel.{item.name}" for item in pkgutil.iter_modules(kernel.__path__)]
    modules += ["citymodel", "citymodel.checks", "citymodel.transforms", "tiles", "viewer"]
    return "".join(f"{line}\n" for name in modules for line in _public(name))


def test_what_is_public_is_what_was_agreed() -> None:
    """Whoever changes it sees it in the diff: set UPDATE_API=1 to write it anew."""
    found = _api()
    if os.environ.get(UPDATE):
        API.write_text(found, encoding="utf-8")
    assert found == API.read_text("utf-8"), (
        f"public names changed: set {UPDATE}=1, read the diff"
    )


@pytest.mark.parametrize(
    "name", ["citymodel", "citymodel.checks", "citymodel.transforms", "tiles"]
)
def test_public_names_are_sorted_and_there(name: str) -> None:
    """A name that is listed but missing breaks whoever imports all."""
    module = importlib.import_module(name)
    assert list(module.__all__) == sorted(module.__all__)
    assert [entry for entry in module.__all__ if not hasattr(module, entry)] == []


def test_arrays_of_public_functions_have_their_shape_told() -> None:
    """``(n, 3) float64`` and the like, or nobody knows what to hand in."""
    silent = []
    for name in ("citymodel", "citymodel.checks", "citymodel.transforms", "tiles"):
        module = importlib.import_module(name)
        for entry in module.__all__:
            value = getattr(module, entry)
            if inspect.isfunction(value) and "Array" in _annotations(value):
                told = re.search(
                    r"\([^()]*\) (?:float|int|uint|bool|object)", value.__doc__ or ""
                )
                silent += [] if told else [f"{name}.{entry}"]
    assert silent == []


def _annotations(function: object) -> str:
    return " ".join(map(str, inspect.get_annotations(function).values()))  # type: ignore[arg-type]
