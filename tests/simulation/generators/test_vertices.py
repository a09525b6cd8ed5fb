"""Multi-particle vertices: numbers, energies and places as the recipe says, for every published sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest
from tests.simulation.generators.conftest import energies, masses, momenta, positions

from argoscope.detectors import voxel_volume_named
from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.blocks import EnergyRange, ParticleBlock
from argoscope.simulation.generators.box import Box, active_boxes
from argoscope.simulation.generators.cubes import cube_isolated, cube_sample, cube_vertex
from argoscope.simulation.generators.multi_particle_vertex import (
    VertexMixture,
    VertexRecipe,
    multi_particle_vertex,
)
from argoscope.simulation.generators.published import (
    PAPER2,
    PAPER2_1MU1P_LOW,
    PAPER3,
    SAMPLES,
    SBN_MPR,
    sample_named,
)
from argoscope.simulation.generators.records import merged
from argoscope.simulation.generators.species import SPECIES
from argoscope.simulation.streams import Stage, stream

PROTONS = ParticleBlock(pdgs=(2212,), energy=EnergyRange(50.0, 400.0), count=(0, 9))


def recipes(sample: VertexRecipe | VertexMixture) -> list[VertexRecipe]:
    return [sample] if isinstance(sample, VertexRecipe) else [recipe for _, recipe in sample.parts]


def allowed(recipe: VertexRecipe, pdg: int, kinetic: float, momentum: float) -> bool:
    """Whether some block of the recipe can make the particle (to rounding)."""
    return any(
        pdg in block.pdgs
        and block.energy.low - 1e-6
        <= (kinetic if block.energy.quantity == "kinetic" else momentum)
        <= block.energy.high + 1e-6
        for block in recipe.blocks
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_particles_of_every_sample_obey_one_of_its_recipes(name: str, boxes, rng) -> None:
    sample = sample_named(name)
    for _ in range(200):
        event = multi_particle_vertex(sample, boxes, rng)
        size, energy = np.linalg.norm(momenta(event.primaries), axis=1), energies(event.primaries)
        fits = []
        for recipe in recipes(sample):
            counts = [
                sum(pdg in block.pdgs for pdg in event.primaries["pdg"].tolist()) for block in recipe.blocks
            ]
            alone = sum(len(block.pdgs) for block in recipe.blocks) == len(
                {pdg for block in recipe.blocks for pdg in block.pdgs}
            )
            fits.append(
                recipe.count[0] <= len(event.primaries) <= recipe.count[1]
                and all(
                    allowed(recipe, *row)
                    for row in zip(
                        event.primaries["pdg"].tolist(),
                        (energy - masses(event.primaries)).tolist(),
                        size.tolist(),
                        strict=True,
                    )
                )
                # Blocks that share a kind (the rain's two ranges of muons) cannot be told apart.
                and (
                    not alone
                    or all(b.count[0] <= n <= b.count[1] for b, n in zip(recipe.blocks, counts, strict=True))
                )
            )
        assert any(fits)


# Typed again from the papers: kind, least and greatest number, range in MeV or MeV/c.
LOW = {
    11: (30, 100),
    22: (30, 100),
    13: (85, 175),
    211: (95, 195),
    2212: (300, 450),
}
PAPER3_FULL = {11: (50, 1000), 22: (50, 1000), 13: (50, 3000), 211: (50, 2000), 2212: (50, 4000)}


def ranges(recipe: VertexRecipe, quantity: str) -> dict[int, tuple[float, float]]:
    assert all(block.energy.quantity == quantity for block in recipe.blocks)
    return {abs(pdg): (b.energy.low, b.energy.high) for b in recipe.blocks for pdg in b.pdgs}


def numbers(recipe: VertexRecipe) -> dict[tuple[int, ...], tuple[int, int]]:
    return {tuple(sorted({abs(pdg) for pdg in b.pdgs})): b.count for b in recipe.blocks}


def test_tables_of_paper_2() -> None:
    (share, lepton), (low_share, low) = PAPER2.parts
    assert (share, low_share, lepton.count, low.count) == (0.8, 0.2, (1, 4), (1, 4))
    assert numbers(lepton) == {(11, 13): (1, 3), (22,): (0, 2), (211,): (0, 2), (2212,): (0, 3)}
    assert ranges(lepton, "kinetic")[11] == ranges(lepton, "kinetic")[13] == (50, 1000)
    assert set(numbers(low).values()) == {(0, 2)}
    assert ranges(low, "momentum") == LOW
    one = sample_named("paper2-1e1p")
    assert ranges(one, "kinetic") == {11: (50, 500), 2212: (50, 300)}
    assert ranges(sample_named("paper2-1e1p-low"), "momentum") == {11: LOW[11], 2212: LOW[2212]}
    assert ranges(PAPER2_1MU1P_LOW, "momentum") == {13: LOW[13], 2212: LOW[2212]}
    assert set(ranges(sample_named("paper2-particles"), "kinetic")) == {11, 22, 13, 211, 2212}


def test_tables_of_paper_3() -> None:
    (share, full), (low_share, low) = PAPER3.parts
    assert (share, low_share) == (0.85, 0.15)
    for recipe in (full, low):
        assert recipe.count == (1, 6)
        assert numbers(recipe) == {
            (11,): (0, 2),
            (22,): (0, 2),
            (13,): (0, 2),
            (211,): (0, 2),
            (2212,): (0, 3),
        }
    assert ranges(full, "kinetic") == PAPER3_FULL
    assert ranges(low, "momentum") == LOW


def test_number_is_even_in_its_range(boxes, rng) -> None:
    recipe = VertexRecipe(name="p", blocks=(PROTONS,), count=(2, 5))
    drawn = Counter(len(multi_particle_vertex(recipe, boxes, rng).primaries) for _ in range(4000))
    assert set(drawn) == {2, 3, 4, 5}
    for count in drawn.values():
        assert count == pytest.approx(1000, abs=5 * np.sqrt(750))  # five standard deviations


def test_blocks_follow_their_weights_until_full(boxes, rng) -> None:
    one = ParticleBlock(pdgs=(11,), energy=EnergyRange(1.0, 2.0), count=(0, 1), weight=3.0)
    recipe = VertexRecipe(name="w", blocks=(one, PROTONS), count=(2, 2))
    electrons = np.array(
        [(multi_particle_vertex(recipe, boxes, rng).primaries["pdg"] == 11).sum() for _ in range(4000)]
    )
    assert electrons.max() == 1  # never two
    # An electron is missing only if both draws gave protons: (1/4)² .
    assert (electrons == 0).mean() == pytest.approx(1 / 16, abs=5 * np.sqrt(15 / 256 / 4000))


def test_least_number_is_met(boxes, rng) -> None:
    """Paper 2: one of the particles must be a light lepton."""
    recipe = PAPER2.parts[0][1]
    for _ in range(300):
        pdg = multi_particle_vertex(recipe, boxes, rng).primaries["pdg"]
        assert np.isin(pdg, [11, 13]).any()


@pytest.mark.parametrize("quantity", ["kinetic", "momentum"])
def test_energies_are_even_in_their_range(quantity, rng) -> None:
    mass = SPECIES[2212].mass
    size = EnergyRange(30.0, 300.0, quantity).momenta(np.full(5000, mass), rng)
    drawn = np.hypot(size, mass) - mass if quantity == "kinetic" else size
    assert kstest((drawn - 30) / 270, "uniform").pvalue > 1e-4


def test_mixture_follows_its_weights(boxes, rng) -> None:
    """Low-energy electrons of paper 3 have momenta to 100 MeV/c, the others kinetic energies from 50 MeV."""
    event = merged([multi_particle_vertex(PAPER3, boxes, rng) for _ in range(3000)])
    protons = event.primaries["pdg"] == 2212
    low = energies(event.primaries)[protons] - masses(event.primaries)[protons] < 103  # 450 MeV/c
    # 15 % of the events, and the same number of protons each; of the others 1.3 % start so low.
    assert low.mean() == pytest.approx(0.15 + 0.85 * 53 / 3950, abs=0.04)


def test_vertex_is_even_and_shared(boxes, rng) -> None:
    event = merged([multi_particle_vertex(PAPER2_1MU1P_LOW, boxes, rng) for _ in range(3000)])
    assert (positions(event.primaries) == positions(event.interactions)[event.primaries["interaction"]]).all()
    for axis in range(3):
        x = (positions(event.interactions)[:, axis] - boxes[0].low[axis]) / boxes[0].sides[axis]
        assert kstest(x, "uniform").pvalue > 1e-4
    unit = momenta(event.primaries) / np.linalg.norm(momenta(event.primaries), axis=1, keepdims=True)
    for axis in range(3):
        assert kstest((unit[:, axis] + 1) / 2, "uniform").pvalue > 1e-4


def test_isolated_particles_have_a_point_and_an_interaction_each(rng) -> None:
    volume = voxel_volume_named("cube-512")
    event = merged(
        [multi_particle_vertex(cube_isolated(volume), active_boxes(volume), rng) for _ in range(300)]
    )
    assert (event.primaries["interaction"] == np.arange(len(event.primaries))).all()
    assert event.interactions["energy"] == pytest.approx(energies(event.primaries), rel=1e-12)
    inside = active_boxes(volume)[0].inside(positions(event.primaries))
    assert inside.mean() == pytest.approx(1 / 1.5**3, abs=0.06)  # a quarter of a side larger on each side


def test_rain_enters_through_the_walls(boxes, rng) -> None:
    event = merged([multi_particle_vertex(SBN_MPR, boxes, rng) for _ in range(500)])
    start, unit = positions(event.primaries), momenta(event.primaries)
    box = boxes[0]
    lower, upper = start == np.array(box.low), start == np.array(box.high)
    assert ((lower | upper).sum(axis=1) == 1).all()
    assert (unit[lower] > 0).all()
    assert (unit[upper] < 0).all()
    share = (lower | upper).mean(axis=0)
    areas = box.volume / box.sides
    assert share == pytest.approx(areas / areas.sum(), abs=0.06)


def test_inset_keeps_vertices_from_the_walls(boxes, rng) -> None:
    recipe = replace(PAPER2_1MU1P_LOW, inset_cm=30.0)
    event = merged([multi_particle_vertex(recipe, boxes, rng) for _ in range(300)])
    assert boxes[0].expanded(-30.0).inside(positions(event.interactions)).all()
    with pytest.raises(InvalidArgument, match="has no volume"):
        multi_particle_vertex(replace(recipe, inset_cm=50.0), boxes, rng)


def test_cubes_have_both_sources(rng) -> None:
    volume = voxel_volume_named("cube-192")
    sample, cube = cube_sample(volume), active_boxes(volume)
    isolated = [bool(multi_particle_vertex(sample, cube, rng).interactions["pdg"][0]) for _ in range(2000)]
    assert np.mean(isolated) == pytest.approx(0.5, abs=0.06)
    assert cube_vertex().count[1] >= cube_vertex().count[0]


@pytest.mark.parametrize("name", ["paper3", "sbn-rain", "paper2-ccpi0"])
def test_an_event_depends_on_its_stream_only(name: str, boxes) -> None:
    def event(number: int) -> tuple[bytes, bytes]:
        made = multi_particle_vertex(SAMPLES[name], boxes, stream(5, number, Stage.GENERATOR))
        return made.primaries.tobytes(), made.interactions.tobytes()

    alone = event(17)
    assert [event(n) for n in (3, 17)][1] == alone
    assert event(18) != alone


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (-1.0, 5.0, "energies cannot be negative"),
        (5.0, 1.0, "reversed"),
        (float("nan"), 1.0, "finite ends"),
        (0.0, float("inf"), "finite ends"),
    ],
)
def test_impossible_energies_are_refused(low: float, high: float, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        EnergyRange(low, high)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pdgs": ()}, "pdgs is empty"),
        ({"pdgs": (2213,)}, "no particle with the PDG number 2213.*2212"),
        ({"count": (3, 1)}, "rising order"),
        ({"count": (0, 0)}, "at least 1"),
        ({"weight": 0.0}, "must be positive"),
        ({"weight": float("nan")}, "must be positive"),
    ],
)
def test_impossible_blocks_are_refused(change: dict, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(PROTONS, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"blocks": ()}, "no blocks"),
        ({"count": (0, 2)}, "from 1"),
        ({"count": (3, 2)}, "rising order"),
        ({"count": (1, 10)}, "does not fit its blocks, which take 0 to 9"),
        ({"placement": "vertices"}, "Did you mean 'vertex'"),
        ({"direction": "isotrop"}, "Did you mean 'isotropic'"),
        ({"inset_cm": float("nan")}, "finite number"),
        ({"time_us": (2.0, 1.0)}, "rising order"),
    ],
)
def test_impossible_recipes_are_refused(change: dict, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(VertexRecipe(name="p", blocks=(PROTONS,), count=(1, 2)), **change)


def test_impossible_mixtures_and_names_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="no parts"):
        VertexMixture(name="none", parts=())
    with pytest.raises(InvalidArgument, match="must be positive"):
        VertexMixture(name="none", parts=((-1.0, PAPER2_1MU1P_LOW),))
    with pytest.raises(InvalidArgument, match="Did you mean 'paper2-1e1p'"):
        sample_named("paper2-1e1")


def test_box_argument_may_be_several(rng) -> None:
    two = (Box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), Box((5.0, 0.0, 0.0), (6.0, 1.0, 1.0)))
    event = merged([multi_particle_vertex(SBN_MPR, two, rng) for _ in range(50)])
    assert {bool(x > 2) for x in event.primaries["x"]} == {False, True}
