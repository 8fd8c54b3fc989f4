"""All measurements of one run, in the order in which they are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
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
        return self.folder / "out" / name.replace(" ", "-")

    def speed(self, groups: Mapping[str, Sequence[Path]]) -> dict[str, Cost]:
        """Measure the ratio to the bare parse.

        Parameters
        ----------
        groups : mapping of str to sequence of Path
            Sources by label; yardstick and subject run in turn over all of them, so that
            other programs disturb all alike.

        Returns
        -------
        dict of str to Cost
            Ours.
        """
        for label, sources in groups.items():
            self.tell(f"{label}: warming up")  # compiles, where nothing is cached
            tile(sources, self._out(label), NO_TERRAIN)
        bare: dict[str, list[Cost]] = {label: [] for label in groups}
        ours: dict[str, list[Cost]] = {label: [] for label in groups}
        for number in range(self.rounds):
            self.tell(f"round {number + 1}: iterparse and stadtbild in turn")
            for label, sources in groups.items():
                bare[label].append(bare_iterparse(sources))
                ours[label].append(tile(sources, self._out(label), NO_TERRAIN))
        best_bare = {label: cheapest(costs) for label, costs in bare.items()}
        best = {label: cheapest(costs) for label, costs in ours.items()}
        for label, sources in groups.items():
            size_mb = sum(source.stat().st_size for source in sources) / 1e6
            ratio = best[label].cpu_s / best_bare[label].cpu_s
            self.add(
                f"{label}: end to end / bare iterparse", ratio, "x", target=MOST_TIMES_BARE
            )
            self.add(f"{label}: bare iterparse", size_mb / best_bare[label].cpu_s, "MB/s")
            self.add(f"{label}: end to end", size_mb / best[label].cpu_s, "MB/s")
            self._size(self._out(label), size_mb, label)
        self._further(list(best.values()), list(best_bare.values()))
        return best

    def _further(self, ours: Sequence[Cost], bare: Sequence[Cost]) -> None:
        """Tell the ratio without what each run costs before it reads: imports, code loaded.

        No promise: it says how much of a missed one is the start.
        """
        if len(ours) > 1 and bare[1].cpu_s > bare[0].cpu_s:
            ratio = (ours[1].cpu_s - ours[0].cpu_s) / (bare[1].cpu_s - bare[0].cpu_s)
            self.add("each further MB: end to end / bare iterparse", ratio, "x")

    def _size(self, target: Path, size_mb: float, label: str) -> None:
        rate = report_of(target)["output"]["bytes"] / (size_mb * 1e3)
        self.add(f"{label}: output with meshopt", rate, "bytes/kB", target=MOST_BYTES_PER_KB)

    def plain_size(self, sources: Sequence[Path], label: str) -> None:
        """Measure what is written without compression."""
        size_kb = sum(source.stat().st_size for source in sources) / 1e3
        tile(sources, self._out("plain"), NO_TERRAIN, "--plain")
        rate = report_of(self._out("plain"))["output"]["bytes"] / size_kb
        self.add(f"{label}: output plain", rate, "bytes/kB")

    def cold(self, source: Path, label: str, later: Cost) -> None:
        """Measure a first run, which compiles."""
        self.tell(f"{label}: first run, nothing compiled")
        cache = self.folder / "compiled"
        shutil.rmtree(cache, ignore_errors=True)
        cost = tile([source], self._out("cold"), NO_TERRAIN, numba_cache=cache)
        self.add(f"{label}: first run ever / later ones", cost.cpu_s / later.cpu_s, "x")
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
    groups: dict[str, Sequence[Path]] = {_label(inputs.small): [inputs.small]}
    groups[_label(inputs.large)] = [inputs.large]
    if inputs.real and not brief:
        groups[f"{len(inputs.real)} real tiles"] = inputs.real
    ours = suite.speed(groups)
    for path in dict.fromkeys((inputs.small, inputs.large)):
        label = _label(path)
        suite.peers(peers, path, label, ours[label])
        suite.stages(path, label)
        suite.plain_size([path], label)
    small, large = _label(inputs.small), _label(inputs.large)
    suite.memory(ours[large], large)
    suite.scaling(inputs.large, large)
    suite.first_view([inputs.large], large)
    if brief:
        return
    suite.cold(inputs.small, small, ours[small])
    suite.first_view(inputs.sample.tiles, "sample town", "--terrain", inputs.sample.folder)
    if inputs.real:
        suite.first_view(inputs.real, f"{len(inputs.real)} real tiles")


def _label(path: Path) -> str:
    return f"town of {path.stat().st_size / 1e6:.0f} MB"
