"""Many events into one file: in parts, on several processes, resumed after any interruption.

Events are made in parts of a fixed length, each a file of rows of its own that
appears when it is whole; parts are joined while others are made. A run that
was stopped leaves its parts; the next one makes those that are missing and
joins all into the output. What comes out does not depend on the number of
workers nor on interruptions: every event is its own random stream, and parts
are joined in order.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from argoscope.detectors import DeadWires, Detector
from argoscope.errors import InvalidArgument, Stopped, StorageError
from argoscope.files.atomic import atomic_output, require_new, writing
from argoscope.files.larcv3_rows import EventRows
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.provenance import provenance_block
from argoscope.simulation.chain import Simulation, simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.products import header_of, record_of

__all__ = ["Order", "simulate"]

PART_EVENTS = 25
"""Events of a part: some seconds of work at most, so that little is lost."""
AHEAD = 2
"""Parts that wait for each other process, so that it need not wait for this one."""
MOST_KEPT = 8_000_000
"""Bytes of rows that are kept in memory before they are written to the part."""

Report = Callable[[str, int, int], None]
"""Called as report(what, done, total)."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be simulated: with the package's version, all that decides the bytes.

    Parameters
    ----------
    preset : str
    events : int
    seed : int
    first_event : int
        Number of the first event.
    vary : tuple of str
        NAME=VALUE for parameters of the response.
    interaction : str, optional
    gun : ParticleGun, optional
    cosmic_rate : float
    detector : Detector, optional
    dead_wires : DeadWires, optional
    transport : str
        ``own``, or ``geant4``, which is experimental and needs calzone and its data sets.
    """

    preset: str
    events: int
    seed: int = 0
    first_event: int = 0
    vary: tuple[str, ...] = ()
    interaction: str | None = None
    gun: ParticleGun | None = None
    cosmic_rate: float = 1.0
    detector: Detector | None = None
    dead_wires: DeadWires | None = None
    transport: str = "own"

    def __post_init__(self) -> None:
        for name in ("events", "seed", "first_event"):
            if getattr(self, name) < 0:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must not be negative")

    def simulation(self) -> Simulation:
        """Prepare the run."""
        return simulation_named(
            self.preset,
            seed=self.seed,
            vary=self.vary,
            detector=self.detector,
            interaction=self.interaction,
            gun=self.gun,
            cosmic_rate=self.cosmic_rate,
            dead_wires=self.dead_wires,
            transport_name=self.transport,
        )

    def configuration(self) -> dict[str, Any]:
        """The order with every parameter resolved, as JSON carries it."""
        simulation = self.simulation()
        return {
            "preset": asdict(simulation.preset),
            "seed": self.seed,
            "events": self.events,
            "first_event": self.first_event,
            "interaction": self.interaction,
            "gun": None if self.gun is None else asdict(self.gun),
            "cosmic_rate": self.cosmic_rate,
            "response": asdict(simulation.settings),
            "transport": asdict(simulation.transport_settings),
            "transport_by": simulation.carrier,
            "detector": asdict(simulation.geometry),
            "dead_wires": None if self.dead_wires is None else repr(self.dead_wires),
        }


def simulate(
    order: Order,
    output: Path,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    command: str = "",
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Simulate events into a larcv3 file.

    Parameters
    ----------
    order : Order
    output : Path
        The file; it appears when it is whole. Parts lie in ``OUTPUT.parts`` until then.
    workers : int
        Processes.
    resume : bool
        Go on with the parts of an interrupted run; a finished output is left as it is.
    overwrite : bool
        Replace an existing output, and start anew.
    command : str
        The command line, for the provenance.
    report : callable, optional
        Told of the progress.
    stop : callable, optional
        Asked between parts; true ends the run, its parts kept.

    Returns
    -------
    dict
        ``output``, ``preset``, ``events``, ``seed``, ``parts_kept`` (of an earlier run).

    Raises
    ------
    InvalidArgument
        If the order is impossible, the output exists, the parts are of another order, or calzone is not installed.
    UnreadableFile
        If a data set of Geant4 is missing.
    StorageError
        If the disk refuses, or a worker was killed; the parts stay for ``--resume``.
    Stopped
        If `stop` said so.
    """
    if workers < 1:
        raise InvalidArgument(f"workers (={workers}) must be at least 1")
    answer = {"output": str(output), "preset": order.preset, "events": order.events, "seed": order.seed}
    if resume and output.exists():
        return {**answer, "parts_kept": 0}
    output = require_new(output, overwrite=overwrite)
    simulation = order.simulation()
    # They refuse what does not go with the preset, and what Geant4 lacks: before anything is written.
    _ = simulation.generator, simulation.carry
    configuration = order.configuration()
    folder = output.with_name(f"{output.name}.parts")
    _open_folder(folder, configuration, resume=resume, overwrite=overwrite)
    ranges = [
        (first, min(PART_EVENTS, order.first_event + order.events - first))
        for first in range(order.first_event, order.first_event + order.events, PART_EVENTS)
    ]
    missing = [(first, count) for first, count in ranges if not _part(folder, first).exists()]
    done = order.events - sum(count for _, count in missing)
    with Larcv3Writer(folder / "joined.h5", header_of(simulation), overwrite=True, threads=workers) as writer:
        to_join = deque(_part(folder, first) for first, _ in ranges)
        for count in _made(order, simulation, folder, missing, workers):
            done += count
            _tell(report, "simulating events", done, order.events)
            _obey(stop)
            _join(writer, to_join)
        while to_join:
            _join(writer, to_join, most=1)
            _tell(report, "joining events", order.events - PART_EVENTS * len(to_join), order.events)
            _obey(stop)
        provenance = provenance_block(command, configuration=configuration, seeds={"simulation": order.seed})
        writer.header = replace(header_of(simulation), provenance=provenance)
    with atomic_output(output, overwrite=overwrite) as temporary:
        (folder / "joined.h5").replace(temporary)
    shutil.rmtree(folder)
    return {**answer, "parts_kept": len(ranges) - len(missing)}


def _join(writer: Larcv3Writer, parts: deque[Path], most: int = 4) -> None:
    """Put parts that are there, up to `most`, at the end of the output; `parts` are those left, in order."""
    for _ in range(most):
        if not parts or not parts[0].exists():
            return
        path = parts.popleft()
        with path.open("rb") as stream:
            while (rows := EventRows.load(stream, path)) is not None:
                writer.extend(rows)


def _obey(stop: Callable[[], bool] | None) -> None:
    if stop is not None and stop():
        raise Stopped("stopped; what was made is kept: go on with --resume")


def _tell(report: Report | None, what: str, done: int, total: int) -> None:
    if report is not None:
        report(what, done, total)


def _part(folder: Path, first: int) -> Path:
    return folder / f"part-{first:09d}.rows"


def _open_folder(folder: Path, configuration: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
    """Make the folder of parts, or check that those in it belong to the same order."""
    text = json.dumps([configuration, PART_EVENTS], sort_keys=True, default=str)
    mark = hashlib.sha256(text.encode()).hexdigest()
    note = folder / "order.sha256"
    if folder.exists() and overwrite:
        shutil.rmtree(folder)
    if folder.exists():
        if not resume:
            raise InvalidArgument(
                f"{folder} holds parts of an interrupted run: go on with --resume, or start anew with --overwrite"
            )
        if not note.is_file() or note.read_text() != mark:
            raise InvalidArgument(
                f"{folder} holds parts of another order (preset, seed, number or parameters differ): "
                "repeat that command, or start anew with --overwrite"
            )
        for unfinished in folder.glob(".*.part"):  # of a run that was killed
            unfinished.unlink()
        return
    with writing(folder):
        folder.mkdir()
        note.write_text(mark)


def _made(
    order: Order, simulation: Simulation, folder: Path, missing: list[tuple[int, int]], workers: int
) -> Iterator[int]:
    """Make parts; yield the number of events of each when it is there."""
    if workers == 1 or len(missing) <= 1:
        for first, count in missing:
            yield _make_part(simulation, folder, first, count)
        return
    # This process makes parts too, while the others are starting and afterwards.
    others, waiting = min(workers, len(missing)) - 1, deque(missing)
    # Spawned, not forked: the parent may have threads that a fork would not carry over.
    with ProcessPoolExecutor(others, get_context("spawn"), _prepare, (order,)) as pool:
        running: set[Future[int]] = set()
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * others:
                    running.add(pool.submit(_make_prepared, folder, *waiting.popleft()))
                if waiting:
                    yield _make_part(simulation, folder, *waiting.popleft())
                finished, running = wait(running, timeout=0 if waiting else None, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool as error:
            raise StorageError(
                "a worker was killed, as systems do when memory runs out: go on with --resume, or with fewer --workers"
            ) from error
        finally:
            # Nothing runs any more when all went well; else no part is waited for.
            pool.shutdown(wait=not running, cancel_futures=True)


_PREPARED: list[Simulation] = []


def _prepare(order: Order) -> None:
    """Make a worker's simulation once: its tables take longer than an event."""
    # Ctrl-C reaches all processes of a terminal; the parent decides what becomes of the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _PREPARED[:] = [order.simulation()]


def _make_prepared(folder: Path, first: int, count: int) -> int:
    return _make_part(_PREPARED[0], folder, first, count)


def _make_part(simulation: Simulation, folder: Path, first: int, count: int) -> int:
    """Make the events of a part; returns their number."""
    path = _part(folder, first)
    with atomic_output(path, overwrite=True) as temporary, temporary.open("wb") as stream:
        rows = EventRows()
        for number in range(first, first + count):
            rows.append(record_of(simulation.event(number), simulation))
            if rows.size > MOST_KEPT:
                rows.save(stream)
                rows = EventRows()
        rows.save(stream)
    return count
