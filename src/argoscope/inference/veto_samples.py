"""Which of the veto's samples an event is of: general electron neutrinos, those of low energy, none at all.

A low-energy sample is one that was made below 400 MeV, not any event below: general neutrinos have some too. So it
is a file's, and what the file says of its simulation decides. A file that says nothing is judged by its events.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from argoscope.units import GEV

__all__ = ["LOW_GEV", "ceiling_gev", "samples_of"]

LOW_GEV = 0.4
"""Energy below which a neutrino is of the low-energy sample (paper 1, section 5)."""


def ceiling_gev(provenance: Mapping[str, Any]) -> float:
    """Energy below which the neutrinos of a file were made.

    Parameters
    ----------
    provenance : mapping
        Of the file, or of what was made of it: the first input is followed.

    Returns
    -------
    float
        In GeV; infinite where the simulation had no such bound, not a number where nothing says what it was.

    Examples
    --------
    >>> simulated = {"configuration": {"preset": {"name": "microboone-low", "below_mev": 400.0}}}
    >>> ceiling_gev(simulated), ceiling_gev({"inputs": [{"provenance": simulated}]}), ceiling_gev({})
    (0.4, 0.4, nan)
    """
    preset = provenance.get("configuration", {}).get("preset")
    if isinstance(preset, Mapping):
        below = preset.get("below_mev")
        return math.inf if below is None else float(below) / GEV
    inputs = provenance.get("inputs") or [{}]
    made_of = inputs[0].get("provenance")
    return ceiling_gev(made_of) if isinstance(made_of, Mapping) else math.nan


def samples_of(
    files: Sequence[int], kinds: Sequence[str], energies: Sequence[float], ceilings: Sequence[float]
) -> list[str]:
    """Which sample each event is of.

    Electron neutrinos are of low energy where their file's were made below 400 MeV; where the file does not say, if
    all of its electron neutrinos lie below. Events without a neutrino are off-beam; all others are of their own kind.

    Parameters
    ----------
    files : sequence of int
        Position of each event's file among the inputs.
    kinds : sequence of str
        Of `analyses.interactions.KINDS`.
    energies : sequence of float
        In GeV.
    ceilings : sequence of float
        `ceiling_gev` of each file.

    Examples
    --------
    The last file says that its neutrinos were made at any energy:

    >>> kinds, energies = ["nue", "nue", "nue", "cosmic", "nue"], [0.3, 2.0, 0.3, math.nan, 0.3]
    >>> samples_of([0, 0, 1, 2, 3], kinds, energies, [math.nan] * 3 + [math.inf])
    ['nue', 'nue', 'low_energy', 'offbeam', 'nue']
    """
    seen = {
        file
        for file, kind, energy in zip(files, kinds, energies, strict=True)
        if kind == "nue" and energy >= LOW_GEV
    }
    general = [
        file in seen if math.isnan(ceiling) else ceiling > LOW_GEV for file, ceiling in enumerate(ceilings)
    ]
    names = {"cosmic": "offbeam"}
    return [
        names.get(kind, kind) if kind != "nue" else ("nue" if general[file] else "low_energy")
        for file, kind in zip(files, kinds, strict=True)
    ]
