"""Conversions there and back keep what both formats can hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, IDENTIFIER, SHAPE, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.catalogue import open_events
from argoscope.files.convert import convert
from argoscope.files.larcv3_write import write_events
from tests.files.layouts import edepsim_made, microboone_made, pilarnet_made

ROOT_FIXTURES = Path(__file__).parent / "root_fixtures"


def volume(number: int, pixels: int) -> Event:
    """A volume with every kind of label that PILArNet-M can hold."""
    rng = np.random.default_rng(number)
    grid = Grid((768, 768, 768), size=(230.4,) * 3, unit="cm")
    coordinates = rng.integers(0, 768, (pixels, 3))
    image = Image.from_points(grid, coordinates, rng.gamma(2.0, 0.5, pixels))
    instance = np.sort(rng.integers(0, 5, len(image)))
    image = image.with_labels(
        semantic=LabelColumn((instance % 5).astype(np.int32), SHAPE),
        instance=LabelColumn(instance, IDENTIFIER),
        ancestor=LabelColumn(instance // 2, IDENTIFIER),
    )
    return Event(EventId(1, 2, number), (image,), charge_unit="MeV")


def test_larcv3_to_pilarnet_and_back(tmp_path: Path) -> None:
    events = [volume(number, pixels) for number, pixels in enumerate((400, 0, 1))]
    write_events(tmp_path / "a.h5", events)
    convert(tmp_path / "a.h5", tmp_path / "b.h5", to="pilarnet-m")
    answer = convert(tmp_path / "b.h5", tmp_path / "c.h5")
    assert (answer["from"], answer["to"], answer["events"]) == ("pilarnet-m", "larcv3", 3)
    with open_events(tmp_path / "c.h5") as file:
        for event, again in zip(events, file, strict=True):
            assert again.id == event.id
            one, other = event.images[0], again.images[0]
            assert other.grid == one.grid
            np.testing.assert_array_equal(other.coordinates, one.coordinates)
            np.testing.assert_array_equal(other.charge, one.charge)
            for kind in ("semantic", "instance", "ancestor"):
                assert other.label(kind) == one.label(kind)


@pytest.mark.parametrize("name", ["larcv1_old.root", "larcv2_2d.root", "larcv2_3d.root"])
def test_root_to_larcv3_keeps_events_and_products(name: str, tmp_path: Path) -> None:
    assert_converted_equal(ROOT_FIXTURES / name, tmp_path / "out.h5")


@pytest.mark.real
def test_real_larcv1_to_larcv3(real_data: Path, tmp_path: Path) -> None:
    source = real_data / "microboone_larcv1_5protons.root"
    convert(source, tmp_path / "out.h5")
    with open_events(source) as theirs, open_events(tmp_path / "out.h5") as ours:
        for index in range(len(theirs)):
            record, again = theirs.record(index), ours.record(index)
            assert again.id == record.id
            assert again == record
            assert ours.event(index).images == theirs.event(index).images


@pytest.mark.parametrize("make", [microboone_made.make, edepsim_made.make, pilarnet_made.make])
def test_other_formats_to_larcv3(make: object, tmp_path: Path) -> None:
    assert_converted_equal(make(tmp_path / "in.h5"), tmp_path / "out.h5")


def assert_converted_equal(source: Path, target: Path) -> None:
    """Check that every event of the converted file equals its original."""
    convert(source, target)
    with open_events(source) as theirs, open_events(target) as ours:
        assert len(ours) == len(theirs) > 0
        for one, other in zip(theirs, ours, strict=True):
            assert other.id == one.id
            np.testing.assert_array_equal(other.particles, one.particles)
            assert (other.charge_unit, other.energy_unit, other.detector) == (
                one.charge_unit,
                one.energy_unit,
                one.detector,
            )
            for a, b in zip(one.images, other.images, strict=True):
                assert b.grid == a.grid
                np.testing.assert_array_equal(b.coordinates, a.coordinates)
                np.testing.assert_array_equal(b.charge, a.charge)
                assert {kind: b.labels[kind] for kind in a.labels} == dict(a.labels)


def test_spine_takes_five_classes_only_when_asked_to_lose(tmp_path: Path) -> None:
    event = volume(3, 50)
    image = event.images[0]
    classes = LabelColumn(np.zeros(len(image), np.int32), FIVE_CLASS)
    event = Event(event.id, (image.with_labels(semantic=classes),), charge_unit="MeV")
    write_events(tmp_path / "a.h5", [event])
    with pytest.raises(InvalidArgument, match="merges or drops classes"):
        convert(tmp_path / "a.h5", tmp_path / "b.h5", to="spine")
    assert not (tmp_path / "b.h5").exists()
    assert convert(tmp_path / "a.h5", tmp_path / "b.h5", to="spine", lossy=True)["events"] == 1
