"""Paper 3's counting on hand-made images: charges, clusters, changes, crops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.display.five_class_figures import draw_confusion
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    Clusters,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
    empty_particles,
)
from argoscope.figures import bare_figure
from argoscope.inference.segmentation import Segmentation
from argoscope.papers.paper3_studies.clusters import Cluster, lepton_and_proton, vertex_clusters
from argoscope.papers.paper3_studies.crossings import crossed, without_crossings
from argoscope.papers.paper3_studies.pictures import central_crop
from argoscope.papers.paper3_studies.sample import EDGES, charge_values, counts_of, kinds_of
from argoscope.papers.paper3_studies.variations import (
    CHANGES,
    SHOWER,
    TRACK,
    Counts,
    changes,
    two_class_labels,
)
from argoscope.simulation.presets import geometry_of, preset_named
from argoscope.simulation.records import PRIMARY_DTYPE, Origin
from argoscope.simulation.response_presets import settings_for
from argoscope.simulation.variations import varied_response

HIP, MIP, SHOWERS, DELTA, MICHEL, NONE = range(6)


def image_of(coordinates, charge=None, *, shape=(40, 30), **labels):
    """An image with label columns; pixels must be sorted."""
    coordinates = np.array(coordinates, dtype=np.int32).reshape(-1, 2)
    values = np.full(len(coordinates), 50.0) if charge is None else np.array(charge)
    schemes = {"semantic": FIVE_CLASS, "origin": COSMIC, "instance": IDENTIFIER}
    columns = {
        kind: LabelColumn(np.array(column, dtype=np.int32), schemes[kind]) for kind, column in labels.items()
    }
    return Image(Grid(shape), coordinates, values.astype(np.float32), columns)


def test_charges_from_10_to_300_are_counted():
    image = image_of(
        [[0, n] for n in range(6)], [9.9, 10, 50, 300, 300.1, 20], semantic=[MIP, MIP, HIP, MIP, MIP, NONE]
    )
    found = counts_of(image)
    assert (found.above, found.seen) == (5, 4)
    assert found.share == 4 / 1200
    assert found.classes.tolist() == [1, 2, 0, 0, 0]
    assert found.mips.sum() == 4


def test_an_empty_image_counts_nothing():
    found = counts_of(image_of([], [], semantic=[]))
    assert (found.above, found.seen, found.share, int(found.mips.sum())) == (0, 0, 0.0, 0)


def test_charge_values_of_a_known_distribution():
    rng = np.random.default_rng(1)
    edge, track = rng.exponential(3.0, 20_000) + 10, rng.normal(60.0, 8.0, 20_000)
    histogram = np.histogram(np.concatenate([edge, track]), EDGES)[0]
    peak, median, most = charge_values(histogram[None].astype(float))[0]
    assert peak == pytest.approx(60, abs=3)
    assert 20 < median < 55
    assert most == pytest.approx(np.percentile(np.concatenate([edge, track]), 99), abs=2)


def test_charge_values_of_nothing_are_no_numbers():
    assert np.isnan(charge_values(np.zeros((1, len(EDGES) - 1)))).all()


def test_generated_particles_by_kind_of_table_i():
    primaries = np.zeros(6, PRIMARY_DTYPE)
    primaries["pdg"] = [11, -211, 211, 2212, 13, -13]
    primaries["origin"] = [Origin.NEUTRINO] * 5 + [Origin.COSMIC]
    assert kinds_of(primaries) == {"e": 1, "pi": 2, "p": 1, "mu": 1, "all of these": 5, "cosmic mu": 1}


def test_a_pixel_is_shower_like_by_the_sum_of_its_scores():
    scores = np.array(
        [[0.05, 0.4, 0.3, 0.2, 0.05], [0.2, 0.35, 0.4, 0.05, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]], np.float32
    )
    labels = np.array([MIP, SHOWERS, NONE], np.int32)
    assert two_class_labels(Segmentation(labels, scores)).tolist() == [SHOWER, TRACK, NONE]


def counts(wrong, pixels, missed, clusters):
    return Counts(*(np.array(column, dtype=float) for column in (wrong, pixels, missed, clusters)))


def test_paired_changes_are_known_better_than_each_share():
    """Events differ much from one another, and every one has 10 more wrong pixels."""
    rng = np.random.default_rng(0)
    wrong = rng.integers(0, 900, 50)
    central = counts(wrong, np.full(50, 1000), np.zeros(50), np.ones(50))
    pixels, clusters = changes(central, counts(wrong + 10, np.full(50, 1000), np.zeros(50), np.ones(50)))
    assert pixels.value == pytest.approx(0.01)
    assert pixels.high - pixels.low == pytest.approx(0, abs=1e-12)
    assert (clusters.value, clusters.low, clusters.high) == (0, 0, 0)


def test_no_change_can_be_told_without_clusters():
    none = counts([1, 2], [10, 10], [0, 0], [0, 0])
    assert np.isnan(changes(none, none)[1].value)


@pytest.mark.parametrize("name", CHANGES)
def test_every_variation_goes_with_the_detector_and_changes_it(name):
    geometry = geometry_of(preset_named("paper3-nue"))
    nominal = settings_for(geometry)
    assert varied_response(nominal, CHANGES[name], geometry) != nominal


def test_there_are_eight_variations():
    assert len(CHANGES) == 8


def particle_event(image):
    """A neutrino's muon (0) with its Michel electron (1), proton (2) and neutron (3) with a proton (4); a cosmic (5)."""
    table = empty_particles(6)
    table["pdg"] = [13, 11, 2212, 2112, 2212, -13]
    table["trackid"] = [10, 11, 12, 13, 14, 15]
    table["ancestor_trackid"] = [10, 10, 12, 13, 13, 15]
    table["current_type"] = [0, 0, 0, 0, 0, -1]
    return Event(EventId(), (image,), table)


def test_clusters_are_the_neutrinos_particles_with_what_descends_from_them():
    image = image_of(
        [[n, 0] for n in range(8)], instance=[0, 1, 2, 3, 4, 5, 0, -1],
        semantic=[MIP, MICHEL, HIP, SHOWERS, HIP, MIP, NONE, MIP],
    )  # fmt: skip
    found = vertex_clusters(particle_event(image))
    assert [(cluster.pdg, cluster.rows.tolist()) for cluster in found] == [(13, [0, 1]), (2212, [2])]


def with_truth(image, rows):
    """The image with truth: (pixel, cluster, MeV), in the order of the clusters."""
    pixels, clusters, energies = zip(*rows, strict=True)
    ids = image.ids[list(pixels)]
    offsets = np.searchsorted(clusters, np.arange(7))
    return replace(image, truth=Clusters(image.grid, ids, np.array(energies), offsets, np.arange(6)))


def test_pixels_with_energy_of_a_cosmic_are_crossed():
    image = image_of([[n, 0] for n in range(4)], semantic=[MIP, SHOWERS, SHOWERS, NONE])
    image = with_truth(
        image, [(0, 0, 1.0), (1, 1, 1.0), (2, 1, 1.0), (1, 5, 0.04), (2, 5, 0.039), (3, 5, 2.0)]
    )
    event = particle_event(image)
    assert crossed(event, image).tolist() == [False, True, False, True]
    assert without_crossings(event, image).label("semantic").values.tolist() == [MIP, NONE, SHOWERS, NONE]


def test_without_truth_no_pixel_is_known_to_be_crossed():
    image = image_of([[0, 0]], semantic=[SHOWERS])
    assert crossed(particle_event(image), image).tolist() == [False]


def cluster(pdg, pixels):
    return Cluster(pdg, np.arange(pixels))


@pytest.mark.parametrize(
    ("clusters", "taken"),
    [
        ([cluster(11, 10), cluster(2212, 10)], True),
        ([cluster(-11, 99), cluster(2212, 99), cluster(211, 9)], True),
        ([cluster(11, 10), cluster(2212, 9)], False),
        ([cluster(11, 99), cluster(2212, 99), cluster(211, 10)], False),
        ([cluster(11, 99), cluster(2212, 99), cluster(2212, 10)], False),
        ([cluster(13, 99), cluster(2212, 99)], False),
        ([], False),
    ],
)
def test_one_electron_and_one_proton(clusters, taken):
    assert (lepton_and_proton(clusters, 11) is not None) == taken


def test_the_crop_holds_the_interaction_at_the_border():
    origin = [COSMIC.index("cosmic")] + [COSMIC.index("neutrino")] * 4
    image = image_of([[0, 0], [35, 28], [36, 28], [37, 29], [39, 29]], origin=origin, semantic=[MIP] * 5)
    cut = central_crop(Event(EventId(), (image,)), 8).images[0]
    assert cut.grid.shape == (8, 8)
    assert cut.label("origin").values.tolist() == origin[1:]


def test_an_image_without_interaction_is_cut_around_its_middle():
    image = image_of([[18, 13]], origin=[COSMIC.index("cosmic")], semantic=[MIP])
    assert len(central_crop(Event(EventId(), (image,)), 4).images[0]) == 1
    empty = replace(image, coordinates=np.zeros((0, 2), np.int32), charge=np.zeros(0, np.float32), labels={
        kind: LabelColumn(np.zeros(0, np.int32), column.scheme) for kind, column in image.labels.items()
    })  # fmt: skip
    assert central_crop(Event(EventId(), (empty,)), 4).images[0].grid.shape == (4, 4)


def test_confusions_may_have_the_truth_along_x():
    """Of the first class all are called the second."""
    axes = bare_figure(3, 3).subplots()
    draw_confusion(axes, [[0, 4], [0, 1]], ("a", "b"), truth_across=True)
    shown = {(text.get_position(), text.get_text()) for text in axes.texts}
    assert ((0, 1), "100.0") in shown
    assert ((1, 0), "0.0") in shown
    assert axes.get_xlabel() == "true, % of each column"
    np.testing.assert_array_equal(axes.images[0].get_array(), [[0, 0], [1, 1]])
