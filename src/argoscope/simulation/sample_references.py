"""What the public events of paper 0's sample have: references of `sample_checks`.

Five events (three of them in the file that is tested here), run by run: means,
percentiles and ratios over all pixels together. How well five events know a
number is the larger of the spread between groups of five simulated events and
of the spread of the three events; of cosmic pixels, particles and energies it
is the spread of the five themselves.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACTIVE_COLUMNS",
    "DEAD_BAND",
    "NEUTRINO_COARSE",
    "NEUTRINO_GEV",
    "NEUTRINO_KNOWN",
    "NEUTRINO_MIXED",
    "NEUTRINO_PIXELS",
    "OVERLAP",
    "PAPER0",
    "PARTICLES",
    "REFERENCES",
    "Reference",
]


class Reference(NamedTuple):
    """A number of the sample."""

    quantity: str
    """Name in `sample_statistics`."""
    value: float
    known: float
    """Standard error of the reference, as a share of it."""
    share: float = 0.2
    """Tolerance asked for, as a share: 20 % for class occupancies and charges, 10 % for noise."""
    half_range: float = 0.0
    """Half of the range that the sample's planes or events span, where only that is known."""
    events: int = 5
    """Events that it comes from."""


PAPER0 = (11_000, 2_300, 250)
"""Pixels per plane at half resolution, paper 0: any, cosmic, neutrino."""
OVERLAP = 0.5
"""Share of events in which cosmic and neutrino meet in a pixel of some plane; paper 0, "approximately"."""
NEUTRINO_GEV = (1.4, 1.0, 1.9, 1.5, 0.5)
"""Neutrinos of the five events, in GeV."""
NEUTRINO_PIXELS = (1296, 1681, 1823)
"""Neutrino pixels per event, by plane."""
NEUTRINO_COARSE = (551, 679, 757)
"""The same at half resolution."""
NEUTRINO_KNOWN = 0.35
"""Standard error of both, as a share: the five events differ by 80 %."""
NEUTRINO_MIXED = 482
"""Neutrino pixels per plane at half resolution that the sample's pixels per GeV give for paper 0's mix: a third each of
electron and muon neutrinos and neutral currents, with our energies and our ratio of neutral to charged currents."""
PARTICLES = {"10 px": (18, 18, 21, 17, 7), "more than 10 MeV": (11, 14, 9, 13, 6)}
"""True particles of each event on the collection plane."""
DEAD_BAND = (631, 648)
"""First and last row without charge of particles at time 0."""
ACTIVE_COLUMNS = ((31, 2017), (31, 2017), (191, 1857))
"""First column with a wire and first one behind them, by plane."""

REFERENCES = (
    Reference("plane 0 TPC0: background pixels", 1783, 0.2),
    Reference("plane 0 TPC1: background pixels", 12283, 0.04, share=0.1),
    Reference("plane 1 TPC0: background pixels", 12107, 0.03, share=0.1),
    Reference("plane 1 TPC1: background pixels", 2151, 0.18),
    Reference("plane 2 TPC0: background pixels", 503, 0.44),
    Reference("plane 2 TPC1: background pixels", 995, 0.33),
    Reference("plane 0: cosmic pixels", 7538, 0.2),
    Reference("plane 1: cosmic pixels", 6936, 0.2),
    Reference("plane 2: cosmic pixels", 6259, 0.19),
    Reference("plane 0, half resolution: active pixels", 14476, 0.05),
    Reference("plane 0, half resolution: cosmic pixels", 3152, 0.2),
    Reference("plane 1, half resolution: active pixels", 14706, 0.05),
    Reference("plane 1, half resolution: cosmic pixels", 2870, 0.2),
    Reference("plane 2, half resolution: active pixels", 4127, 0.17),
    Reference("plane 2, half resolution: cosmic pixels", 2588, 0.2),
    Reference("plane 0 TPC0: percentile 5 of background pixels", 5, 0),
    Reference("plane 0 TPC0: percentile 25 of background pixels", 5.3, 0.02),
    Reference("plane 0 TPC0: percentile 50 of background pixels", 5.8, 0.24),
    Reference("plane 0 TPC0: percentile 75 of background pixels", 11, 0.22),
    Reference("plane 0 TPC0: percentile 95 of background pixels", 28, 0.22),
    Reference("plane 0 TPC0: percentile 99 of background pixels", 40, 0.21),
    Reference("plane 0 TPC0: percentile 5 of cosmic pixels", 9.5, 0.15),
    Reference("plane 0 TPC0: percentile 25 of cosmic pixels", 24, 0.08),
    Reference("plane 0 TPC0: percentile 50 of cosmic pixels", 39, 0.07),
    Reference("plane 0 TPC0: percentile 75 of cosmic pixels", 56, 0.1),
    Reference("plane 0 TPC0: percentile 95 of cosmic pixels", 100, 0.19),
    Reference("plane 0 TPC0: percentile 99 of cosmic pixels", 153, 0.3),
    Reference("plane 0 TPC0: percentile 5 of neutrino pixels", 6, 0.33),
    Reference("plane 0 TPC0: percentile 25 of neutrino pixels", 15, 0.26),
    Reference("plane 0 TPC0: percentile 50 of neutrino pixels", 35, 0.23),
    Reference("plane 0 TPC0: percentile 75 of neutrino pixels", 74, 0.25),
    Reference("plane 0 TPC0: percentile 95 of neutrino pixels", 265, 0.28),
    Reference("plane 0 TPC0: percentile 99 of neutrino pixels", 486, 0.34),
    Reference("plane 0 TPC1: percentile 5 of background pixels", 5, 0, share=0.1),
    Reference("plane 0 TPC1: percentile 25 of background pixels", 5.3, 0, share=0.1),
    Reference("plane 0 TPC1: percentile 50 of background pixels", 5.6, 0.01, share=0.1),
    Reference("plane 0 TPC1: percentile 75 of background pixels", 6.3, 0.05, share=0.1),
    Reference("plane 0 TPC1: percentile 95 of background pixels", 16, 0.3),
    Reference("plane 0 TPC1: percentile 99 of background pixels", 32, 0.16),
    Reference("plane 0 TPC1: percentile 5 of cosmic pixels", 10, 0.17),
    Reference("plane 0 TPC1: percentile 25 of cosmic pixels", 26, 0.09),
    Reference("plane 0 TPC1: percentile 50 of cosmic pixels", 38, 0.05),
    Reference("plane 0 TPC1: percentile 75 of cosmic pixels", 52, 0.06),
    Reference("plane 0 TPC1: percentile 95 of cosmic pixels", 107, 0.14),
    Reference("plane 0 TPC1: percentile 99 of cosmic pixels", 181, 0.22),
    Reference("plane 0 TPC1: percentile 5 of neutrino pixels", 7, 0.21),
    Reference("plane 0 TPC1: percentile 25 of neutrino pixels", 19, 0.24),
    Reference("plane 0 TPC1: percentile 50 of neutrino pixels", 36, 0.21),
    Reference("plane 0 TPC1: percentile 75 of neutrino pixels", 55, 0.23),
    Reference("plane 0 TPC1: percentile 95 of neutrino pixels", 103, 0.25),
    Reference("plane 0 TPC1: percentile 99 of neutrino pixels", 250, 0.25),
    Reference("plane 1 TPC0: percentile 5 of background pixels", 5, 0, share=0.1),
    Reference("plane 1 TPC0: percentile 25 of background pixels", 5.2, 0, share=0.1),
    Reference("plane 1 TPC0: percentile 50 of background pixels", 5.6, 0, share=0.1),
    Reference("plane 1 TPC0: percentile 75 of background pixels", 6.1, 0.01, share=0.1),
    Reference("plane 1 TPC0: percentile 95 of background pixels", 7.9, 0.29),
    Reference("plane 1 TPC0: percentile 99 of background pixels", 23, 0.19),
    Reference("plane 1 TPC0: percentile 5 of cosmic pixels", 9, 0.16),
    Reference("plane 1 TPC0: percentile 25 of cosmic pixels", 22, 0.21),
    Reference("plane 1 TPC0: percentile 50 of cosmic pixels", 37, 0.17),
    Reference("plane 1 TPC0: percentile 75 of cosmic pixels", 58, 0.1),
    Reference("plane 1 TPC0: percentile 95 of cosmic pixels", 98, 0.17),
    Reference("plane 1 TPC0: percentile 99 of cosmic pixels", 161, 0.27),
    Reference("plane 1 TPC0: percentile 5 of neutrino pixels", 7, 0.3),
    Reference("plane 1 TPC0: percentile 25 of neutrino pixels", 17, 0.35),
    Reference("plane 1 TPC0: percentile 50 of neutrino pixels", 33, 0.35),
    Reference("plane 1 TPC0: percentile 75 of neutrino pixels", 54, 0.38),
    Reference("plane 1 TPC0: percentile 95 of neutrino pixels", 117, 0.32),
    Reference("plane 1 TPC0: percentile 99 of neutrino pixels", 170, 0.29),
    Reference("plane 1 TPC1: percentile 5 of background pixels", 5, 0),
    Reference("plane 1 TPC1: percentile 25 of background pixels", 5.4, 0.03),
    Reference("plane 1 TPC1: percentile 50 of background pixels", 7.1, 0.24),
    Reference("plane 1 TPC1: percentile 75 of background pixels", 18, 0.23),
    Reference("plane 1 TPC1: percentile 95 of background pixels", 44, 0.18),
    Reference("plane 1 TPC1: percentile 99 of background pixels", 71, 0.21),
    Reference("plane 1 TPC1: percentile 5 of cosmic pixels", 10, 0.15),
    Reference("plane 1 TPC1: percentile 25 of cosmic pixels", 29, 0.23),
    Reference("plane 1 TPC1: percentile 50 of cosmic pixels", 47, 0.16),
    Reference("plane 1 TPC1: percentile 75 of cosmic pixels", 71, 0.11),
    Reference("plane 1 TPC1: percentile 95 of cosmic pixels", 130, 0.17),
    Reference("plane 1 TPC1: percentile 99 of cosmic pixels", 184, 0.27),
    Reference("plane 1 TPC1: percentile 5 of neutrino pixels", 7, 0.37),
    Reference("plane 1 TPC1: percentile 25 of neutrino pixels", 19, 0.33),
    Reference("plane 1 TPC1: percentile 50 of neutrino pixels", 42, 0.23),
    Reference("plane 1 TPC1: percentile 75 of neutrino pixels", 69, 0.24),
    Reference("plane 1 TPC1: percentile 95 of neutrino pixels", 132, 0.39),
    Reference("plane 1 TPC1: percentile 99 of neutrino pixels", 212, 0.47),
    Reference("plane 2 TPC0: percentile 5 of background pixels", 5, 0.01),
    Reference("plane 2 TPC0: percentile 25 of background pixels", 5.3, 0.09),
    Reference("plane 2 TPC0: percentile 50 of background pixels", 6, 0.25),
    Reference("plane 2 TPC0: percentile 75 of background pixels", 9.4, 0.19),
    Reference("plane 2 TPC0: percentile 95 of background pixels", 34, 0.25),
    Reference("plane 2 TPC0: percentile 99 of background pixels", 60, 0.26),
    Reference("plane 2 TPC0: percentile 5 of cosmic pixels", 8, 0.12),
    Reference("plane 2 TPC0: percentile 25 of cosmic pixels", 22, 0.12),
    Reference("plane 2 TPC0: percentile 50 of cosmic pixels", 46, 0.1),
    Reference("plane 2 TPC0: percentile 75 of cosmic pixels", 76, 0.12),
    Reference("plane 2 TPC0: percentile 95 of cosmic pixels", 157, 0.21),
    Reference("plane 2 TPC0: percentile 99 of cosmic pixels", 241, 0.56),
    Reference("plane 2 TPC0: percentile 5 of neutrino pixels", 7, 0.39),
    Reference("plane 2 TPC0: percentile 25 of neutrino pixels", 17, 0.22),
    Reference("plane 2 TPC0: percentile 50 of neutrino pixels", 36, 0.19),
    Reference("plane 2 TPC0: percentile 75 of neutrino pixels", 56, 0.2),
    Reference("plane 2 TPC0: percentile 95 of neutrino pixels", 121, 0.21),
    Reference("plane 2 TPC0: percentile 99 of neutrino pixels", 183, 0.27),
    Reference("plane 2 TPC1: percentile 5 of background pixels", 5, 0),
    Reference("plane 2 TPC1: percentile 25 of background pixels", 5.8, 0.05),
    Reference("plane 2 TPC1: percentile 50 of background pixels", 8.9, 0.21),
    Reference("plane 2 TPC1: percentile 75 of background pixels", 19, 0.2),
    Reference("plane 2 TPC1: percentile 95 of background pixels", 54, 0.28),
    Reference("plane 2 TPC1: percentile 99 of background pixels", 77, 0.3),
    Reference("plane 2 TPC1: percentile 5 of cosmic pixels", 9, 0.13),
    Reference("plane 2 TPC1: percentile 25 of cosmic pixels", 29, 0.17),
    Reference("plane 2 TPC1: percentile 50 of cosmic pixels", 53, 0.12),
    Reference("plane 2 TPC1: percentile 75 of cosmic pixels", 84, 0.12),
    Reference("plane 2 TPC1: percentile 95 of cosmic pixels", 160, 0.19),
    Reference("plane 2 TPC1: percentile 99 of cosmic pixels", 232, 0.34),
    Reference("plane 2 TPC1: percentile 5 of neutrino pixels", 8, 0.33),
    Reference("plane 2 TPC1: percentile 25 of neutrino pixels", 19, 0.22),
    Reference("plane 2 TPC1: percentile 50 of neutrino pixels", 38, 0.16),
    Reference("plane 2 TPC1: percentile 75 of neutrino pixels", 58, 0.17),
    Reference("plane 2 TPC1: percentile 95 of neutrino pixels", 116, 0.18),
    Reference("plane 2 TPC1: percentile 99 of neutrino pixels", 259, 0.21),
    Reference("plane 0: share of labelled pixels above 100", 0.066, 0.25),
    Reference("plane 1: share of labelled pixels above 100", 0.081, 0.27),
    Reference("plane 2: share of labelled pixels above 100", 0.145, 0.23),
    Reference("plane 0: share of labelled pixels above 200", 0.012, 0.49),
    Reference("plane 1: share of labelled pixels above 200", 0.006, 0.58),
    Reference("plane 2: share of labelled pixels above 200", 0.018, 0.49),
    Reference("plane 0: share of labelled pixels above 300", 0.0047, 0.76),
    Reference("plane 1: share of labelled pixels above 300", 0.0008, 0.86),
    Reference("plane 2: share of labelled pixels above 300", 0.0033, 0.69),
    Reference("plane 0: halo pixels per labelled pixel", 0.271, 0.37, events=3),
    Reference("plane 0: background pixels three rows away, per labelled pixel", 0.0032, 0.28, events=3),
    Reference("plane 0: percentile 10 of halo pixels", 6.14, 0.06, events=3),
    Reference("plane 0: percentile 50 of halo pixels", 13.6, 0.1, events=3),
    Reference("plane 0: percentile 90 of halo pixels", 30.8, 0.12, events=3),
    Reference("plane 1: halo pixels per labelled pixel", 0.216, 0.28, events=3),
    Reference("plane 1: background pixels three rows away, per labelled pixel", 0.0028, 0.3, events=3),
    Reference("plane 1: percentile 10 of halo pixels", 6, 0.06, events=3),
    Reference("plane 1: percentile 50 of halo pixels", 14.1, 0.19, events=3),
    Reference("plane 1: percentile 90 of halo pixels", 40.7, 0.14, events=3),
    Reference("plane 2: halo pixels per labelled pixel", 0.105, 0.43, events=3),
    Reference("plane 2: background pixels three rows away, per labelled pixel", 0.0169, 0.62, events=3),
    Reference("plane 2: percentile 10 of halo pixels", 5.89, 0.08, events=3),
    Reference("plane 2: percentile 50 of halo pixels", 13.8, 0.16, events=3),
    Reference("plane 2: percentile 90 of halo pixels", 50.3, 0.23, events=3),
    Reference("plane 0: most frequent charge of a narrow column", 78, 0.06),
    Reference("plane 0: median charge of a narrow column", 83, 0.05),
    Reference("plane 0: most frequent peak of a narrow column", 46, 0.07),
    Reference("plane 0: percentile 99 of peaks of narrow columns", 146, 0.22),
    Reference("plane 0: most frequent energy of a narrow column, MeV", 0.605, 0.04, half_range=0.025),
    Reference("plane 1: most frequent charge of a narrow column", 88, 0.17),
    Reference("plane 1: median charge of a narrow column", 108, 0.13),
    Reference("plane 1: most frequent peak of a narrow column", 46, 0.18),
    Reference("plane 1: percentile 99 of peaks of narrow columns", 185, 0.22),
    Reference("plane 1: most frequent energy of a narrow column, MeV", 0.605, 0.11, half_range=0.025),
    Reference("plane 2: most frequent charge of a narrow column", 92, 0.18),
    Reference("plane 2: median charge of a narrow column", 138, 0.11),
    Reference("plane 2: most frequent peak of a narrow column", 58, 0.18),
    Reference("plane 2: percentile 99 of peaks of narrow columns", 249, 0.24),
    Reference("plane 2: most frequent energy of a narrow column, MeV", 0.605, 0.15, half_range=0.025),
    Reference("induction: slope 0 to 0.1: rows per wire", 1.35, 0.18, half_range=0.05),
    Reference("induction: slope 0 to 0.1: median peak", 52.5, 0.08, half_range=2.5),
    Reference("induction: slope 0.1 to 0.25: rows per wire", 1.75, 0.1, half_range=0.15),
    Reference("induction: slope 0.1 to 0.25: median peak", 56.5, 0.3, half_range=13.5),
    Reference("induction: slope 0.25 to 0.5: rows per wire", 2.15, 0.05, half_range=0.15),
    Reference("induction: slope 0.25 to 0.5: median peak", 53, 0.07, half_range=12),
    Reference("induction: slope 0.5 to 1: rows per wire", 2.65, 0.05, half_range=0.25),
    Reference("induction: slope 0.5 to 1: median peak", 57, 0.15, half_range=9),
    Reference("induction: slope 1 to 2: rows per wire", 3.85, 0.06, half_range=0.15),
    Reference("induction: slope 1 to 2: median peak", 76.5, 0.26, half_range=23.5),
    Reference("induction: slope 2 to 4: rows per wire", 7.4, 0.14, half_range=1.2),
    Reference("induction: slope 2 to 4: median peak", 64, 0.29, half_range=13),
    Reference("collection: slope 0 to 0.1: rows per wire", 1.35, 0.13, half_range=0.05),
    Reference("collection: slope 0 to 0.1: median peak", 119, 0.41),
    Reference("collection: slope 0.1 to 0.25: rows per wire", 1.75, 0.16, half_range=0.15),
    Reference("collection: slope 0.1 to 0.25: median peak", 103, 0.26),
    Reference("collection: slope 0.25 to 0.5: rows per wire", 2.15, 0.16, half_range=0.15),
    Reference("collection: slope 0.25 to 0.5: median peak", 75, 0.26, half_range=4),
    Reference("collection: slope 0.5 to 1: rows per wire", 2.65, 0.06, half_range=0.25),
    Reference("collection: slope 0.5 to 1: median peak", 83.5, 0.2, half_range=14.5),
    Reference("collection: slope 1 to 2: rows per wire", 3.85, 0.09, half_range=0.15),
    Reference("collection: slope 1 to 2: median peak", 80.5, 0.4, half_range=14.5),
    Reference("collection: slope 2 to 4: rows per wire", 7.4, 0.13, half_range=1.2),
    Reference("collection: slope 2 to 4: median peak", 77, 0.49),
    Reference("induction: charge outside labelled pixels, 1 rows of truth", 0.41, 0),
    Reference("induction: charge outside labelled pixels, 2 rows of truth", 0.07, 0.05),
    Reference("induction: charge outside labelled pixels, 3 rows of truth", 0.013, 0.26),
    Reference("induction: charge outside labelled pixels, 4 rows of truth", 0.007, 0.3),
    Reference("collection: charge outside labelled pixels, 1 rows of truth", 0.33, 0.03),
    Reference("collection: charge outside labelled pixels, 2 rows of truth", 0.03, 0.08),
    Reference("collection: charge outside labelled pixels, 3 rows of truth", 0.006, 0.45),
    Reference("collection: charge outside labelled pixels, 4 rows of truth", 0.004, 0.54),
    Reference("true energy in a plane, GeV", 3.7, 0.19),
    Reference("true MeV per pixel with truth", 0.43, 0.08, half_range=0.1),
    Reference("labelled pixels per true MeV", 2.35, 0.07, half_range=0.55),
    Reference("share of pixels with truth below threshold", 0.065, 0.16, half_range=0.035),
)
"""Every number of the sample that `sample_statistics` has; neutrino pixels are those of charged-current events."""
