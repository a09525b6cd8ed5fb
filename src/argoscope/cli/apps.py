"""How every group of commands is made: flags stand without a type in the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

__all__ = ["App", "Group"]


class _Command(TyperCommand):
    """A command in whose help flags have no type."""

    def get_params(self, ctx: Any) -> Any:
        return _without_type_of_flags(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands in whose help flags have no type."""

    def get_params(self, ctx: Any) -> Any:
        """Arguments and options, `--help` among them."""
        return _without_type_of_flags(super().get_params(ctx))


class App(typer.Typer):
    """A group to which commands are added; it says what it does when it gets none.

    Parameters
    ----------
    cls : type
        What it becomes.
    **settings
        Of `typer.Typer`.
    """

    def __init__(self, *, cls: type[Group] = Group, **settings: Any) -> None:
        super().__init__(cls=cls, no_args_is_help=True, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Add a command; as `typer.Typer.command`."""
        return super().command(name, cls=_Command, **settings)


def _without_type_of_flags(options: list[Any]) -> list[Any]:
    """A flag takes no value: `--json`, not `--json <bool>`."""
    for option in options:
        if getattr(option, "is_flag", False):
            option.metavar = ""
    return options
