"""Events depend on seed and number alone; variations leave the particles; crops hold the vertex."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.detectors import Detector, pixels_of
from argoscope.errors import InvalidArgument
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.products import header_of
from argoscope.simulation.streams import Stage, stream
from argoscope.simulation.transport import transport


@pytest.mark.parametrize("preset", ["cube-192", "sbnd"])
def test_an_event_does_not_depend_on_those_before(preset) -> None:
    first, second = simulation_named(preset, seed=5), simulation_named(preset, seed=5)
    second.event(3)
    one, other = first.event(17), second.event(17)
    assert one.event.images == other.event.images
    for name in one.event.particles.dtype.names:  # padding between the columns is nobody's
        assert np.array_equal(one.event.particles[name], other.event.particles[name])


def test_other_seeds_and_numbers_give_other_events() -> None:
    simulation = simulation_named("cube-192", seed=5)
    assert simulation.event(17).event.images != simulation.event(18).event.images
    assert simulation.event(17).event.images != simulation_named("cube-192", seed=6).event(17).event.images


def test_a_variation_leaves_the_particles() -> None:
    nominal = simulation_named("microboone", seed=5)
    changed = simulation_named("microboone", seed=5, vary=["lifetime_us=3000", "noise_scale=2"])
    tracks = []
    for simulation in (nominal, changed):
        made = simulation.generator(stream(5, 2, Stage.GENERATOR))
        rng = stream(5, 2, Stage.TRANSPORT)
        tracks.append(transport(made.primaries, simulation.world, rng, simulation.transport_settings).tracks)
    assert np.array_equal(*tracks)
    one, other = nominal.event(2), changed.event(2)
    assert np.array_equal(one.primaries, other.primaries)
    assert one.event.images[0].charge.sum() > other.event.images[0].charge.sum()


def test_no_cosmics_and_no_neutrino_is_an_empty_image_of_noise() -> None:
    made = simulation_named("sbnd-cosmic", seed=5, cosmic_rate=1e-6).event(0)
    assert len(made.primaries) == 0
    assert len(made.event.particles) == 0
    for image in made.event.images:
        assert (image.labels["origin"].values == 0).all()
        assert image.truth is not None
        assert len(image.truth) == 0


def test_paper_two_crops_hold_the_vertex() -> None:
    simulation = simulation_named("paper2", seed=5)
    assert isinstance(simulation.geometry, Detector)
    full = simulation.geometry.grid(2)
    for number in range(4):
        made = simulation.event(number)
        image = made.event.images[0]
        assert image.grid.shape == (512, 512)
        vertex = np.array([[made.interactions[axis][0] for axis in "xyz"]])
        seen = pixels_of(simulation.geometry, vertex, 2, t0=float(made.interactions["t"][0])).coordinates
        pitch = np.asarray(full.size) / np.asarray(full.shape)
        place = (np.asarray(full.origin) + (seen[0] + 0.5) * pitch - np.asarray(image.grid.origin)) / pitch
        assert ((place >= 0) & (place < 512)).all()


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidArgument, match="cube-192"):
        simulation_named("cube-19", seed=0)
    with pytest.raises(InvalidArgument, match="seed"):
        simulation_named("cube-192", seed=-1)


def test_the_crop_follows_the_detector_that_is_varied() -> None:
    quiet = ["noise=none", "dead_map=false", "dead_fraction=0", "weak_wires=false"]
    nominal = simulation_named("paper2", seed=5, vary=quiet)
    shifted = simulation_named("paper2", seed=5, vary=[*quiet, "shift_wires=0,0,100"])
    compared = 0
    for number in range(6):
        one, other = (s.event(number).event.images[0] for s in (nominal, shifted))
        pitch = one.grid.size[0] / one.grid.shape[0]
        first = [round(image.grid.origin[0] / pitch) for image in (one, other)]
        if 100 < first[0] < 3456 - 512 - 100:  # wires; the window has room to follow
            compared += 1
            assert first[1] - first[0] == 100
            assert np.array_equal(one.ids, other.ids)
    assert compared > 1


@pytest.mark.parametrize(
    ("preset", "vary", "unit", "own_charge"),
    [
        ("cube-192", (), "MeV", 0.01),
        ("cube-192", ("drifted=true",), "PIU", 1.0),
        ("square-512", ("drifted=true",), "PIU", 1.0),
        ("sbnd", (), "ADC", 1.0),
        ("microboone", (), "PIU", 1.0),
    ],
)
def test_file_and_event_name_the_unit_that_the_labels_count_in(preset, vary, unit, own_charge) -> None:
    simulation = simulation_named(preset, seed=5, vary=vary)
    assert simulation.event(1).event.charge_unit == header_of(simulation).charge_unit == unit
    assert simulation.rules.own_charge == own_charge
