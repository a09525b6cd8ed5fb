"""The particle table: one row a particle, with larcv3's fields.

The columns and their byte offsets are those of larcv3's HDF5 files (read from
an SBND sample), so that a table is written as it stands. Positions (x, y, z)
are in cm and times in ns, as larcv stores them; momenta and energies are in
MeV, except in SBND files, which have GeV (the file's `/argoscope` group says so).
"""

from __future__ import annotations

import numpy as np

from argoscope.errors import InvalidArgument

__all__ = [
    "INVALID_U2",
    "INVALID_U4",
    "PARTICLE_DTYPE",
    "VERTEX_DTYPE",
    "empty_particles",
    "require_particles",
]

INVALID_U2 = 65535
"""larcv's "no such index" in 16-bit columns."""
INVALID_U4 = 4294967295
"""larcv's "no such track" in 32-bit columns."""

VERTEX_DTYPE = np.dtype([("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8")])
"""A point in space and time."""

_COLUMNS: tuple[tuple[str, object, int], ...] = (
    ("id", "<u2", 0),
    ("mcst_index", "<u2", 2),
    ("mct_index", "<u2", 4),
    ("shape", "<i4", 8),
    ("current_type", "<i2", 12),
    ("interaction_type", "<i2", 14),
    ("trackid", "<u4", 16),
    ("pdg", "<i4", 20),
    ("px", "<f8", 24),
    ("py", "<f8", 32),
    ("pz", "<f8", 40),
    ("vtx", VERTEX_DTYPE, 48),
    ("end_pt", VERTEX_DTYPE, 80),
    ("first_step", VERTEX_DTYPE, 112),
    ("last_step", VERTEX_DTYPE, 144),
    ("dist_travel", "<f8", 176),
    ("energy_init", "<f8", 184),
    ("energy_deposit", "<f8", 192),
    ("process", "S64", 200),
    ("parent_trackid", "<u4", 264),
    ("parent_pdg", "<i4", 268),
    ("parent_vtx", VERTEX_DTYPE, 272),
    ("ancestor_trackid", "<u4", 304),
    ("ancestor_pdg", "<i4", 308),
    ("ancestor_vtx", VERTEX_DTYPE, 312),
)

PARTICLE_DTYPE = np.dtype(
    {
        "names": [name for name, _, _ in _COLUMNS],
        "formats": [kind for _, kind, _ in _COLUMNS],
        "offsets": [offset for _, _, offset in _COLUMNS],
        "itemsize": 344,
    }
)
"""A row of the table, 344 bytes with larcv3's padding."""


def empty_particles(rows: int = 0) -> np.ndarray:
    """Table of `rows` particles of which nothing is known yet.

    Indices and track numbers hold larcv's "invalid", `dist_travel` is -1,
    `shape` is 2 (unknown), the interaction types are -1, everything else is 0.

    Returns
    -------
    ndarray, shape (rows,), `PARTICLE_DTYPE`

    Examples
    --------
    >>> table = empty_particles(1)
    >>> int(table["trackid"][0]), float(table["dist_travel"][0])
    (4294967295, -1.0)
    """
    table = np.zeros(rows, dtype=PARTICLE_DTYPE)
    for name in ("mcst_index", "mct_index"):
        table[name] = INVALID_U2
    for name in ("trackid", "parent_trackid", "ancestor_trackid"):
        table[name] = INVALID_U4
    table["id"] = np.arange(rows)
    table["shape"] = 2
    table["current_type"] = -1
    table["interaction_type"] = -1
    table["dist_travel"] = -1.0
    return table


def require_particles(table: np.ndarray) -> np.ndarray:
    """Return the table in larcv3's own layout, refusing one whose columns differ.

    Raises
    ------
    InvalidArgument
        If a column is missing or none of larcv3's.
    """
    table = np.asarray(table)
    names = set(table.dtype.names or ())
    if names != set(PARTICLE_DTYPE.names or ()):
        missing = sorted(set(PARTICLE_DTYPE.names or ()) - names)
        extra = sorted(names - set(PARTICLE_DTYPE.names or ()))
        raise InvalidArgument(
            f"the particle table must have larcv3's columns; missing: {missing}, unknown: {extra}. "
            "Start from empty_particles() and fill its columns."
        )
    if table.dtype == PARTICLE_DTYPE:
        return table
    out = np.zeros(len(table), dtype=PARTICLE_DTYPE)
    for name in PARTICLE_DTYPE.names or ():
        out[name] = table[name]
    return out
