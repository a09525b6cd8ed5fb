"""One row of the transport's validation table, and particles to fill it with."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from argoscope.simulation.machine import MASS_OF_KIND, PDG_OF_KIND
from argoscope.simulation.records import PRIMARY_DTYPE, Origin
from argoscope.simulation.world import World

__all__ = ["Row", "argon_cube", "beam", "row"]


class Row(TypedDict):
    """A quantity of the simulation beside its reference; `tolerance` has the quantity's unit."""

    quantity: str
    value: float
    reference: float
    tolerance: float
    ok: bool
    source: str


def row(
    quantity: str,
    value: float,
    reference: float,
    source: str,
    *,
    percent: float | None = None,
    within: float | None = None,
) -> Row:
    """Compare a value with its reference.

    Parameters
    ----------
    quantity : str
        What it is, with its unit.
    value, reference : float
    source : str
        Where the reference is from.
    percent, within : float, optional
        The tolerance, relative or absolute; one of them.

    Examples
    --------
    >>> row("range [cm]", 10.1, 10.0, "a book", percent=2.0)["ok"]
    True
    """
    tolerance = within if within is not None else abs(reference) * (percent or 0.0) / 100.0
    value = float(value)
    return Row(
        quantity=quantity,
        value=value,
        reference=float(reference),
        tolerance=float(tolerance),
        ok=bool(abs(value - reference) <= tolerance),
        source=source,
    )


def beam(pdg: int, kinetic: float, count: int) -> np.ndarray:
    """Particles that start at the origin along z.

    Parameters
    ----------
    pdg : int
        PDG code.
    kinetic : float
        Kinetic energy in MeV.
    count : int

    Returns
    -------
    ndarray, shape (count,), `PRIMARY_DTYPE`

    Examples
    --------
    >>> beam(13, 100.0, 2)["pz"].round(1).tolist()
    [176.4, 176.4]
    """
    mass = float(MASS_OF_KIND[PDG_OF_KIND.tolist().index(pdg)])
    out = np.zeros(count, PRIMARY_DTYPE)
    out["pdg"], out["origin"] = pdg, Origin.NEUTRINO
    out["interaction"] = np.arange(count)
    out["pz"] = np.sqrt(kinetic * (kinetic + 2.0 * mass))
    return out


def argon_cube(half: float) -> World:
    """Active cube about the origin without margin, `half` cm from the middle to a face.

    Examples
    --------
    >>> argon_cube(10.0).high.tolist()
    [[10.0, 10.0, 10.0]]
    """
    return World(low=np.full(3, -half), high=np.full(3, half), margin=0.0)
