"""Matching of Michel electrons, their four numbers and their spectrum, by hand and on toys."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.michel import MICHEL, MIP
from argoscope.analyses.michel_matching import identification, joined, match_image, quality
from argoscope.analyses.michel_report import MichelTally, michel_report
from argoscope.analyses.michel_spectrum import ENDPOINT_MEV, energy_scale, fit_endpoint, spectrum_density
from argoscope.events import FIVE_CLASS, Clusters, Grid, Image, LabelColumn, empty_particles

GRID = Grid((120, 16))
SHOWER = 2


def image_of(muon=60, electron=10, *, charge=0.5):
    """A muon along one axis, two pixels wide, with an electron behind it; and its true classes."""
    pixels = np.array([(k, 4 + w) for k in range(muon + electron) for w in (0, 1)])
    image = Image.from_points(GRID, pixels, np.full(len(pixels), charge))
    truth = np.where(image.coordinates[:, 0] < muon, MIP, MICHEL).astype(np.int32)
    return image.with_labels(semantic=LabelColumn(truth, FIVE_CLASS)), truth


def called(image, truth, first, last, name=MICHEL):
    """The truth, but for the pixels from `first` to before `last` along the track."""
    at = image.coordinates[:, 0]
    return np.where((at >= first) & (at < last), name, truth).astype(np.int32)


def test_a_short_electron_found_is_pure_and_inefficient():
    image, truth = image_of()
    matched = match_image(image, called(image, truth, 66, 70, SHOWER))
    assert (matched.pairs.shared.tolist(), matched.pairs.true_pixels.tolist()) == ([12], [20])
    found = quality(matched)
    assert found["cluster_efficiency"].value == pytest.approx(0.6)
    assert found["cluster_purity"].value == 1.0
    assert found["both_above_95"].value == 0.0


def test_pixels_of_the_muon_make_it_impure_and_its_energy_too_large():
    image, truth = image_of()
    matched = match_image(image, called(image, truth, 55, 60))
    assert quality(matched)["cluster_purity"].value == pytest.approx(20 / 30)
    scale, _ = energy_scale(matched.pairs.charge, matched.pairs.true_charge, matched.pairs.event)
    assert scale.value == pytest.approx(1.5)


def test_two_pieces_of_one_electron_are_two_candidates_and_one_found():
    """Both pieces touch the track; the paper would count both as found."""
    muon = [(k, 4 + w) for k in range(60) for w in (0, 1)]
    fork = [(60 + k, 4 - k) for k in range(5)] + [(60 + k, 5 + k) for k in range(5)]
    fork += [(60 + k, 3 - k) for k in range(4)] + [(60 + k, 6 + k) for k in range(4)]
    image = Image.from_points(GRID, np.array(muon + fork), np.ones(len(muon + fork)))
    truth = np.where(image.coordinates[:, 0] < 60, MIP, MICHEL).astype(np.int32)
    image = image.with_labels(semantic=LabelColumn(truth, FIVE_CLASS))
    middle = (image.coordinates[:, 0] < 62) & (truth == MICHEL)
    predicted = np.where(middle, MIP, truth).astype(np.int32)
    efficiency, purity, counts = identification(match_image(image, predicted))
    assert (counts.true, counts.candidates, counts.matched, counts.found) == (1, 2, 2, 1)
    assert (efficiency.value, purity.value) == (1.0, 1.0)


def two_muons():
    """Two muons, one above the other, each with an electron of its own: of 20 pixels and of 12; the grid ends with the first."""
    pixels = np.array(
        [(k, w) for k in range(50) for w in (0, 1)] + [(k, 8 + w) for k in range(46) for w in (0, 1)]
    )
    image = Image.from_points(Grid((50, 16)), pixels, np.ones(len(pixels)))
    truth = np.where(image.coordinates[:, 0] < 40, MIP, MICHEL).astype(np.int32)
    return image.with_labels(semantic=LabelColumn(truth, FIVE_CLASS)), truth


def test_two_electrons_of_an_event_at_its_border_are_each_matched_to_their_own():
    image, truth = two_muons()
    matched = match_image(image, truth)
    assert matched.pairs.match.tolist() == [0, 1]
    assert matched.pairs.shared.tolist() == matched.truths.pixels.tolist() == [20, 12]
    efficiency, purity, _ = identification(matched)
    assert (efficiency.value, purity.value) == (1.0, 1.0)


def test_one_candidate_over_two_electrons_is_matched_to_the_larger_alone():
    """Pixels of the other electron are not shared: the text, not the program, which counts any true Michel pixel."""
    image, _ = two_muons()
    bridge = np.array([(45, w) for w in range(2, 8)])
    coordinates = np.concatenate([image.coordinates, bridge])
    whole = Image.from_points(image.grid, coordinates, np.ones(len(coordinates)))
    between = (whole.coordinates[:, 1] > 1) & (whole.coordinates[:, 1] < 8)
    true = np.where(whole.coordinates[:, 0] < 40, MIP, MICHEL).astype(np.int32)
    whole = whole.with_labels(
        semantic=LabelColumn(np.where(between, SHOWER, true).astype(np.int32), FIVE_CLASS)
    )
    matched = match_image(whole, true)
    assert (matched.pairs.pixels.tolist(), matched.pairs.shared.tolist()) == ([38], [20])
    efficiency, purity, counts = identification(matched)
    assert (efficiency.value, purity.value, counts.found) == (0.5, 1.0, 1)
    assert matched.truths.found.tolist() == [38, 0]
    assert quality(matched)["cluster_purity"].value == pytest.approx(20 / 38)


def test_an_electron_without_candidate_is_missed_and_costs_no_purity():
    image, truth = image_of()
    efficiency, purity, counts = identification(match_image(image, called(image, truth, 60, 70, SHOWER)))
    assert (efficiency.value, counts.true, counts.candidates) == (0.0, 1, 0)
    assert np.isnan(purity.value)


def test_a_candidate_without_truth_is_no_match():
    image, truth = image_of(electron=0)
    matched = match_image(image, called(image, truth, 52, 60))
    efficiency, purity, counts = identification(matched)
    assert (counts.true, counts.candidates, counts.matched) == (0, 1, 0)
    assert np.isnan(efficiency.value)
    assert purity.value == 0.0
    assert np.isnan(quality(matched)["cluster_purity"].value)


def test_the_cut_takes_small_candidates_away_but_no_true_cluster():
    image, truth = image_of()
    matched = match_image(image, called(image, truth, 64, 70, SHOWER))  # 8 pixels are left
    assert identification(matched, 8)[0].value == 1.0
    efficiency, purity, counts = identification(matched, 9)
    assert (efficiency.value, counts.true, counts.candidates) == (0.0, 1, 0)
    assert np.isnan(purity.value)


def test_nothing_at_all_has_no_numbers():
    matched = joined([])
    assert len(matched.pairs.pixels) == len(matched.truths.pixels) == 0
    assert all(np.isnan(estimate.value) for estimate in quality(matched).values())


def test_what_the_electron_itself_left_comes_from_the_truth():
    """Two of the electron's pixels are shared with the muon, which left most there."""
    image, truth = image_of()
    electron = image.ids[truth == MICHEL]
    muon = np.concatenate([image.ids[truth == MIP], electron[:2]])
    clusters = Clusters(
        GRID,
        np.concatenate([muon, electron]),
        np.concatenate([np.full(len(muon), 2.0), np.full(len(electron), 0.25)]).astype(np.float32),
        np.array([0, len(muon), len(muon) + len(electron)]),
        np.array([3, 7]),
    )
    particles = empty_particles(2)
    particles["id"], particles["pdg"], particles["energy_init"] = [3, 7], [13, 11], [200.0, 20.51099895]
    image = Image(GRID, image.coordinates, image.charge, image.labels, clusters)
    truths = match_image(image, truth, particles=particles).truths
    assert truths.own.tolist() == pytest.approx([20 * 0.25])
    assert truths.kinetic.tolist() == pytest.approx([20.0])
    assert np.isnan(match_image(image, truth).truths.own).all()


def test_the_report_has_the_promised_keys_and_counts_every_event():
    tally = MichelTally(scan=True)
    for muon in (60, 70, 80):
        image, truth = image_of(muon)
        tally.add_event([image], [truth])
    tally.add_event([image_of(electron=0)[0]], [image_of(electron=0)[1]])
    found = michel_report(tally)
    for block in (found, found["min_10_pixels"]):
        for name in ("id_efficiency", "id_purity", "cluster_efficiency", "cluster_purity"):
            assert block[name]["value"] == 1.0
        assert set(block["spectrum"]) >= {"scale", "width", "endpoint"}
    assert found["spectrum"]["scale"]["value"] == 1.0
    assert found["spectrum"]["endpoint"] == {"value": None, "low": None, "high": None}  # three electrons
    assert (found["events"], found["counts"]["true"]) == (4, 3)
    tried = {(row["parameter"], row["value"]): row["id_efficiency"]["value"] for row in found["scan"]}
    assert tried["michel_points", 5] == 1.0
    assert tried["eps", 2.8] == tried["attached", "step"] == 1.0
    assert {name for name, _ in tried} == {"attached", "eps", "michel_points", "mip_points", "edge_radius"}


def drawn_energies(rng, count, endpoint, loss, resolution):
    """Energies of the model itself, drawn step by step."""
    x = rng.uniform(size=20 * count)
    x = x[rng.uniform(high=2.0, size=len(x)) < 2 * x**2 * (3 - 2 * x)][:count]
    y = x * rng.uniform(size=len(x)) ** (1 / loss)
    return endpoint * y * (1 + resolution * rng.normal(size=len(y)))


@pytest.mark.parametrize(("endpoint", "loss", "resolution"), [(52.3, 6.0, 0.05), (40.0, 3.0, 0.1)])
def test_the_density_is_what_drawn_energies_have(rng, endpoint, loss, resolution):
    edges = np.linspace(10, endpoint * 1.3, 30)
    energies = drawn_energies(rng, 200_000, endpoint, loss, resolution)
    counts, _ = np.histogram(energies, edges)
    fine = np.linspace(edges[0], edges[-1], 20 * 29 + 1)
    density = spectrum_density((fine[1:] + fine[:-1]) / 2, endpoint, loss, resolution, least=10.0)
    expected = density.reshape(29, 20).mean(axis=1) * np.diff(edges) * (energies >= 10).sum()
    # Grid steps of half a per cent of the endpoint, beside the spread of the counts.
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected.max()) + 0.01 * expected.max()


def test_the_fit_finds_the_endpoint_that_was_put_in(rng):
    pulls = []
    for _ in range(6):
        fit = fit_endpoint(drawn_energies(rng, 1000, ENDPOINT_MEV, 6.0, 0.05))
        assert abs(fit.endpoint.value - ENDPOINT_MEV) < 2.5
        assert fit.kept.value == pytest.approx(6 / 7, abs=0.06)
        pulls.append((fit.endpoint.value - ENDPOINT_MEV) / (fit.endpoint.high - fit.endpoint.value))
    assert abs(np.mean(pulls)) < 3 / np.sqrt(6) + 0.5
    assert fit_endpoint(np.full(10, 30.0)) is None


def test_stray_energies_do_not_move_the_endpoint(rng):
    """2 % of the energies are spread up to 80 MeV; the same sample without them has the same endpoint."""
    own = drawn_energies(rng, 1000, ENDPOINT_MEV, 6.0, 0.05)
    fit = fit_endpoint(np.append(own, rng.uniform(10, 80, 20)))
    assert abs(fit.endpoint.value - fit_endpoint(own).endpoint.value) < 1.0
    assert fit.stray.low < 0.02 < fit.stray.high
    assert fit.endpoint.low < fit.endpoint.value < fit.endpoint.high


def test_the_density_has_no_steps_along_the_endpoint():
    """At a fixed energy a ten-thousandth of the endpoint changes the density by as little."""
    energies = np.array([12.0, 30.0, 45.0])
    ends = 50.0 * (1 + 1e-4 * np.arange(60))
    found = np.stack([spectrum_density(energies, end, 5.0, 0.05, least=10.0) for end in ends])
    assert np.abs(np.diff(np.log(found), axis=0)).max() < 1.5e-3


def test_the_endpoint_is_that_of_two_body_kinematics():
    """Masses of the muon and the electron, Particle Data Group 2024."""
    muon, electron = 105.6583755, 0.51099895
    assert (muon - electron) ** 2 / (2 * muon) == pytest.approx(ENDPOINT_MEV, abs=0.005)


def test_the_scale_is_a_median_and_its_width_that_of_a_gaussian(rng):
    true = rng.uniform(10, 50, 4000)
    scale, width = energy_scale(true * rng.normal(0.97, 0.08, 4000), true, np.arange(4000))
    assert scale.low < 0.97 < scale.high or abs(scale.value - 0.97) < 0.005
    assert width.value == pytest.approx(0.08, rel=0.06)
