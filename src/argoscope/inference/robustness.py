"""Metrics of a network on varied events: curves of image variations, of settings of the simulation, and paper 3's eight.

The central events and the varied ones are of the same particles, so that
changes are paired (`argoscope.analyses.robustness`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.robustness import MEASURES, Measure, changes, estimates
from argoscope.analyses.statistics import LEVEL
from argoscope.detectors import Detector
from argoscope.errors import InvalidArgument, named
from argoscope.events import Event, Image
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.inference.instances import find_instances
from argoscope.inference.segmentation import segment
from argoscope.inference.variations import IMAGE_VARIATIONS, Curve, parsed_curve, varied_images
from argoscope.models.preparation import chosen_planes, with_truth
from argoscope.models.weights import Model, load_model
from argoscope.simulation.chain import Simulation, simulation_named
from argoscope.simulation.detector_variations import EIGHT_VARIATIONS
from argoscope.simulation.presets import PRESETS, geometry_of, preset_named
from argoscope.simulation.streams import TEST_SEEDS_FROM
from argoscope.training.tasks import task_named

__all__ = ["EIGHT", "GAINS", "robustness"]

EIGHT = "paper3"
"""Name of the curve of paper 3's eight variations."""
GAINS = "gain=0.75,0.8333,0.9167,1,1.0833,1.1667,1.25"
"""Paper 2's range (figures 10, 17)."""
DEFAULT_SEED = TEST_SEEDS_FROM + 2
"""Of re-simulated events: for tests, and none that other tests have."""
NOISE_STREAM = 7
"""Begins the random streams of varied images, so that they are no others' [E]."""


@dataclass(frozen=True)
class _Point:
    """One variation: its curve and value, and what makes event number n so."""

    curve: str
    value: str
    vary: tuple[str, ...]
    event: Callable[[int], Event]


class _Measured(NamedTuple):
    """What was found at a point: tops and bottoms, shape (events, 2, metrics), and the pixels that they count."""

    point: _Point
    parts: np.ndarray
    pixels: int


def robustness(
    source: str,
    *,
    model: str,
    curves: Sequence[str] = (),
    events: int = 200,
    seed: int = DEFAULT_SEED,
    vary: Sequence[str] = (),
) -> dict[str, Any]:
    """Measure a model on central and on varied events.

    Parameters
    ----------
    source : str
        File of labelled events, or preset of the simulation.
    model : str
        Shipped model, path of weights, or folder with one model.
    curves : sequence of str
        NAME=VALUE,VALUE,... each (`parsed_curve`); ``paper3`` is the eight variations of a preset of wires. By default the
        gain of a file or of volumes, and the eight of a preset of wires.
    events : int
        At most so many of a file.
    seed : int
        Of a preset.
    vary : sequence of str
        NAME=VALUE of a preset's central events and of all others.

    Returns
    -------
    dict
        ``source``, ``model``, ``task``, ``charge_unit``, ``events``, ``pixels`` (that the metrics count), ``central`` (metrics), ``curves``
        (``name``, and ``points`` with ``value``, ``vary``, ``pixels``, ``metrics``, ``change``), ``averaging``, ``interval``.

    Raises
    ------
    InvalidArgument
        If the model's task has no measure, a curve is unknown or does not go with the source, or there is no event.
    """
    loaded = load_model(model)
    measure = named(loaded.card.task, MEASURES, "no metrics are followed of the task")
    asked = _asked(source, curves)
    if Path(source).exists():
        if vary:
            raise InvalidArgument(f"vary (={list(vary)}) goes with a preset, and {source} is a file")
        with open_events(source) as file:
            count = min(events, len(file))
            found = _measured(loaded, measure, _of_file(file.event, asked), count)
    else:
        points = _of_preset(source, seed, tuple(vary), asked)
        count, found = events, _measured(loaded, measure, points, events)
    central, *varied = found
    return {
        "source": source,
        "model": loaded.card.name,
        "task": loaded.card.task,
        "charge_unit": loaded.card.charge_unit,
        "events": count,
        "pixels": central.pixels,
        "central": _json(estimates(measure, central.parts)),
        "curves": _curves(measure, central, varied),
        "averaging": measure.averaging,
        "interval": f"central {LEVEL:.1%}, bootstrap over events, central and varied together",
    }


def _asked(source: str, curves: Sequence[str]) -> list[Curve]:
    """The curves wanted, or those that go with the source."""
    is_file = Path(source).exists()
    if not is_file:
        preset_named(source)
    if curves:
        return [
            Curve(EIGHT, tuple(EIGHT_VARIATIONS)) if text == EIGHT else parsed_curve(text) for text in curves
        ]
    if not is_file and isinstance(geometry_of(PRESETS[source]), Detector):
        return [Curve(EIGHT, tuple(EIGHT_VARIATIONS))]
    return [parsed_curve(GAINS)]


def _of_file(event: Callable[[int], Event], asked: Sequence[Curve]) -> list[_Point]:
    """The central events of a file, and every point of the curves."""
    points = [_Point("", "", (), event)]
    for curve in asked:
        if curve.name not in IMAGE_VARIATIONS:
            raise InvalidArgument(
                f"curve {curve.name!r} does not go with a file: its particles are needed. Name a preset in place of the "
                f"file, or one of {', '.join(map(repr, IMAGE_VARIATIONS))}"
            )
        points += [
            _Point(curve.name, value, (), _varying(event, curve.name, value)) for value in curve.values
        ]
    return points


def _varying(event: Callable[[int], Event], name: str, value: str) -> Callable[[int], Event]:
    return lambda number: varied_images(event(number), name, value, (NOISE_STREAM, number))


def _of_preset(preset: str, seed: int, vary: tuple[str, ...], asked: Sequence[Curve]) -> list[_Point]:
    """The central events of a preset, and every point of the curves; its settings go before variations of images."""
    central = simulation_named(preset, seed=seed, vary=vary)
    points = [_Point("", "", vary, _simulating(central))]
    settings = set(type(central.settings).__dataclass_fields__)
    for curve in asked:
        for value in curve.values:
            if curve.name in IMAGE_VARIATIONS and curve.name not in settings:
                points.append(
                    _Point(curve.name, value, vary, _varying(_simulating(central), curve.name, value))
                )
                continue
            change = EIGHT_VARIATIONS[value] if curve.name == EIGHT else (f"{curve.name}={value}",)
            changed = simulation_named(preset, seed=seed, vary=(*vary, *change))
            points.append(_Point(curve.name, value, (*vary, *change), _simulating(changed)))
    return points


def _simulating(simulation: Simulation) -> Callable[[int], Event]:
    return lambda number: simulation.event(number).event


def _measured(model: Model, measure: Measure, points: Sequence[_Point], events: int) -> list[_Measured]:
    """Every event at every point."""
    if events < 1:
        raise InvalidArgument("there is no event to vary")
    found = np.zeros((len(points), events, 2, len(measure.averaging)))
    pixels = [0] * len(points)
    for number in range(events):
        for row, point in enumerate(points):
            answered = list(_answered(model, point.event(number)))
            found[row, number] = measure.of(answered)
            pixels[row] += measure.pixels(answered)
            say("measuring varied events", number * len(points) + row + 1, events * len(points))
    return list(map(_Measured, points, found, pixels))


def _answered(model: Model, event: Event) -> Iterator[tuple[Image, Any]]:
    """Images of an event that the model reads, with the truth it learned, and what it says: classes of pixels, or instances."""
    preparation, task = model.card.preparation, task_named(model.card.task)
    chosen = chosen_planes(with_truth(event, preparation.truth), preparation.planes, preparation.shape)
    said: Sequence[Any] = (
        find_instances(model, chosen)
        if task.learns == "instances"
        else [answer.labels for answer in segment(model, chosen)]
    )
    yield from zip(task.labelled(chosen).images, said, strict=True)


def _curves(measure: Measure, central: _Measured, varied: Sequence[_Measured]) -> list[dict[str, Any]]:
    """The points by their curve, in the order asked."""
    curves: dict[str, list[dict[str, Any]]] = {}
    for one in varied:
        curves.setdefault(one.point.curve, []).append(
            {
                "value": one.point.value,
                "vary": list(one.point.vary),
                "pixels": one.pixels,
                "metrics": _json(estimates(measure, one.parts)),
                "change": _json(changes(measure, central.parts, one.parts)),
            }
        )
    return [{"name": name, "points": points} for name, points in curves.items()]


def _json(found: dict[str, Any]) -> dict[str, Any]:
    return {name: estimate.to_json() for name, estimate in found.items()}
