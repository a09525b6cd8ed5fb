"""Finished models: weights measured on held-out events, with a card that says what they reach.

The held-out files are predicted and evaluated as `argoscope predict` and
`argoscope evaluate` do, so that the card cannot say anything else. Weights are
stored as float16 where that moves no headline number by a thousandth.

Given events for tuning, the scores are calibrated on them first: their
temperature goes into the card, `argoscope predict` applies it, and the card
has the reliability of the scores on the held-out events, with and without.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, named
from argoscope.files.atomic import require_folder, require_new, writing
from argoscope.files.catalogue import open_events
from argoscope.files.provenance import file_facts
from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.evaluate_cosmic import evaluate_cosmic_tagging
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.evaluate_reliability import evaluate_reliability, file_temperature
from argoscope.inference.evaluate_track_shower import evaluate_track_shower
from argoscope.inference.predict import predict_file
from argoscope.models.weights import Model, load_model, save_model
from argoscope.simulation.streams import TEST_SEEDS_FROM, TUNING_SEEDS_FROM
from argoscope.typing import PathLike

__all__ = ["HALF_MOVES", "finish_model"]

RELIABILITY = "reliability"
"""Key of what the scores are worth, in the numbers of a held-out sample."""
WARM = 16.0
"""Temperature at which the scores are predicted that one is fitted to: none of them is rounded to 0 there."""
HALF_MOVES = 0.001
"""Weights are stored as float16 if that moves every headline number by less; [E]."""


@dataclass(frozen=True)
class _Measure:
    """How a task is measured: what evaluates it, what of that a card keeps, and where the headline numbers stand."""

    evaluate: Callable[[Sequence[PathLike]], dict[str, Any]]
    kept: tuple[str, ...]
    headline: Callable[[dict[str, Any]], dict[str, Any]]


_FIVE_CLASS = ("headline", "truth", "per_event", "pooled", "two_class")
_TRACK_SHOWER = ("icpf_mean", "icpf_90", "shower_error", "track_error")
_MEASURES = {
    "five-class": _Measure(
        evaluate_five_class,
        (*_FIVE_CLASS, "planes", "confusion", "images", "interval"),
        lambda answer: answer[answer["headline"]],
    ),
    "cosmic-tagging": _Measure(
        evaluate_cosmic_tagging,
        ("paper", "strict", "full_resolution", "baseline_all_cosmic", "interval"),
        lambda answer: answer["paper"],
    ),
    "track-shower": _Measure(
        evaluate_track_shower,
        (*_TRACK_SHOWER, "weighted", "called_background", "images", "interval"),
        lambda answer: {name: answer[name] for name in _TRACK_SHOWER},
    ),
    "instances": _Measure(
        evaluate_instances,
        ("overall", "pooled", "classes", "baseline_dbscan", "rules", "interval"),
        lambda answer: answer["overall"],
    ),
}


def finish_model(
    model: str,
    folder: PathLike,
    *,
    held_out: Sequence[PathLike],
    calibrate: PathLike | None = None,
    limits: Sequence[str] = (),
    workers: int = 1,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Measure a model on held-out events, and write it with a card that says so.

    Parameters
    ----------
    model : str
        Path of weights, or folder of a training.
    folder : path
        Where weights and card go; made if it is not there.
    held_out : sequence of path
        Files of labelled events, each measured on its own; of the simulation, with a seed for tests.
    calibrate : path, optional
        Labelled events, neither trained on nor held out, on which the temperature of the scores is fitted; of the
        simulation, with a seed for tuning.
    limits : sequence of str
        What the weights are not good for, for the card.
    workers : int
        Processes that predict.
    overwrite : bool

    Returns
    -------
    dict
        ``model`` (path), ``stored`` ("float16" or "float32"), ``moved`` (largest change of a headline number by
        float16; None where it gives or takes one away), ``temperature``, ``held_out`` (as in the card: ``sample`` and the
        numbers of `argoscope evaluate`), ``warnings`` (of files that do not say their seed).

    Raises
    ------
    InvalidArgument
        If there is no file, a file is of a seed for another use, the model does not fit it, its task has no measure,
        or the output exists.
    UnreadableFile
        If a file cannot be read.
    StorageError
        If the disk refuses.
    """
    loaded = load_model(model)
    measure = named(loaded.card.task, _MEASURES, "nothing measures the task")
    if not held_out:
        raise InvalidArgument("held_out is empty: a finished model needs events that it was not trained on")
    samples = [_sample(path, "held-out", TEST_SEEDS_FROM) for path in held_out]
    tuning = None if calibrate is None else _sample(calibrate, "tuning", TUNING_SEEDS_FROM, TEST_SEEDS_FROM)
    target = Path(folder)
    require_folder(target)
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
    require_new(target / f"{loaded.card.name}.safetensors", overwrite=overwrite)
    with writing(target):
        measuring = tempfile.TemporaryDirectory(dir=target, prefix=".measuring-")
    with measuring as name:
        scratch = Path(name)
        if calibrate is not None:
            loaded = _calibrated(loaded, calibrate, scratch, workers)
        (scratch / "half").mkdir()
        half = save_model(scratch / "half", loaded.network, loaded.card, half=True)
        whole = [_measured(loaded.path, path, measure, scratch, workers) for path in held_out]
        halved = [_measured(half, path, measure, scratch, workers) for path in held_out]
    pairs = zip(whole, halved, strict=True)
    moved = max(_moved(measure.headline(a), measure.headline(b)) for a, b in pairs)
    stored = "float16" if moved < HALF_MOVES else "float32"
    answers = halved if stored == "float16" else whole
    measured = [
        {"sample": sample, **_kept(answer, measure)} for sample, answer in zip(samples, answers, strict=True)
    ]
    if tuning is not None:
        found = [answer[RELIABILITY] for answer in answers]
        measured = [{**one, RELIABILITY: scores} for one, scores in zip(measured, found, strict=True)]
        loaded = replace(loaded, card=replace(loaded.card, data={**loaded.card.data, "calibration": tuning}))
    path = _write(loaded, target, stored, measured, limits, overwrite=overwrite)
    return {
        "model": str(path),
        "stored": stored,
        "moved": moved if math.isfinite(moved) else None,
        "temperature": loaded.card.temperature,
        "held_out": measured,
        "warnings": _seedless(samples),
    }


def _sample(path: PathLike, use: str, first: int, end: int | None = None) -> dict[str, Any]:
    """What a file of events is; seeds for another use than its own are refused."""
    with open_events(path) as file:
        provenance, events = file.describe().provenance, len(file)
    seed = provenance.get("seeds", {}).get("simulation")
    if isinstance(seed, int) and not (first <= seed and (end is None or seed < end)):
        own = "training or tuning" if seed < TEST_SEEDS_FROM else "tests"
        raise InvalidArgument(
            f"{path}: seed {seed} is for {own}; {use} events have seeds from {first}"
            + ("" if end is None else f" to {end - 1}")
        )
    facts = file_facts(Path(path))
    preset = provenance.get("configuration", {}).get("preset", {})
    return {
        "file": Path(path).name,
        "preset": preset.get("name") if isinstance(preset, dict) else preset,
        "seed": seed,
        "events": events,
        "sha256": facts["sha256"],
    }


def _seedless(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say of which samples nothing shows that the model was not trained on them."""
    return [
        f"{sample['file']} does not say the seed of its simulation: nothing checks that the model was not trained on it"
        for sample in samples
        if sample["seed"] is None
    ]


def _calibrated(model: Model, path: PathLike, scratch: Path, workers: int) -> Model:
    """The model with the temperature that fits some events, written into the scratch folder."""
    (scratch / "warm").mkdir()
    (scratch / "whole").mkdir()
    warm = save_model(scratch / "warm", model.network, replace(model.card, temperature=WARM))
    predicted = scratch / "predicted.h5"
    predict_file(path, predicted, model=str(warm), workers=workers, overwrite=True)
    card = replace(model.card, temperature=WARM * file_temperature(predicted))
    predicted.unlink()
    return load_model(save_model(scratch / "whole", model.network, card))


def _measured(
    weights: Path, path: PathLike, measure: _Measure, scratch: Path, workers: int
) -> dict[str, Any]:
    """The evaluation of some weights on one file; where their scores were calibrated, the reliability of these too."""
    predicted = scratch / "predicted.h5"
    predict_file(path, predicted, model=str(weights), workers=workers, overwrite=True)
    answer = measure.evaluate([predicted])
    temperature = load_model(weights).card.temperature
    if temperature != 1:
        answer[RELIABILITY] = {
            "temperature": temperature,
            "calibrated": evaluate_reliability([predicted]),
            "plain": evaluate_reliability([predicted], temperature=1 / temperature),
        }
    predicted.unlink()
    return answer


def _kept(answer: Mapping[str, Any], measure: _Measure) -> dict[str, Any]:
    """What a card keeps of an evaluation; of a confusion matrix the numbers of pixels, whole ones, alone."""
    found = {key: answer[key] for key in measure.kept}
    if "confusion" in found:
        pixels = [[int(count) for count in row] for row in found["confusion"]["pixels"]]
        found["confusion"] = {"pixels": pixels, "rows": found["confusion"]["rows"]}
    return found


def _moved(one: Any, other: Any) -> float:
    """Largest difference of two blocks of numbers, their intervals aside; infinite where only one has a number."""
    if "value" not in one:
        return max((_moved(one[key], other[key]) for key in one if isinstance(one[key], dict)), default=0.0)
    values = one["value"], other["value"]
    if None in values:
        return 0.0 if values == (None, None) else math.inf
    return abs(values[0] - values[1])


def _write(
    model: Model,
    folder: Path,
    stored: str,
    measured: list[dict[str, Any]],
    limits: Sequence[str],
    *,
    overwrite: bool,
) -> Path:
    """Write the weights with the new card."""
    card = replace(
        model.card,
        metrics={**model.card.metrics, "held_out": measured},
        training={**model.card.training, "stored": stored},
        limits=(*model.card.limits, *limits),
    )
    return save_model(folder, model.network, card, half=stored == "float16", overwrite=overwrite)
