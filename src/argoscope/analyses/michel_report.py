"""Numbers of Michel electrons found, as `argoscope evaluate michel --json` prints them.

=====================  ==================================================================
scale, width           energy found over true energy of matched candidates: median, and half
                       of the middle 68.3 %
endpoint               of the spectrum of all candidates' energies, in MeV
true_endpoint          of the true clusters' energies; own_endpoint: of what the electron left
own_share              of a true cluster's energy, what its electron left; the rest is the end
                       of the muon's track, which shares its pixels
kept                   of the electron's kinetic energy, what it left in the true cluster
=====================  ==================================================================

Energies are the charge of the pixels times a factor, so that recombination is
taken out on average where the factor has it; what is radiated is not added.
The last two rows say from the truth how much that is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from argoscope.analyses.michel import MichelRules
from argoscope.analyses.michel_matching import MatchedImage, identification, joined, match_image, quality
from argoscope.analyses.michel_spectrum import energy_scale, fit_endpoint
from argoscope.analyses.statistics import LEVEL, fraction, mean
from argoscope.events import Image

__all__ = ["LEAST_PIXELS", "SCAN", "MichelTally", "michel_report"]

LEAST_PIXELS = 10
"""Paper 4's quality cut on the pixels of a candidate (table VI)."""
SCAN: Mapping[str, Sequence[Any]] = {
    "attached": ("step", "reach"),
    "eps": (1.5, 2.0, 2.8, 3.5, 5.0),
    "michel_points": (2, 5, 10, 20),
    "mip_points": (3, 5, 10, 20, 40),
    "edge_radius": (5.0, 10.0, 15.0, 20.0, 30.0),
}
"""Values of each parameter that are tried, the others as they are; [E], around the paper's."""
CUTS = (0, 5, 10, 15, 20, 30, 50)
"""Least pixels of a candidate that are tried."""
ENERGY_EDGES = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0)
"""Edges of the true energy, in MeV or in the charge's unit, against which the ID efficiency is shown."""


@dataclass
class MichelTally:
    """What is found and true in the images so far.

    Parameters
    ----------
    rules : MichelRules
    scan : bool
        Whether `SCAN` is tried too.
    images : list of MatchedImage
    tried : dict of (str, value) to list of MatchedImage
    events : int
        Events so far.
    """

    rules: MichelRules = field(default_factory=MichelRules)
    scan: bool = False
    images: list[MatchedImage] = field(default_factory=list)
    tried: dict[tuple[str, Any], list[MatchedImage]] = field(default_factory=dict)
    events: int = 0

    def add_event(
        self, images: Sequence[Image], predicted: Sequence[np.ndarray], particles: np.ndarray | None = None
    ) -> None:
        """Count one event.

        Parameters
        ----------
        images : sequence of Image
            With true semantic labels of the five-class scheme.
        predicted : sequence of ndarray, shape (n,), int32
            Predicted class of each pixel of each image.
        particles : ndarray, optional
            Table of the true particles.
        """
        for image, labels in zip(images, predicted, strict=True):
            self.images.append(match_image(image, labels, self.rules, event=self.events, particles=particles))
            for name, value in _variants(self.rules) if self.scan else ():
                rules = replace(self.rules, **{name: value})
                self.tried.setdefault((name, value), []).append(
                    match_image(image, labels, rules, event=self.events)
                )
        self.events += 1


def _variants(rules: MichelRules) -> list[tuple[str, Any]]:
    """Every parameter with every value that is tried."""
    return [
        (name, value) for name, values in SCAN.items() for value in sorted({*values, getattr(rules, name)})
    ]


def michel_report(tally: MichelTally, *, mev_per_unit: float | None = 1.0) -> dict[str, Any]:
    """Numbers with intervals.

    Parameters
    ----------
    tally : MichelTally
    mev_per_unit : float, optional
        Energy of one unit of charge; None where it is unknown: energies stay in the charge's unit, and no endpoint is
        fitted.

    Returns
    -------
    dict
        ``id_efficiency``, ``id_purity``, ``cluster_efficiency``, ``cluster_purity``, ``both_above_95``, ``counts``,
        ``spectrum``; ``min_10_pixels`` has the same of the candidates with so many pixels; ``clusters`` (every matched
        candidate), ``candidates`` (energies of all), ``true`` (every true cluster), ``by_energy``, ``by_least_pixels``,
        ``scan``, ``rules``, ``events``, ``images``, ``interval``.
    """
    matched = joined(tally.images)
    pairs, truths = matched
    factor = 1.0 if mev_per_unit is None else mev_per_unit
    kept = pairs.match >= 0
    return {
        **_block(matched, mev_per_unit),
        "min_10_pixels": _block(matched, mev_per_unit, LEAST_PIXELS),
        "clusters": {
            "pixels": pairs.pixels[kept].tolist(),
            "true_pixels": pairs.true_pixels[kept].tolist(),
            "energy": (factor * pairs.charge[kept]).tolist(),
            "true_energy": (factor * pairs.true_charge[kept]).tolist(),
        },
        "candidates": {
            "energy": (factor * pairs.charge).tolist(),
            "pixels": pairs.pixels.tolist(),
            "matched": kept.tolist(),
        },
        "true": {"energy": (factor * truths.charge).tolist(), "pixels": truths.pixels.tolist()},
        "by_energy": _by_energy(factor * truths.charge, truths.found > 0),
        "by_least_pixels": [{"least_pixels": cut, **_numbers(matched, cut)} for cut in CUTS],
        "scan": [
            {"parameter": name, "value": value, **_numbers(joined(images))}
            for (name, value), images in tally.tried.items()
        ],
        "rules": asdict(tally.rules),
        "mev_per_unit": mev_per_unit,
        "events": tally.events,
        "images": len(tally.images),
        "interval": f"central {LEVEL:.1%}; Clopper-Pearson for ID efficiency and purity, bootstrap over events for "
        "clusters, scale and width, curvature of the likelihood for endpoints",
    }


def _numbers(matched: MatchedImage, least_pixels: int = 0) -> dict[str, Any]:
    """Efficiencies and purities, and what they are counted from."""
    efficiency, purity, counts = identification(matched, least_pixels)
    found = quality(matched, least_pixels)
    return {
        "id_efficiency": efficiency.to_json(),
        "id_purity": purity.to_json(),
        **{name: estimate.to_json() for name, estimate in found.items()},
        "counts": asdict(counts),
    }


def _block(matched: MatchedImage, mev_per_unit: float | None, least_pixels: int = 0) -> dict[str, Any]:
    """The numbers, and those of the energies."""
    return {
        **_numbers(matched, least_pixels),
        "spectrum": _spectrum(matched, mev_per_unit, least_pixels),
    }


def _spectrum(matched: MatchedImage, mev_per_unit: float | None, least_pixels: int) -> dict[str, Any]:
    pairs, truths = matched
    enough = pairs.pixels >= least_pixels
    kept = enough & (pairs.match >= 0)
    scale, width = energy_scale(pairs.charge[kept], pairs.true_charge[kept], pairs.event[kept])
    factor = 0.0 if mev_per_unit is None else mev_per_unit
    # Without a factor all energies are 0, and none is fitted.
    fits = {
        "": fit_endpoint(factor * pairs.charge[enough]),
        "true_": fit_endpoint(factor * truths.charge),
        "own_": fit_endpoint(truths.own[np.isfinite(truths.own)]),
    }
    none = {"value": None, "low": None, "high": None}
    known = factor > 0
    return {
        "scale": scale.to_json(),
        "width": width.to_json(),
        **{f"{name}endpoint": fit.endpoint.to_json() if fit else none for name, fit in fits.items()},
        "own_share": mean(truths.own / (factor * truths.charge)).to_json() if known else none,
        "kept": mean(truths.own / truths.kinetic).to_json(),
        "fits": {f"{name}spectrum": fit.to_json() if fit else None for name, fit in fits.items()},
    }


def _by_energy(energies: np.ndarray, found: np.ndarray) -> list[dict[str, Any]]:
    """ID efficiency of true clusters in bins of their energy; the last has no end."""
    bins = np.searchsorted(ENERGY_EDGES, energies, side="right") - 1
    return [
        {
            "low": low,
            "high": high,
            "true": int((bins == number).sum()),
            "id_efficiency": fraction(
                int(found[bins == number].sum()), int((bins == number).sum())
            ).to_json(),
        }
        for number, (low, high) in enumerate(zip(ENERGY_EDGES, (*ENERGY_EDGES[1:], None), strict=True))
    ]
