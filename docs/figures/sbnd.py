"""Draw docs/figures/sbnd.png: a neutrino among cosmic rays on SBND's collection plane, as its truth and as a network has it.

argoscope predict sbnd_larcv3_events0-2.h5 --model cosmic-tagger-sbnd -o tagged.h5
python docs/figures/sbnd.py tagged.h5

The file is the public one of paper 0's authors, events of the collaboration's own simulation. The second of its three
events is neither the best nor the worst for the network.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from argoscope.display.scene import scene_of
from argoscope.display.static import figure_of
from argoscope.events.transforms import crop
from argoscope.files.catalogue import open_events

EVENT, PLANE = 1, 2
LOW, SHAPE = (450, 40), (1250, 1000)
"""First wire and tick that are shown, and how many."""


def main(path: str) -> None:
    """Draw the picture of a predicted file."""
    with open_events(path) as file:
        event = file.event(EVENT)
    close = replace(event, images=(crop(event.image(PLANE), LOW, SHAPE),))
    layers = ["charge", "origin", "prediction", "difference"]
    source = "SBND, public sample, a part of one plane"
    scene = scene_of(close, source=source, number=EVENT, layers=layers, whole=event)
    figure_of(scene).savefig(Path(__file__).with_suffix(".png"), dpi=120)


if __name__ == "__main__":
    main(sys.argv[1])
