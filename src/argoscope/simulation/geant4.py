"""Geant4 as the transport, through calzone: experimental, never run with Geant4's data sets by us.

The world is a box of liquid argon that holds the active boxes, with
`TransportSettings.photon_reach` of argon around them. Nothing is stopped at
the margin, as our own transport stops charged particles; but primaries from
outside start where they enter the margin, without loss on the way, and those
that miss it are not followed.

Physics: standard electromagnetic processes and QGSP_BERT, as LArSoft has them;
production cuts are the range of an electron of `electron_cut`. calzone has no
limit of steps: a long step becomes deposits of at most `segment` on its chord.
`geant4_records` tells what calzone does not say. The other settings are not
used; factors on the physics are refused.

calzone needs 2 GB of data that `python -m calzone download` fetches. Nothing
here fetches anything. Where a file inside a data set is missing, Geant4 ends
the process.

Every primary starts at a place of its own in calzone's random sequence, so
that it does not depend on the others.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.simulation.geant4_records import Run, records_of
from argoscope.simulation.machine import KINETIC, U, W
from argoscope.simulation.records import Transported
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.tables import LIGHT_FIRST, LIGHT_STEP, TOTAL_RANGE, tables
from argoscope.simulation.world import World, stack_rows

__all__ = ["description", "geant4_transport", "geometry_of_world", "require_geant4"]

MATERIAL = "G4_lAr"
"""NIST's liquid argon in Geant4: 1.396 g/cm³, 188 eV, as in `argon`."""
ELECTROMAGNETIC, HADRONIC = "standard", "QGSP_BERT"
ROOT = "Argon"


def require_geant4(world: World, settings: TransportSettings) -> None:
    """Check that Geant4 can run, before anything is written.

    Parameters
    ----------
    world : World
    settings : TransportSettings

    Raises
    ------
    InvalidArgument
        If calzone is not installed, or a setting is one that Geant4 would not follow.
    UnreadableFile
        If a data set is missing.
    """
    plain = TransportSettings()
    for name in ("dedx_scale", "pion_reaction_scale", "nuclear_gammas"):
        value = getattr(settings, name)
        if value != getattr(plain, name):
            raise InvalidArgument(
                f"{name} (={value}) is of our own transport alone: leave it, or transport 'own'"
            )
    calzone = _calzone()
    _run(_prepared(world, settings), calzone.particles(0), np.zeros((0, 2), np.uint64))


def description() -> dict[str, str]:
    """What made the particles, for the provenance: versions and physics lists."""
    calzone = _calzone()
    return {
        "name": "geant4",
        "calzone": calzone.VERSION,
        "geant4": calzone.GEANT4_VERSION,
        "electromagnetic": ELECTROMAGNETIC,
        "hadronic": HADRONIC,
    }


def geant4_transport(
    primaries: np.ndarray, world: World, rng: np.random.Generator, settings: TransportSettings | None = None
) -> Transported:
    """Carry primaries through the argon with Geant4.

    Parameters
    ----------
    primaries : ndarray, shape (n,), `PRIMARY_DTYPE`
        As `transport` takes them.
    world : World
    rng : numpy.random.Generator
        Gives each primary its place in calzone's random sequence; nothing else is drawn from it.
    settings : TransportSettings, optional

    Returns
    -------
    Transported
        As `transport` gives it, as far as calzone tells: see `geant4_records`.

    Raises
    ------
    InvalidArgument
        As `transport`; if calzone is not installed, or Geant4 names a process that the record has no word for.
    UnreadableFile
        If a data set is missing.
    """
    settings = settings or TransportSettings()
    calzone = _calzone()
    rows = stack_rows(primaries, world)
    starts, meets = _entries(primaries, rows[:, U : W + 1], world)
    places = rng.integers(0, 2**64, (len(primaries), 2), dtype=np.uint64)
    given = calzone.particles(len(primaries))
    centre = _centre(world)
    given["pid"], given["energy"] = primaries["pdg"], rows[:, KINETIC]
    given["position"], given["direction"] = starts - centre, rows[:, U : W + 1]
    sent = np.flatnonzero(meets)
    answer = _run(_prepared(world, settings), given[sent], places[sent])
    missed = given[~meets]
    return records_of(_tables_of(answer, sent, np.flatnonzero(~meets), missed, centre), primaries, settings)


def geometry_of_world(world: World, reach: float) -> dict[str, Any]:
    """Describe the world to calzone: its centre at the origin, lengths in cm.

    Parameters
    ----------
    world : World
    reach : float
        Argon around the active boxes.

    Returns
    -------
    dict
        calzone's definition of a geometry; active boxes ``Active0``, ``Active1``, ... record deposits.

    Examples
    --------
    >>> world = World(low=np.array([0, 0, 0]), high=np.array([10, 20, 30]))
    >>> geometry_of_world(world, 30.0)["Argon"]["box"]
    [70.0, 80.0, 90.0]
    """
    box, centre = world.bounds(max(world.margin, reach)), _centre(world)
    root: dict[str, Any] = {"box": (box[3:] - box[:3]).tolist(), "material": MATERIAL}
    for number, (low, high) in enumerate(zip(world.low, world.high, strict=True)):
        root[f"Active{number}"] = {
            "box": (high - low).tolist(),
            "position": ((low + high) / 2 - centre).tolist(),
            "material": MATERIAL,
            "role": "record_deposits",
        }
    return {ROOT: root}


def _centre(world: World) -> np.ndarray:
    box = world.bounds(0.0)
    return np.asarray((box[:3] + box[3:]) / 2)


def _calzone() -> ModuleType:
    try:
        return import_module("calzone")
    except ImportError as error:
        raise InvalidArgument(
            "transport 'geant4' needs calzone: install it with pip install 'argoscope[geant4]'"
        ) from error


def _prepared(world: World, settings: TransportSettings) -> Any:
    reach = max(world.margin, settings.photon_reach)
    corners = (tuple(world.low.ravel().tolist()), tuple(world.high.ravel().tolist()))
    return _simulation(*corners, world.margin, reach, _production_cut(settings))


@lru_cache(maxsize=1)
def _simulation(
    low: tuple[float, ...], high: tuple[float, ...], margin: float, reach: float, cut: float
) -> Any:
    """Simulation of a world; Geant4 keeps one at a time."""
    calzone = _calzone()
    world = World(low=np.reshape(low, (-1, 3)), high=np.reshape(high, (-1, 3)), margin=margin)
    return calzone.Simulation(
        calzone.Geometry(geometry_of_world(world, reach)),
        physics=_physics(calzone, cut),
        random=calzone.Random(1),
        sample_deposits="detailed",
        sample_particles=False,
        tracking=True,
    )


def _physics(calzone: ModuleType, cut: float) -> Any:
    return calzone.Physics(ELECTROMAGNETIC, default_cut=cut, had_model=HADRONIC)


def _production_cut(settings: TransportSettings) -> float:
    """Range of an electron of `electron_cut`, cm."""
    ranges = tables(settings).light[0][:, TOTAL_RANGE]
    return float(
        np.interp((math.log(settings.electron_cut) - LIGHT_FIRST) / LIGHT_STEP, range(len(ranges)), ranges)
    )


def _run(simulation: Any, particles: np.ndarray, places: np.ndarray) -> Any:
    """Run calzone, with our errors."""
    calzone = _calzone()
    try:
        return simulation.run(particles, random_indices=places)
    except FileNotFoundError as error:
        raise UnreadableFile(_missing(str(error))) from error
    except calzone.Geant4Exception as error:
        raise UnreadableFile(
            f"Geant4 stopped: {error}; where its data are incomplete, fetch them with python -m calzone download --force"
        ) from error


def _missing(words: str) -> str:
    """What to do where calzone says "bad NAME dataset (missing folder: PATH)"."""
    found = re.fullmatch(r"bad (\S+) dataset \(missing folder: (.+)\)", words)
    if found is None:
        return f"Geant4's data are not there: {words}; fetch them (2 GB) with python -m calzone download"
    name, folder = found.group(1), Path(found.group(2))
    return (
        f"Geant4's data set {name} is missing: there is no folder {folder}; fetch all data sets (2 GB) with "
        f"python -m calzone download {folder.parent}, or name their folder in GEANT4_DATA_DIR"
    )


def _entries(primaries: np.ndarray, direction: np.ndarray, world: World) -> tuple[np.ndarray, np.ndarray]:
    """Where primaries enter the margin, flying straight, and whether they meet it at all."""
    box = world.bounds(world.margin)
    at = np.stack([primaries[name] for name in "xyz"], axis=1)
    outside = ((at < box[:3]) | (at > box[3:])).any(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_low, to_high = (box[:3] - at) / direction, (box[3:] - at) / direction
    # Along an axis without slope, a particle is between the faces always or never.
    still, between = direction == 0, (at >= box[:3]) & (at <= box[3:])
    near = np.where(still, np.where(between, -np.inf, np.inf), np.minimum(to_low, to_high)).max(axis=1)
    far = np.where(still, np.where(between, np.inf, -np.inf), np.maximum(to_low, to_high)).min(axis=1)
    meets = ~outside | ((near <= far) & (far >= 0))
    moved = np.where(outside & meets, np.maximum(near, 0.0), 0.0)
    entry = np.clip(at + moved[:, None] * direction, box[:3], box[3:])
    return np.where((outside & meets)[:, None], entry, at), meets


def _tables_of(
    answer: Any, sent: np.ndarray, missed: np.ndarray, particles: np.ndarray, centre: np.ndarray
) -> Run:
    """The tables of a run: primaries under their own numbers, those that missed with a vertex and nothing else."""
    tracks, vertices = answer.tracks, answer.vertices
    more = np.zeros(len(missed), tracks.dtype)
    more["event"], more["tid"], more["pid"], more["creator"] = missed, 1, particles["pid"], b"Primary"
    still = np.zeros(len(missed), vertices.dtype)
    still["event"], still["tid"], still["energy"] = missed, 1, particles["energy"]
    still["position"], still["direction"] = particles["position"], particles["direction"]
    boxes = list(answer.deposits.values())
    lines = np.concatenate([box.line for box in boxes]) if boxes else np.zeros(0, _LINE)
    points = np.concatenate([box.point for box in boxes]) if boxes else np.zeros(0, _POINT)
    given = [table.copy() for table in (tracks, vertices, lines, points)]
    for table in given:
        table["event"] = sent[table["event"].astype(np.int64)]
    run = Run(np.concatenate([given[0], more]), np.concatenate([given[1], still]), *given[2:])
    run.vertices["position"] += centre
    run.lines["start"] += centre
    run.lines["end"] += centre
    run.points["position"] += centre
    return run


_PLACE = ("<f8", (3,))
_DEPOSIT = [("event", "<u8"), ("tid", "<i4"), ("pid", "<i4"), ("energy", "<f8"), ("value", "<f8")]
_LINE = np.dtype([*_DEPOSIT, ("start", *_PLACE), ("end", *_PLACE), ("time", "<f8", (2,))])
_POINT = np.dtype([*_DEPOSIT, ("position", *_PLACE), ("time", "<f8")])
"""calzone's own columns, less those that are not read; for events without deposits."""
