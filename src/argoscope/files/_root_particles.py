"""What else lies in larcv's trees: the event's number, the particle table, the status of the wires."""

from __future__ import annotations

import numpy as np

from argoscope.events import PARTICLE_DTYPE, EventId, empty_particles
from argoscope.events.particles import VERTEX_DTYPE
from argoscope.files._root_tables import Buffer, Table

__all__ = ["channel_status", "event_id", "read_particles"]

INVALID = 2**63 - 1
"""larcv's "no such run" is the largest number of its type, signed or not; so is whatever is above this."""


def event_id(table: Table, index: int) -> EventId:
    """Run, subrun and event as a product has them; -1 where larcv has its "invalid"."""
    parts = [int(table.number(column, index)) for column in ("_run", "_subrun", "_event")]
    return EventId(*(part if part < INVALID else -1 for part in parts))


def read_particles(table: Table, index: int) -> np.ndarray:
    """The particle table of one event; columns that the file lacks keep their defaults.

    larcv2's further columns (`_group_id`, `_children_id`, ...) have no place in larcv3's table and are left out.
    """
    rows = len(table.numbers("_part_v._pdg", index))
    particles = empty_particles(rows)
    for name in PARTICLE_DTYPE.names or ():
        if name == "process":
            if "_part_v._process" in table:
                particles[name] = _strings(table.buffer("_part_v._process", index), rows)
        elif PARTICLE_DTYPE[name] == VERTEX_DTYPE:
            for axis in "xyzt":
                _fill(particles[name][axis], table, f"_part_v._{name}._{axis}", index)
        else:
            _fill(particles[name], table, f"_part_v._{name}", index)
    if "_part_v._index" in table:
        _fill(particles["id"], table, "_part_v._index", index)
    return particles


def _fill(column: np.ndarray, table: Table, name: str, index: int) -> None:
    if name not in table:
        return
    values = table.numbers(name, index)
    if values.shape != column.shape:
        raise ValueError(f"{name} has {len(values)} values for {len(column)} particles")
    if column.dtype.kind in "iu" and values.size:
        limits = np.iinfo(column.dtype)
        if int(values.min()) < limits.min or int(values.max()) > limits.max:
            raise ValueError(f"{name} holds numbers outside {limits.min} to {limits.max}")
    column[...] = values


def _strings(buffer: Buffer, count: int) -> list[bytes]:
    end, _ = buffer.header()
    out = []
    for _ in range(count):
        length = buffer.number("u1")
        out.append(buffer.take("u1", length if length < 255 else buffer.number(">u4")).tobytes())
    buffer.require_end(end)
    return out


def channel_status(table: Table, index: int) -> dict[int, np.ndarray]:
    """Status of every wire by plane, shape (wires,), int16."""
    buffer = table.buffer("_status_m", index)
    end, _ = buffer.header()
    status = {}
    for _ in range(buffer.number(">u4")):
        plane = buffer.number(">u2")
        object_end, _ = buffer.header()
        buffer.at -= 2  # the version is that of the class, with its checksum
        buffer.class_version()
        buffer.header()
        status[plane] = buffer.take(">i2", buffer.number(">u4")).astype(np.int16)
        buffer.take(">u2")
        buffer.require_end(object_end)
    buffer.require_end(end)
    return status
