"""All measurements of one run, in the order in which they are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .measure import Cost, RunFailedError, cheapest
from .peers import Peer
from .subject import bare_iterparse, first_view_bytes, measure_stages, report_of, tile
from .targets import Figure
from .town import Sample

MOST_TIMES_BARE = 2.4  # 25 MB/s where iterparse alone does 60
LEAST_TIMES_PEER = 10.0
MOST_PEAK_MB = 400.0
MOST_BYTES_PER_KB = 45.0
MOST_FIRST_VIEW_KB = 400.0
NO_TERRAIN = "--no-terrain"

Tell = Callable[[str], None]


@dataclass(slots=True)
class Suite:
    """What is measured and what came of it.

    Parameters
    ----------
    folder : Path
        Everything is written below it.
    rounds : int
        Runs of what is cheap; the best counts.
    tell : callable
        Is told what is being done.
    """

    folder: Path
    rounds: int
    tell: Tell
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, **promise: object) -> None:
        """Keep a figure."""
        self.figures.append(Figure(name, value, unit, **promise))  # type: ignore[arg-type]

    def _out(self, name: str) -> Path:
        return self.folder / "out" / name

    def _against_bare(self, sources: Sequence[Path], label: str) -> tuple[Cost, Cost]:
        """Yardstick and subject in turn, so that other programs disturb both alike."""
        self.tell(f"{label}: iterparse and stadtbild in turn")
        tile(sources, self._out("warm"), NO_TERRAIN)  # compiles, where nothing is cached
        bare, ours = [], []
        for _ in range(self.rounds):
            bare.append(bare_iterparse(sources))
            ours.append(tile(sources, self._out("tiles"), NO_TERRAIN))
        return cheapest(bare), cheapest(ours)

    def speed(self, sources: Sequence[Path], label: str, *, promised: bool = True) -> Cost:
        """Measure the ratio to the bare parse; returns our cost."""
        size_mb = sum(source.stat().st_size for source in sources) / 1e6
        bare, ours = self._against_bare(sources, label)
        target = {"target": MOST_TIMES_BARE} if promised else {}
        self.add(
            f"{label}: end to end / bare iterparse", ours.cpu_s / bare.cpu_s, "x", **target
        )
        self.add(f"{label}: bare iterparse", size_mb / bare.cpu_s, "MB/s")
        self.add(f"{label}: end to end", size_mb / ours.cpu_s, "MB/s")
        self._size(self._out("tiles"), size_mb, label, promised=promised)
        return ours

    def _size(self, target: Path, size_mb: float, label: str, *, promised: bool) -> None:
        rate = report_of(target)["output"]["bytes"] / (size_mb * 1e3)
        promise = {"target": MOST_BYTES_PER_KB} if promised else {}
        self.add(f"{label}: output with meshopt", rate, "bytes/kB", **promise)

    def further(self, inputs: Inputs, small: Cost, large: Cost) -> None:
        """Tell the ratio without what each run costs before it reads: imports, code loaded."""
        bare = [
            cheapest([bare_iterparse([p]) for _ in range(self.rounds)]) for p in inputs.towns
        ]
        ratio = (large.cpu_s - small.cpu_s) / (bare[1].cpu_s - bare[0].cpu_s)
        name = "each further MB: end to end / bare iterparse"
        self.add(name, ratio, "x", target=MOST_TIMES_BARE)

    def plain_size(self, sources: Sequence[Path], label: str) -> None:
        """Measure what is written without compression."""
        size_kb = sum(source.stat().st_size for source in sources) / 1e3
        tile(sources, self._out("plain"), NO_TERRAIN, "--plain")
        rate = report_of(self._out("plain"))["output"]["bytes"] / size_kb
        self.add(f"{label}: output plain", rate, "bytes/kB")

    def cold(self, source: Path, label: str, bare_of: Cost) -> None:
        """Measure a first run, which compiles."""
        self.tell(f"{label}: first run, nothing compiled")
        cache = self.folder / "compiled"
        shutil.rmtree(cache, ignore_errors=True)
        cost = tile([source], self._out("cold"), NO_TERRAIN, numba_cache=cache)
        self.add(f"{label}: first run ever, compiling", cost.cpu_s / bare_of.cpu_s, "x our own")
        self.add(f"{label}: first run ever, compiling", cost.cpu_s, "s")

    def stages(self, source: Path, label: str) -> None:
        """Measure where the time goes."""
        self.tell(f"{label}: stages")
        every = [measure_stages(source, self._out("stages")) for _ in range(self.rounds)]
        best = min(every, key=lambda stages: sum(asdict(stages).values()))
        total = sum(asdict(best).values())
        for name, seconds in asdict(best).items():
            self.add(f"{label}: share of {name}", 100 * seconds / total, "%")

    def peers(self, peers: Sequence[Peer], source: Path, label: str, ours: Cost) -> None:
        """Measure other tools on the same file, once: they take long."""
        for peer in peers:
            self.tell(f"{label}: {peer.name} {peer.version}")
            target = self._out("peer")
            shutil.rmtree(target, ignore_errors=True)
            try:
                cost = peer.convert(source, target)
            except RunFailedError as error:
                self.notes.append(f"{label}: {peer.name}: {error}")
                continue
            ratio = cost.cpu_s / ours.cpu_s
            promise = {"target": LEAST_TIMES_PEER, "better": "more"}
            self.add(f"{label}: {peer.name} / end to end", ratio, "x", **promise)
            self.add(f"{label}: peak of {peer.name}", cost.peak_bytes / 1e6, "MB")

    def memory(self, ours: Cost, label: str) -> None:
        """Tell the peak of one process."""
        peak_mb = ours.peak_bytes / 1e6
        self.add(f"{label}: peak of a worker", peak_mb, "MB", target=MOST_PEAK_MB)

    def scaling(self, source: Path, label: str) -> None:
        """Measure wall time with two processes against one."""
        self.tell(f"{label}: one job and two")
        one, two = [], []
        for _ in range(self.rounds):
            one.append(tile([source], self._out("jobs"), NO_TERRAIN))
            two.append(tile([source], self._out("jobs"), NO_TERRAIN, jobs=2))
        faster = min(c.wall_s for c in one) / min(c.wall_s for c in two)
        self.add(f"{label}: wall time of --jobs 1 / --jobs 2", faster, "x")
        dearer = cheapest(two).cpu_s / cheapest(one).cpu_s
        self.add(f"{label}: CPU time of --jobs 2 / --jobs 1", dearer, "x")
        self.add(f"{label}: peak of a worker of two", cheapest(two).peak_bytes / 1e6, "MB")

    def first_view(self, source: Sequence[Path], label: str, *options: str | Path) -> None:
        """Measure what a client loads before it shows the whole town, ground included."""
        self.tell(f"{label}: first view")
        tile(source, self._out("view"), *options, jobs=2)
        size_kb = first_view_bytes(self._out("view")) / 1e3
        self.add(f"{label}: first view", size_kb, "kB", target=MOST_FIRST_VIEW_KB)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is measured on.

    Parameters
    ----------
    sample : Sample
        The sample town with its terrain.
    small, large : Path
        Towns of one file.
    real : tuple of Path
        Official tiles, where they are there.
    """

    sample: Sample
    small: Path
    large: Path
    real: tuple[Path, ...] = ()

    @property
    def towns(self) -> tuple[Path, Path]:
        """Both towns."""
        return self.small, self.large


def run_suite(
    suite: Suite, inputs: Inputs, peers: Sequence[Peer], *, brief: bool = False
) -> None:
    """Measure everything.

    Parameters
    ----------
    suite : Suite
        Takes the figures.
    inputs : Inputs
        On which.
    peers : sequence of Peer
        Those that could be installed.
    brief : bool
        Leave out what takes minutes: the first run, the terrain model, the official tiles.
    """
    small, large = (_label(path) for path in (inputs.small, inputs.large))
    ours = suite.speed([inputs.small], small)
    suite.peers(peers, inputs.small, small, ours)
    suite.plain_size([inputs.small], small)
    suite.stages(inputs.small, small)
    if not brief:
        suite.cold(inputs.small, small, ours)
    if inputs.large != inputs.small:
        first, ours = ours, suite.speed([inputs.large], large)
        suite.further(inputs, first, ours)
        suite.peers(peers, inputs.large, large, ours)
        suite.stages(inputs.large, large)
    suite.memory(ours, large)
    suite.scaling(inputs.large, large)
    suite.first_view([inputs.large], large)
    if brief:
        return
    suite.first_view(inputs.sample.tiles, "sample town", "--terrain", inputs.sample.folder)
    if inputs.real:
        real = f"{len(inputs.real)} real tiles"
        ours = suite.speed(inputs.real, real)
        suite.first_view(inputs.real, real)


def _label(path: Path) -> str:
    return f"town of {path.stat().st_size / 1e6:.0f} MB"
