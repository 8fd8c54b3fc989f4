"""Fetching official data: which files a box needs, and a folder that holds them.

A file that is not to be had never stops the others; it is named in the report. Nothing is
fetched twice: see :mod:`cityapp.jobs.portal_state`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from citykernel.errors import InputError, OutputError, SourceUnavailable
from citykernel.geoid import GCG2016_GRID, GCG2016_SHA256

from .portal_http import FileMissing, Patience, Wanted, fetch_file
from .portal_opener import checked_base_url
from .portal_scheme import BASE_URL, GEOID, PRODUCTS, Product, read_index
from .portal_state import FolderState, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .portal_area import Box, Square

GEOID_URL = "https://cdn.proj.org/"
LICENCE_NAME = "LICENCE.txt"
INDEX_NAME = ".fetch-index"
MOST_INDEX_BYTES = 100_000_000
# So many files in a row that cannot be had mean that the server is gone, not the file.
FAULTS_IN_A_ROW = 3

FileStatus = Literal["downloaded", "unchanged", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class Portal:
    """Where data come from.

    Parameters
    ----------
    base_url : str
        Folder above the product folders of the portal.
    geoid_url : str
        Folder that holds ``de_bkg_gcg2016.tif``.
    geoid_sha256 : str
        What that file's SHA-256 must be, in hexadecimal digits.
    """

    base_url: str = BASE_URL
    geoid_url: str = GEOID_URL
    geoid_sha256: str = GCG2016_SHA256


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file.

    Parameters
    ----------
    name : str
        Its name in the product's folder.
    status : {"downloaded", "unchanged", "missing", "failed"}
        ``missing``: the server says there is none; ``failed``: it could not be had now.
    size_bytes : int
        Length of the file on disk, 0 if it is not there; of a failed one, that of an
        earlier download.
    reason : str
        Why it is not there or not up to date, or "".
    """

    name: str
    status: FileStatus
    size_bytes: int = 0
    reason: str = ""


@dataclass(slots=True)
class ProductResult:
    """What became of one product.

    Parameters
    ----------
    product : str
        Its name.
    folder : str
        Where its files are.
    files : list of FileResult
        All that were asked for.
    outside : int
        Squares of the box for which the index has no file.
    fault : str
        Why the product as a whole could not be had, or "".
    """

    product: str
    folder: str
    files: list[FileResult] = field(default_factory=list)
    outside: int = 0
    fault: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Number of files by status, sorted by it."""
        return dict(sorted(Counter(file.status for file in self.files).items()))

    @property
    def had(self) -> int:
        """Number of files that are there and up to date."""
        return sum(file.status in ("downloaded", "unchanged") for file in self.files)


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a run brought.

    Parameters
    ----------
    products : tuple of ProductResult
        In the order asked for.
    """

    products: tuple[ProductResult, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "products": [
                {
                    "product": one.product,
                    "folder": one.folder,
                    "counts": one.counts,
                    "outside": one.outside,
                    "fault": one.fault,
                    "files": [
                        {
                            "name": file.name,
                            "status": file.status,
                            "bytes": file.size_bytes,
                            "reason": file.reason,
                        }
                        for file in one.files
                    ],
                }
                for one in self.products
            ]
        }

    def require_something(self) -> None:
        """Raise if not one file is there.

        Raises
        ------
        SourceUnavailable
            With the first reason of each product.
        """
        if any(one.had for one in self.products):
            return
        reasons = [
            one.fault or next((f.reason for f in one.files if f.reason), "")
            for one in self.products
        ]
        raise SourceUnavailable(
            "nothing could be fetched: " + "; ".join(dict.fromkeys(reasons))
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a run.

    Parameters
    ----------
    product : str
        The product at work.
    done, total : int
        Files dealt with and files to deal with.
    file : FileResult
        The last one.
    """

    product: str
    done: int
    total: int
    file: FileResult


def fetch(
    products: Iterable[str],
    target: Path,
    *,
    box: Box | None = None,
    portal: Portal | None = None,
    patience: Patience | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> FetchReport:
    """Fetch products for a box into folders below a target.

    Parameters
    ----------
    products : iterable of str
        Names out of ``lod2``, ``dgm1``, ``dop``, ``geoid``.
    target : Path
        Each product gets a folder of its name in it.
    box : Box, optional
        The area in EPSG:25832, needed for everything but ``geoid``.
    portal : Portal, optional
        Where from; the public services by default.
    patience : Patience, optional
        Timeouts and attempts.
    progress : callable, optional
        Called after each file.

    Returns
    -------
    FetchReport
        Every file asked for and what became of it.

    Raises
    ------
    InputError
        A product is unknown, the box is missing, or an address is none.
    OutputError
        The target cannot be written to.
    """
    known = {**PRODUCTS, GEOID.name: GEOID}
    names = list(dict.fromkeys(products))
    for name in names:
        if name not in known:
            raise InputError(f"no product {name!r}; there are {', '.join(known)}")
        if name != GEOID.name and box is None:
            raise InputError(f"{name} needs a municipality or a box")
    run = _Run(target, portal or Portal(), patience or Patience(), progress)
    return FetchReport(tuple(run.product(known[name], box) for name in names))


class _Run:
    """A run: where to, where from, how patiently."""

    def __init__(
        self,
        target: Path,
        portal: Portal,
        patience: Patience,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.target, self.portal, self.patience, self.progress = (
            target,
            portal,
            patience,
            progress,
        )
        self.base_url = checked_base_url(portal.base_url)
        self.geoid_url = checked_base_url(portal.geoid_url)

    def product(self, product: Product, box: Box | None) -> ProductResult:
        """Fetch all files of a product; a fault of the whole product goes into the result."""
        folder = self.target / product.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
        state = FolderState.read(folder)
        result = ProductResult(product.name, str(folder))
        try:
            source, files = self._listed(product, box, state, result)
        except SourceUnavailable as error:
            result.fault = str(error)
            return result
        title = product.licence.format(title=product.title, source=source)
        write_atomically(folder / LICENCE_NAME, title.encode())
        self._files(product, source, files, state, result)
        return result

    def _listed(
        self, product: Product, box: Box | None, state: FolderState, result: ProductResult
    ) -> tuple[str, dict[Square, str]]:
        """Return the folder that answers and its files for the squares of the box."""
        if box is None or product is GEOID:
            return self.geoid_url, {(0, 0): GCG2016_GRID}
        source, index = self._index(product, state)
        squares = list(box.squares())
        files = {square: index[square] for square in squares if square in index}
        result.outside = len(squares) - len(files)
        if not files:
            raise SourceUnavailable(
                f"{source}: has none of the {len(squares)} squares of the box"
            )
        return source, files

    def _index(self, product: Product, state: FolderState) -> tuple[str, dict[Square, str]]:
        """Return the folder that answers and its file of each square."""
        missing: FileMissing | None = None
        for place in product.folders:
            source = self.base_url + place
            wanted = Wanted(source + "index.json", INDEX_NAME, (), MOST_INDEX_BYTES)
            try:
                fetch_file(wanted, state, self.patience)
            except FileMissing as error:
                missing = error
                continue
            return source, self._read_index(product, wanted, state)
        raise missing or SourceUnavailable(f"{product.name} has no folder")

    def _read_index(
        self, product: Product, wanted: Wanted, state: FolderState
    ) -> dict[Square, str]:
        try:
            content = (state.folder / INDEX_NAME).read_bytes()
            return read_index(product, content, source=wanted.url)
        except SourceUnavailable:
            # A bad index must not be answered with 304 for ever.
            state.complete.pop(INDEX_NAME, None)
            state.write()
            raise

    def _files(
        self,
        product: Product,
        source: str,
        files: dict[Square, str],
        state: FolderState,
        result: ProductResult,
    ) -> None:
        in_a_row = 0
        for done, (square, name) in enumerate(files.items(), 1):
            if in_a_row < FAULTS_IN_A_ROW:
                sha256 = self.portal.geoid_sha256 if product is GEOID else ""
                wanted = Wanted(source + name, name, product.starts, product.most_bytes, sha256)
                file = self._file(wanted, state)
            else:
                file = FileResult(
                    name, "failed", reason="not tried: the server does not answer"
                )
            in_a_row = in_a_row + 1 if file.status == "failed" else 0
            if file.status == "downloaded":
                _drop_older(product, square, name, state)
            result.files.append(file)
            if self.progress:
                self.progress(Progress(product.name, done, len(files), file))

    def _file(self, wanted: Wanted, state: FolderState) -> FileResult:
        path = state.folder / wanted.name
        try:
            status = fetch_file(wanted, state, self.patience)
        except FileMissing as error:
            return FileResult(wanted.name, "missing", reason=str(error))
        except SourceUnavailable as error:
            kept = path.stat().st_size if path.is_file() else 0
            reason = f"{error}; the earlier file was kept" if kept else str(error)
            return FileResult(wanted.name, "failed", kept, reason)
        return FileResult(wanted.name, status, path.stat().st_size)


def _drop_older(product: Product, square: Square, name: str, state: FolderState) -> None:
    """Remove an older survey of the same square: two would stand on top of each other."""
    for other in sorted(state.complete):
        match = product.pattern.fullmatch(other)
        if not match or other == name or not match.groupdict():
            continue
        if (int(match["east"]), int(match["north"])) == square:
            (state.folder / other).unlink(missing_ok=True)
            del state.complete[other]
            state.write()
