"""`argoscope validate`: the simulation against its references."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, print_json

__all__ = ["validate"]

STRICT = 4
"""Exit code of `--strict` when a row fails."""


def validate(
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GROUP",
            help="One group alone: transport, cosmics, neutrinos, response or images; repeat for more.",
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Less statistics; rows may fail by chance.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 4 if a row fails.")] = False,
    json: Json = False,
) -> None:
    """Compare the simulation with its reference tables, row by row.

    Whole images take minutes, everything else about one. A row shows quantity, value (with its
    statistical error where the value is drawn), reference and tolerance, and where the reference is
    from. A failed row is an answer: the command exits with 0 unless --strict is given.

    Example: argoscope validate --only cosmics --json
    """
    from argoscope.simulation.validation import validate as run

    def report(line: str) -> None:
        typer.echo(line, err=True)

    if json:
        answer = run(only=only, quick=quick, report=report)
        print_json(answer)
    else:
        answer = run(only=only, quick=quick, report=report, finished=_print_rows)
        summary = f"{len(answer['rows'])} rows, {answer['failed']} outside their tolerance"
        if answer["imprecise"]:
            summary += f", {answer['imprecise']} with a statistical error above a third of it"
        typer.echo(summary)
    if strict and answer["failed"]:
        raise typer.Exit(STRICT)


def _print_rows(rows: list[dict[str, Any]]) -> None:
    width = max((len(row["quantity"]) for row in rows), default=0)
    for row in rows:
        mark = "ok  " if row["ok"] else "FAIL"
        error = f"({row['error']:.1g})" if row.get("error") else ""
        typer.echo(
            f"{mark} {row['quantity']:<{width}} {row['value']:>11.5g} {error:<9} "
            f"{row['reference']:>11.5g} +- {row['tolerance']:<9.3g} {row['source']}"
        )
