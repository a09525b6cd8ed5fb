"""Simulated events into one file, in parts that survive any interruption; see `argoscope.files.parts`.

Every event is its own random stream, so the file depends neither on the number
of workers nor on interruptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from argoscope.detectors import DeadWires, Detector
from argoscope.errors import InvalidArgument
from argoscope.events import Record
from argoscope.files.atomic import require_new
from argoscope.files.finished import require_output_of
from argoscope.files.parts import Job, Make, Report, run_in_parts
from argoscope.files.provenance import provenance_block
from argoscope.simulation.chain import Simulation, simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.products import header_of, record_of

__all__ = ["Order", "simulate"]

MOST_EVENTS = 100_000_000
"""Events of one file: more would take years."""
LAST_EVENT = 2**63 - 1
"""Greatest number of an event."""
MOST_COSMICS = 100.0
"""Greatest factor on the rate of cosmic muons: more fill memory with one event."""


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

    Raises
    ------
    InvalidArgument
        If a number breaks its rule.
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
        if self.events < 1:
            raise InvalidArgument(
                f"events (={self.events}) must be at least 1: a file without events has no products"
            )
        for name in ("seed", "first_event"):
            if getattr(self, name) < 0:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must not be negative")
        if self.events > MOST_EVENTS:
            raise InvalidArgument(
                f"events (={self.events}) must be at most {MOST_EVENTS}: make several files, each with a first_event"
            )
        if self.first_event + self.events > LAST_EVENT:
            raise InvalidArgument(
                f"first_event (={self.first_event}) must be at most {LAST_EVENT - self.events}: larger numbers do not "
                "fit a file's 64 bits"
            )
        if not 0 <= self.cosmic_rate <= MOST_COSMICS:
            raise InvalidArgument(
                f"cosmic_rate (={self.cosmic_rate}) must be a factor from 0 to {MOST_COSMICS:g} on the preset's own rate"
            )

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
        Go on with the parts of an interrupted run; a finished output of the same order is left as it is.
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
        If the order is impossible, the output exists, it or the parts are of another order, another process
        works on it, or calzone is not installed.
    UnreadableFile
        If a data set of Geant4 is missing.
    StorageError
        If the disk refuses, or a worker was killed; the parts stay for ``--resume``.
    Stopped
        If `stop` said so.
    """
    answer = {"output": str(output), "preset": order.preset, "events": order.events, "seed": order.seed}
    if resume and not overwrite and output.exists():
        require_output_of(output, order.configuration(), lambda provenance: provenance["configuration"])
        return {**answer, "parts_kept": 0}
    require_new(output, overwrite=overwrite)
    simulation = order.simulation()
    # They refuse what does not go with the preset, and what Geant4 lacks: before anything is written.
    _ = simulation.generator, simulation.carry
    configuration = order.configuration()
    job = Job(
        what="simulating",
        prepare=partial(_maker, order),
        make=partial(_make, simulation),
        events=range(order.first_event, order.first_event + order.events),
        header=header_of(simulation),
        provenance=lambda: provenance_block(
            command, configuration=configuration, seeds={"simulation": order.seed}
        ),
        order=configuration,
    )
    kept = run_in_parts(
        job, output, workers=workers, resume=resume, overwrite=overwrite, report=report, stop=stop
    )
    return {**answer, "parts_kept": kept}


def _maker(order: Order) -> Make:
    """What another process makes events with."""
    return partial(_make, order.simulation())


def _make(simulation: Simulation, number: int) -> Record:
    return record_of(simulation.event(number), simulation)
