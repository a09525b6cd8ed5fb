"""Transport: from primaries to tracks and deposits, in liquid argon.

The world is one or several active boxes in a margin of argon. Charged
particles are followed to the edge of the margin, photons and neutrons 3 m
further; deposits count inside the active boxes only. Outside the margin is
nothing: a primary that starts there flies straight to it, or misses.

Every primary has random numbers of its own, so its tracks do not depend on the
other primaries, and a primary that outgrows the room is run again in more.
The result is a function of the arguments, bit for bit on one type of CPU.

Muons lose energy to radiation too, booked as invisible; see `argon`,
`muons_hadrons`, `electrons_photons`, `hadronic`, `neutrons` and `decays` for the physics
and for what is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.simulation.bookkeeping import (
    beyond,
    deposit_here,
    escape,
    finish,
    light_range,
    new_row,
)
from argoscope.simulation.compile import compiled, inner
from argoscope.simulation.decays import neutral_pion
from argoscope.simulation.heavy_steps import follow_heavy
from argoscope.simulation.machine import (
    C_PHOTON,
    DEPOSITS,
    ELECTRON,
    FREED_OF_KIND,
    FULL,
    HIDDEN,
    INVISIBLE,
    KIND,
    KINETIC,
    MU_MINUS,
    NEUTRON,
    PHOTON,
    PI_ZERO,
    PROTON,
    ROW,
    SEGMENT_ENERGY,
    SEGMENT_LENGTH,
    STACKED,
    START_TIME,
    START_X,
    START_Y,
    START_Z,
    STEPS,
    T_PRIMARY,
    TIME,
    TRACKS,
    Machine,
    U,
    X,
    Y,
    Z,
)
from argoscope.simulation.neutron_steps import follow_neutron
from argoscope.simulation.random_numbers import new_state
from argoscope.simulation.records import Transported
from argoscope.simulation.room import grown, machine
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.shower_steps import follow_electron, follow_photon
from argoscope.simulation.track_records import deposit_table, track_table
from argoscope.simulation.world import World, stack_rows

__all__ = ["EnergyLedger", "TransportSettings", "World", "transport", "transport_with_ledger"]


class EnergyLedger(NamedTuple):
    """Where the energy of the primaries went, MeV.

    Content is kinetic energy, and the rest energy that annihilation, decay or
    capture sets free: of a neutron 6.1 MeV.

    Parameters
    ----------
    content : float
        What the primaries brought.
    inside, outside : float
        Deposited inside and outside the active boxes.
    escaped : float
        Carried out of the world.
    invisible : float
        Taken by neutrinos, nuclei, neutrons that are dropped and the muons' radiation.
    steps : int
        Steps and flights it took.
    """

    content: float
    inside: float
    outside: float
    escaped: float
    invisible: float
    steps: int


@inner
def _follow(m: Machine) -> None:
    """Carry the particle that moves, by its family."""
    kind = int(m.now[KIND])
    if kind == PHOTON:
        follow_photon(m)
    elif kind < MU_MINUS:
        follow_electron(m)
    elif kind <= PROTON:
        follow_heavy(m)
    elif kind == NEUTRON:
        follow_neutron(m)
    elif kind == PI_ZERO:
        neutral_pion(m)
        finish(m)
    else:
        m.ledger[INVISIBLE] += m.now[KINETIC]
        finish(m)


@inner
def _enter(m: Machine, box: np.ndarray) -> bool:
    """Fly straight to a box; False where the line misses it."""
    now = m.now
    near, far = 0.0, np.inf
    for axis in range(3):
        at, slope = now[X + axis], now[U + axis]
        if slope == 0.0:
            if at < box[axis] or at > box[axis + 3]:
                return False
            continue
        a, b = (box[axis] - at) / slope, (box[axis + 3] - at) / slope
        near, far = max(near, min(a, b)), min(far, max(a, b))
    if near > far:
        return False
    for axis in range(3):
        entry = now[X + axis] + near * now[U + axis]
        now[X + axis] = min(max(entry, box[axis]), box[axis + 3])
    return True


@inner
def _take(m: Machine, particle: np.ndarray, primary: int) -> None:
    """Let a particle of the stack, or a primary (`primary` from 0), move until it ends."""
    now = m.now
    for column in range(HIDDEN + 1):
        now[column] = particle[column]
    now[SEGMENT_ENERGY] = now[SEGMENT_LENGTH] = 0.0
    first = m.counts[TRACKS] == 0 or now[ROW] < 0.0
    kind = int(now[KIND])
    charged = ELECTRON <= kind <= PROTON
    if charged and not first and beyond(now, m.limits[0]):
        escape(m)
        return
    parent = int(now[ROW])
    if now[HIDDEN] == 0.0 and not new_row(
        m, parent, primary if first else m.track_numbers[parent, T_PRIMARY]
    ):
        return
    if first and beyond(now, m.limits[0]) and not _enter(m, m.limits[0]):
        escape(m)
        finish(m)
        return
    now[START_X], now[START_Y], now[START_Z], now[START_TIME] = now[X], now[Y], now[Z], now[TIME]
    if kind == PHOTON and now[KINETIC] < m.cuts[C_PHOTON]:
        deposit_here(m, now[KINETIC], light_range(m, max(now[KINETIC], 1e-6)))
        finish(m)
        return
    _follow(m)


@compiled
def _run(m: Machine, primaries: np.ndarray, states: np.ndarray, first: int) -> int:
    """Carry primaries from `first` on; the number of the one that outgrew the room, or how many there are."""
    for primary in range(first, len(primaries)):
        rows, deposits, steps = m.counts[TRACKS], m.counts[DEPOSITS], m.counts[STEPS]
        for at in range(4):
            m.state[at] = states[primary, at]
            m.ledger[4 + at] = m.ledger[at]
        m.counts[STACKED] = 0
        _take(m, primaries[primary], primary)
        while m.counts[STACKED] > 0 and m.counts[FULL] == 0:
            m.counts[STACKED] -= 1
            _take(m, m.stack[m.counts[STACKED]], -1)
        if m.counts[FULL] != 0:
            for at in range(4):
                m.ledger[at] = m.ledger[4 + at]
            m.counts[TRACKS], m.counts[DEPOSITS], m.counts[STEPS] = rows, deposits, steps
            return primary
    return len(primaries)


def transport_with_ledger(
    primaries: np.ndarray,
    world: World,
    rng: np.random.Generator,
    settings: TransportSettings | None = None,
) -> tuple[Transported, EnergyLedger]:
    """Carry primaries through the argon, and tell where their energy went.

    Parameters
    ----------
    primaries : ndarray, shape (n,), `PRIMARY_DTYPE`
    world : World
    rng : numpy.random.Generator
        Gives the seeds of the primaries; nothing else is drawn from it.
    settings : TransportSettings, optional

    Returns
    -------
    Transported
    EnergyLedger

    Raises
    ------
    InvalidArgument
        As `transport`.

    Examples
    --------
    >>> from argoscope.simulation.records import PRIMARY_DTYPE
    >>> electron = np.zeros(1, PRIMARY_DTYPE)
    >>> electron["pdg"], electron["pz"] = 11, 100.0
    >>> big = World(low=np.full(3, -3000.0), high=np.full(3, 3000.0))
    >>> _, ledger = transport_with_ledger(electron, big, np.random.default_rng(1))
    >>> abs(ledger.inside - ledger.content) < 1e-6
    True
    """
    settings = settings or TransportSettings()
    rows = stack_rows(primaries, world)
    states = new_state(rng, len(rows))
    m = machine(rows, world, settings)
    done = _run(m, rows, states, 0)
    while done < len(rows):
        m = grown(m)
        done = _run(m, rows, states, done)
    content = float((rows[:, KINETIC] + FREED_OF_KIND[rows[:, KIND].astype(int)]).sum())
    inside, outside, escaped, invisible = (float(v) for v in m.ledger[:4])
    ledger = EnergyLedger(content, inside, outside, escaped, invisible, int(m.counts[STEPS]))
    return Transported(track_table(m, primaries), deposit_table(m)), ledger


def transport(
    primaries: np.ndarray,
    world: World,
    rng: np.random.Generator,
    settings: TransportSettings | None = None,
) -> Transported:
    """Carry primaries through the argon.

    Parameters
    ----------
    primaries : ndarray, shape (n,), `PRIMARY_DTYPE`
        e±, photons, µ±, π±, π0, K±, p, n, neutrinos. None at all give empty tables.
    world : World
        Active boxes and margin.
    rng : numpy.random.Generator
        Gives the seeds of the primaries; nothing else is drawn from it.
    settings : TransportSettings, optional

    Returns
    -------
    Transported
        Tracks, parents before children, and deposits inside the active boxes.
        Faint members of a shower have no row: what they leave counts for the
        particle that made them, see `TransportSettings.row_energy`.

    Raises
    ------
    InvalidArgument
        If a primary is of an unknown kind, is not finite, has more than 10 TeV
        or starts more than 1 km away.

    Examples
    --------
    A muon of 200 MeV stops after 76 cm:

    >>> from argoscope.simulation.records import PRIMARY_DTYPE
    >>> muon = np.zeros(1, PRIMARY_DTYPE)
    >>> muon["pdg"], muon["pz"] = 13, 286.8
    >>> world = World(low=np.array([-100, -100, -10]), high=np.array([100, 100, 190]))
    >>> out = transport(muon, world, np.random.default_rng(1))
    >>> bool(60 < out.tracks["end_z"][0] < 80)
    True
    """
    return transport_with_ledger(primaries, world, rng, settings)[0]
