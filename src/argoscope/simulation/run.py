"""Many events into one file: in parts, on several processes, resumed after any interruption.

Events are made in parts of a fixed length, each a file of its own that appears
when it is whole. A run that was stopped leaves its parts; the next one makes
those that are missing and joins all into the output. What comes out does not
depend on the number of workers nor on interruptions: every event is its own
random stream, and parts are joined in order.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from argoscope.detectors import DeadWires, Detector
from argoscope.errors import InvalidArgument, Stopped, StorageError, UnreadableFile
from argoscope.files.atomic import require_new, writing
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.provenance import provenance_block
from argoscope.simulation.chain import Simulation, simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.products import header_of, record_of

__all__ = ["Order", "simulate"]

PART_EVENTS = 25
"""Events of a part: some seconds of work, so that little is lost."""

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
        If the order is impossible, the output exists, or the parts are of another order.
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
    # The generator refuses what does not go with the preset: before anything is written.
    _ = simulation.generator
    configuration = order.configuration()
    folder = output.with_name(f"{output.name}.parts")
    _open_folder(folder, configuration, resume=resume, overwrite=overwrite)
    ranges = [
        (first, min(PART_EVENTS, order.first_event + order.events - first))
        for first in range(order.first_event, order.first_event + order.events, PART_EVENTS)
    ]
    missing = [(first, count) for first, count in ranges if not _part(folder, first).exists()]
    done = order.events - sum(count for _, count in missing)
    for count in _made(order, simulation, folder, missing, workers):
        done += count
        _tell(report, "simulating events", done, order.events)
        _obey(stop)
    provenance = provenance_block(command, configuration=configuration, seeds={"simulation": order.seed})
    header = replace(header_of(simulation), provenance=provenance)
    with Larcv3Writer(output, header, overwrite=overwrite) as writer:
        for first, _ in ranges:
            with Larcv3File(_part(folder, first)) as part:
                for index in range(len(part)):
                    writer.append(part.record(index))
            _tell(report, "joining events", first + 1 - order.first_event, order.events)
            _obey(stop)
    shutil.rmtree(folder)
    return {**answer, "parts_kept": len(ranges) - len(missing)}


def _obey(stop: Callable[[], bool] | None) -> None:
    if stop is not None and stop():
        raise Stopped("stopped; what was made is kept: go on with --resume")


def _tell(report: Report | None, what: str, done: int, total: int) -> None:
    if report is not None:
        report(what, done, total)


def _part(folder: Path, first: int) -> Path:
    return folder / f"part-{first:09d}.h5"


def _open_folder(folder: Path, configuration: dict[str, Any], *, resume: bool, overwrite: bool) -> None:
    """Make the folder of parts, or check that those in it belong to the same order."""
    text = json.dumps(configuration, sort_keys=True, default=str)
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
            _make_part(simulation, folder, first, count)
            yield count
        return
    # Spawned, not forked: the parent may have threads that a fork would not carry over.
    with ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (order,)) as pool:
        futures = [pool.submit(_make_prepared, folder, first, count) for first, count in missing]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise StorageError(
                "a worker was killed, as systems do when memory runs out: go on with --resume, or with fewer --workers"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_PREPARED: list[Simulation] = []


def _prepare(order: Order) -> None:
    """Make a worker's simulation once: its tables take longer than an event."""
    # Ctrl-C reaches all processes of a terminal; the parent decides what becomes of the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _PREPARED[:] = [order.simulation()]


def _make_prepared(folder: Path, first: int, count: int) -> int:
    _make_part(_PREPARED[0], folder, first, count)
    return count


def _make_part(simulation: Simulation, folder: Path, first: int, count: int) -> None:
    path = _part(folder, first)
    with Larcv3Writer(path, header_of(simulation), overwrite=True) as writer:
        for number in range(first, first + count):
            writer.append(record_of(simulation.event(number), simulation))
    if not path.is_file():
        raise UnreadableFile(f"{path} was not written: the disk or the folder went away; go on with --resume")
