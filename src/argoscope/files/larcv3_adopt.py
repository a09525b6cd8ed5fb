"""Products of a larcv3 file taken over as they are compressed, without making records of them.

Only from files whose tables are what `larcv3_write` would make of the same
records, byte by byte, and whose checksums are at hand: then a chunk can be
copied as it lies there, and a reader cannot tell the difference. Nothing is
unpacked: the checksum travels with the bytes, so that `argoscope info --verify`
on the output finds what was damaged in the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import h5py
import numpy as np

from argoscope.errors import UnreadableFile
from argoscope.files.guard import say
from argoscope.files.header import sealed_checksums
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_layout import chunk_rows, table_dtypes
from argoscope.files.larcv3_rows import kind_of
from argoscope.files.safety import reading

__all__ = ["LEVEL", "copy_table", "is_adoptable", "tables_of"]

LEVEL = 1
"""Of gzip, as larcv3 writes."""
TOGETHER = 1000
"""Chunks between two words of progress."""


def is_adoptable(source: Larcv3File, products: Iterable[str]) -> bool:
    """Whether the tables of products may be copied as they are compressed.

    Parameters
    ----------
    source : Larcv3File
    products : iterable of str
        Of the file.

    Returns
    -------
    bool
        True where the file has sealed checksums and exactly the types, chunk lengths and the one filter that
        `Larcv3Writer` writes.
    """
    file = source.handle.file
    try:
        known = sealed_checksums(file, source.path)
    except UnreadableFile:
        return False
    return all(
        isinstance(known.get(data.name), int) and _is_ours(data, dtype, chunk)
        for product in products
        for _, data, dtype, chunk in tables_of(file, product)
    )


def tables_of(file: h5py.File, product: str) -> Iterator[tuple[str, h5py.Dataset, np.dtype, int]]:
    """Name, dataset, type and chunk length, as larcv3 has them, of each table of a product."""
    kind = kind_of(product)
    for table, dtype in table_dtypes(kind).items():
        yield table, file[f"Data/{product}_group/{table}"], dtype, chunk_rows(kind.name, table)


def _is_ours(data: h5py.Dataset, dtype: np.dtype, chunk: int) -> bool:
    """Whether a dataset is what `Larcv3Writer` creates."""
    plist = data.id.get_create_plist()
    return (
        data.dtype == dtype
        and data.chunks == (chunk,)
        and data.maxshape == (None,)
        and not data.id.get_type().committed()
        and plist.get_nfilters() == 1
        and plist.get_filter(0)[0] == h5py.h5z.FILTER_DEFLATE
        and plist.get_filter(0)[2] == (LEVEL,)
    )


def copy_table(source: h5py.Dataset, target: h5py.Dataset, path: Path) -> None:
    """Copy the chunks of a table as they are compressed.

    Parameters
    ----------
    source : Dataset
    target : Dataset
        Empty, of the same type, chunk length and filter.
    path : Path
        Of the source, for messages.

    Raises
    ------
    UnreadableFile
        If a chunk is missing or cannot be read.
    """
    rows, length = source.shape[0], source.chunks[0]
    target.resize((rows,))
    for number, start in enumerate(range(0, rows, length)):
        if number % TOGETHER == 0:
            say("copying products", start, rows)
        with reading(path, f"row {start} of {source.name}"):
            mask, packed = source.id.read_direct_chunk((start,))
        target.id.write_direct_chunk((start,), packed, mask)
