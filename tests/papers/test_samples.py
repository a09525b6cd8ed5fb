"""Samples of a reproduction: windows around charge, real files by parts, seeds by use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.errors import InvalidArgument, Stopped
from argoscope.events import FIVE_CLASS, TRACK_SHOWER, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.catalogue import open_events
from argoscope.files.larcv3_write import write_events
from argoscope.papers.samples import Sample, events_of, image_shape, sample_file
from argoscope.simulation.presets import preset_named

SIDE = 192


def cube(number, scheme=FIVE_CLASS, side=SIDE, pixels=30):
    """A cube whose charges tell its number."""
    rng = np.random.default_rng(number)
    grid = Grid((side,) * 3)
    image = Image.from_points(grid, rng.integers(0, side, (pixels, 3)), np.full(pixels, 1.0 + number))
    column = LabelColumn(np.zeros(len(image), np.int32), scheme)
    return Event(EventId(1, 0, number), (replace(image, labels={"semantic": column}),), charge_unit="MeV")


@pytest.fixture
def real(tmp_path, context):
    """A function that gives a context with a file of cubes as real data."""

    def make(events=50, **options):
        path = tmp_path / "real.h5"
        write_events(path, [cube(number, **options) for number in range(events)])
        return replace(context, settings={"data": [str(path)]})

    return make


def ids(path):
    return [event.id.event for event in events_of(path)]


def test_real_events_are_parted_by_use(real):
    context = real()
    parts = {
        use: ids(sample_file(context, Sample(preset="cube-192", use=use, events=100)))
        for use in ("train", "validation", "test")
    }
    assert parts == {"train": list(range(39)), "validation": [39], "test": list(range(40, 50))}


def test_no_more_events_than_asked_for(real):
    path = sample_file(real(), Sample(preset="cube-192", use="train", events=4))
    assert ids(path) == [0, 1, 2, 3]


def test_real_files_of_another_size_are_not_taken(real):
    path = sample_file(real(side=96), Sample(preset="cube-192", use="test", events=2))
    with open_events(path) as file:
        assert file.event(0).images[0].grid.shape == (SIDE,) * 3
        assert file.describe().provenance["seeds"] == {"simulation": 990_001}


def test_real_events_need_the_five_classes(real):
    with pytest.raises(InvalidArgument, match="labels of the scheme 'track-shower', not the five classes"):
        sample_file(real(scheme=TRACK_SHOWER), Sample(preset="cube-192", use="test", events=2))


@pytest.mark.parametrize(("use", "seed"), [("train", 1), ("validation", 900_001), ("test", 990_001)])
def test_windows_keep_the_seed_of_their_use(context, use, seed):
    path = sample_file(context, Sample(preset="cube-192", use=use, events=3, window=32))
    with open_events(path) as file:
        assert file.describe().provenance["seeds"]["simulation"] == seed
        assert len(file) == 3


def test_windows_are_cut_from_the_whole_events_around_their_charge(context):
    sample = Sample(preset="cube-192", use="test", events=5)
    whole = list(events_of(sample_file(context, sample)))
    cut = list(events_of(sample_file(context, replace(sample, window=32))))
    assert any(len(event.images[0]) for event in whole)
    for event, window in zip(whole, cut, strict=True):
        assert window.id == event.id
        image = window.images[0]
        assert image.grid.shape == (32,) * 3
        assert (len(image) > 0) == (len(event.images[0]) > 0)
        assert "semantic" in image.labels


def test_an_event_without_charge_has_an_empty_window(real):
    context = real(pixels=0, events=5)
    path = sample_file(context, Sample(preset="cube-192", use="test", events=5, window=16))
    assert [len(event.images[0]) for event in events_of(path)] == [0]


def test_a_sample_is_made_once_and_the_same_each_time(context):
    sample = Sample(preset="square-512", use="test", events=2, window=64)
    path = sample_file(context, sample)
    first = [event.images[0].charge.tolist() for event in events_of(path)]
    made = path.stat().st_mtime_ns
    assert sample_file(context, sample).stat().st_mtime_ns == made
    path.unlink()
    assert [event.images[0].charge.tolist() for event in events_of(sample_file(context, sample))] == first


def test_a_stop_leaves_no_half_sample(real):
    context = replace(real(), stop=lambda: True)
    with pytest.raises(Stopped):
        sample_file(context, Sample(preset="cube-192", use="test", events=10))
    assert not list((context.folder / "samples").glob("*.h5"))


def test_each_plane_has_a_window_of_its_own(context):
    """Around a pixel of its own: no plane with charge has an empty window."""
    sample = Sample(preset="paper3", use="test", events=2)
    whole = list(events_of(sample_file(context, sample)))
    cut = list(events_of(sample_file(context, replace(sample, window=64))))
    for event, window in zip(whole, cut, strict=True):
        assert [image.grid.projection for image in window.images] == [0, 1, 2]
        assert all(image.grid.shape == (64, 64) for image in window.images)
        assert all(len(image) for image in event.images)
        assert all(len(image) for image in window.images)
        corners = {tuple(image.grid.origin) for image in window.images}
        assert len(corners) == 3


def test_a_varied_sample_has_the_same_particles_and_another_name(context):
    sample = Sample(preset="paper3", use="test", events=2)
    varied = replace(sample, vary=("noise_scale=0.5", "lifetime_us=2000"))
    assert varied.name == "paper3-test-2-noise_scale=0.5-lifetime_us=2000"
    assert "with noise_scale=0.5 lifetime_us=2000" in varied.said()
    for one, other in zip(*(events_of(sample_file(context, s)) for s in (sample, varied)), strict=True):
        first = one.particles["trackid"] == one.particles["ancestor_trackid"]
        same = other.particles["trackid"] == other.particles["ancestor_trackid"]
        assert set(one.particles["energy_init"][first]) & set(other.particles["energy_init"][same])
        assert one.images[2].charge.sum() > other.images[2].charge.sum()


@pytest.mark.parametrize(
    "sample",
    [
        Sample(preset="paper3", use="test", events=1, vary=("noise_scale=1.5",)),
        Sample(preset="paper3-nue", use="test", events=1),
    ],
    ids=["varied", "unlabelled cosmics"],
)
def test_real_files_stand_for_no_varied_or_half_labelled_sample(sample, context, tmp_path):
    plane = Event(EventId(1, 0, 5), (Image.from_points(Grid((3456, 1008)), np.array([[1, 1]]), np.ones(1)),))
    path = tmp_path / "real.h5"
    write_events(path, [plane])
    with open_events(sample_file(replace(context, settings={"data": [str(path)]}), sample)) as file:
        assert file.event(0).id.event == 0


def test_real_planes_stand_for_paper_3s(context, tmp_path):
    scheme = LabelColumn(np.zeros(1, np.int32), FIVE_CLASS)
    image = Image.from_points(Grid((3456, 1008)), np.array([[1, 1]]), np.ones(1)).with_labels(semantic=scheme)
    path = tmp_path / "real.h5"
    write_events(path, [Event(EventId(1, 0, n), (image,)) for n in range(10)])
    found = sample_file(
        replace(context, settings={"data": [str(path)]}), Sample(preset="paper3", use="test", events=9)
    )
    assert ids(found) == [8, 9]


def test_real_planes_stand_for_no_event_of_paper_1s(context, tmp_path):
    scheme = LabelColumn(np.zeros(1, np.int32), FIVE_CLASS)
    image = Image.from_points(Grid((3456, 1008)), np.array([[1, 1]]), np.ones(1)).with_labels(semantic=scheme)
    path = tmp_path / "real.h5"
    write_events(path, [Event(EventId(1, 0, n), (image,)) for n in range(10)])
    found = replace(context, settings={"data": [str(path)]})
    with open_events(sample_file(found, Sample(preset="microboone", use="test", events=1))) as file:
        assert file.event(0).pixels > 1


@pytest.mark.parametrize(
    ("preset", "shape"),
    [
        ("cube-192", (192,) * 3), ("square-512", (512,) * 2), ("paper3-bnb", (3456, 1008)), ("paper2", (512, 512)),
        ("sbnd", (2048, 1280)),
    ],
)  # fmt: skip
def test_shapes_of_images(preset, shape):
    assert image_shape(preset_named(preset)) == shape
