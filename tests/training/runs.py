"""What tests of runs ask: whether two are the same, what one has kept, and when one is to stop."""

from __future__ import annotations

from argoscope.training import checkpoints
from argoscope.training.log import read_log


def logged(folder):
    """Rows of both logs; seconds are no part of the promise."""
    rows = read_log(folder / "steps.csv") + read_log(folder / "validation.csv")
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def same_run(one, other):
    names = ("tiny.safetensors", "best/tiny.safetensors")
    return all((one / n).read_bytes() == (other / n).read_bytes() for n in names) and logged(one) == logged(
        other
    )


def steps_kept(folder):
    return [int(path.stem[-9:]) for path in checkpoints.checkpoints_in(folder / "checkpoints")]


def after(asked):
    """A `stop` that says yes when it was asked that often."""
    counts = iter(range(1, 1000))
    return lambda: next(counts) >= asked
