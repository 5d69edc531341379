"""Time and peak memory of each layer, of `make run` and of an increment of one day.

    python -m benchmarks.build --people 1000000 [--folder data/benchmark] [--seed 7] [--tests] [--out result.json]

Makes demo data, builds everything, adds what is new or changed on the next day and builds again, each build in a process of its own.
The raw data and the database stay in the folder; another run of the same people and seed reuses the raw data and starts the database anew.

Two models run at a time: the seconds of both are shared out among them, so that the layers add up to the whole. The memory of a layer is
the largest resident memory of the process while one of its models ran. Tests are left out unless asked for, as a layer of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from benchmarks.arguments import count
from python_udfs.arguments import Parser
from python_udfs.build import failed_nodes

PROJECT = Path(__file__).resolve().parents[1]
LAYERS = ("reading the project", "seeds", "staging", "identity", "marts", "consent", "activation", "tests")
READING, SEEDS, MARTS, TESTS = LAYERS[0], LAYERS[1], LAYERS[4], LAYERS[7]
# How often the memory of the process is looked at.
INTERVAL_SECONDS = 0.1


def layer_of(resource_type: str, path: str) -> str:
    """The layer of a dbt node, by its type and its path below the folder of models."""
    if resource_type == "seed":
        return SEEDS
    if resource_type in ("test", "unit_test"):
        return TESTS
    if resource_type != "model":
        return READING
    folders = Path(path).parts
    if folders[0] in ("staging", "identity"):
        return folders[0]
    if len(folders) > 1 and folders[1] in ("consent", "activation"):
        return folders[1]
    return MARTS


def resident_mib() -> float:
    """Resident memory of this process in MiB.

    Raises:
        OSError: the system has no /proc.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


@dataclass
class Meter:
    """Shares out seconds among the layers whose nodes run, and keeps the peak of memory of each.

    Nothing running is time of reading the project. `clock` gives seconds, `memory` MiB.
    """

    clock: Callable[[], float] = time.perf_counter
    memory: Callable[[], float] = resident_mib
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mib: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, float] = field(default_factory=dict)
    _running: dict[str, str] = field(default_factory=dict)
    _last: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tick(self) -> None:
        """Account for the time since the last tick."""
        with self._lock:
            self._tick()

    def _tick(self) -> None:
        now, used = self.clock(), self.memory()
        passed = now - (now if self._last is None else self._last)
        self._last = now
        at_work = self._running or {"": READING}
        for node, layer in at_work.items():
            share = passed / len(at_work)
            self.seconds[layer] = self.seconds.get(layer, 0.0) + share
            self.peak_mib[layer] = max(self.peak_mib.get(layer, 0.0), used)
            self.nodes[node] = self.nodes.get(node, 0.0) + share

    def started(self, node: str, layer: str) -> None:
        """A node begins."""
        with self._lock:
            self._tick()
            self._running[node] = layer

    def finished(self, node: str) -> None:
        """A node ends."""
        with self._lock:
            self._tick()
            self._running.pop(node, None)


def report_progress(done: int, total: int, name: str) -> None:
    """One line that is written over, where somebody looks; nothing in a log."""
    if sys.stderr.isatty():
        print(f"\r  {done} of {total}  {name[:60]:60}", end="", file=sys.stderr, flush=True)


def measure_build(arguments: list[str]) -> dict[str, Any]:
    """Run `dbt build` in this process; returns seconds, peaks and the slowest nodes.

    Raises:
        RuntimeError: the build failed; the message is dbt's.
    """
    meter = Meter()
    counts = {"done": 0, "total": 0}

    def watch(event: Any) -> None:
        name = event.info.name
        if name == "LogStartLine":
            counts["total"] = event.data.total
        elif name == "NodeStart":
            node = event.data.node_info
            meter.started(node.unique_id, layer_of(node.resource_type, node.node_path))
        elif name == "NodeFinished":
            node = event.data.node_info
            meter.finished(node.unique_id)
            counts["done"] += 1
            report_progress(counts["done"], counts["total"], node.node_name)

    over = threading.Event()

    def sample() -> None:
        while not over.wait(INTERVAL_SECONDS):
            meter.tick()

    sampler = threading.Thread(target=sample, daemon=True)
    meter.tick()
    sampler.start()
    result = dbtRunner(callbacks=[watch]).invoke(
        ["--log-level", "none", "--log-level-file", "none", "--no-print", "build", *arguments]
    )
    over.set()
    sampler.join()
    meter.tick()
    if not result.success:
        raise RuntimeError("\n".join(failed_nodes(result.result)) or str(result.exception))
    slowest = sorted(((seconds, node) for node, seconds in meter.nodes.items() if node), reverse=True)[:15]
    return {
        "seconds": sum(meter.seconds.values()),
        "peak_mib": max(meter.peak_mib.values()),
        "layers": {
            layer: {"seconds": meter.seconds[layer], "peak_mib": meter.peak_mib[layer]}
            for layer in LAYERS
            if layer in meter.seconds
        },
        "slowest": [{"node": node.removeprefix("model.kindred."), "seconds": seconds} for seconds, node in slowest],
    }


def rendered(title: str, builds: dict[str, dict[str, Any]]) -> str:
    """The builds side by side, one line a layer, with what share of the first build the last one took."""
    names = list(builds)
    lines = [title, "", "".join([f"{'':22}", *(f"{name:>28}" for name in names), f"{'share':>8}"])]

    def line(label: str, parts: Iterable[dict[str, float] | None]) -> str:
        known = list(parts)
        cells = [f"{part['seconds']:>12.1f} s {part['peak_mib']:>9.0f} MiB" if part else f"{'-':>28}" for part in known]
        first, last = known[0], known[-1]
        share = f"{last['seconds'] / first['seconds']:>8.1%}" if first and last and first["seconds"] else ""
        return f"{label:22}" + "".join(cells) + share

    for layer in LAYERS:
        parts = [build["layers"].get(layer) for build in builds.values()]
        if any(parts):
            lines.append(line(layer, parts))
    lines.append(line("all", builds.values()))
    for name, build in builds.items():
        lines += ["", f"slowest, {name}:"]
        lines += [f"  {entry['seconds']:>8.1f} s  {entry['node']}" for entry in build["slowest"][:10]]
    return "\n".join(lines)


def make_raw(raw: Path, people: int, seed: int, day: int) -> None:
    """Demo data, its progress shown; day 0 is the base."""
    command = ["--people", str(people), "--seed", str(seed), "--out", str(raw), "--day", str(day)]
    subprocess.run([sys.executable, "-m", "python_udfs.demo", *command], cwd=PROJECT, check=True)


def prepare_raw(folder: Path, people: int, seed: int) -> Path:
    """The raw data of the base, made once for the same people and seed and left alone; returns its folder."""
    base, marker = folder / "base", folder / "base.txt"
    wanted = f"people={people} seed={seed}"
    if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(parents=True)
        make_raw(base, people, seed, day=0)
        marker.write_text(wanted, encoding="utf-8")
    return base


def build(folder: Path, name: str, arguments: list[str]) -> dict[str, Any]:
    """Build the folder's raw data in a process of its own, whose memory is measured. Raises SystemExit if it fails."""
    report = folder / f"{name}.json"
    report.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "KINDRED_RAW": str(folder / "raw"),
        "KINDRED_DATABASE": str(folder / "kindred.duckdb"),
    }
    command = [sys.executable, "-m", "benchmarks.build", "--report", str(report), "--target", str(folder / "target")]
    done = subprocess.run([*command, *arguments], cwd=PROJECT, env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    measured: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return measured


def main(arguments: list[str] | None = None) -> int:
    """Measure a full build and a one-day increment; returns the exit status."""
    parser = Parser(prog="python -m benchmarks.build", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=count, default=10_000, help="number of people (default 10000)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / "data" / "benchmark", help="where data and database go"
    )
    parser.add_argument("--out", type=Path, help="write the figures to this file as JSON, too")
    parser.add_argument("--tests", action="store_true", help="run the data tests, too")
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--target", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    excluded = ["unit_test"] if options.tests else ["unit_test", "test"]
    if options.report:
        folders = ["--target-path", str(options.target), "--log-path", str(options.target / "logs")]
        try:
            measured = measure_build(["--exclude-resource-types", *excluded, *folders])
        except RuntimeError as problem:
            print(f"error: {problem}", file=sys.stderr)
            return 1
        options.report.write_text(json.dumps(measured, indent=1), encoding="utf-8")
        return 0
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    base = prepare_raw(folder, options.people, options.seed)
    for leftover in folder.glob("kindred.duckdb*"):
        leftover.unlink() if leftover.is_file() else shutil.rmtree(leftover)
    shutil.rmtree(folder / "raw", ignore_errors=True)
    # Links: the day is written beside the files of the base, which stay as they are.
    shutil.copytree(base, folder / "raw", copy_function=os.link)
    passed_on = ["--tests"] if options.tests else []
    builds = {}
    for number, (name, day) in enumerate((("full build", None), ("one day more", 1)), start=1):
        if day:
            make_raw(folder / "raw", options.people, options.seed, day)
        print(f"{number} of 2: {name}", file=sys.stderr)
        builds[name] = build(folder, name.replace(" ", "_"), passed_on)
        print(f"\r{name}: {builds[name]['seconds']:.0f} s{'':70}", file=sys.stderr)
    print(rendered(f"{options.people:,} people", builds))
    if options.out:
        options.out.write_text(json.dumps({"people": options.people, "builds": builds}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
