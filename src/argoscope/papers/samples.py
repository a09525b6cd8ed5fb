"""The samples of a reproduction: simulated, or taken from files; whole images, or windows of them.

    <folder>/samples/cube-192-test-500.h5          whole images
    <folder>/samples/cube-192-test-500-w64.h5      windows of 64 pixels
    <folder>/samples/paper3-nue-test-30-lifetime_us=3000.h5   of a varied detector
    <folder>/samples/sbnd-test-500-r4.h5           images of a quarter of the resolution

A window is the one that holds a random charged pixel and, of those, the most
charged pixels; each plane has its own. Training, validation and test have seeds of their own, and of
real files parts of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from argoscope.detectors import Detector
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Event, Image
from argoscope.events.vertex_crop import crop_around_vertex
from argoscope.files.catalogue import open_events
from argoscope.files.larcv3_write import write_events
from argoscope.files.provenance import provenance_block
from argoscope.papers.reduced import write_reduced
from argoscope.papers.study import Context
from argoscope.simulation.presets import Preset, geometry_of, preset_named
from argoscope.simulation.run import Order, simulate
from argoscope.simulation.streams import TEST_SEEDS_FROM, TUNING_SEEDS_FROM

__all__ = ["SEEDS", "Sample", "events_of", "image_shape", "sample_file"]

Use = Literal["train", "validation", "test"]

SEEDS: dict[Use, int] = {"train": 1, "validation": TUNING_SEEDS_FROM + 1, "test": TEST_SEEDS_FROM + 1}
"""Seeds of the simulation by use."""
SHARES: dict[Use, tuple[float, float]] = {"train": (0.0, 0.78), "validation": (0.78, 0.8), "test": (0.8, 1.0)}
"""Parts of real files by use; the test has a fifth, as in paper 4."""

POOL = 3
"""Events that are simulated for each with a Michel electron: 43 % of the muons of paper2-michel show one of 10 pixels."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some events for one use.

    Parameters
    ----------
    preset : str
        Of the simulation.
    use : {"train", "validation", "test"}
    events : int
        Of real files at most so many.
    window : int
        Side of the windows; 0: whole images.
    vary : tuple of str
        NAME=VALUE of the detector's response, as `simulate --vary` takes them; the particles stay the same.
    reduced : int
        Pixels along each axis that are made one, of wire planes with true origins; 0: none.
    michel : int
        Pixels that a Michel electron must show in the detector as it is: other events are left out, of varied detectors too,
        so that the particles stay the same. 0: all are kept.
    """

    preset: str
    use: Use
    events: int
    window: int = 0
    vary: tuple[str, ...] = ()
    reduced: int = 0
    michel: int = 0

    @property
    def name(self) -> str:
        """Name of its file."""
        parts = [self.preset, self.use, str(self.events), *self.vary]
        parts += [f"r{self.reduced}"] if self.reduced else []
        parts += [f"m{self.michel}"] if self.michel else []
        return "-".join([*parts, *([f"w{self.window}"] if self.window else [])])

    def said(self) -> str:
        """What the sample is, for a note below a table.

        Examples
        --------
        >>> Sample(preset="cube-192", use="test", events=500, window=64).said()
        '500 events of cube-192 in windows of 64 pixels, seed 990001'
        """
        window = f" in windows of {self.window} pixels" if self.window else ""
        window += f" reduced by {self.reduced} along each axis" if self.reduced else ""
        window += f" with a Michel electron of at least {self.michel} pixels" if self.michel else ""
        varied = f" with {' '.join(self.vary)}" if self.vary else ""
        return f"{self.events} events of {self.preset}{varied}{window}, seed {SEEDS[self.use]}"


def sample_file(context: Context, sample: Sample) -> Path:
    """File of a sample, made if it is not there.

    Parameters
    ----------
    context : Context
        Its setting ``data`` has the real files, which stand for simulated events with images of their shape, but not
        for those of a varied detector or with unlabelled cosmics, nor for those of papers 0 and 1, whose real files are tests;
        crops stand for the preset paper2, not for paper 2's samples of a kind.
    sample : Sample

    Raises
    ------
    InvalidArgument
        If a real file has other labels than the five classes.
    Stopped
        If the work was asked to stop.
    """
    folder = context.folder / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sample.name}.h5"
    if path.exists():
        return path
    if sample.window:
        whole = replace(sample, window=0)
        source = sample_file(context, whole)
        _write(context, path, _windows(source, sample), sample, [str(source.name)])
        return path
    if sample.michel:
        _write(context, path, _with_michel(context, sample), sample, [_pool_of(sample).name])
        return path
    if sample.reduced:
        source = sample_file(context, replace(sample, reduced=0))
        write_reduced(source, path, sample.reduced, _provenance(sample, [source.name]), obey=context.obey)
        return path
    real = _files_like(context, sample)
    if real:
        _write(context, path, _share(real, sample), sample, [str(file) for file in real])
    else:
        order = Order(preset=sample.preset, events=sample.events, seed=SEEDS[sample.use], vary=sample.vary)
        simulate(
            order, path, workers=context.workers, resume=True, report=context.report, stop=context.stop,
            command=f"argoscope reproduce: {sample.name}",
        )  # fmt: skip
    return path


def image_shape(preset: Preset) -> tuple[int, ...]:
    """Shape of a preset's images.

    Examples
    --------
    >>> image_shape(preset_named("paper3")), image_shape(preset_named("square-512"))
    ((3456, 1008), (512, 512))
    """
    if preset.crop:
        return (preset.crop, preset.crop)
    geometry = geometry_of(preset)
    if isinstance(geometry, Detector):
        return geometry.grid(geometry.image.planes[0]).shape
    return (geometry.voxels,) * (2 if preset.family == "projection" else 3)


def events_of(path: Path, most: int | None = None) -> Iterator[Event]:
    """The events of a file, one at a time; at most so many."""
    with open_events(path) as file:
        for index in range(len(file) if most is None else min(most, len(file))):
            yield file.event(index)


def _write(context: Context, path: Path, events: Iterator[Event], sample: Sample, inputs: list[str]) -> None:
    def told() -> Iterator[Event]:
        for number, event in enumerate(events):
            context.obey()
            context.report(f"writing {sample.name}", number, sample.events)
            yield event

    write_events(path, told(), provenance=_provenance(sample, inputs))


def _provenance(sample: Sample, inputs: list[str]) -> dict[str, Any]:
    return provenance_block(
        f"argoscope reproduce: {sample.name}",
        configuration={"files": inputs, "window": sample.window, "reduced": sample.reduced},
        seeds={"simulation": SEEDS[sample.use]},
    )


def _windows(source: Path, sample: Sample) -> Iterator[Event]:
    """Each image of each event in a window around one of its pixels."""
    for number, event in enumerate(events_of(source)):
        rng = np.random.default_rng((SEEDS[sample.use], number))
        yield replace(event, images=tuple(_window(image, sample.window, rng) for image in event.images))


def _pool_of(sample: Sample) -> Sample:
    """The sample from which events with a Michel electron are taken."""
    return replace(sample, michel=0, events=POOL * sample.events)


def _with_michel(context: Context, sample: Sample) -> Iterator[Event]:
    """The first events that show a Michel electron in the detector as it is, in the sample's detector."""
    pool = _pool_of(sample)
    whole = events_of(sample_file(context, replace(pool, vary=())))
    shown = (number for number, event in enumerate(whole) if _michel_pixels(event) >= sample.michel)
    taken = set(islice(shown, sample.events))
    if len(taken) < sample.events:
        raise InvalidArgument(
            f"{len(taken)} of {pool.said()} have a Michel electron of at least {sample.michel} pixels, and {sample.events} are "
            "wanted: the preset makes too few"
        )
    return (event for number, event in enumerate(events_of(sample_file(context, pool))) if number in taken)


def _michel_pixels(event: Event) -> int:
    """True Michel pixels in the image that shows most."""
    michel = FIVE_CLASS.index("Michel")
    return max(int((image.label("semantic").values == michel).sum()) for image in event.images)


def _window(image: Image, side: int, rng: np.random.Generator) -> Image:
    """The window around a random pixel; around the middle of an image without pixels."""
    middle = tuple(n // 2 for n in image.grid.shape)
    pixel = tuple(map(int, image.coordinates[rng.integers(len(image))])) if len(image) else middle
    return crop_around_vertex(image, pixel, (side,) * image.grid.dimensions)


def _files_like(context: Context, sample: Sample) -> list[Path]:
    """Real files that can stand for a simulated sample."""
    preset = preset_named(sample.preset)
    of_a_kind = preset.crop and preset.name != "paper2"
    tests_alone = preset.family == "sbnd" or preset.image == "paper1"
    if sample.vary or preset.rules.hide_cosmics or tests_alone or of_a_kind:
        return []
    shape, found = image_shape(preset), []
    for name in context.settings.get("data", []):
        with open_events(name) as file:
            if len(file) and file.event(0).images[0].grid.shape == shape:
                found.append(Path(name))
    return found


def _share(files: list[Path], sample: Sample) -> Iterator[Event]:
    """Events of that part of real files which has the use, from each file its share."""
    left = sample.events
    for path in files:
        with open_events(path) as file:
            low, high = (int(edge * len(file)) for edge in SHARES[sample.use])
            for index in range(low, min(high, low + left)):
                event = file.event(index)
                scheme = event.images[0].label("semantic").scheme
                if scheme.name != FIVE_CLASS.name:
                    raise InvalidArgument(
                        f"{path} has labels of the scheme {scheme.name!r}, not the five classes"
                    )
                yield event
            left -= max(0, min(high - low, left))
