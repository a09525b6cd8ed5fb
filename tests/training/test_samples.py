"""What a network is fed: weights of the right pixels, the same for every reader; held-out seeds refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from tests.training.listed import Listed

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.events import SHAPE, overlay
from argoscope.files.larcv3_write import write_events
from argoscope.models.preparation import Preparation
from argoscope.training.augmentation import Augmentation
from argoscope.training.config import SampleConfig
from argoscope.training.plan import Place
from argoscope.training.samples import Samples, open_sample
from argoscope.training.weighting import weighting_named


def samples(events, weighting="none", **options):
    return Samples(Listed(events), Preparation(), weighting_named(weighting), **options)


def equal(one, other):
    return one.keys() == other.keys() and all(
        torch.equal(value, other[name]) if isinstance(value, torch.Tensor) else value == other[name]
        for name, value in one.items()
    )


def test_unlabelled_pixels_weigh_nothing_and_count_nowhere(make_event):
    event = make_event(1, pixels=200)
    item = samples([event], "inverse")[0]
    labels, weights = item["semantic"].numpy(), item["weight"].numpy()
    assert set(np.unique(labels)) == {0, 1, 2, 3, 4, 5}
    assert not weights[labels == 5].any()
    counted = labels != 5
    for one in range(5):
        # Every class weighs the same: N / 5 in all.
        assert weights[labels == one].sum() == pytest.approx(counted.sum() / 5, rel=1e-5)
    assert weights.dtype == np.float32


def test_images_are_weighted_each_for_itself(make_event):
    """Two planes of one event: the weights of one do not see the pixels of the other."""
    event = make_event(2, pixels=60, shape=(20, 20), images=2)
    item = samples([event], "paper3-code")[0]
    for number, image in enumerate(event.images):
        alone = samples([type(event)(event.id, (image,))], "paper3-code")[0]["weight"]
        assert torch.equal(item["weight"][item["coordinates"][:, 0] == number], alone)


@pytest.mark.parametrize(("pixels", "least", "counted"), [(0, 1, False), (1, 1, True), (1, 2, False)])
def test_images_with_few_labelled_pixels_do_not_count(make_event, pixels, least, counted):
    item = samples([make_event(3, pixels=pixels)], "paper3", least_pixels=least)[0]
    assert item["weight"].shape == (pixels,)
    assert bool(item["weight"].any()) is counted


def test_pixels_outside_the_window_are_gone_before_the_weights(make_event):
    event = make_event(4, pixels=100)
    cut = Samples(Listed([event]), Preparation(least=1.0), weighting_named("inverse"))[0]
    assert len(cut["weight"]) == len(cut["semantic"]) == int((event.images[0].charge >= 1.0).sum())
    counted = cut["semantic"] != 5
    assert float(cut["weight"].sum()) == pytest.approx(int(counted.sum()), rel=1e-5)


def test_changes_depend_on_the_place_alone(make_event):
    events = [make_event(number) for number in range(3)]
    options = {
        "augmentation": Augmentation(mirror=True, turn=True, gain=0.1, pixel_gain=0.1, overlay=0.5), "seed": 4
    }  # fmt: skip
    one, other = (samples(events, "paper3", **options) for _ in range(2))
    places = [Place(step, slot, (step + slot) % 3) for step in range(4) for slot in range(3)]
    wanted = [one[place] for place in places]
    assert all(equal(other[place], item) for place, item in reversed([*zip(places, wanted, strict=True)]))
    kept = samples(events, "paper3", **options, keep=True)
    for _ in range(2):
        assert all(equal(kept[place], item) for place, item in zip(places, wanted, strict=True))
    assert not equal(one[Place(0, 0, 0)], one[Place(1, 0, 0)])


def test_an_overlay_is_the_overlay_of_two_events(make_event):
    events = [make_event(number) for number in range(4)]
    fed = samples(events, augmentation=Augmentation(overlay=1.0), seed=1)
    item = fed[Place(3, 1, 2)]
    charges = {
        round(float(overlay(events[2], other).images[0].charge.sum()), 3): other.id.event for other in events
    }
    assert round(float(item["features"].sum()), 3) in charges
    assert len(item["coordinates"]) >= len(events[2].images[0])


@pytest.mark.parametrize(("count", "first"), [(2, 0), (2, 1), (4, 0), (4, 2), (4, 3)])
def test_an_event_is_overlaid_by_each_of_the_others_and_read_once(make_event, count, first):
    source = Listed([make_event(number, pixels=3) for number in range(count)])
    fed = Samples(
        source, Preparation(), weighting_named("none"), augmentation=Augmentation(overlay=1.0), keep=True
    )
    for step in range(40):
        _ = fed[Place(step, 0, first)]
    assert source.asked[::2] == [first] * 40
    assert set(source.asked[1::2]) == set(range(count)) - {first}


@pytest.mark.parametrize("count", [0, 1])
def test_an_overlay_needs_two_events(make_event, count):
    events = [make_event(number) for number in range(count)]
    with pytest.raises(
        InvalidArgument, match=rf"overlay \(=0.5\) takes another event, .* has {count}: give more"
    ):
        samples(events, augmentation=Augmentation(overlay=0.5))
    assert len(samples(events, augmentation=Augmentation(mirror=True))) == count


def test_labels_of_another_scheme_are_refused(make_event):
    with pytest.raises(InvalidArgument, match=r"scheme 'shape', and the task needs 'five-class'"):
        samples([make_event(scheme=SHAPE, pixels=3)])[0]


def test_events_without_labels_are_refused(make_event):
    event = make_event()
    bare = type(event)(event.id, tuple(type(i)(i.grid, i.coordinates, i.charge) for i in event.images))
    with pytest.raises(InvalidArgument, match="semantic"):
        samples([bare])[0]


@pytest.mark.parametrize(
    ("seed", "training", "message"),
    [
        (899_999, True, None),
        (900_000, True, "seed 900000 is held out; training takes seeds below 900000"),
        (900_000, False, None),
        (989_999, False, None),
        (990_000, False, "seed 990000 is held out for tests"),
        (990_000, True, "seed 990000 is held out; training"),
    ],
)
@pytest.mark.parametrize("kind", ["preset", "file"])
def test_held_out_seeds_are_refused(tmp_path, make_event, kind, seed, training, message):
    sample = SampleConfig(preset="cube-192", events=2, seed=seed)
    if kind == "file":
        write_events(tmp_path / "a.h5", [make_event()], provenance={"seeds": {"simulation": seed}})
        sample = SampleConfig(files=(str(tmp_path / "a.h5"),))
    if message is None:
        assert len(open_sample(sample, training=training)) > 0
    else:
        with pytest.raises(InvalidArgument, match=message):
            open_sample(sample, training=training)


def test_the_first_events_of_files_are_counted_over_all(samples_folder):
    files = (str(samples_folder / "train.h5"), str(samples_folder / "check.h5"))
    source = open_sample(SampleConfig(files=files[:1] * 2, events=10), training=True)
    assert len(source) == 10
    assert source.event(9).id == source.event(1).id
    with pytest.raises(InvalidArgument, match=r"events \(=17\) must not exceed the 16"):
        open_sample(SampleConfig(files=files[:1] * 2, events=17), training=True)
    with pytest.raises(InvalidArgument, match=r"check\.h5: seed 900007"):
        open_sample(SampleConfig(files=files), training=True)


def test_files_without_events_are_refused(tmp_path):
    write_events(tmp_path / "a.h5", [])
    with pytest.raises(InvalidArgument, match="hold no event"):
        open_sample(SampleConfig(files=(str(tmp_path / "a.h5"),)), training=True)


def test_simulated_events_are_the_same_in_a_worker():
    source = open_sample(SampleConfig(preset="cube-192", events=3, seed=5), training=True)
    here = source.event(2)
    there = pickle.loads(pickle.dumps(source)).event(2)  # noqa: S301 - what a worker process is given
    assert np.array_equal(here.images[0].charge, there.images[0].charge)


def test_the_file_of_an_event_is_known(tmp_path):
    """By its number over all files, so that an error can name it."""
    for name, count in (("a.h5", 2), ("b.h5", 1)):
        write_events(tmp_path / name, [drawn_event(number) for number in range(count)])
    paths = tuple(str(tmp_path / name) for name in ("a.h5", "b.h5"))
    source = open_sample(SampleConfig(files=paths, events=3), training=True)
    assert [source.where(number) for number in range(3)] == [paths[0], paths[0], paths[1]]
    assert open_sample(SampleConfig(preset="cube-192", events=2), training=True).where(1) == "preset cube-192"
