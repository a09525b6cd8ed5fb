"""Room for a transport: the arrays of a `Machine`, made for an event and made larger where they fill up."""

from __future__ import annotations

import numpy as np

from argoscope.simulation.machine import FULL, KINETIC, NOW_COLUMNS, Machine
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.tables import tables
from argoscope.simulation.world import World

__all__ = ["grown", "machine"]


def machine(rows: np.ndarray, world: World, settings: TransportSettings) -> Machine:
    """Room for a transport, guessed from the energy.

    Parameters
    ----------
    rows : ndarray, shape (n, 12)
        Primaries, see `world.stack_rows`.
    world : World
    settings : TransportSettings

    Returns
    -------
    Machine
    """
    cuts = np.array(
        [
            settings.step,
            settings.segment * (1.0 + 1e-9),
            settings.step_of_range,
            settings.step_at_end,
            settings.electron_cut,
            settings.soft_cut,
            settings.photon_cut,
            settings.brems_cut,
            settings.muon_cut,
            settings.proton_cut,
            settings.neutron_cut,
            settings.row_energy,
            float(settings.nuclear_gammas),
            settings.neutron_time,
        ]
    )
    active = np.concatenate([world.low, world.high], axis=1)
    limits = np.stack([world.bounds(world.margin), world.bounds(max(world.margin, settings.photon_reach))])
    room = int(2000 + 8 * min(rows[:, KINETIC].sum(), 20_000.0))
    return Machine(
        np.zeros(NOW_COLUMNS),
        np.empty((1000, 12)),
        np.empty((200 + room // 20, 6), np.int64),
        np.empty((200 + room // 20, 13)),
        np.empty((room, 8)),
        np.zeros(5, np.int64),
        np.zeros(8),
        np.zeros(4, np.uint64),
        active,
        limits,
        cuts,
        *tables(settings),
    )


def _twice(array: np.ndarray) -> np.ndarray:
    return np.concatenate([array, np.empty_like(array)])


def grown(m: Machine) -> Machine:
    """Twice the room where it did not suffice."""
    full = int(m.counts[FULL])
    m.counts[FULL] = 0
    if full & 1:
        m = m._replace(deposits=_twice(m.deposits))
    if full & 2:
        m = m._replace(stack=_twice(m.stack))
    if full & 4:
        m = m._replace(track_numbers=_twice(m.track_numbers), tracks=_twice(m.tracks))
    return m
