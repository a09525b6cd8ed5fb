"""`argoscope validate`: the simulation against its references."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from argoscope.cli.output import print_json

__all__ = ["validate"]

STRICT = 4
"""Exit code of `--strict` when a row fails."""


def validate(
    only: Annotated[
        list[str] | None, typer.Option(help="transport, cosmics, neutrinos, response or images; repeat.")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Less statistics; rows may fail by chance.")] = False,
    strict: Annotated[bool, typer.Option(help="Exit with 4 if a row fails.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Compare the simulation with its reference tables, row by row.

    Example: argoscope validate --only cosmics --json
    """
    from argoscope.simulation.validation import validate as run

    answer = run(only=only, quick=quick, report=lambda line: typer.echo(line, err=True))
    if json:
        print_json(answer)
    else:
        for row in answer["rows"]:
            typer.echo(_line(row))
        typer.echo(f"{len(answer['rows'])} rows, {answer['failed']} outside their tolerance")
    if strict and answer["failed"]:
        raise typer.Exit(STRICT)


def _line(row: dict[str, Any]) -> str:
    mark = "ok  " if row["ok"] else "FAIL"
    return f"{mark} {row['quantity']:<64} {row['value']:>12.5g} {row['reference']:>12.5g} +- {row['tolerance']:.3g}  {row['source']}"
