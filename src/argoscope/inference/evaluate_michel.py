"""Michel electrons of whole files: paper 4's numbers of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from argoscope.analyses.michel import Attached, MichelRules
from argoscope.analyses.michel_report import MichelTally, michel_report
from argoscope.errors import InvalidArgument
from argoscope.inference.labelled import labelled_events
from argoscope.inference.products import models_in
from argoscope.models.preparation import Truth
from argoscope.typing import PathLike

__all__ = ["energy_factor", "evaluate_michel"]


def evaluate_michel(
    paths: Sequence[PathLike],
    *,
    truth: Truth = "relabelled",
    scan: bool = False,
    mev_per_unit: float | None = None,
    eps: float = 2.8,
    michel_points: int = 5,
    mip_points: int = 10,
    attached: Attached = "reach",
    edge_radius: float = 15.0,
) -> dict[str, Any]:
    """Evaluate the Michel electrons in the predictions of some files.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with true semantic labels.
    truth : {"relabelled", "regular"}
        The paper's electrons are those after its relabelling.
    scan : bool
        Try other values of each parameter too.
    mev_per_unit : float, optional
        Energy of one unit of charge, in MeV; 1 where the charge is in MeV, else unknown.
    eps, michel_points, mip_points, attached, edge_radius
        See `argoscope.analyses.michel.MichelRules`.

    Returns
    -------
    dict
        See `argoscope.analyses.michel_report.michel_report`; also ``truth``, ``models``, ``charge_unit``.

    Raises
    ------
    InvalidArgument
        If a parameter breaks its rule, a file has no predictions or no truth, either is in another scheme than
        `FIVE_CLASS`, or the files together have no event or several units of charge.
    """
    rules = MichelRules(
        eps=eps,
        michel_points=michel_points,
        mip_points=mip_points,
        attached=attached,
        edge_radius=edge_radius,
    )
    tally = MichelTally(rules, scan)
    units: set[str] = set()
    for each in labelled_events(paths, truth):
        tally.add_event(each.images, each.labels, each.event.particles)
        units.add(each.event.charge_unit)
    if len(units) != 1:
        raise InvalidArgument(
            f"the files have charge in {', '.join(sorted(units))}: evaluate them apart"
            if units
            else "the files hold no event: there is nothing to evaluate"
        )
    (unit,) = units
    return {
        **michel_report(tally, mev_per_unit=energy_factor(unit, mev_per_unit)),
        "truth": truth,
        "models": models_in(paths),
        "charge_unit": unit,
    }


def energy_factor(charge_unit: str, mev_per_unit: float | None) -> float | None:
    """Energy of one unit of charge: what is given, 1 for MeV, else None.

    Raises
    ------
    InvalidArgument
        If what is given is no factor.

    Examples
    --------
    >>> energy_factor("MeV", None), energy_factor("PIU", None), energy_factor("PIU", 0.01)
    (1.0, None, 0.01)
    """
    if mev_per_unit is not None and not (np.isfinite(mev_per_unit) and mev_per_unit > 0):
        raise InvalidArgument(f"mev_per_unit (={mev_per_unit}) must be finite and positive")
    return mev_per_unit if mev_per_unit is not None else 1.0 if charge_unit == "MeV" else None
