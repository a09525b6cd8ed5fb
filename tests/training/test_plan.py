"""What a step sees follows from its number alone."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np
import pytest

from argoscope.training.plan import BatchPlan, Place, place_stream

NUMBERS = {"events": 7, "batch": 24, "seed": 3}


def steps_of(parts, start=0, stop=9, **changes):
    """Places of each step, the parts joined."""
    listed = list(BatchPlan(**{**NUMBERS, **changes}, parts=parts, steps=(start, stop)))
    assert len(listed) == (stop - start) * parts
    return [list(chain(*listed[n : n + parts])) for n in range(0, len(listed), parts)]


@pytest.mark.parametrize("replacement", [False, True])
def test_a_later_start_sees_the_same(replacement):
    whole = steps_of(2, replacement=replacement)
    for start in range(1, 9):
        assert steps_of(2, start=start, replacement=replacement) == whole[start:]


def test_each_event_comes_once_an_epoch_and_orders_differ():
    """24 events a step of a sample of 7: a step spans several epochs, which end in its middle."""
    events = [place.event for place in chain(*steps_of(1, stop=70))]
    epochs = [events[first : first + 7] for first in range(0, len(events), 7)]
    assert all(sorted(epoch) == list(range(7)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 100


def test_replacement_draws_each_event_anew():
    """Counts of 7 events in 16,800 draws: a chi-square of 6 degrees exceeds 22.5 once in a thousand."""
    events = [place.event for place in chain(*steps_of(1, stop=700, replacement=True))]
    counts = np.array([Counter(events)[event] for event in range(7)])
    expected = len(events) / 7
    assert ((counts - expected) ** 2 / expected).sum() < 22.5
    assert sorted(events[:7]) != list(range(7)) or sorted(events[7:14]) != list(range(7))


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_ranks_and_parts_divide_the_batch(ranks, parts):
    whole = [sorted(step) for step in steps_of(1)]
    shares = [steps_of(parts, rank=rank, ranks=ranks) for rank in range(ranks)]
    assert {len(step) for share in shares for step in share} == {24 // ranks}
    assert [sorted(chain(*steps)) for steps in zip(*shares, strict=True)] == whole


def test_seeds_give_other_orders_and_other_changes():
    assert steps_of(1) != steps_of(1, seed=4)
    place = Place(5, 2, 1)
    draws = {
        (seed, at): place_stream(seed, at).random()
        for seed in (3, 4)
        for at in (place, Place(6, 2, 1), Place(5, 3, 1))
    }
    assert len(set(draws.values())) == 6
    assert place_stream(3, place).random() == draws[3, place]
