"""`argoscope evaluate`: metrics of predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.apps import App
from argoscope.cli.instances import evaluate_instances, evaluate_veto
from argoscope.cli.michel import evaluate_michel
from argoscope.cli.mistakes import evaluate_mistakes
from argoscope.cli.output import Json, guarded, print_json, print_table, print_text, with_interval
from argoscope.cli.predictions import Figures, Predictions, save_first_event
from argoscope.cli.reliability import evaluate_reliability
from argoscope.cli.select import Centre, LeastPixels, MostSeparation

__all__ = ["app"]

_TAGGING = {
    "accuracy": "accuracy",
    "non_background_accuracy": "non-background accuracy",
    "iou_cosmic": "cosmic IoU",
    "iou_neutrino": "neutrino IoU",
    "mean_iou": "mean IoU",
}
"""Metrics of cosmic tagging, as they are said."""

_ERRORS = {
    "icpf_mean": "ICPF, mean",
    "icpf_90": "ICPF, 90 % quantile",
    "shower_error": "shower error",
    "track_error": "track error",
}
"""Paper 2's errors, as they are said."""

app = App()
app.command("instances")(evaluate_instances)
app.command("veto")(evaluate_veto)
app.command("michel")(evaluate_michel)
app.command("mistakes")(evaluate_mistakes)
app.command("reliability")(evaluate_reliability)


@app.callback()
def tasks() -> None:
    """Metrics of predictions against the truth in the files.

    Example: argoscope evaluate five-class predicted.h5
    """


@app.command("five-class")
def five_class(
    files: Predictions,
    truth: Annotated[
        str | None, typer.Option(help="regular or relabelled; as the model's card says.")
    ] = None,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate five classes of pixels (papers 3 and 4).

    Example: argoscope evaluate five-class predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate:evaluate_five_class",
        files[0],
        paths=[str(f) for f in files],
        truth=truth,
    )
    if figures is not None:
        from argoscope.display.five_class_figures import save_figures

        save_figures(answer, figures)
    if json:
        print_json(answer)
        return
    print_text(
        f"{answer['events']} events ({answer['images']} images), {answer['truth']} truth, "
        f"intervals: {answer['interval']}"
    )
    per_event, pooled = answer["per_event"], answer["pooled"]
    rows = [("all", with_interval(per_event["accuracy"]), with_interval(pooled["accuracy"]), "")]
    for name, numbers in per_event["classes"].items():
        other = pooled["classes"][name]
        columns = (numbers["accuracy"], other["accuracy"], other["purity"])
        rows.append((name, *map(with_interval, columns)))
    print_table(("", "accuracy per event", "pooled", "purity, pooled"), rows)
    two = answer["two_class"]["pooled"]["classes"]
    print_text(
        "as two classes, pooled: "
        + ", ".join(f"{name} {with_interval(two[name]['accuracy'])}" for name in two)
    )


@app.command("cosmic-tagging")
def cosmic_tagging(
    files: Predictions,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate cosmic, neutrino and background pixels of three planes (paper 0).

    Example: argoscope evaluate cosmic-tagging predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_cosmic:evaluate_cosmic_tagging",
        files[0],
        paths=[str(f) for f in files],
    )
    if figures is not None:
        from argoscope.display.cosmic_tagging_figures import save_tagging_figures

        save_tagging_figures(answer, figures)
        save_first_event(files[0], figures)
    if json:
        print_json(answer)
        return
    print_text(f"{len(answer['events'])} events, intervals: {answer['interval']}")
    blocks = {
        "paper": answer["paper"],
        "strict": answer["strict"],
        "full resolution": answer["full_resolution"],
        "all above 10 cosmic": answer["baseline_all_cosmic"],
    }
    rows = [
        (words, *(with_interval(block[name]) for block in blocks.values()))
        for name, words in _TAGGING.items()
    ]
    print_table(("", *blocks), rows)
    left_out = answer["strict"]["left_out"]
    print_text(
        f"of {answer['strict']['images']} images strict leaves out {left_out['iou_cosmic']} without cosmic and "
        f"{left_out['iou_neutrino']} without neutrino pixels, which count 1 in the others"
    )


@app.command("track-shower")
def track_shower(
    files: Predictions,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate tracks and showers (paper 2).

    Example: argoscope evaluate track-shower predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_track_shower:evaluate_track_shower",
        files[0],
        paths=[str(f) for f in files],
    )
    if figures is not None:
        from argoscope.display.track_shower_figures import save_track_shower_figures

        save_track_shower_figures(answer, figures)
    if json:
        print_json(answer)
        return
    print_text(
        f"{answer['events']} events ({answer['images']} images), intervals: {answer['interval']}; weighted: every "
        "particle of an image counts the same"
    )
    rows = [
        (words, with_interval(answer[name]), with_interval(answer["weighted"][name]))
        for name, words in _ERRORS.items()
    ]
    print_table(("", "plain", "weighted"), rows)


@app.command("selection")
def selection(
    files: Annotated[
        list[Path], typer.Argument(help="Outputs of `argoscope predict`, of all samples.", show_default=False)
    ],
    least_pixels: LeastPixels = 100,
    most_separation: MostSeparation = 50.0,
    centre: Centre = "mean",
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate the selection of events with a neutrino (paper 0, table 3).

    Example: argoscope evaluate selection neutrinos.h5 cosmics.h5 dirt.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_cosmic:evaluate_selection",
        files[0],
        paths=[str(f) for f in files],
        least_pixels=least_pixels,
        most_separation=most_separation,
        centre=centre,
    )
    if figures is not None:
        from argoscope.display.cosmic_tagging_figures import save_selection_figures

        save_selection_figures(answer, figures)
    if json:
        print_json(answer)
        return
    print_text(f"{sum(answer['events'].values())} events, intervals: {answer['interval']}")
    numbers = [(f"{kind} kept", kind, number, kind) for kind, number in answer["efficiency"].items()]
    numbers += [
        (f"{kind} rejected", kind, answer[f"{kind}_rejection"], f"{kind}_rejection")
        for kind in ("cosmic", "dirt")
    ]
    rows = []
    for words, kind, number, name in numbers:
        published = answer["published"].get(name)
        beside = "-" if published is None else f"{published:.3f}"
        rows.append((words, str(answer["events"][kind]), with_interval(number), beside))
    print_table(("", "events", "", "paper 0, table 3"), rows)
