"""Events that pass a selection, as a file of their own: for data, where no truth says which they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from argoscope.analyses.selection import PAPER_CUTS, Centre, Cuts, cut_flow, event_neutrino_pixels, passes
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.skims import write_skim
from argoscope.inference.tagged import PLANES, tagged_planes, tagged_products
from argoscope.typing import PathLike

__all__ = ["select_cosmic_tagging"]


def select_cosmic_tagging(
    source: PathLike,
    target: PathLike,
    *,
    least_pixels: int = PAPER_CUTS.least_pixels,
    most_separation: float = PAPER_CUTS.most_separation,
    centre: Centre = PAPER_CUTS.centre,
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
        Largest difference of the drift between two planes, in pixels of the pooled image.
    centre : {"mean", "median"}
        Drift of a plane: of its neutrino pixels the mean, as in the paper, or the median, which stray pixels hardly move.
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
        If a cut is out of its range, the centre unknown, an output exists, or the file has no predictions, other labels or not three
        planes.
    """
    cuts = Cuts(least_pixels, most_separation, centre)

    def choose(file: Larcv3File) -> tuple[list[int], dict[str, Any]]:
        pixels, drift = _neutrino_pixels(file, centre)
        keep = np.flatnonzero(passes(pixels, drift, cuts)).tolist()
        flow = cut_flow(pixels, drift, cuts)
        return keep, {"task": "cosmic-tagging", "cuts": asdict(cuts), "cut_flow": flow}

    return write_skim(source, target, choose, event_list=event_list, command=command, overwrite=overwrite)


def _neutrino_pixels(file: Larcv3File, centre: Centre) -> tuple[np.ndarray, np.ndarray]:
    """Predicted neutrino pixels and their drift, shape (events, planes) each."""
    if not len(file):
        return np.zeros((0, PLANES)), np.zeros((0, PLANES))
    products = tagged_products(file, truth=False)
    found = []
    for index in range(len(file)):
        planes = tagged_planes(file.record(index, products.names), products)
        found.append(event_neutrino_pixels(planes, centre))
        say("selecting events", index + 1, len(file))
    numbers = np.array(found, dtype=np.float64)
    return numbers[..., 0], numbers[..., 1]
