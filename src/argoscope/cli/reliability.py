"""`argoscope evaluate reliability`: whether scores mean what they say."""

from __future__ import annotations

from typing import Any

from argoscope.cli.output import Json, guarded, print_json, print_rows, print_text, with_interval
from argoscope.cli.predictions import Figures, Predictions

__all__ = ["evaluate_reliability"]


def evaluate_reliability(files: Predictions, figures: Figures = None, json: Json = False) -> None:
    """Compare scores with the truth: whether of pixels with a score of 0.8 80 % are right.

    `argoscope finish --calibrate` mends them.

    Example: argoscope evaluate reliability predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_reliability:evaluate_reliability",
        files[0],
        paths=[str(f) for f in files],
    )
    if figures is not None:
        from argoscope.display.reliability_figures import save_reliability_figures

        save_reliability_figures(answer, figures)
    if json:
        print_json(answer)
        return
    print_text(
        f"{answer['events']} events, {answer['pixels']} pixels; intervals: {answer['interval']}; ECE: expected "
        "calibration error"
    )
    rows = {"ECE, highest score": answer["ece"], "negative log-likelihood": answer["likelihood"]}
    rows |= {f"ECE, {name}": numbers["ece"] for name, numbers in answer["classes"].items()}
    print_rows([(name, with_interval(number)) for name, number in rows.items()])
