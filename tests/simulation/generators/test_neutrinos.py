"""Neutrinos: energy, charge and baryon number hold; classes, places and times are as asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest
from tests.simulation.generators.conftest import energies, momenta, positions

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators import final_state, nucleus
from argoscope.simulation.generators.box import Box
from argoscope.simulation.generators.kinematics import FourVector
from argoscope.simulation.generators.neutrino_beam import (
    NC,
    NUE_CC,
    NUMU_CC,
    channel_mix,
    mode_weights,
)
from argoscope.simulation.generators.neutrinos import NeutrinoSource, dirt_neutrino, neutrino
from argoscope.simulation.generators.nucleus import Hadron, bound_nucleon, evaporated
from argoscope.simulation.generators.records import Ancestor, Current, InteractionKind, Mode, merged
from argoscope.simulation.generators.species import SPECIES
from argoscope.simulation.records import Origin
from argoscope.simulation.streams import Stage, stream

EVENTS = 1500
CLASSES = ("nue", "numu", "nc")


@pytest.fixture(scope="module")
def samples():
    box = (Box((-20.0, 5.0, 100.0), (80.0, 305.0, 700.0)),)
    made = {}
    for number, name in enumerate(CLASSES):
        rng = np.random.default_rng(number)
        source = NeutrinoSource(boxes=box, interaction=name, time_us=(2.0, 10.0))
        made[name] = merged([neutrino(source, rng) for _ in range(EVENTS)])
    return made


def sums(event, values: np.ndarray) -> np.ndarray:
    """Sum over the particles of each interaction."""
    return np.bincount(event.primaries["interaction"], weights=values, minlength=len(event.interactions))


def of_species(event, field: str) -> np.ndarray:
    return np.array([getattr(SPECIES[pdg], field) for pdg in event.primaries["pdg"].tolist()])


def unseen_energy(table: np.ndarray) -> np.ndarray:
    """Energy of the outgoing neutrino of neutral currents, in MeV."""
    size = np.sqrt(sum(table[f"lepton_p{axis}"] ** 2 for axis in "xyz"))
    return np.where(table["current"] == Current.NC, size, 0.0)


@pytest.mark.parametrize("name", CLASSES)
def test_charge_and_baryons_hold(samples, name: str) -> None:
    event = samples[name]
    assert (sums(event, of_species(event, "charge")) + event.interactions["remnant_z"] == 18).all()
    assert (sums(event, of_species(event, "baryons")) + event.interactions["remnant_a"] == 40).all()


@pytest.mark.parametrize("name", CLASSES)
def test_energy_holds(samples, name: str) -> None:
    """What comes in is what leaves plus what the nucleus keeps, nucleons counted with their masses."""
    event, table = samples[name], samples[name].interactions
    protons = 18 - table["remnant_z"]
    neutrons = 40 - table["remnant_a"] - protons
    into = table["energy"] + protons * SPECIES[2212].mass + neutrons * SPECIES[2112].mass
    out = sums(event, energies(event.primaries)) + unseen_energy(table)
    assert into - out == pytest.approx(table["missing_energy"], abs=1e-6)


@pytest.mark.parametrize("name", CLASSES)
def test_the_nucleus_pays_for_what_it_loses(samples, name: str) -> None:
    """It keeps at least the separation energy, 8 MeV, of each nucleon, and at most the removal energy, 30 MeV."""
    table = samples[name].interactions
    lost = 40 - table["remnant_a"]
    assert (table["missing_energy"] >= 8 * lost - 1e-6).all()
    assert (table["missing_energy"] <= 30 * lost + 1e-6).all()


@pytest.mark.parametrize("name", CLASSES)
def test_the_nucleus_takes_little_momentum(samples, name: str) -> None:
    """Its recoil is that of the nucleons it lost: 225 MeV/c each, and what evaporates."""
    event, table = samples[name], samples[name].interactions
    total = np.stack([sums(event, momenta(event.primaries)[:, axis]) for axis in range(3)], axis=1)
    if name == "nc":
        total += np.stack([table[f"lepton_p{axis}"] for axis in "xyz"], axis=1)
    recoil = np.linalg.norm(total - table["energy"][:, None] * [0, 0, 1], axis=1)
    assert np.median(recoil) < 300
    assert (recoil < 700).mean() > 0.99


def test_lepton_of_charged_currents_is_the_first_particle(samples) -> None:
    for name, pdg in (("nue", 11), ("numu", 13)):
        event, table = samples[name], samples[name].interactions
        first = np.searchsorted(event.primaries["interaction"], np.arange(EVENTS))
        leptons = event.primaries[first]
        assert (leptons["pdg"] == pdg).all()
        assert (leptons["pz"] == table["lepton_pz"]).all()
        assert (event.primaries["pdg"] == pdg).sum() == EVENTS
        assert (table["current"] == Current.CC).all()
        assert (table["pdg"] == pdg + 1).all()


def test_neutral_currents_have_no_lepton_outside(samples) -> None:
    event = samples["nc"]
    assert not np.isin(np.abs(event.primaries["pdg"]), [11, 12, 13, 14]).any()
    assert (event.interactions["current"] == Current.NC).all()
    assert (event.interactions["lepton_pdg"] == 14).all()


def test_coherent_events_leave_the_nucleus_whole(rng, boxes) -> None:
    source, found = NeutrinoSource(boxes=boxes, interaction="nc"), []
    while len(found) < 5:
        event = neutrino(source, rng)
        if event.interactions["mode"][0] == Mode.COH:
            found.append(event)
    for event in found:
        assert event.primaries["pdg"].tolist() == [111]
        assert event.interactions["remnant_a"][0] == 40
        assert event.interactions["missing_energy"][0] == pytest.approx(0, abs=1e-6)


def test_vertices_are_even_and_times_in_the_spill(samples) -> None:
    event = samples["numu"]
    low, sides = np.array([-20.0, 5.0, 100.0]), np.array([100.0, 300.0, 600.0])
    shares = (positions(event.interactions) - low) / sides
    for axis in range(3):
        assert kstest(shares[:, axis], "uniform").pvalue > 1e-4
    assert kstest((event.interactions["t"] - 2) / 8, "uniform").pvalue > 1e-4
    owner = event.primaries["interaction"]
    assert (positions(event.primaries) == positions(event.interactions)[owner]).all()
    assert (event.primaries["t"] == event.interactions["t"][owner]).all()
    assert (event.primaries["origin"] == Origin.NEUTRINO).all()
    assert (event.interactions["ancestor"] == Ancestor.NEUTRINO).all()


def test_leptons_are_even_about_the_beam(samples) -> None:
    table = samples["numu"].interactions
    azimuth = np.arctan2(table["lepton_py"], table["lepton_px"])
    assert kstest((azimuth + np.pi) / (2 * np.pi), "uniform").pvalue > 1e-4
    assert table["lepton_pz"].mean() > 0


@pytest.mark.parametrize("channel", [NUMU_CC, NUE_CC, NC], ids=lambda c: c.name)
def test_shares_of_reactions_hold_over_the_spectrum(channel, rng) -> None:
    weights = mode_weights(channel)
    drawn = [weights.mode(weights.energy(None, rng), rng) for _ in range(8000)]
    for mode, share in channel.shares:
        error = np.sqrt(share * (1 - share) / 8000)
        assert np.mean([d is mode for d in drawn]) == pytest.approx(share, abs=5 * error)


def test_mixed_is_a_third_each(boxes, rng) -> None:
    source = NeutrinoSource(boxes=boxes)
    table = merged([neutrino(source, rng) for _ in range(1500)]).interactions
    for wanted in ((11, 1), (13, 1), (14, 2)):
        share = ((table["lepton_pdg"] == wanted[0]) & (table["current"] == wanted[1])).mean()
        assert share == pytest.approx(1 / 3, abs=5 * np.sqrt(2 / 9 / 1500))


def test_low_energy_neutrinos(boxes, rng) -> None:
    source = NeutrinoSource(boxes=boxes, interaction="nue", below_mev=400.0)
    event = merged([neutrino(source, rng) for _ in range(200)])
    assert event.interactions["energy"].max() < 400
    assert (event.primaries["pdg"] == 11).sum() == 200


def test_a_neutral_pion_may_be_asked_for(boxes, rng) -> None:
    source = NeutrinoSource(boxes=boxes, interaction="numu", require_pi0=True)
    event = merged([neutrino(source, rng) for _ in range(60)])
    with_pion = np.unique(event.primaries["interaction"][event.primaries["pdg"] == 111])
    assert len(with_pion) == 60


def test_dirt_leaves_nothing_and_lies_outside(boxes, rng) -> None:
    source, world = NeutrinoSource(boxes=boxes), boxes[0].expanded(30.0)
    event = merged([dirt_neutrino(source, world, rng, reach_cm=200.0) for _ in range(200)])
    assert len(event.primaries) == 0
    points = positions(event.interactions)
    assert not world.inside(points).any()
    assert world.expanded(200.0).inside(points).all()
    assert (event.interactions["kind"] == InteractionKind.DIRT).all()
    with pytest.raises(InvalidArgument, match="reach_cm"):
        dirt_neutrino(source, world, rng, reach_cm=0.0)


@pytest.mark.parametrize("name", [*CLASSES, "mixed", "bnb"])
def test_an_event_depends_on_its_stream_only(name: str, boxes) -> None:
    source = NeutrinoSource(boxes=boxes, interaction=name)

    def event(number: int) -> tuple[bytes, bytes]:
        made = neutrino(source, stream(5, number, Stage.GENERATOR))
        return made.primaries.tobytes(), made.interactions.tobytes()

    alone = event(17)
    assert [event(n) for n in (4, 17)][1] == alone
    assert event(18) != alone


@pytest.mark.parametrize("pion", [211, -211, 111])
@pytest.mark.parametrize("absorb", [True, False])
def test_final_state_keeps_charge_baryons_and_energy(pion: int, absorb: bool, rng) -> None:
    start = [Hadron(pion, FourVector(400.0, 0.0, 0.0, np.sqrt(400.0**2 - SPECIES[pion].mass ** 2)))]
    start.append(Hadron(2212, FourVector(1100.0, 0.0, np.sqrt(1100.0**2 - SPECIES[2212].mass ** 2), 0.0)))
    for _ in range(300):
        after, taken = final_state.through_nucleus(start, absorb, rng)
        for field in ("charge", "baryons"):
            before = sum(getattr(SPECIES[h.pdg], field) for h in start)
            gained = sum(getattr(SPECIES[pdg], field) for pdg in taken)
            assert sum(getattr(SPECIES[h.pdg], field) for h in after) == before + gained
        paid = sum(SPECIES[pdg].mass - nucleus.REMOVAL_ENERGY for pdg in taken)
        assert sum(h.vector.energy for h in after) == pytest.approx(1500.0 + paid, abs=1e-6)
        for hadron in after:
            assert hadron.vector.mass == pytest.approx(SPECIES[hadron.pdg].mass, abs=1e-4)
        if absorb:
            assert not any(h.pdg in (211, -211, 111) for h in after)


def test_share_of_pions_absorbed(rng) -> None:
    """22 % of the energetic pions are absorbed."""
    pion = Hadron(211, FourVector(400.0, 0.0, 0.0, np.sqrt(400.0**2 - SPECIES[211].mass ** 2)))
    gone = [
        not any(h.pdg in (211, 111) for h in final_state.through_nucleus([pion], False, rng)[0])
        for _ in range(4000)
    ]
    assert np.mean(gone) == pytest.approx(0.22, abs=5 * np.sqrt(0.22 * 0.78 / 4000))


def test_bound_nucleons_fill_the_fermi_sphere(rng) -> None:
    size = [bound_nucleon(2112, rng).vector.momentum / 225.0 for _ in range(4000)]
    assert kstest(size, lambda p: p**3).pvalue > 1e-4


def test_evaporation_stays_within_the_excitation(rng) -> None:
    for struck in (1, 2, 3):
        for _ in range(500):
            leaving = evaporated(struck, rng)
            cost = sum(h.vector.energy - SPECIES[h.pdg].mass + 8 for h in leaving)
            assert cost <= 22 * struck + 1e-9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"boxes": ()}, "boxes is empty"),
        ({"interaction": "nuee"}, "Did you mean 'nue'"),
        ({"time_us": (2.0, 1.0)}, "rising order"),
        ({"time_us": (float("nan"), 1.0)}, "rising order"),
        ({"below_mev": -5.0}, "at least"),
        ({"below_mev": float("nan")}, "at least"),
        ({"below_mev": 100.0}, "too few interactions"),
        ({"below_mev": 300.0, "require_pi0": True}, "hardly any pion"),
    ],
)
def test_impossible_sources_are_refused(boxes, change: dict, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(NeutrinoSource(boxes=boxes), **change)


def test_shares_that_cannot_hold_are_refused() -> None:
    greedy = NUMU_CC._replace(shares=((Mode.QE, 0.2), (Mode.DIS, 0.8)))
    with pytest.raises(InvalidArgument, match="lower their shares"):
        mode_weights(greedy)
    with pytest.raises(InvalidArgument, match="no interaction 'numi'"):
        channel_mix("numi")
