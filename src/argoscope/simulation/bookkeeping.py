"""What a kernel holds while it transports: stack, tracks, deposits, energy ledger.

The arrays are those of `machine.Machine`. A particle's steps are merged into segments of at most
`settings.segment`; a segment becomes a deposit where its middle is inside an
active box, else its energy is booked as left outside.

Content is what a particle can still give: kinetic energy, and the rest energy
that annihilation, decay or capture sets free. For every primary

    content = deposited inside + deposited outside + escaped + invisible

holds to rounding; invisible is what neutrinos, nuclei and the muons' own
radiation take.
"""

# Kernels take their arguments by position.
# ruff: noqa: PLR0917

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.argon import PROTON_MASS
from argoscope.simulation.compile import compiled, inner
from argoscope.simulation.machine import (
    C_ELECTRON,
    C_PHOTON,
    C_PROTON,
    C_ROW,
    D_COSINE,
    D_ENERGY,
    D_LENGTH,
    D_TIME,
    D_TRACK,
    D_X,
    D_Y,
    D_Z,
    DEPOSITS,
    ELECTRON,
    ESCAPED,
    FREED_OF_KIND,
    FULL,
    HADRON_IONIZATION,
    HIDDEN,
    INSIDE,
    KIND,
    KINETIC,
    MU_MINUS,
    MUON_IONIZATION,
    OUTSIDE,
    PHOTON,
    POSITRON,
    PROCESS,
    PROTON,
    ROW,
    SEGMENT_ENERGY,
    SEGMENT_LENGTH,
    STACKED,
    START_TIME,
    START_X,
    START_Y,
    START_Z,
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
    TIME,
    TRACKS,
    Machine,
    U,
    V,
    W,
    X,
    Y,
    Z,
)
from argoscope.simulation.random_numbers import uniform
from argoscope.simulation.tables import GRID, HEAVY_FIRST, HEAVY_STEP, LIGHT_FIRST, LIGHT_STEP, TOTAL_RANGE

__all__ = [
    "azimuth",
    "beyond",
    "deposit",
    "deposit_here",
    "end_segment",
    "escape",
    "finish",
    "heavy_range",
    "isotropic",
    "light_range",
    "new_row",
    "place",
    "push",
    "release",
    "release_anywhere",
    "turned",
]


@compiled
def place(logarithm: float, first: float, step: float) -> tuple[int, float]:
    """Grid point below a value, and the fraction of the way to the next."""
    position = (logarithm - first) / step
    at = min(max(int(position), 0), GRID - 2)
    return at, min(max(position - at, 0.0), 1.0)


@compiled
def beyond(now: np.ndarray, box: np.ndarray) -> bool:
    """Whether a particle is outside a box."""
    return (
        now[X] < box[0] or now[X] > box[3]
        or now[Y] < box[1] or now[Y] > box[4]
        or now[Z] < box[2] or now[Z] > box[5]
    )  # fmt: skip


@inner
def deposit(
    m: Machine, x: float, y: float, z: float, time: float, energy: float, length: float, cosine: float
) -> None:
    """Book energy left at a point by the particle that moves."""
    row = int(m.now[ROW])
    for box in m.active:
        if box[0] <= x <= box[3] and box[1] <= y <= box[4] and box[2] <= z <= box[5]:
            at = m.counts[DEPOSITS]
            if at == len(m.deposits):
                m.counts[FULL] |= 1
                return
            m.counts[DEPOSITS] = at + 1
            out = m.deposits[at]
            out[D_TRACK], out[D_X], out[D_Y], out[D_Z] = row, x, y, z
            out[D_TIME], out[D_ENERGY], out[D_LENGTH], out[D_COSINE] = time, energy, length, cosine
            m.ledger[INSIDE] += energy
            m.tracks[row, T_DEPOSITED] += energy
            return
    m.ledger[OUTSIDE] += energy


@inner
def end_segment(m: Machine) -> None:
    """Turn the steps since the last call into a deposit; the next segment starts here."""
    now = m.now
    if now[SEGMENT_ENERGY] > 0.0:
        dx, dy, dz = now[X] - now[START_X], now[Y] - now[START_Y], now[Z] - now[START_Z]
        chord = math.sqrt(dx * dx + dy * dy + dz * dz)
        cosine = dx / chord if chord > 0.0 else now[U]
        deposit(
            m,
            0.5 * (now[X] + now[START_X]),
            0.5 * (now[Y] + now[START_Y]),
            0.5 * (now[Z] + now[START_Z]),
            0.5 * (now[TIME] + now[START_TIME]),
            now[SEGMENT_ENERGY],
            now[SEGMENT_LENGTH],
            cosine,
        )
    now[SEGMENT_ENERGY] = now[SEGMENT_LENGTH] = 0.0
    now[START_X], now[START_Y], now[START_Z], now[START_TIME] = now[X], now[Y], now[Z], now[TIME]


@inner
def deposit_here(m: Machine, energy: float, length: float) -> None:
    """Leave energy where the particle is, as a track of given length along its direction."""
    if energy > 0.0:
        deposit(m, m.now[X], m.now[Y], m.now[Z], m.now[TIME], energy, length, m.now[U])


@inner
def light_range(m: Machine, energy: float) -> float:
    """CSDA range of an electron, cm; below 5 keV in proportion to T**1.75 (ESTAR)."""
    log = math.log(energy)
    at, part = place(log, LIGHT_FIRST, LIGHT_STEP)
    table = m.light[0]
    found = table[at, TOTAL_RANGE] + part * (table[at + 1, TOTAL_RANGE] - table[at, TOTAL_RANGE])
    return found if log > LIGHT_FIRST else found * math.exp(1.75 * (log - LIGHT_FIRST))


@inner
def heavy_range(m: Machine, mass_row: int, energy: float, mass: float) -> float:
    """CSDA range of a heavy particle, cm."""
    at, part = place(math.log(max(energy, 1e-9) / mass), HEAVY_FIRST, HEAVY_STEP)
    table = m.heavy[mass_row]
    return table[at, TOTAL_RANGE] + part * (table[at + 1, TOTAL_RANGE] - table[at, TOTAL_RANGE])


@compiled
def turned(
    u: float, v: float, w: float, cosine: float, cos_azimuth: float, sin_azimuth: float
) -> tuple[float, float, float]:
    """Direction (u, v, w) turned by an angle, at an azimuth about itself."""
    sine = math.sqrt(max(0.0, 1.0 - cosine * cosine))
    a, b = sine * cos_azimuth, sine * sin_azimuth
    across = math.sqrt(u * u + v * v)
    if across < 1e-6:
        sign = 1.0 if w > 0.0 else -1.0
        return a, b * sign, cosine * sign
    return (
        cosine * u + (a * u * w - b * v) / across,
        cosine * v + (a * v * w + b * u) / across,
        cosine * w - a * across,
    )


@compiled
def azimuth(state: np.ndarray) -> tuple[float, float, float]:
    """Cosine and sine of a uniform angle, and the square of the disc's radius: a uniform number."""
    while True:
        a, b = 2.0 * uniform(state) - 1.0, 2.0 * uniform(state) - 1.0
        square = a * a + b * b
        if 1e-12 < square < 1.0:
            root = math.sqrt(square)
            return a / root, b / root, square


@compiled
def isotropic(state: np.ndarray) -> tuple[float, float, float]:
    """Uniform direction."""
    ca, sa, _ = azimuth(state)
    cosine = 2.0 * uniform(state) - 1.0
    sine = math.sqrt(1.0 - cosine * cosine)
    return sine * ca, sine * sa, cosine


@inner
def push(
    m: Machine, kind: int, energy: float, u: float, v: float, w: float, process: int, time: float
) -> None:
    """Put a particle made here on the stack."""
    at = m.counts[STACKED]
    if at == len(m.stack):
        m.counts[FULL] |= 2
        return
    m.counts[STACKED] = at + 1
    now, out = m.now, m.stack[at]
    parent = int(now[KIND])
    inside_shower = parent <= POSITRON
    knocked_on = (
        kind == ELECTRON and MU_MINUS <= parent <= PROTON and process in (MUON_IONIZATION, HADRON_IONIZATION)
    )
    hidden = now[HIDDEN] > 0.0 or (
        kind <= POSITRON and energy < m.cuts[C_ROW] and (inside_shower or knocked_on)
    )
    out[KIND], out[KINETIC], out[ROW], out[PROCESS] = kind, energy, now[ROW], process
    out[X], out[Y], out[Z], out[TIME] = now[X], now[Y], now[Z], time
    out[U], out[V], out[W] = u, v, w
    out[HIDDEN] = 1.0 if hidden else 0.0


@inner
def release(m: Machine, kind: int, energy: float, u: float, v: float, w: float, process: int) -> None:
    """Make a particle: tracked, or left here where it is below its cut."""
    if kind == PHOTON:
        if energy < m.cuts[C_PHOTON]:
            deposit_here(m, energy, light_range(m, max(energy, 1e-6)))
        else:
            push(m, kind, energy, u, v, w, process, m.now[TIME])
    elif kind == ELECTRON and energy < m.cuts[C_ELECTRON]:
        deposit_here(m, energy, light_range(m, max(energy, 1e-6)))
    elif kind == PROTON and energy < m.cuts[C_PROTON]:
        deposit_here(m, energy, heavy_range(m, 3, energy, PROTON_MASS))
    else:
        push(m, kind, energy, u, v, w, process, m.now[TIME])


@inner
def release_anywhere(m: Machine, kind: int, energy: float, process: int) -> float:
    """Make a particle in a random direction; its content."""
    u, v, w = isotropic(m.state)
    release(m, kind, energy, u, v, w, process)
    return energy + FREED_OF_KIND[kind]


@inner
def new_row(m: Machine, parent: int, primary: int) -> bool:
    """Write the particle that moves into the table of tracks; False where the table is full."""
    row = m.counts[TRACKS]
    if row == len(m.tracks):
        m.counts[FULL] |= 4
        return False
    m.counts[TRACKS] = row + 1
    now, numbers, values = m.now, m.track_numbers[row], m.tracks[row]
    kind = int(now[KIND])
    numbers[T_KIND], numbers[T_PARENT], numbers[T_PROCESS] = kind, parent, int(now[PROCESS])
    numbers[T_PRIMARY] = primary
    numbers[T_ANCESTOR] = row if parent < 0 else m.track_numbers[parent, T_ANCESTOR]
    same_shower = parent >= 0 and kind <= POSITRON and m.track_numbers[parent, T_KIND] <= POSITRON
    numbers[T_GROUP] = m.track_numbers[parent, T_GROUP] if same_shower else row
    values[T_X], values[T_Y], values[T_Z], values[T_TIME] = now[X], now[Y], now[Z], now[TIME]
    values[T_U], values[T_V], values[T_W], values[T_KINETIC] = now[U], now[V], now[W], now[KINETIC]
    values[T_DEPOSITED] = 0.0
    now[ROW] = row
    return True


@inner
def finish(m: Machine) -> None:
    """Close the last segment and note where the particle ended."""
    end_segment(m)
    now = m.now
    if now[HIDDEN] == 0.0:
        values = m.tracks[int(now[ROW])]
        values[T_END_X], values[T_END_Y], values[T_END_Z], values[T_END_TIME] = (
            now[X],
            now[Y],
            now[Z],
            now[TIME],
        )


@inner
def escape(m: Machine) -> None:
    """The particle leaves the world with all its content."""
    m.ledger[ESCAPED] += m.now[KINETIC] + FREED_OF_KIND[int(m.now[KIND])]
