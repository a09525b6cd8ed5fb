"""The veto: against scikit-learn on sets of pixels, by hand, and with the paper's arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN
from tests.instance_files import GRID, event, nothing, plane_event

from argoscope.analyses.positive import Called, called_neutrino, positive_report
from argoscope.analyses.statistics import fraction
from argoscope.analyses.taggers import InstanceTagger, Tag
from argoscope.analyses.veto import (
    RATIOS,
    Left,
    Rules,
    cut_flow,
    left_over,
    passes,
    removed_background,
    signal_to_background,
    tagger_report,
)
from argoscope.errors import InvalidArgument
from argoscope.events.instances import Instances


class Random:
    """Tags each pixel with some chance."""

    name, provenance = "random", "external"

    def __init__(self, seed, veto=False):
        self.rng, self.veto = np.random.default_rng(seed), veto

    def tag(self, seen):
        return Tag(self.rng.random(len(seen.image)) < 0.4, self.veto)


@pytest.mark.parametrize("rules", [Rules(), Rules(1.0, 2), Rules(3.0, 5)])
def test_what_is_left_equals_sets_and_scikit_learn(rules):
    for seed in range(10):
        seen = plane_event(event(seed))
        found = left_over(seen, Random(seed), rules)
        tags = Random(seed).tag(seen).pixels
        rest = [c for c, t in zip(seen.image.coordinates.tolist(), tags, strict=True) if not t]
        labels = DBSCAN(eps=rules.eps, min_samples=rules.min_points).fit(np.array(rest, float)).labels_
        sizes = np.bincount(labels[labels >= 0], minlength=1)
        assert (found.largest, found.active, found.tagged) == (sizes.max(), len(seen.image), tags.sum())
        assert left_over(seen, Random(seed, veto=True), rules).largest == 0


def test_pixels_below_threshold_are_not_left():
    seen = plane_event(event(1, charge=9.0), nothing)
    assert left_over(seen, InstanceTagger(), Rules(3.0, 1)) == Left(0, False, 0, 0)


def test_truth_leaves_the_neutrino_and_nothing_of_cosmic_events():
    tagger = InstanceTagger()
    assert left_over(plane_event(event(1)), tagger, Rules()).largest == 30
    assert left_over(plane_event(event(1, neutrino=False)), tagger, Rules()).largest == 0
    # Nothing is tagged: the lines lie 8 wires apart and are one cluster.
    assert left_over(plane_event(event(1), nothing), tagger, Rules()).largest == 90


def test_a_tagger_must_answer_for_every_pixel():
    class Short(Random):
        def tag(self, _seen):
            return Tag(np.zeros(3, bool))

    with pytest.raises(
        InvalidArgument, match=r"random answers for 3 pixels of run 1 subrun 2 event 1, whose image has 90"
    ):
        left_over(plane_event(event(1)), Short(0), Rules())


EVENTS = [Left(0, True, 9, 9), Left(0, False, 9, 9), Left(10, False, 9, 1), Left(11, False, 9, 1)]


def test_the_largest_cluster_must_be_above_the_cut():
    assert passes(EVENTS, None).tolist() == [False, True, True, True]
    assert passes(EVENTS, 0).tolist() == [False, False, True, True]
    assert passes(EVENTS, 10).tolist() == [False, False, False, True]
    assert [step["events"] for step in cut_flow(EVENTS, 10)] == [4, 3, 1]
    assert [step["events"] for step in cut_flow(EVENTS, None)] == [4, 3]
    assert passes([], 10).shape == (0,)


def test_signal_over_background_is_the_formula_and_not_what_the_paper_prints():
    """Table 3 and the rejections of section 5.2, typed again; the paper prints 1.26 and 4.14."""
    alone, joined = (signal_to_background(5.97e-4, 0.801, rejection) for rejection in (0.990, 0.997))
    assert alone == pytest.approx(0.0478, abs=5e-5)
    assert joined == pytest.approx(0.159, abs=5e-4)
    assert joined / alone == pytest.approx(10 / 3)
    assert 1.26 / alone == pytest.approx(26.3, abs=0.1)
    assert 4.14 / joined == pytest.approx(26.0, abs=0.1)
    assert RATIOS == {"nue": 5.97e-4, "low_energy": 1.51e-5}
    assert np.isnan(signal_to_background(1.0, 0.5, 1.0))


def toy(rng, events=400):
    samples = rng.choice(["nue", "low_energy", "offbeam", "numu"], events).tolist()
    scale = {"nue": 300, "low_energy": 100, "offbeam": 30, "numu": 300}
    left = [
        Left(int(rng.exponential(scale[name])), False, 1000, 500)
        if rng.random() < 0.95
        else Left(0, True, 1000, 500)
        for name in samples
    ]
    return samples, left


def test_the_curve_starts_with_the_taggers_own_rejection_and_only_falls(rng):
    samples, left = toy(rng)
    found = tagger_report(InstanceTagger(), samples, left)
    roc = found["roc"]
    assert [point["cut"] for point in roc[:4]] == [None, 0, 10, 20]
    for signal in RATIOS:
        along = [point["efficiency"][signal]["value"] for point in roc]
        assert along == sorted(along, reverse=True)
        assert along[-1] == 0
    rejected = [point["rejection"]["value"] for point in roc]
    assert rejected == sorted(rejected)
    off = [event for name, event in zip(samples, left, strict=True) if name == "offbeam"]
    assert roc[0]["rejection"] == fraction(sum(event.vetoed for event in off), len(off)).to_json()
    assert roc[2]["rejection"] == fraction(sum(event.largest <= 10 for event in off), len(off)).to_json()
    assert found["zero"]["offbeam"]["value"] == pytest.approx(np.mean([event.largest == 0 for event in off]))
    assert found["largest"]["offbeam"] == [event.largest for event in off]
    assert found["tagged_share"] == 0.5


def test_working_points_are_the_paper_s_cut_and_the_tightest_at_an_efficiency(rng):
    samples, left = toy(rng)
    found = tagger_report(InstanceTagger(), samples, left)
    cut, loose, tight = found["working_points"]
    assert cut["cut"] == 130
    for point, target in ((loose, 0.902), (tight, 0.801)):
        better = [p for p in found["roc"] if p["efficiency"]["nue"]["value"] >= target]
        assert point["cut"] == better[-1]["cut"]
        assert point["rejection"] == better[-1]["rejection"]


def test_a_tagger_that_never_reaches_an_efficiency_has_its_own_point():
    left = [Left(0, True, 9, 9), Left(50, False, 9, 0), Left(20, False, 9, 0)]
    found = tagger_report(InstanceTagger(), ["nue", "nue", "offbeam"], left)
    assert [point["cut"] for point in found["working_points"]] == [130, None, None]


def test_the_area_counts_pairs(rng):
    samples, left = toy(rng, 80)
    found = tagger_report(InstanceTagger(), samples, left)["area"]["nue"]["value"]
    score = [-1 if event.vetoed else event.largest for event in left]
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, s in zip(score, samples, strict=True) if s == "nue"
        for b, o in zip(score, samples, strict=True) if o == "offbeam"
    ]  # fmt: skip
    assert found == pytest.approx(np.mean(pairs))


def test_no_event_of_a_sample_has_no_number():
    found = tagger_report(InstanceTagger(), ["nue"], [Left(5, False, 9, 1)])
    assert found["roc"][0]["rejection"]["value"] is None
    assert found["roc"][0]["signal_to_background"]["nue"] is None
    assert found["area"]["nue"]["value"] is None


def test_removed_background_is_counted_at_equal_efficiency():
    """Alone: the cut of 10 keeps 4 of 5 neutrinos and 4 of 6 cosmic events; together the cut of 20 keeps 4 and 1."""
    samples = ["nue"] * 5 + ["offbeam"] * 6
    alone = [Left(n, False, 9, 0) for n in (50, 50, 50, 15, 5, 20, 20, 20, 20, 5, 5)]
    joined = [Left(n, False, 9, 0) for n in (50, 50, 50, 25, 5, 30, 0, 0, 0, 0, 0)]
    found = removed_background(samples, alone, joined, 0.8)
    assert (found["cut_alone"], found["cut_joined"]) == (10, 20)
    assert found["removed"]["value"] == pytest.approx(1 - 1 / 4)
    assert found["removed"]["low"] < 0.75 < found["removed"]["high"]
    assert found["efficiency_alone"] == found["efficiency_joined"] == fraction(4, 5).to_json()
    nothing_left = removed_background(samples, joined[:5] + [Left(0, False, 9, 9)] * 6, joined, 0.8)
    assert nothing_left["removed"] == NO_NUMBER


NO_NUMBER = {"value": None, "low": None, "high": None}


def test_no_background_is_removed_where_an_efficiency_is_not_reached():
    """A union that rejects half of the neutrinos cannot be cut for 80 % of them; nor can events without any."""
    alone = [Left(50, False, 9, 0)] * 6 + [Left(60, False, 9, 0)] * 4
    joined = [Left(0, True, 9, 9)] * 3 + [Left(50, False, 9, 0)] * 3 + [Left(0, False, 9, 9)] * 4
    samples = ["nue"] * 6 + ["offbeam"] * 4
    for one, other in ((alone, joined), (joined, alone)):
        assert removed_background(samples, one, other, 0.8)["removed"] == NO_NUMBER
    found = removed_background(samples, alone, joined, 0.8)
    assert (found["efficiency_alone"]["value"], found["efficiency_joined"]["value"]) == (1.0, 0.5)
    assert removed_background(samples, alone, joined, 0.5)["removed"]["value"] == 1.0
    without = removed_background(samples[6:], alone[6:], joined[6:], 0.8)
    assert without["removed"] == without["efficiency_alone"] == NO_NUMBER


def test_predictions_of_class_neutrino_are_right_on_the_neutrino_alone():
    def predict(truth):
        sets = [truth.clusters.cluster(k).ids for k in range(3)]
        mixed = np.concatenate([sets[0][:5], sets[1][:9]])
        return Instances.of_sets(
            GRID, [*sets[:2], mixed, [1900], sets[0]], [5, 5, 5, 5, 1], [0.9, 0.9, 0.5, 0.5, 1.0]
        )

    seen = plane_event(event(1), predict)
    assert called_neutrino(seen) == Called(1, 3)
    assert called_neutrino(seen, 0.6) == Called(1, 1)
    assert called_neutrino(plane_event(event(1, neutrino=False), predict)) == Called(0, 4)
    assert called_neutrino(plane_event(event(1), nothing)) == Called(0, 0)


def test_off_beam_events_drown_what_is_called_a_neutrino():
    samples = ["nue"] * 100 + ["offbeam"] * 50
    called = [Called(1, 0)] * 78 + [Called(0, 1)] * 22 + [Called(0, 1)] * 10 + [Called(0, 0)] * 40
    found = positive_report(samples, called)
    assert found["in_neutrino_events"]["value"] == pytest.approx(0.78)
    # For each off-beam event 5.97e-4 neutrino events: 0.78 right, 0.22 wrong; and 0.2 wrong.
    wanted = 5.97e-4 * 0.78 / (5.97e-4 * 1.0 + 0.2)
    assert found["with_offbeam"]["value"] == pytest.approx(wanted)
    assert found["event_efficiency"]["value"] == 1.0
    assert found["event_rejection"]["value"] == pytest.approx(0.8)
