"""Which interaction an event is of."""

from __future__ import annotations

import math

import pytest

from argoscope.analyses.interactions import KINDS, interaction_of
from argoscope.detectors import detector_named
from argoscope.events import empty_particles

SBND = detector_named("sbnd-2018")


def table(pdg=12, current=0, energy=1.5, vertex=(50.0, 0.0, 250.0)):
    rows = empty_particles(3)
    rows["pdg"][0], rows["current_type"][0], rows["energy_init"][0] = pdg, current, energy
    for axis, value in zip("xyz", vertex, strict=True):
        rows["vtx"][axis] = value
    return rows


@pytest.mark.parametrize(
    ("pdg", "current", "kind"),
    [
        (12, 0, "nue"), (-12, 0, "nue"), (14, 0, "numu"), (-14, 0, "numu"), (16, 0, "other"),
        (12, 1, "nc"), (-14, 1, "nc"), (16, 1, "nc"), (14, -1, "other"),
    ],
)  # fmt: skip
def test_current_and_flavour_tell_the_kind(pdg, current, kind):
    assert interaction_of(table(pdg, current), energy_unit="GeV", detector=SBND).kind == kind
    assert kind in KINDS


def test_without_a_neutrino_there_is_no_energy():
    found = interaction_of(empty_particles(), detector=SBND)
    assert found.kind == "cosmic"
    assert math.isnan(found.energy_gev)


def test_energies_are_in_gev_whatever_the_file_has():
    assert interaction_of(table(energy=1.5), energy_unit="GeV").energy_gev == 1.5
    assert interaction_of(table(energy=1500.0), energy_unit="MeV").energy_gev == 1.5


@pytest.mark.parametrize(
    ("vertex", "kind"),
    [
        ((0.0, 0.0, 250.0), "nue"),  # in the cathode, between the two chambers
        ((200.0, 200.0, 500.0), "nue"),  # a corner of the generator's box, 1.5 mm outside
        ((-200.0, -200.0, 0.0), "nue"),  # and the opposite one
        ((0.0, 0.0, -1.1), "dirt"),
        ((201.0, 0.0, 250.0), "dirt"),
        ((0.0, -201.5, 250.0), "dirt"),
    ],
)
def test_a_vertex_outside_makes_it_dirt(vertex, kind):
    assert interaction_of(table(vertex=vertex), detector=SBND).kind == kind
    assert interaction_of(table(vertex=vertex)).kind == "nue"
