"""Who comes from whom: parents and ancestors in a table of particles."""

from __future__ import annotations

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events.grid import rows_in
from argoscope.events.particles import INVALID_U4

__all__ = ["ancestors", "fill_lineage", "parent_rows", "rows_of"]


def rows_of(numbers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Row of each wanted number in a table, -1 where the table has it not.

    Parameters
    ----------
    numbers : ndarray, shape (p,), integer
        The table's numbers, in any order; of repeated ones the first row counts.
    wanted : ndarray, shape (q,), integer

    Returns
    -------
    ndarray, shape (q,), int64

    Examples
    --------
    >>> rows_of(np.array([5, 2, 9]), np.array([9, 1, 5]))
    array([ 2, -1,  0])
    """
    numbers, wanted = np.asarray(numbers, dtype=np.int64), np.asarray(wanted, dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    return np.append(order, -1)[rows_in(numbers[order], wanted)]


def parent_rows(numbers: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Row of each particle's parent: -1 for primaries, -2 where the table has the parent not.

    Parameters
    ----------
    numbers : ndarray, shape (p,), integer
        Track numbers.
    parents : ndarray, shape (p,), integer
        Parents' track numbers, negative for primaries.

    Examples
    --------
    >>> parent_rows(np.array([4, 8, 9]), np.array([-1, 4, 7]))
    array([-1,  0, -2])
    """
    rows = rows_of(numbers, parents)
    return np.where(np.asarray(parents) < 0, -1, np.where(rows < 0, -2, rows))


def ancestors(parent_row: np.ndarray, within: np.ndarray | None = None) -> np.ndarray:
    """Follow parents to the first of the line.

    Parameters
    ----------
    parent_row : ndarray, shape (p,), integer
        Row of each particle's parent, negative where it has none.
    within : ndarray, shape (p,), bool, optional
        Stay among these particles: stop where the parent is none of them.

    Returns
    -------
    ndarray, shape (p,), int64
        Row of the first; a particle without parent is its own.

    Raises
    ------
    InvalidArgument
        If a particle is its own ancestor.

    Examples
    --------
    >>> ancestors(np.array([-1, 0, 1, -1]))
    array([0, 0, 0, 3])
    """
    rows = np.arange(len(parent_row))
    climb = parent_row >= 0
    if within is not None and len(rows):
        climb &= within & within[np.maximum(parent_row, 0)]
    top = np.where(climb, parent_row, rows)
    for _ in range(len(rows).bit_length() + 1):
        top = top[top]
    if climb[top].any():
        row = int(climb[top].argmax())
        raise InvalidArgument(f"the parents of particle {row} form a ring: it would be its own ancestor")
    return top


def fill_lineage(table: np.ndarray, numbers: np.ndarray, parents: np.ndarray) -> None:
    """Write numbers, parents and ancestors into a fresh particle table whose pdg and vtx are filled.

    Parameters
    ----------
    table : ndarray, shape (p,), `PARTICLE_DTYPE`
        Its lineage columns are filled in place; the caller has just made it.
    numbers : ndarray, shape (p,), integer
        Track numbers.
    parents : ndarray, shape (p,), integer
        Parents' track numbers, negative for primaries.

    Raises
    ------
    InvalidArgument
        If a number does not fit larcv's unsigned 32 bits, or parents form a ring.
    """
    numbers, parents = np.asarray(numbers, np.int64), np.asarray(parents, np.int64)
    outside = (numbers < 0) | (numbers >= INVALID_U4) | (parents >= INVALID_U4)
    if outside.any():
        at = int(outside.argmax())
        raise InvalidArgument(
            f"particle {at} has the number {numbers[at]} and the parent {parents[at]}: numbers must be 0 to 2**32 - 2"
        )
    row = parent_rows(numbers, parents)
    top, known = ancestors(row), row >= 0
    table["trackid"] = numbers
    table["parent_trackid"] = np.where(parents < 0, INVALID_U4, parents)
    table["parent_pdg"][known] = table["pdg"][row[known]]
    table["parent_vtx"] = table["vtx"]
    table["parent_vtx"][known] = table["vtx"][row[known]]
    table["ancestor_trackid"] = numbers[top]
    table["ancestor_pdg"] = table["pdg"][top]
    table["ancestor_vtx"] = table["vtx"][top]
