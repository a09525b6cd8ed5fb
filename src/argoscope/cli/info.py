"""`argoscope info`: what files hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, each_file, end_of_files, guarded, print_json, print_rows
from argoscope.cli.provenance import provenance_rows

__all__ = ["info"]


def info(
    files: Annotated[list[Path], typer.Argument(help="Files of any known format.", show_default=False)],
    json: Json = False,
    max_events: Annotated[
        int | None,
        typer.Option(
            "-n", "--events", min=0, help="Read at most so many events of each file (by default 1000)."
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare every dataset with its stored checksum.")
    ] = False,
) -> None:
    """Say what files hold: format, products, planes, events, classes, occupancy, provenance.

    Example: argoscope info events.h5 --json
    """
    limit = {} if max_events is None else {"max_events": max_events}

    def work(path: Path) -> dict[str, Any]:
        facts: dict[str, Any] = guarded(
            "argoscope.files.survey:survey", path, path=str(path), verify=verify, **limit
        )
        return facts

    answers = list(each_file(files, work, key="path"))
    readable = [answer for answer in answers if "error" not in answer]
    if json and readable:
        print_json(answers[0] if len(files) == 1 else answers)
    elif not json:
        for number, answer in enumerate(readable):
            if number:
                typer.echo()
            for rows in (_contents(answer), _products(answer), _origin(answer)):
                print_rows(rows)
    end_of_files(answers)


def _contents(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Format, images and classes."""
    rows = [
        ("file", facts["path"]),
        ("format", facts["format"]),
        ("detector", facts["detector"] or "not stated"),
        ("events", str(facts["events"]) + _of(facts)),
    ]
    for image, scale in ((i, i["charge_scale"]) for i in facts["images"]):
        name = f"plane {image['projection']}" if len(image["shape"]) == 2 else "volume"
        size = " x ".join(map(str, image["shape"]))
        text = f"{size} pixels, {image['occupancy']:.3%} with charge"
        if scale is not None:
            unit = facts["units"].get("charge", "")
            text += f", {image['smallest_charge']:.4g} to {image['largest_charge']:.4g} {unit}, signal peaks {scale:.3g}"
        rows.append((name, text))
    for kind, classes in facts["classes"].items():
        total = max(sum(classes.values()), 1)
        rows.append(
            (kind, ", ".join(f"{name} {count} ({count / total:.1%})" for name, count in classes.items()))
        )
    return rows


def _products(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Products by their names, which are long."""
    return [
        (f"  {name}", ", ".join(f"{key} {value}" for key, value in product.items()))
        for name, product in facts["products"].items()
    ]


def _origin(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Provenance, and what was checked and left out."""
    rows = provenance_rows(facts["provenance"])
    if facts["checksums"] is not None:
        rows.append(
            (
                "checksums",
                f"{facts['checksums']} datasets match" if facts["checksums"] else "the file has none",
            )
        )
    if facts["note"]:
        rows.append(("not counted", facts["note"]))
    return rows


def _of(facts: dict[str, Any]) -> str:
    return "" if facts["surveyed"] == facts["events"] else f" (counted on the first {facts['surveyed']})"
