"""Annotations are checked at run time: shapes and types of a whole road through the package.

beartype and jaxtyping check every call below `argoscope` in a child process,
where the import hook can be set before anything is loaded.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROAD = """
import sys
from jaxtyping import install_import_hook

PACKAGES = ["argoscope.events", "argoscope.files", "argoscope.detectors", "argoscope.drawn", "argoscope.training"]
with install_import_hook(PACKAGES, "beartype.beartype"):
    import numpy as np
    import argoscope
    from argoscope.drawn import drawn_event
    from argoscope.events import crop, downsample, flip, overlay, threshold
    from argoscope.events.transforms import map_images
    from argoscope.files.convert import relabel
    from argoscope.events import TRACK_SHOWER, Grid
    from argoscope.files.larcv3_write import write_events
    from argoscope.files.table import table_of
    from argoscope.training.data import collate, tensors_of

folder = sys.argv[1]
events = [drawn_event(0), drawn_event(1)]
write_events(f"{folder}/a.h5", events)
with argoscope.open(f"{folder}/a.h5") as file:
    again = list(file)
assert again == events
both = overlay(*again)
small = map_images(both, lambda image: downsample(threshold(flip(image, 0), 20.0), 2, labels="largest-charge"))
relabel(small, TRACK_SHOWER, lossy=True)
table_of(small)
collate([tensors_of(crop_to) for crop_to in (small, small)])
try:
    Grid((4, 4)).ids(np.zeros((2, 2)))
except Exception as error:
    print(type(error).__name__)
"""


def test_shapes_and_types_hold_along_the_road(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", ROAD, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # Floats where Coordinates promises int32: the hook must have been awake.
    assert done.stdout.strip() == "TypeCheckError"
