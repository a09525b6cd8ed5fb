"""The errors a caller may want to catch, and the exit code each gives a command.

Every message is one sentence or two: which argument or file (with its value),
the rule it breaks, and what to do. Commands print the message alone; `--debug`
adds the traceback.

===================  =========  ====================================================
class                exit code  raised when
===================  =========  ====================================================
`ArgoscopeError`     1          never itself: the common base
`InvalidArgument`    2          an argument, option or configuration breaks its rule
`TrainingDiverged`   2          the loss of a training is no longer a number
`UnreadableFile`     3          a file cannot be read as what it should be
`UnknownCharge`      3          a file is whole, but which product is the charge is not known
`IntegrityError`     5          a checksum or a manifest does not match
`Stopped`            75         work was stopped from outside and can be resumed
`StorageError`       6          the disk or the memory does not suffice
===================  =========  ====================================================
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ArgoscopeError",
    "IntegrityError",
    "InvalidArgument",
    "Stopped",
    "StorageError",
    "TrainingDiverged",
    "UnknownCharge",
    "UnreadableFile",
    "nearest_hint",
]


class ArgoscopeError(Exception):
    """Base of every error that argoscope raises on purpose."""

    exit_code = 1


class InvalidArgument(ArgoscopeError, ValueError):
    """An argument, an option or a configuration value breaks its rule."""

    exit_code = 2


class TrainingDiverged(ArgoscopeError, ArithmeticError):
    """The loss of a training is no longer a number; its checkpoints are kept."""

    exit_code = 2


class UnreadableFile(ArgoscopeError, OSError):
    """A file is missing, damaged, incomplete or not of the format it should have."""

    exit_code = 3


class UnknownCharge(UnreadableFile):
    """A file is whole, but none of its products is known to be the charge of an event."""


class IntegrityError(UnreadableFile):
    """A stored checksum does not match the data beside it."""

    exit_code = 5


class Stopped(ArgoscopeError):
    """Work was stopped from outside, by a signal or a time limit, and can be resumed."""

    exit_code = 75


class StorageError(ArgoscopeError, OSError):
    """The disk is full, a folder cannot be written, or memory does not suffice."""

    exit_code = 6


def nearest_hint(name: str, known: Iterable[str]) -> str:
    """Sentence that names the known word closest to `name`, or all known words.

    Examples
    --------
    >>> nearest_hint("filter", ["filters", "depth"])
    "Did you mean 'filters'?"
    >>> nearest_hint("wings", ["filters", "depth"])
    "Known: 'depth', 'filters'."
    """
    known = sorted(known)
    near = get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Known: {', '.join(map(repr, known))}." if known else "There is none to choose from."
