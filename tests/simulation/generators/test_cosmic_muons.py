"""Cosmic muons: the flux formulas, exact sampling against geometry, times, starts, options."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest
from tests.simulation.generators.conftest import energies, masses, momenta, positions

from argoscope.detectors import detector_named
from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.blocks import EnergyRange
from argoscope.simulation.generators.box import Box, hull
from argoscope.simulation.generators.cosmic_muons import (
    CosmicSource,
    cosmic_muons,
    cosmic_source,
    muons_through,
)
from argoscope.simulation.generators.muon_flux import (
    ENERGY_FLOOR_MEV,
    guan_intensity,
    muon_spectrum,
    reyna_intensity,
)
from argoscope.simulation.generators.records import Ancestor, merged
from argoscope.simulation.generators.through_muons import PAPER3_COSMICS, ThroughMuons, through_muons
from argoscope.simulation.generators.window import Window, window_of
from argoscope.simulation.records import Origin
from argoscope.simulation.streams import Stage, stream

WINDOW = Window(start_us=-100.0, image_us=400.0, drift_us=250.0)


@pytest.fixture(scope="module")
def spectrum():
    return muon_spectrum("guan")


@pytest.fixture
def source(boxes, spectrum) -> CosmicSource:
    return CosmicSource(
        targets=boxes, world=hull(boxes).expanded(30.0), window=WINDOW, spectrum=spectrum, rate_factor=3.0
    )


def test_formulas_at_points_worked_by_hand() -> None:
    """1 GeV straight down, with a pocket calculator from the equations."""
    guan = 0.14 * (1 + 3.64) ** -2.7 * (1 / (1 + 1.1 / 115) + 0.054 / (1 + 1.1 / 850)) * 1e4
    assert guan_intensity(np.array(1000.0), np.array(1.0)) == pytest.approx(guan, rel=1e-12)
    momentum = np.sqrt(1 - 0.1056583755**2)
    log = np.log10(momentum)
    reyna = 0.00253 * momentum ** -(0.2455 + 1.288 * log - 0.2555 * log**2 + 0.0209 * log**3) / momentum * 1e4
    assert reyna_intensity(np.array(1000.0), np.array(1.0)) == pytest.approx(reyna, rel=1e-12)


@pytest.mark.parametrize("name", ["guan", "reyna"])
def test_draws_follow_the_formula(name: str, rng) -> None:
    """Share of muons above 1 GeV and above 60 degrees, against integrals on another grid."""
    intensity = {"guan": guan_intensity, "reyna": reyna_intensity}[name]
    energy, cosine = muon_spectrum(name).draw(200_000, rng)
    grid_e, grid_c = np.geomspace(ENERGY_FLOOR_MEV, 1e7, 3001), np.linspace(5e-4, 0.9995, 1000)
    weight = intensity(grid_e[None], grid_c[:, None]) * grid_e
    total = weight.sum()
    # The grids differ by 0.1 %; five standard deviations of the draws are 0.6 %.
    assert (energy > 1000).mean() == pytest.approx(weight[:, grid_e > 1000].sum() / total, abs=0.006)
    assert (cosine < 0.5).mean() == pytest.approx(weight[grid_c < 0.5].sum() / total, abs=0.006)
    assert energy.min() >= ENERGY_FLOOR_MEV
    assert ((cosine >= 0) & (cosine <= 1)).all()


def test_a_finer_table_has_the_same_flux(spectrum) -> None:
    assert muon_spectrum("guan", 800, 1600).flux == pytest.approx(spectrum.flux, rel=2e-4)


def test_rate_is_flux_times_projected_area(source, rng) -> None:
    """Cauchy: a box shows the area sum |n_i| A_i to direction n; the sphere method must agree."""
    _, cosine = source.spectrum.draw(400_000, rng)
    azimuth = 2 * np.pi * rng.random(len(cosine))
    sine = np.sqrt(1 - cosine**2)
    x, y, z = source.targets[0].sides
    area = cosine * x * z + sine * (np.abs(np.cos(azimuth)) * y * z + np.abs(np.sin(azimuth)) * x * y)
    energy, _, _ = muons_through(source, 200_000, rng)
    sphere = np.pi * source.targets[0].radius ** 2
    accepted = len(energy) / 200_000
    # Statistical errors of 0.3 % and 0.1 %.
    assert accepted * sphere == pytest.approx(area.mean(), rel=0.015)


def test_chords_fill_the_volume(source, rng) -> None:
    """For each direction the chords of even parallel lines add up to the volume."""
    _, start, direction = muons_through(source, 100_000, rng)
    enter, leave = source.targets[0].crossing(start, direction)
    sphere = np.pi * source.targets[0].radius ** 2
    assert (leave - enter).sum() / 100_000 * sphere == pytest.approx(source.targets[0].volume, rel=0.02)


def test_muons_start_on_the_world_and_hit_a_target(source, rng) -> None:
    event = merged([cosmic_muons(source, rng) for _ in range(40)])
    start, unit = positions(event.primaries), momenta(event.primaries)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    world = source.world
    gaps = np.minimum(np.abs(start - world.low), np.abs(start - world.high)).min(axis=1)
    assert gaps.max() < 1e-9
    assert world.expanded(1e-9).inside(start).all()
    enter, leave = source.targets[0].crossing(start, unit)
    assert (leave > enter).all()
    assert (enter > 0).all()  # the target lies ahead
    assert (unit[:, 1] <= 0).all()
    assert (event.primaries["origin"] == Origin.COSMIC).all()
    assert (event.primaries["interaction"] == np.arange(len(start))).all()
    assert event.interactions["energy"] == pytest.approx(energies(event.primaries), rel=1e-12)


def test_count_is_poisson_with_the_expected_mean(source, rng) -> None:
    counts = np.array([len(cosmic_muons(source, rng).primaries) for _ in range(1500)])
    energy, _, _ = muons_through(source, 100_000, rng)
    mean = source.sphere_count * len(energy) / 100_000
    assert counts.mean() == pytest.approx(mean, rel=0.03)
    assert counts.var() == pytest.approx(counts.mean(), rel=0.2)  # five standard deviations of a variance


def test_times_are_even_over_window_and_drift(source, rng) -> None:
    time = merged([cosmic_muons(source, rng) for _ in range(200)]).primaries["t"]
    assert kstest((time + 350.0) / 650.0, "uniform").pvalue > 1e-4  # -100 - 250 to -100 + 400


def test_charge_ratio(source, rng) -> None:
    pdg = merged([cosmic_muons(source, rng) for _ in range(2000)]).primaries["pdg"]
    error = 0.5 / np.sqrt(len(pdg))
    assert error < 0.06 / 10  # so that equal numbers of both, 0.06 away, would be seen
    assert (pdg == -13).mean() == pytest.approx(1.27 / 2.27, abs=4 * error)
    assert set(pdg.tolist()) == {13, -13}


def test_spill_always_holds_exactly_one_more(source, rng) -> None:
    """Even where no muon would have come."""
    rare = replace(source, rate_factor=1e-4, spill_us=(0.0, 1.6))
    for _ in range(50):
        time = cosmic_muons(rare, rng).primaries["t"]
        assert len(time) >= 1
        assert ((time >= 0) & (time <= 1.6)).sum() >= 1


def test_soft_component_adds_its_share(source, rng) -> None:
    event = merged([cosmic_muons(replace(source, soft_component=True), rng) for _ in range(600)])
    kind = np.abs(event.primaries["pdg"])
    muons = (kind == 13).sum()
    assert np.isin(kind, [11, 22]).sum() / muons == pytest.approx(0.05, rel=0.25)
    assert np.isin(kind, [2212, 2112]).sum() / muons == pytest.approx(0.01, rel=0.5)
    ancestor = event.interactions["ancestor"]
    for pdg, expected in ((11, Ancestor.ELECTRON), (22, Ancestor.OTHER), (2112, Ancestor.NEUTRON)):
        assert (ancestor[kind == pdg] == expected).all()
    soft = kind != 13
    kinetic = energies(event.primaries)[soft] - masses(event.primaries)[soft]
    assert kinetic.mean() == pytest.approx(1000.0, rel=0.25)


def test_rate_factor_of_zero_leaves_nothing(source, rng) -> None:
    event = cosmic_muons(replace(source, rate_factor=0.0), rng)
    assert len(event.primaries) == len(event.interactions) == 0


def test_an_event_depends_on_its_stream_only(source) -> None:
    def event(number: int) -> bytes:
        return cosmic_muons(source, stream(5, number, Stage.GENERATOR)).primaries.tobytes()

    alone = event(17)
    assert [event(n) for n in (1, 17)][1] == alone
    assert event(18) != alone


def test_icarus_muons_may_hit_either_cryostat(spectrum, rng) -> None:
    source = cosmic_source(detector_named("icarus"), spectrum=spectrum)
    assert len(source.targets) == 2
    _, start, direction = muons_through(source, 4000, rng)
    hits = np.stack(
        [leave > enter for enter, leave in (t.crossing(start, direction) for t in source.targets)]
    )
    assert hits.any(axis=0).all()
    assert hits.all(axis=0).any()
    assert (~hits).any(axis=1).all()


def test_windows_of_detectors() -> None:
    assert window_of(detector_named("microboone")).first_us == pytest.approx(-400 - 2326.05, abs=0.1)
    assert window_of(detector_named("sbnd-2018")).length_us == pytest.approx(2542.4, abs=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": ()}, "targets is empty"),
        ({"rate_factor": -0.1}, "from 0"),
        ({"rate_factor": float("nan")}, "from 0"),
        ({"spill_us": (1.0, 0.0)}, "rising order"),
        ({"spill_us": (0.0, float("inf"))}, "rising order"),
        ({"world": Box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))}, "must hold every target"),
    ],
)
def test_impossible_sources_are_refused(source, change: dict, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(source, **change)


def test_impossible_windows_and_names_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="must be positive"):
        Window(start_us=0.0, image_us=0.0, drift_us=1.0)
    with pytest.raises(InvalidArgument, match="finite"):
        Window(start_us=float("nan"), image_us=1.0, drift_us=1.0)
    with pytest.raises(InvalidArgument, match="Did you mean 'guan'"):
        muon_spectrum("guam")
    with pytest.raises(InvalidArgument, match="at least 1"):
        muon_spectrum("guan", 0)


def test_muons_of_paper_3(boxes, rng) -> None:
    event = merged([through_muons(PAPER3_COSMICS, boxes, rng) for _ in range(200)])
    start, unit = positions(event.primaries), momenta(event.primaries)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert 5 <= len(start) / 200 <= 10
    kinetic = energies(event.primaries) - masses(event.primaries)
    assert kinetic.min() >= 5000 - 1e-6
    assert kinetic.max() <= 20000 + 1e-6
    enter, leave = boxes[0].crossing(start, unit)
    assert ((leave > enter) & (enter > 0)).all()
    assert kstest(-unit[:, 1], lambda c: c**3).pvalue > 1e-4
    with pytest.raises(InvalidArgument, match="rising order"):
        ThroughMuons(count=(3, 1), energy=EnergyRange(1.0, 2.0))
    with pytest.raises(InvalidArgument, match="rising order"):
        ThroughMuons(count=(1, 3), energy=EnergyRange(1.0, 2.0), time_us=(1.0, 0.0))
