"""Rows of events that are joined, kept on disk and compressed on threads make the file that records make."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import PARTICLE_DTYPE, Boxes, Clusters, DenseImage, EventId, Grid, Record, Voxels
from argoscope.files.larcv3_rows import EventRows
from argoscope.files.larcv3_write import Larcv3Writer, write_records

PLANE = Grid((40, 50))


def made(number: int, unit: str = "unknown") -> Record:
    """An event with every kind of product; every third has nothing in it."""
    rng = np.random.default_rng(number)
    count = 0 if number % 3 == 0 else int(rng.integers(1, 1500))
    grid = Grid((40, 50), unit=unit)  # type: ignore[arg-type]
    ids = np.sort(rng.choice(2000, count, replace=False))
    cuts = np.unique([0, *(rng.integers(0, count + 1, 3) if count else []), count])
    particles = np.zeros(count % 7, dtype=PARTICLE_DTYPE)
    particles["pdg"], particles["px"] = 13, rng.random(count % 7)
    values = rng.random(count).astype(np.float32)
    return Record(
        EventId(1, -2, number),
        {
            "sparse2d_wire": (Voxels(grid, ids, values), Voxels(grid, ids[:3], values[:3])),
            "cluster2d_segment": (Clusters(PLANE, ids, values, cuts, np.arange(len(cuts) - 1)),),
            "image2d_dense": (DenseImage(PLANE, rng.random(PLANE.shape).astype(np.float32)),),
            "bbox2d_box": (
                Boxes(PLANE, rng.random((count % 5, 2)), rng.random((count % 5, 2)), np.tile(np.eye(2), (count % 5, 1, 1))),
            ),
            "particle_mcst": particles,
        },
    )  # fmt: skip


RECORDS = [made(number) for number in range(13)]


def rows_of(records: list[Record]) -> EventRows:
    rows = EventRows()
    for record in records:
        rows.append(record)
    return rows


def content(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, node: found.update({name: node[()].tobytes()}) if isinstance(node, h5py.Dataset) else None
        )  # fmt: skip
    return found


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("cuts", [(5, 9), (0, 1), (4, 4)])
def test_joined_rows_make_the_file_that_records_make(tmp_path, threads, cuts) -> None:
    write_records(tmp_path / "records.h5", RECORDS)
    stream = io.BytesIO()
    for first, last in ((0, cuts[0]), cuts, (cuts[1], len(RECORDS))):
        rows_of(RECORDS[first:last]).save(stream)
    stream.seek(0)
    with Larcv3Writer(tmp_path / "joined.h5", threads=threads) as writer:
        while (rows := EventRows.load(stream, tmp_path)) is not None:
            writer.extend(rows)
    assert content(tmp_path / "joined.h5") == content(tmp_path / "records.h5")


def test_every_chunk_is_compressed_by_the_filter_of_the_file(tmp_path) -> None:
    """Chunks that are handed to HDF5 compressed are its filter's own, byte for byte."""
    write_records(tmp_path / "a.h5", RECORDS)
    with h5py.File(tmp_path / "a.h5") as file, h5py.File(tmp_path / "b.h5", "w") as other:
        table = file["Data/image2d_dense_group/images"]
        copy = other.create_dataset("x", data=table[()], chunks=table.chunks, maxshape=(None,), compression=1)
        assert table.id.get_num_chunks() == copy.id.get_num_chunks() > 20
        for chunk in range(0, len(table), table.chunks[0]):
            assert table.id.read_direct_chunk((chunk,)) == copy.id.read_direct_chunk((chunk,))


def test_a_damaged_byte_is_found(tmp_path) -> None:
    stream = io.BytesIO()
    rows_of(RECORDS[:3]).save(stream)
    whole = stream.getvalue()
    for at in [*range(24), *range(24, len(whole), len(whole) // 50)]:
        damaged = bytearray(whole)
        damaged[at] ^= 0x41
        with pytest.raises(UnreadableFile, match="is damaged"):
            EventRows.load(io.BytesIO(bytes(damaged)), tmp_path)
    for length in (1, 15, 16, 100, len(whole) - 1):
        with pytest.raises(UnreadableFile, match="is damaged"):
            EventRows.load(io.BytesIO(whole[:length]), tmp_path)


def test_rows_of_another_kind_are_refused() -> None:
    rows = rows_of([made(1, unit="cm")])
    with pytest.raises(InvalidArgument, match="one file has one unit"):
        rows.extend(rows_of([made(2, unit="wire-time")]))
    other = EventRows()
    other.append(Record(EventId(1, 0, 1), {"particle_mcst": np.zeros(1, PARTICLE_DTYPE)}))
    with pytest.raises(InvalidArgument, match="must be in every event or in none"):
        rows.extend(other)
