"""How every group of commands is made: flags have no type in the help, unknown commands are answered with known ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from argoscope.errors import nearest_hint

__all__ = ["App", "Group"]


class _Command(TyperCommand):
    """A command in whose help flags have no type."""

    def get_params(self, ctx: Any) -> Any:
        return _without_type_of_flags(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands in whose help flags have no type, and that names the nearest where a command is unknown."""

    def get_params(self, ctx: Any) -> Any:
        """Arguments and options, `--help` among them."""
        return _without_type_of_flags(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments begin with; where there is none, what may stand in its place."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(
                f"there is no command {args[0]!r}. {_remedy(args[0], ctx.command_path, self.list_commands(ctx))}"
            )
        return super().resolve_command(ctx, args)


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


def _remedy(word: str, group: str, commands: list[str]) -> str:
    """What to write in place of an unknown command, which may be a file whose command was left out."""
    if Path(word).suffix or Path(word).exists():
        return f"A command stands before the file: {group} COMMAND {word}, with {', '.join(commands)}."
    return nearest_hint(word, commands)


def _without_type_of_flags(options: list[Any]) -> list[Any]:
    """A flag takes no value: `--json`, not `--json <bool>`."""
    for option in options:
        if getattr(option, "is_flag", False):
            option.metavar = ""
    return options
