"""Events that pass a selection, as a file of their own: for data, where no truth says which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.analyses.cosmic_counts import pooled
from argoscope.analyses.selection import PAPER_CUTS, Cuts, cut_flow, neutrino_pixels, passes
from argoscope.files.atomic import atomic_output, require_new
from argoscope.files.guard import say
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.inference.tagged import PLANES, tagged_planes, tagged_products
from argoscope.typing import PathLike

__all__ = ["select_cosmic_tagging"]


def select_cosmic_tagging(
    source: PathLike,
    target: PathLike,
    *,
    least_pixels: int = PAPER_CUTS.least_pixels,
    most_separation: float = PAPER_CUTS.most_separation,
    event_list: PathLike | None = None,
    command: str = "",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Keep the events whose predicted neutrino pixels pass paper 0's cuts.

    Parameters
    ----------
    source : path
        Output of `predict`; it needs no truth.
    target : path
        larcv3 file of the kept events with all their products; it appears when it is complete. Its provenance has
        the cuts, the cut flow and the list of kept events.
    least_pixels : int
        Neutrino pixels that every plane must have.
    most_separation : float
        Largest difference of the mean drift between two planes, in pixels of the pooled image.
    event_list : path, optional
        Text file with a line "entry run subrun event" for each kept event.
    command : str
        The command line, for the provenance.
    overwrite : bool

    Returns
    -------
    dict
        ``input``, ``output``, ``cuts``, ``cut_flow``, ``kept`` (entry, run, subrun and event of each).

    Raises
    ------
    InvalidArgument
        If a cut is out of its range, an output exists, or the file has no predictions, other labels or not three
        planes.
    """
    cuts = Cuts(least_pixels, most_separation)
    target = require_new(target, overwrite=overwrite)
    if event_list is not None:
        require_new(event_list, overwrite=overwrite)
    with Larcv3File(source) as file:
        pixels, drift = _neutrino_pixels(file)
        keep = np.flatnonzero(passes(pixels, drift, cuts))
        selection: dict[str, Any] = {
            "task": "cosmic-tagging",
            "cuts": asdict(cuts),
            "cut_flow": cut_flow(pixels, drift, cuts),
        }
        with Larcv3Writer(target, overwrite=overwrite) as writer:
            selection["kept"] = _copy(file, keep.tolist(), writer)
            writer.header = _header(file, selection, command)
    if event_list is not None:
        _write_list(Path(event_list), selection["kept"], overwrite)
    return {"input": str(source), "output": str(target), **selection}


def _neutrino_pixels(file: Larcv3File) -> tuple[np.ndarray, np.ndarray]:
    """Predicted neutrino pixels and their mean drift, shape (events, planes) each."""
    products = tagged_products(file, truth=False) if len(file) else None
    found = []
    for index in range(len(file) if products else 0):
        assert products is not None
        planes = tagged_planes(file.record(index, products.names), products)
        found.append([neutrino_pixels(pooled(plane)) for plane in planes])
        say("selecting events", index + 1, len(file))
    numbers = np.array(found, dtype=np.float64).reshape(len(found), PLANES, 2)
    return numbers[..., 0], numbers[..., 1]


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


def _write_list(path: Path, kept: Sequence[dict[str, int]], overwrite: bool) -> None:
    with atomic_output(path, overwrite=overwrite) as temporary:
        temporary.write_text("".join(" ".join(map(str, row.values())) + "\n" for row in kept))
