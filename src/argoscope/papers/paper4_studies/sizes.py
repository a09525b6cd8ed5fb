"""How large the studies of paper 4 are: small for two cores in half an hour, full as in the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from argoscope.papers.samples import Sample, Use
from argoscope.papers.scan import Recipe

__all__ = ["FULL", "SMALL", "Place", "Sizes", "recipe_of", "sample_of"]


class Place(NamedTuple):
    """Images of a preset, whole or in windows of so many pixels."""

    preset: str
    window: int = 0

    @property
    def side(self) -> int:
        """Pixels of an image along each axis."""
        return self.window or int(self.preset.rpartition("-")[2])


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of all studies.

    Parameters
    ----------
    scale : str
        Name, for notes.
    train_events, validation_events, test_events : int
    steps, batch : int
        Of the sparse networks in 3D.
    rate : float
    cosine : bool
    scan : Place
        Images of table III.
    filters : tuple of int
        Of table III; the paper has 8, 16, 32.
    depths : tuple of int
    labels : Place
        Images of table V.
    label_start : str
        Shipped model from whose weights its networks start; empty: from nothing, as the paper's.
    label_rate : float
    label_filters : int
        Of table V, from nothing; the paper has 32.
    images : tuple of Place
        Of table IV, in place of 192, 512 and 768 px.
    image_filters : int
        Of table IV and the dense comparison; the paper has 16.
    dense : Place
        Images of the dense comparison; the paper has 192 px.
    dense_batch, dense_steps, dense_events : int
        Of the dense network and what is compared with it; the last are events of the test.
    plane : Place
        Images of the comparison in 2D; the paper has 512 px.
    plane_batch, plane_steps : int
    snapshots : tuple of int
        Steps of figures 6, 8 and 9.
    shares : tuple of int
        The training sample is divided by these for the curve of data.
    headline : tuple of (Place, int)
        Test samples of finished models, with their numbers of events.
    voxel_events : int
        Events whose voxels are counted.
    cube_costs : tuple of (str, str, int, tuple of str)
        Network, preset, batch and phases (test, train) of table II.
    plane_costs : tuple of (str, int)
        Network and batch of figures 3 and 4.
    filter_costs : tuple of (int, int)
        Filters and batch of figures 10 and 11.
    cost_filters : int
        Of tables II and figures 3, 4; the paper has 16.
    """

    scale: str
    train_events: int
    validation_events: int
    test_events: int
    steps: int
    batch: int
    rate: float
    cosine: bool
    scan: Place
    filters: tuple[int, ...]
    depths: tuple[int, ...]
    labels: Place
    label_start: str
    label_rate: float
    label_filters: int
    images: tuple[Place, ...]
    image_filters: int
    dense: Place
    dense_batch: int
    dense_steps: int
    dense_events: int
    plane: Place
    plane_batch: int
    plane_steps: int
    snapshots: tuple[int, ...]
    shares: tuple[int, ...]
    headline: tuple[tuple[Place, int], ...]
    voxel_events: int
    cube_costs: tuple[tuple[str, str, int, tuple[str, ...]], ...]
    plane_costs: tuple[tuple[str, int], ...]
    filter_costs: tuple[tuple[int, int], ...]
    cost_filters: int = 16


_BOTH = ("test", "train")

SMALL = Sizes(
    scale="small",
    train_events=1600, validation_events=80, test_events=500,
    steps=400, batch=16, rate=3e-3, cosine=True,
    scan=Place("cube-192", 64),
    filters=(2, 4, 8), depths=(6, 5, 4),
    labels=Place("cube-192"), label_start="five-class-3d", label_rate=1e-3, label_filters=8,
    images=(Place("cube-192", 48), Place("cube-192", 128), Place("cube-192")), image_filters=4,
    dense=Place("cube-192", 64), dense_batch=4, dense_steps=60, dense_events=200,
    plane=Place("square-512", 128), plane_batch=8, plane_steps=160, snapshots=(1, 5, 10, 20, 40, 80, 160),
    shares=(1, 4, 16),
    headline=((Place("cube-512"), 500), (Place("cube-192"), 500), (Place("cube-768"), 100)),
    voxel_events=500,
    cube_costs=(
        ("dense", "cube-192", 1, ("test",)), ("sparse", "cube-192", 1, ("test",)),
        ("sparse", "cube-192", 4, _BOTH), ("sparse", "cube-192", 64, _BOTH),
        ("sparse", "cube-512", 64, _BOTH), ("sparse", "cube-768", 64, _BOTH),
    ),
    plane_costs=(
        ("dense", 1), ("dense", 4), ("dense", 12), ("sparse", 1), ("sparse", 4), ("sparse", 12), ("sparse", 88),
        ("sparse", 300),
    ),
    filter_costs=((8, 64), (16, 64), (32, 64)),
)  # fmt: skip
"""Two cores, under half an hour: windows of 48 to 192 pixels, a quarter of the width, 400 steps."""

FULL = Sizes(
    scale="full",
    train_events=80_000, validation_events=1_000, test_events=20_000,
    steps=30_000, batch=64, rate=1e-3, cosine=False,
    scan=Place("cube-512"),
    filters=(8, 16, 32), depths=(6, 5, 4),
    labels=Place("cube-512"), label_start="", label_rate=1e-3, label_filters=32,
    images=(Place("cube-192"), Place("cube-512"), Place("cube-768")), image_filters=16,
    dense=Place("cube-192"), dense_batch=4, dense_steps=30_000, dense_events=20_000,
    plane=Place("square-512"), plane_batch=88, plane_steps=40_000,
    snapshots=(1, 10, 40, 100, 300, 1_000, 3_000, 10_000, 40_000),
    shares=(1, 4, 16, 64),
    headline=((Place("cube-512"), 20_000), (Place("cube-192"), 20_000), (Place("cube-768"), 20_000)),
    voxel_events=20_000,
    cube_costs=(
        ("dense", "cube-192", 4, _BOTH), ("sparse", "cube-192", 4, _BOTH), ("sparse", "cube-192", 64, _BOTH),
        ("sparse", "cube-512", 64, _BOTH), ("sparse", "cube-768", 64, _BOTH),
    ),
    plane_costs=(
        *(("dense", batch) for batch in (1, 4, 16, 44, 88)),
        *(("sparse", batch) for batch in (1, 4, 16, 88, 300, 1000)),
    ),
    filter_costs=((8, 64), (16, 64), (32, 64)),
)  # fmt: skip
"""The paper's own sizes: 80,000 events, 30,000 steps of 64 events (40,000 of 88 in 2D)."""


def sample_of(sizes: Sizes, place: Place, use: Use, events: int = 0) -> Sample:
    """A sample of some images; as many as the sizes have for the use by default."""
    counts = {"train": sizes.train_events, "validation": sizes.validation_events, "test": sizes.test_events}
    return Sample(preset=place.preset, use=use, events=events or counts[use], window=place.window)


def recipe_of(sizes: Sizes, place: Place, network: dict[str, Any], **changes: Any) -> Recipe:
    """The training of a network on some images, as all others of the scale; `changes` are fields of `Recipe`."""
    recipe = Recipe(
        network=network,
        train=sample_of(sizes, place, "train"),
        validation=sample_of(sizes, place, "validation"),
        steps=sizes.steps,
        batch=sizes.batch,
        rate=sizes.rate,
        cosine=sizes.cosine,
    )
    return replace(recipe, **changes)
