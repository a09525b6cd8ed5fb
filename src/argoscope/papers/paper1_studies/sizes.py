"""How large the studies of paper 1 are: small for two cores in half an hour, full as in the paper."""

from __future__ import annotations

from dataclasses import dataclass

from argoscope.papers import paper1_published as published
from argoscope.papers.samples import Sample, Use

__all__ = ["COLLECTION", "FULL", "PRESETS", "SMALL", "Sizes", "cut_out", "whole"]

COLLECTION = 2
"""Projection number of the collection plane, the only one that the paper looks at."""
PRESETS = {"nue": "microboone", "low_energy": "microboone-low", "offbeam": "microboone-offbeam"}
"""Preset of each of the paper's three samples (section 5)."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of all studies.

    Parameters
    ----------
    scale : str
        Name, for notes.
    test_events, low_events, offbeam_events : int
        Whole planes with a neutrino, with one below 400 MeV, and without.
    train_events, validation_events : int
        Of the scans.
    window : int
        Side of the images of the scans in pixels; 0: whole planes, as the paper's.
    filters : int
        Of the first layer of our networks; 16 is their full width.
    steps, batch : int
        Of our networks.
    contest_events : int
        Test images of the scans.
    boxes : tuple of str
        Published networks that stand beside ours, trained on as many images.
    box_width : int
        Divisor of all their channels.
    cost_width : int
        The same of the Mask R-CNN that is measured.
    """

    scale: str
    test_events: int
    low_events: int
    offbeam_events: int
    train_events: int
    validation_events: int
    window: int
    filters: int
    steps: int
    batch: int
    contest_events: int
    boxes: tuple[str, ...]
    box_width: int
    cost_width: int = 1

    def events(self, sample: str) -> int:
        """Test events of one of `PRESETS`."""
        return {"nue": self.test_events, "low_energy": self.low_events, "offbeam": self.offbeam_events}[
            sample
        ]


SMALL = Sizes(
    scale="small",
    test_events=500, low_events=100, offbeam_events=250, train_events=300, validation_events=30,
    window=512, filters=16, steps=400, batch=4, contest_events=150, boxes=("paper1-sparse",), box_width=8,
)  # fmt: skip
"""Two cores, under half an hour: networks of the scans see windows of 512 pixels."""

FULL = Sizes(
    scale="full",
    test_events=published.EVENTS["validation"],
    low_events=published.EVENTS["validation"],
    offbeam_events=10_000,
    train_events=published.EVENTS["train"],
    validation_events=500,
    window=0,
    filters=16,
    steps=published.EPOCHS * published.EVENTS["train"] // 4,
    batch=4,
    contest_events=published.EVENTS["validation"],
    boxes=("paper1-sparse", "paper1-tuned"),
    box_width=1,
)
"""The paper's events and epochs; it does not say how many events its low-energy and off-beam samples have."""


def whole(sizes: Sizes, sample: str = "nue") -> Sample:
    """Test events of one of `PRESETS` in whole planes."""
    return Sample(preset=PRESETS[sample], use="test", events=sizes.events(sample))


def cut_out(sizes: Sizes, use: Use) -> Sample:
    """Neutrino events as the networks of the scans see them; those of the test are of the same events as `whole`."""
    counts = {"train": sizes.train_events, "validation": sizes.validation_events, "test": sizes.test_events}
    return Sample(preset=PRESETS["nue"], use=use, events=counts[use], window=sizes.window)
