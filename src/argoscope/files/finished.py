"""Whether a finished output is what is asked for, so that `--resume` may leave it as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.provenance import jsonable

__all__ = ["difference_of", "require_output_of"]

SHOWN = 3
"""Differences that a message names."""


def require_output_of(
    output: Path, order: Mapping[str, Any], order_in: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> None:
    """Refuse a finished output of another order.

    Parameters
    ----------
    output : Path
        A file that exists.
    order : mapping
        What is asked for, as JSON carries it.
    order_in : callable
        Gives the order from the provenance of a file.

    Raises
    ------
    InvalidArgument
        If the file was made by another order, or does not say by which.
    """

    def stored() -> Mapping[str, Any]:
        with Larcv3File(output) as file:
            return order_in(file.header.provenance)

    require_order(output, order, stored)


def require_order(output: Path, order: Mapping[str, Any], order_of: Callable[[], Mapping[str, Any]]) -> None:
    """Refuse a finished output of another order; `order_of` reads it from the output.

    Raises
    ------
    InvalidArgument
        If the file was made by another order, or does not say by which.
    """
    remedy = "name another output, or replace it with --overwrite in place of --resume"
    try:
        stored = jsonable(order_of())
    except (UnreadableFile, LookupError, TypeError) as error:
        why = f" ({error})" if isinstance(error, UnreadableFile) else ""
        raise InvalidArgument(
            f"the output {output} exists and does not say what order made it{why}: {remedy}"
        ) from error
    if difference := difference_of(stored, order):
        raise InvalidArgument(f"the output {output} exists and is of another order: {difference}; {remedy}")


def difference_of(have: Mapping[str, Any], want: Mapping[str, Any]) -> str:
    """How two orders differ, in words; "" if they do not.

    Parameters
    ----------
    have, want : mapping
        The order of a file, and what is asked for, as JSON carries them.

    Examples
    --------
    >>> difference_of({"a": {"seed": 5}}, {"a": {"seed": 6}})
    'a.seed (5 in the file, 6 asked for)'
    """
    have, want = _flat(jsonable(have)), _flat(jsonable(want))
    missing = "nothing"
    different = [name for name in sorted(have | want) if have.get(name, missing) != want.get(name, missing)]
    listed = ", ".join(
        f"{name} ({have.get(name, missing)} in the file, {want.get(name, missing)} asked for)"
        for name in different[:SHOWN]
    )
    return listed + (f" and {len(different) - SHOWN} more" if len(different) > SHOWN else "")


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Values of nested mappings by their dotted names."""
    if not isinstance(value, Mapping):
        return {name: value}
    found: dict[str, Any] = {}
    for key, item in value.items():
        found |= _flat(item, f"{name}.{key}" if name else str(key))
    return found
