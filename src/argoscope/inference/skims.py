"""Skims: the events of a file that pass a selection, with all their products, as a file of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from argoscope.files.atomic import atomic_output
from argoscope.files.guard import say
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.typing import PathLike

__all__ = ["write_event_list", "write_skim"]


def write_skim(
    file: Larcv3File,
    keep: Sequence[int],
    target: PathLike,
    selection: dict[str, Any],
    *,
    command: str = "",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the kept events of a file.

    Parameters
    ----------
    file : Larcv3File
    keep : sequence of int
        Their positions.
    target : path
        larcv3 file; it appears when it is complete. Its provenance has the selection and the list of kept events.
    selection : dict
        What was selected: ``task``, ``cuts``, ``cut_flow``.
    command : str
        The command line, for the provenance.
    overwrite : bool

    Returns
    -------
    dict
        The selection, with ``kept``: entry, run, subrun and event of each.
    """
    with Larcv3Writer(target, overwrite=overwrite) as writer:
        whole = {**selection, "kept": _copy(file, keep, writer)}
        writer.header = _header(file, whole, command)
    return whole


def _copy(file: Larcv3File, keep: Sequence[int], writer: Larcv3Writer) -> list[dict[str, int]]:
    """Write the kept events; returns their numbers."""
    kept = []
    for number, index in enumerate(keep):
        record = file.record(index)
        writer.append(record)
        kept.append({"entry": index, **record.id._asdict()})
        say("writing events", number + 1, len(keep))
    return kept


def _header(file: Larcv3File, selection: dict[str, Any], command: str) -> Header:
    """Header of the output: that of the input, with what was selected."""
    # What made the input stays known: its own provenance goes along.
    facts = {**file_facts(file.path), "provenance": file.header.provenance}
    provenance = provenance_block(command, inputs=[facts], configuration={"selection": selection})
    # A file without events has no products that could have a role.
    header = file.header if selection["kept"] else Header(detector=file.header.detector)
    return replace(header, provenance=provenance)


def write_event_list(path: PathLike, kept: Sequence[dict[str, int]], *, overwrite: bool = False) -> None:
    """Write a text file with a line "entry run subrun event" for each kept event."""
    with atomic_output(Path(path), overwrite=overwrite) as temporary:
        temporary.write_text("".join(" ".join(map(str, row.values())) + "\n" for row in kept))
