"""True interactions as instances, and what they are like: against loops over pixels, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.true_instances import (
    active_part,
    interaction_classes,
    traits_of,
    true_instances,
)
from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, IDENTIFIER, Clusters, Grid, Image, LabelColumn, empty_particles

GRID = Grid((9, 6), projection=2)


def interactions(*content):
    """Energy of interactions in pixels, from dicts."""
    ids = [np.array(sorted(part), dtype=np.int64) for part in content]
    values = [part[k] for part in content for k in sorted(part)]
    offsets = np.concatenate([[0], np.cumsum([len(i) for i in ids])])
    return Clusters(
        GRID, np.concatenate([np.zeros(0, int), *ids]), np.array(values), offsets, np.arange(len(content))
    )


def random_plane(rng):
    """Energies of four interactions, and the image of them: dead wires show nothing, owners have most energy."""
    content = [
        {int(k): float(rng.choice([0.01, 0.3, 2.0])) for k in rng.choice(GRID.pixels, 20, replace=False)}
        for _ in range(4)
    ]
    dead = set(rng.choice(9, 2, replace=False).tolist())
    pixels = sorted({k for part in content for k in part if k // 6 not in dead})
    owner = [max(range(4), key=lambda n: content[n].get(k, 0)) for k in pixels]
    image = Image(GRID, GRID.coordinates(np.array(pixels)), rng.uniform(5, 50, len(pixels)))
    return image.with_labels(ancestor=LabelColumn(np.array(owner), IDENTIFIER)), content


def test_instances_and_traits_equal_loops_over_pixels(rng):
    for _ in range(20):
        image, content = random_plane(rng)
        truth = true_instances(image, np.ones(4, int))
        found = traits_of(image, truth, interactions(*content))
        charge = dict(zip(image.ids.tolist(), image.charge.tolist(), strict=True))
        owner = dict(zip(image.ids.tolist(), image.label("ancestor").values.tolist(), strict=True))
        lit = {k // 6 for k in charge}
        for row, number in enumerate(truth.clusters.numbers.tolist()):
            mine = [k for k in charge if owner[k] == number and charge[k] >= 10]
            assert truth.clusters.cluster(row).ids.tolist() == mine
            wires, ticks = [k // 6 for k in mine], [k % 6 for k in mine]
            sides = max(wires) - min(wires) + 1, max(ticks) - min(ticks) + 1
            assert found.length[row] == pytest.approx(np.hypot(*sides))
            others = [part for n, part in enumerate(content) if n != number]
            crossed = [any(part.get(k, 0) >= 0.04 for part in others) for k in mine]
            assert found.overlap[row] == pytest.approx(np.mean(crossed))
            strong = {k // 6 for k, energy in content[number].items() if energy >= 0.5}
            share = np.mean([wire not in lit for wire in strong]) if strong else np.nan
            assert found.dead[row] == pytest.approx(share, nan_ok=True)


def test_pixels_of_no_interaction_and_weak_ones_are_in_none():
    image = Image.from_points(
        GRID, np.array([[0, 0], [0, 1], [1, 0], [8, 5]]), np.array([20.0, 9.9, 20.0, 10.0])
    )
    image = image.with_labels(ancestor=LabelColumn(np.array([2, 2, -1, 0]), IDENTIFIER))
    found = true_instances(image, np.array([5, 1, 1]))
    assert found.clusters.ids.tolist() == [53, 0]
    assert found.clusters.numbers.tolist() == [0, 2]
    assert [ANCESTOR.classes[k] for k in found.classes] == ["neutrino", "cosmic"]
    assert (found.scores == 1).all()
    assert len(active_part(image)) == 3


def test_an_empty_plane_has_no_instance():
    image = Image.from_points(GRID, np.zeros((0, 2), int), np.zeros(0))
    image = image.with_labels(ancestor=LabelColumn(np.zeros(0, int), IDENTIFIER))
    truth = true_instances(image, np.zeros(0, int))
    assert len(truth) == 0
    for energies in (None, interactions({3: 1.0})):
        assert traits_of(image, truth, energies).dead.shape == (0,)


def test_traits_without_energies_are_not_known():
    image, _ = random_plane(np.random.default_rng(1))
    truth = true_instances(image, np.ones(4, int))
    found = traits_of(image, truth, None)
    assert np.isnan(found.overlap).all()
    assert np.isnan(found.dead).all()
    assert np.isfinite(found.length).all()


def test_classes_come_from_ancestors_and_the_neutrino():
    particles = empty_particles(7)
    particles["mct_index"] = [0, 0, 1, 2, 3, 65535, 5]
    particles["ancestor_pdg"] = [11, 2212, -13, 2112, 211, 11, 11]
    neutrino = empty_particles(2)
    neutrino["mct_index"] = 0
    names = [ANCESTOR.classes[k] for k in interaction_classes(particles, neutrino)]
    assert names == ["neutrino", "cosmic", "neutron", "other", "other", "electron"]
    assert interaction_classes(particles, empty_particles())[0] == ANCESTOR.index("electron")
    assert len(interaction_classes(empty_particles(), empty_particles())) == 1


def test_a_neutrino_of_which_nothing_is_seen_has_its_class():
    neutrino = empty_particles(1)
    neutrino["mct_index"] = 3
    assert interaction_classes(empty_particles(), neutrino)[3] == ANCESTOR.index("neutrino")


def test_an_owner_that_the_particles_do_not_know_is_refused():
    image, _ = random_plane(np.random.default_rng(2))
    with pytest.raises(InvalidArgument, match=r"belongs to interaction 3, and the particle table knows 2"):
        true_instances(image, np.ones(2, int))
