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
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Value = TypeVar("Value")

__all__ = [
    "ArgoscopeError",
    "IntegrityError",
    "InvalidArgument",
    "Stopped",
    "StorageError",
    "TrainingDiverged",
    "UnknownCharge",
    "UnreadableFile",
    "named",
    "nearest_hint",
    "require_known",
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


def named(name: str, known: Mapping[str, Value], lead: str, remedy: str = "") -> Value:
    """What a name stands for in a table.

    Parameters
    ----------
    name : str
    known : mapping of str to value
    lead, remedy : str
        Of the message, see `require_known`.

    Raises
    ------
    InvalidArgument
        If the table has no such name; the message names the nearest.

    Examples
    --------
    >>> named("two", {"one": 1, "two": 2}, "there is no number")
    2
    """
    require_known(name, known, lead, remedy)
    return known[name]


def require_known(name: str, known: Collection[str], lead: str, remedy: str = "") -> None:
    """Refuse a name that is none of the known ones.

    Parameters
    ----------
    name : str
    known : collection of str
    lead : str
        How the message begins, up to the name.
    remedy : str
        Sentence that ends the message, if there is more to say than the nearest name.

    Raises
    ------
    InvalidArgument
        If it is unknown; the message names the nearest.

    Examples
    --------
    >>> require_known("too", ["one", "two"], "there is no number")
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: there is no number 'too'. Did you mean 'two'?
    """
    if name not in known:
        raise InvalidArgument(f"{lead} {name!r}. {nearest_hint(str(name), known)} {remedy}".rstrip())


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
