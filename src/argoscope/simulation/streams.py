"""Random streams: one for each event and stage, so that any event can be made again alone.

A stream depends on nothing but (seed, event, stage): not on the worker, nor on
the events before. A variation of the detector draws from the drift and noise
streams only and leaves the particles as they were, so that differences between
variations are paired.

Splits by seed: training below 900,000; tuning and thresholds 900,000 to
989,999; held-out tests from 990,000.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from argoscope.errors import InvalidArgument

__all__ = ["TEST_SEEDS_FROM", "TUNING_SEEDS_FROM", "Stage", "stream"]

TUNING_SEEDS_FROM = 900_000
"""Seeds from here are for tuning and thresholds; training refuses them."""
TEST_SEEDS_FROM = 990_000
"""Seeds from here are held-out events; training refuses them."""


class Stage(IntEnum):
    """The stages that draw random numbers."""

    GENERATOR = 0
    TRANSPORT = 1
    DRIFT = 2
    NOISE = 3
    DEAD_WIRES = 4


def stream(seed: int, event: int, stage: Stage) -> np.random.Generator:
    """Random stream of one stage of one event.

    Parameters
    ----------
    seed : int
        Seed of the run, from 0.
    event : int
        Number of the event, from 0.
    stage : Stage

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    InvalidArgument
        If a number is negative.

    Examples
    --------
    >>> stream(5, 17, Stage.NOISE).random() == stream(5, 17, Stage.NOISE).random()
    True
    >>> stream(5, 17, Stage.NOISE).random() == stream(5, 17, Stage.DRIFT).random()
    False
    """
    for name, value in (("seed", seed), ("event", event)):
        if value < 0:
            raise InvalidArgument(f"{name} (={value}) must not be negative")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, event, int(stage)))))
