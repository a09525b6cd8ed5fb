"""`argoscope models`: the shipped weights and their cards."""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, print_json

__all__ = ["models"]


def models(
    name: Annotated[
        str | None, typer.Argument(help="Show the whole card of one.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """List the shipped models, or show the card of one, shipped or your own.

    Example: argoscope models five-class-3d
    """
    from argoscope.models.weights import card_path, shipped_models

    if name is not None:
        typer.echo(card_path(name).read_text().rstrip())
        return
    cards: dict[str, Any] = {
        title: json_text.loads(path.read_text()) for title, path in shipped_models().items()
    }
    if json:
        print_json(cards)
        return
    for title, card in cards.items():
        typer.echo(f"{title:<20} {card['task']}, trained on {card['detector']} ({card['charge_unit']})")
        for measured in card["metrics"].get("held_out", []):
            typer.echo(f"{'':<20} {_said(measured)}")
    if not cards:
        typer.echo("no model ships with this version; train one with `argoscope train`", err=True)


def _said(measured: dict[str, Any]) -> str:
    """A held-out sample and the first headline number on it."""
    sample = measured["sample"]
    accuracy = measured[measured.get("headline", "paper")]["accuracy"]
    return (
        f"{sample['events']} events of {sample['preset'] or sample['file']}: accuracy {accuracy['value']:.4f} "
        f"[{accuracy['low']:.4f}, {accuracy['high']:.4f}]"
    )
