"""Tracks and deposits of the kernels as the records that other stages read."""

from __future__ import annotations

import numpy as np

from argoscope.simulation.machine import (
    D_COSINE,
    D_ENERGY,
    D_LENGTH,
    D_TIME,
    D_TRACK,
    D_X,
    D_Y,
    D_Z,
    DEPOSITS,
    MASS_OF_KIND,
    PDG_OF_KIND,
    T_ANCESTOR,
    T_DEPOSITED,
    T_END_TIME,
    T_END_X,
    T_END_Y,
    T_END_Z,
    T_GROUP,
    T_KIND,
    T_KINETIC,
    T_PARENT,
    T_PRIMARY,
    T_PROCESS,
    T_TIME,
    T_U,
    T_V,
    T_W,
    T_X,
    T_Y,
    T_Z,
    TRACKS,
    Machine,
)
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE

__all__ = ["deposit_table", "track_table"]


def track_table(m: Machine, primaries: np.ndarray) -> np.ndarray:
    """The records of the tracks."""
    count = int(m.counts[TRACKS])
    numbers, values = m.track_numbers[:count], m.tracks[:count]
    out = np.zeros(count, TRACK_DTYPE)
    kind, primary = numbers[:, T_KIND], numbers[:, T_PRIMARY]
    given = numbers[:, T_PARENT] < 0
    out["pdg"] = PDG_OF_KIND[kind]
    out["pdg"][given] = primaries["pdg"][primary[given]]
    for name, column in (
        ("parent", T_PARENT),
        ("ancestor", T_ANCESTOR),
        ("group", T_GROUP),
        ("process", T_PROCESS),
    ):
        out[name] = numbers[:, column]
    out["interaction"], out["origin"] = primaries["interaction"][primary], primaries["origin"][primary]
    for name, column in (
        ("x", T_X), ("y", T_Y), ("z", T_Z), ("t", T_TIME), ("kinetic", T_KINETIC), ("deposited", T_DEPOSITED),
        ("end_x", T_END_X), ("end_y", T_END_Y), ("end_z", T_END_Z), ("end_t", T_END_TIME),
    ):  # fmt: skip
        out[name] = values[:, column]
    kinetic = values[:, T_KINETIC]
    momentum = np.sqrt(kinetic * (kinetic + 2.0 * MASS_OF_KIND[kind]))
    for name, column in (("px", T_U), ("py", T_V), ("pz", T_W)):
        out[name] = momentum * values[:, column]
    return out


def deposit_table(m: Machine) -> np.ndarray:
    """The records of the deposits."""
    values = m.deposits[: m.counts[DEPOSITS]]
    out = np.empty(len(values), DEPOSIT_DTYPE)
    for name, column in (
        ("track", D_TRACK), ("x", D_X), ("y", D_Y), ("z", D_Z), ("t", D_TIME), ("energy", D_ENERGY),
        ("length", D_LENGTH), ("drift_cosine", D_COSINE),
    ):  # fmt: skip
        out[name] = values[:, column]
    return out
