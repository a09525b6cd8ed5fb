"""Names, columns and codes of a PILArNet-M file; `pilarnet` explains the format."""

from __future__ import annotations

from typing import Literal

import h5py
import numpy as np

from argoscope.events import Grid

__all__ = [
    "EVENT_ID",
    "GRID",
    "GRID_COLUMNS",
    "NO_PID",
    "PDG_OF_PID",
    "PILARNET_GRID",
    "POINT_COLUMNS",
    "UNITS",
    "holds_rows",
    "is_pilarnet",
]

PILARNET_GRID = Grid((768, 768, 768), (230.4, 230.4, 230.4), unit="cm")
"""The volume of every published event: 768 voxels of 3 mm a side."""
POINT_COLUMNS = 8
"""Numbers of a point."""
GRID, EVENT_ID = "argoscope_grid", "argoscope_event_id"
"""Our own datasets: one row an event."""
GRID_COLUMNS = 10
"""Shape (3), size (3), origin (3), unit."""
UNITS: tuple[Literal["unknown", "cm", "wire-time"], ...] = ("unknown", "cm", "wire-time")
"""Units by their number in `argoscope_grid`, which is larcv's."""
PDG_OF_PID = (22, 11, 13, 211, 2212, 0)
"""PDG code of pid 0 photon, 1 electron, 2 muon, 3 pion, 4 proton, 5 none."""
NO_PID = 5
"""The pid of clusters without a particle; published files have -1."""


def is_pilarnet(file: h5py.File) -> bool:
    """Whether an open file has PILArNet-M's points and clusters."""
    return all(holds_rows(file.get(name)) for name in ("point", "cluster"))


def holds_rows(item: object) -> bool:
    """Whether this is a dataset with one variable-length row of floats an event."""
    if not isinstance(item, h5py.Dataset) or item.ndim != 1:
        return False
    inner = h5py.check_vlen_dtype(item.dtype)
    return isinstance(inner, np.dtype) and inner.kind == "f"
