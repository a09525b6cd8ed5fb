"""Metrics of predicted instances of whole files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from argoscope.analyses.instance_blocks import Rules
from argoscope.analyses.instances import Measured, measure, report
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.errors import InvalidArgument
from argoscope.inference.instance_planes import plane_events
from argoscope.inference.products import models_in
from argoscope.typing import PathLike
from argoscope.units import GEV

__all__ = ["evaluate_instances"]


def evaluate_instances(
    paths: Sequence[PathLike],
    *,
    least_score: float = Rules.least_score,
    least_pixels: int = Rules.least_pixels,
    plane: int | None = None,
    obey: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Evaluate the predicted instances of some files against their true interactions.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with true interactions.
    least_score : float
        Predictions below it are left out.
    least_pixels : int
        Active pixels from which a true interaction counts.
    plane : int, optional
        Projection; by default the only plane of the charge, else the collection plane.
    obey : callable
        Called before each event; what it raises ends the work.

    Returns
    -------
    dict
        See `argoscope.analyses.instances.report`; also ``models``.

    Raises
    ------
    InvalidArgument
        If a rule is out of its range, or a file has no predicted instances, no truth or not that plane; or the files
        together no event.
    """
    rules = Rules(least_score=least_score, least_pixels=least_pixels)
    measured = [
        _measured(event, rules) for event in plane_events(paths, truth="needed", plane=plane, obey=obey)
    ]
    if not measured:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    return {**report(measured, rules), "models": models_in(paths)}


def _measured(event: PlaneEvent, rules: Rules) -> Measured:
    assert event.truth is not None
    assert event.traits is not None
    energy = event.interaction.energy_gev if event.interaction else float("nan")
    return measure(
        event.where, event.image, event.truth, event.traits, event.said, rules=rules, energy_mev=energy * GEV
    )
