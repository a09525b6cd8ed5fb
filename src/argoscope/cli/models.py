"""`argoscope models`: the shipped weights and their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from argoscope.cli.output import Json, print_json, print_rows, with_interval

if TYPE_CHECKING:
    from argoscope.models.cards import Card

__all__ = ["models"]

HEADLINES = (
    ("non_background_accuracy", "iou_cosmic", "iou_neutrino"),
    ("efficiency", "purity", "panoptic_quality"),
    ("accuracy",),
)
"""Names of the numbers of cosmic tagging, of instances and of classes."""


def models(
    name: Annotated[
        str | None,
        typer.Argument(help="Shipped model, folder, or path of weights: show its card.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """List the shipped models, or show the card of one, shipped or your own.

    `argoscope finish` makes a card of a trained model, with what it reaches on held-out events.

    Example: argoscope models five-class-3d
    """
    from argoscope.models.cards import card_path, read_card, shipped_models

    if name is not None:
        card, sha256 = read_card(card_path(name))
        if json:
            print_json(card.to_json(sha256))
        else:
            print_rows(_rows(card, sha256))
        return
    cards = {title: read_card(path) for title, path in shipped_models().items()}
    if json:
        print_json({title: card.to_json(sha256) for title, (card, sha256) in cards.items()})
        return
    rows = []
    for title, (card, _) in cards.items():
        rows.append((title, f"{card.task}, trained on {card.detector} ({card.charge_unit})"))
        rows += [("", _said(measured)) for measured in card.metrics.get("held_out", [])]
    print_rows(rows)
    if not cards:
        typer.echo(
            "argoscope: no model ships with this version: train one with `argoscope train CONFIG -o RUN`, and give it a "
            "card with what it reaches by `argoscope finish RUN --held-out FILE -o FOLDER`",
            err=True,
        )


def _rows(card: Card, sha256: str) -> list[tuple[str, str]]:
    """A card in words: what a user chooses by; the recipe of data and training is in its JSON."""
    from argoscope.events.labels import scheme_named

    scale = "" if card.charge_scale is None else f", signal peaks {card.charge_scale:.3g}"
    held_out = [_said(measured) for measured in card.metrics.get("held_out", [])]
    if not held_out:
        held_out = ["not measured: `argoscope finish` does"]
    return [
        ("model", card.name),
        ("task", card.task),
        ("classes", ", ".join(scheme_named(card.scheme).classes)),
        ("network", _listed(card.network)),
        ("detector", card.detector or "not stated"),
        ("charge", f"{card.charge_unit}{scale}"),
        ("temperature", f"{card.temperature:.4g}"),
        ("preparation", _listed(card.to_json(sha256)["preparation"])),
        *(("then" if number else "training", _listed(phase)) for number, phase in enumerate(card.phases)),
        *_repeated("held out", held_out),
        *_repeated("limit", card.limits),
        ("sha256", sha256),
    ]


def _listed(values: dict[str, Any]) -> str:
    """Names and values in one line; what is empty or nested is left to --json."""
    return ", ".join(
        f"{key.replace('_', ' ')} {value}"
        for key, value in values.items()
        if value not in (None, "", []) and not isinstance(value, dict)
    )


def _repeated(name: str, values: Any) -> list[tuple[str, str]]:
    """A row for each value, the name before the first."""
    return [("" if number else name, value) for number, value in enumerate(values)]


def _said(measured: dict[str, Any]) -> str:
    """A held-out sample and the headline numbers on it."""
    sample = measured["sample"]
    numbers = ", ".join(f"{name} {with_interval(number)}" for name, number in _headline(measured))
    return f"{sample['events']} events of {sample['preset'] or sample['file']}: {numbers}"


def _headline(measured: dict[str, Any]) -> list[tuple[str, Any]]:
    """The numbers that a model of the task is judged by, by name."""
    if "icpf_mean" in measured:
        return [("ICPF", measured["icpf_mean"])]
    found = measured["overall"] if "overall" in measured else measured[measured.get("headline", "paper")]
    names = next(names for names in HEADLINES if names[0] in found)
    return [(name.replace("_", " ").replace("iou", "IoU"), found[name]) for name in names]
