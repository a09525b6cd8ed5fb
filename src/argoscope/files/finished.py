"""Whether a finished output is what is asked for, so that `--resume` may leave it as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.provenance import jsonable

__all__ = ["require_output_of"]

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
    remedy = "name another output, or replace it with --overwrite in place of --resume"
    try:
        with Larcv3File(output) as file:
            stored = jsonable(order_in(file.header.provenance))
    except (UnreadableFile, LookupError, TypeError) as error:
        why = f" ({error})" if isinstance(error, UnreadableFile) else ""
        raise InvalidArgument(
            f"the output {output} exists and does not say what order made it{why}: {remedy}"
        ) from error
    have, want = _flat(stored), _flat(jsonable(order))
    missing = "nothing"
    different = [name for name in sorted(have | want) if have.get(name, missing) != want.get(name, missing)]
    if different:
        listed = ", ".join(
            f"{name} ({have.get(name, missing)} in the file, {want.get(name, missing)} asked for)"
            for name in different[:SHOWN]
        )
        more = f" and {len(different) - SHOWN} more" if len(different) > SHOWN else ""
        raise InvalidArgument(f"the output {output} exists and is of another order: {listed}{more}; {remedy}")


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Values of nested mappings by their dotted names."""
    if not isinstance(value, Mapping):
        return {name: value}
    found: dict[str, Any] = {}
    for key, item in value.items():
        found |= _flat(item, f"{name}.{key}" if name else str(key))
    return found
