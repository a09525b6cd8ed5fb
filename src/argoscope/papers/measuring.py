"""Memory and time of a network on a batch: what a process that does nothing else takes.

Its largest resident memory, less what the network takes for two pixels in a
small image, is that of the batch; the time is the best of a few repetitions.
Networks have their first weights. A study has a function that calls `cost_of`
on its events; `apart` runs that function in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from argoscope.benchmarks.timing import best_of, largest_resident_mb, peak_of, with_threads
from argoscope.events import Event, EventId, Grid, Image
from argoscope.models.builders import build_network, resolved
from argoscope.papers.study import Context
from argoscope.training.config import LossConfig
from argoscope.training.data import collate, tensors_of
from argoscope.training.pixels import PixelLoss, PixelScores

__all__ = ["apart", "cost_of"]

SPARSE = ("uresnet", "multiplane")
"""Kinds of networks that are quick enough to be measured thrice."""


def apart(
    context: Context, said: str, measured: Callable[..., dict[str, float]], *arguments: Any
) -> dict[str, float]:
    """Measure in a process that does nothing else.

    Parameters
    ----------
    context : Context
        Which may ask to stop, and is told what is measured.
    said : str
        What is measured, in words.
    measured : callable
        Function of a module; gives the answer of `cost_of`.
    *arguments
        Numbers, strings and what is made of them; the number of threads of this process is added at the end.

    Returns
    -------
    dict
        The answer, ``process_gb``: memory of the process, and ``gb``: less that after loading torch.
    """
    context.obey()
    context.report(f"measuring {said}", 0, 1)
    name, threads = measured.__name__, torch.get_num_threads()
    call = f"{name}{(*arguments, threads)!r}"
    answer = peak_of(f"from {measured.__module__} import {name}; result = {call}")
    return {"gb": answer["peak_mb"] / 1e3, "process_gb": answer["process_mb"] / 1e3, **answer["result"]}


def cost_of(
    description: dict[str, Any], load: Callable[[], dict[str, Any]], phase: str, threads: int
) -> dict[str, float]:
    """Seconds and memory of a batch, and its pixels; to be called in a process of its own.

    Parameters
    ----------
    description : dict
        Of the network, as `build_network` takes it.
    load : callable
        Gives the batch, as `collate` does; called after the network has been at work once.
    phase : {"test", "train"}
        Forward alone, or a step of the training; the latter needs ``semantic`` and ``weight`` in the batch.
    threads : int

    Returns
    -------
    dict
        ``seconds``, ``voxels`` (pixels of the batch), ``data_gb`` (memory less what the smallest batch takes).
    """
    network = resolved(description)
    built = build_network(network)
    once = _prepared(built, _smallest_batch(network), phase)
    once()
    # What the engine and its compiled code take, whatever the batch.
    before = largest_resident_mb()
    whole = load()
    once = _prepared(built, whole, phase)
    # Dense networks take minutes: a first, unmeasured run would change little.
    repeats = 3 if network["kind"] in SPARSE else 1
    with with_threads(threads):
        seconds = best_of(once, repeats)
    return {
        "seconds": seconds,
        "voxels": float(len(whole["coordinates"])),
        "data_gb": (largest_resident_mb() - before) / 1e3,
    }


def _prepared(network: torch.nn.Module, batch: dict[str, Any], phase: str) -> Callable[[], object]:
    return _step(network, batch) if phase == "train" else _evaluation(network, batch)


def _smallest_batch(network: dict[str, Any]) -> dict[str, Any]:
    """Two pixels in a small image, or in each of the planes that the network reads."""
    dimensions = network["dimensions"]
    grid = Grid((2 ** (network["depth"] + 1),) * dimensions)
    image = Image.from_points(grid, np.array([[0] * dimensions, [1] * dimensions]), np.ones(2))
    batch = collate([tensors_of(Event(EventId(), (image,) * network.get("planes", 1)))])
    pixels = len(batch["coordinates"])
    return {**batch, "semantic": torch.zeros(pixels, dtype=torch.int64), "weight": torch.ones(pixels)}


def _evaluation(network: torch.nn.Module, batch: dict[str, Any]) -> Callable[[], object]:
    answering = PixelScores(network.eval())

    def once() -> object:
        with torch.no_grad():
            return answering(batch)

    return once


def _step(network: torch.nn.Module, batch: dict[str, Any]) -> Callable[[], object]:
    costing = PixelLoss(network.train(), LossConfig())
    optimizer = torch.optim.Adam(network.parameters(), fused=True)

    def once() -> None:
        costing(batch).backward()
        optimizer.step()
        optimizer.zero_grad()

    return once
