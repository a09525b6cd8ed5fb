"""Skims: the events of a file that pass a selection, with all their products, as a file of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from argoscope.files.atomic import atomic_output, require_new
from argoscope.files.guard import say
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.typing import PathLike

__all__ = ["Choose", "write_skim"]

Choose = Callable[[Larcv3File], tuple[Sequence[int], dict[str, Any]]]
"""Gives the positions of the events to be kept, and what was selected: ``task``, ``cuts``, ``cut_flow``."""


def write_skim(
    source: PathLike,
    target: PathLike,
    choose: Choose,
    *,
    event_list: PathLike | None = None,
    command: str = "",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the chosen events of a file.

    Parameters
    ----------
    source : path
        larcv3 file.
    target : path
        larcv3 file; it appears when it is complete. Its provenance has the selection and the list of kept events.
    choose : callable
        Called when the outputs are known to be new.
    event_list : path, optional
        Text file with a line "entry run subrun event" for each kept event.
    command : str
        The command line, for the provenance.
    overwrite : bool

    Returns
    -------
    dict
        ``input``, ``output``, the selection, ``kept`` (entry, run, subrun and event of each).

    Raises
    ------
    InvalidArgument
        If an output exists and `overwrite` is false.
    """
    target = require_new(target, overwrite=overwrite)
    if event_list is not None:
        require_new(event_list, overwrite=overwrite)
    with Larcv3File(source) as file:
        keep, selection = choose(file)
        with Larcv3Writer(target, overwrite=overwrite) as writer:
            whole = {**selection, "kept": _copy(file, keep, writer)}
            writer.header = _header(file, whole, command)
    if event_list is not None:
        with atomic_output(Path(event_list), overwrite=overwrite) as temporary:
            temporary.write_text("".join(" ".join(map(str, row.values())) + "\n" for row in whole["kept"]))
    return {"input": str(source), "output": str(target), **whole}


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
