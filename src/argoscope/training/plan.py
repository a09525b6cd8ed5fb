"""Which events a step sees, and with which random numbers: a pure function of the step.

Nothing is remembered between steps, so a run that goes on at step 7,000 sees
what an undisturbed one sees there, on any number of processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from torch.utils.data import Sampler

__all__ = ["BatchPlan", "Place", "image_stream", "place_stream"]

_ORDER, _CHANGES, _LOOKS = 0, 1, 2
"""Uses of random numbers: the order of events, the changes made to them, what of an image a loss looks at."""


class Place(NamedTuple):
    """One event of one step.

    Parameters
    ----------
    step, slot : int
        Step, and place in its batch.
    event : int
        Number of the event in its sample.
    """

    step: int
    slot: int
    event: int


def place_stream(seed: int, place: Place) -> np.random.Generator:
    """Random stream of the changes made to one event of one step."""
    entropy = np.random.SeedSequence((seed, _CHANGES, place.step, place.slot))
    return np.random.Generator(np.random.Philox(entropy))


def image_stream(seed: int, step: int, slot: int, image: int) -> np.random.Generator:
    """Random stream of what the loss looks at in one image of one event of one step."""
    entropy = np.random.SeedSequence((seed, _LOOKS, step, slot, image))
    return np.random.Generator(np.random.Philox(entropy))


class BatchPlan(Sampler[list[Place]]):
    """The batches of a process, part by part.

    Parameters
    ----------
    events : int
        Events of the sample.
    batch : int
        Events of a step, over all processes.
    parts : int
        Parts a step is computed in.
    seed : int
    steps : tuple of int
        First step, and the one after the last.
    replacement : bool
        Draw each event anew, in place of an order of all in each epoch.
    rank, ranks : int
        Number of this process, and of all.

    Examples
    --------
    >>> plan = BatchPlan(events=4, batch=2, parts=1, seed=1, steps=(0, 2))
    >>> sorted(place.event for part in plan for place in part)
    [0, 1, 2, 3]
    """

    def __init__(
        self,
        *,
        events: int,
        batch: int,
        parts: int,
        seed: int,
        steps: tuple[int, int],
        replacement: bool = False,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self.events, self.batch, self.parts, self.seed, self.steps = events, batch, parts, seed, steps
        self.replacement, self.rank, self.ranks = replacement, rank, ranks

    def __len__(self) -> int:
        return (self.steps[1] - self.steps[0]) * self.parts

    def __iter__(self) -> Iterator[list[Place]]:
        for step in range(*self.steps):
            places = [Place(step, slot, event) for slot, event in enumerate(self._events_of(step))]
            own = places[self.rank :: self.ranks]
            size = len(own) // self.parts
            for part in range(self.parts):
                yield own[part * size : (part + 1) * size]

    def _events_of(self, step: int) -> list[int]:
        if self.replacement:
            rng = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.seed, _ORDER, step))))
            return [int(event) for event in rng.integers(self.events, size=self.batch)]
        first = step * self.batch
        return [
            self._in_epoch(*divmod(position, self.events)) for position in range(first, first + self.batch)
        ]

    def _in_epoch(self, epoch: int, position: int) -> int:
        return int(_order(self.seed, epoch, self.events)[position])


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, events: int) -> np.ndarray:
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, _ORDER, epoch))))
    return rng.permutation(events)
