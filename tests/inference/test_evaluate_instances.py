"""Instances of whole files: the numbers are those of their pixels, odd files are refused in one sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.instance_files import (
    CHARGE,
    GRID,
    INTERACTION,
    NEUTRINO,
    event,
    header,
    nothing,
    truth_itself,
    with_prediction,
    write,
)

from argoscope.analyses.instance_blocks import METRICS
from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, Clusters, Grid, Record, Voxels
from argoscope.events.instances import Instances
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.instance_products import instances_header

PERFECT = {**dict.fromkeys(METRICS, 1.0), "zero_efficiency": 0.0, "duplicates": 0.0}


def values(block):
    return {name: block[name]["value"] for name in METRICS}


def toys(predict=truth_itself):
    return [
        with_prediction(event(n, lengths), predict)
        for n, lengths in enumerate([(30, 20, 40), (15, 12), (9, 25)])
    ]


def test_truth_as_prediction_is_perfect_in_every_average(tmp_path):
    found = evaluate_instances([write(tmp_path / "a.h5", toys())])
    blocks = (
        found["overall"], found["pooled"], found["classes"]["cosmic"], found["any_active_pixel"]["overall"],
    )  # fmt: skip
    for block in blocks:
        assert values(block) == PERFECT
    # An event has one neutrino, among which nothing can be told apart.
    assert values(found["classes"]["neutrino"]) == {**PERFECT, "ari": None}
    assert (found["true"], found["any_active_pixel"]["true"]) == (6, 7)
    assert found["classes"]["neutrino"]["true"] == 2
    assert found["models"] == ["toy"]
    assert [row["true"] for row in found["events"]] == [3, 2, 1]
    assert found["events"][0]["event"] == 0
    assert json.loads(json.dumps(found)) == found


def test_averages_by_hand(tmp_path):
    """Event 0: the neutrino half found, the first cosmic found, the last missed. Event 1: all found, and a mistake."""

    def predict(truth):
        sets = [truth.clusters.cluster(k).ids for k in range(len(truth))]
        if len(sets) == 3:
            return Instances.of_sets(GRID, [sets[0][:15], sets[1]], [5, 1], [0.9, 0.8])
        extra = GRID.ids(np.stack([np.full(5, 40), np.arange(5)], 1))
        return Instances.of_sets(GRID, [*sets, extra], [5, 1, 1], [0.9, 0.9, 0.5])

    records = [with_prediction(event(0), predict), with_prediction(event(1, (15, 12)), predict)]
    found = evaluate_instances([write(tmp_path / "a.h5", records)])
    # The mistake lies on no charge: its purity is 0 and counts.
    overall, pooled = values(found["overall"]), values(found["pooled"])
    assert overall["efficiency"] == pytest.approx((1.5 / 3 + 1) / 2)
    assert pooled["efficiency"] == pytest.approx(3.5 / 5)
    assert overall["purity"] == pytest.approx((1 + 2 / 3) / 2)
    assert pooled["purity"] == pytest.approx(4 / 5)
    assert overall["covered"] == pytest.approx((1 / 3 + 1) / 2)
    assert pooled["zero_efficiency"] == pytest.approx(1 / 5)
    # IoU of the half-found one is 0.5 and no match: 1 match, 2 missed, 1 mistake; then 2 matches, 1 mistake.
    assert overall["panoptic_quality"] == pytest.approx((1 / 2.5 + 2 / 2.5) / 2)
    assert pooled["panoptic_quality"] == pytest.approx(3 / 5)
    neutrino = found["classes"]["neutrino"]
    assert (neutrino["efficiency"]["value"], neutrino["purity"]["value"]) == (pytest.approx(0.75), 1.0)


def test_a_neutrino_on_a_cosmic_has_no_purity_in_its_class(tmp_path):
    def called_neutrino(truth):
        return Instances(truth.clusters, np.full(len(truth), 5), truth.scores)

    found = evaluate_instances([write(tmp_path / "a.h5", [with_prediction(event(1), called_neutrino)])])
    assert found["overall"]["purity"]["value"] == 1.0
    assert found["classes"]["neutrino"]["purity"]["value"] == pytest.approx(1 / 3)
    assert found["classes"]["cosmic"]["efficiency"]["value"] == 0.0
    assert found["classes"]["cosmic"]["purity"]["value"] is None
    assert found["classes"]["cosmic"]["left_out"]["purity"] == 1


def test_scores_below_the_least_are_left_out(tmp_path):
    def weak(truth):
        return Instances(truth.clusters, truth.classes, np.linspace(0.1, 0.9, len(truth)))

    path = write(tmp_path / "a.h5", [with_prediction(event(1, (20, 20, 20, 20, 20)), weak)])
    assert evaluate_instances([path])["overall"]["efficiency"]["value"] == pytest.approx(3 / 5)
    found = evaluate_instances([path], least_score=0.05)
    assert found["overall"]["efficiency"]["value"] == 1.0
    curve = {row["least_score"]: row["efficiency"]["value"] for row in found["curve"]}
    assert (curve[0.05], curve[0.4], curve[0.95]) == (1.0, pytest.approx(3 / 5), 0.0)
    # Average precision runs along all scores, whatever the least.
    assert evaluate_instances([path])["overall"]["ap50"]["value"] == 1.0


def test_events_without_predictions_have_no_purity_and_count_in_the_rest(tmp_path):
    path = write(tmp_path / "a.h5", [*toys(nothing)[:1], *toys()[1:2]])
    found = evaluate_instances([path])
    assert found["overall"]["efficiency"]["value"] == 0.5
    assert found["overall"]["purity"]["value"] == 1.0
    assert found["left_out"]["purity"] == 1
    assert found["events"][0]["purity"] is None


def test_cosmic_only_events_have_no_neutrino_to_find(tmp_path):
    path = write(tmp_path / "a.h5", [with_prediction(event(1, neutrino=False))])
    found = evaluate_instances([path])
    assert list(found["classes"]) == ["cosmic"]
    assert found["by_energy"] == []


def test_small_interactions_count_as_the_rule_says(tmp_path):
    """An interaction of 9 pixels, not found."""

    def all_but_the_first(truth):
        return truth.take(np.arange(len(truth)) > 0)

    path = write(tmp_path / "a.h5", [with_prediction(event(1, (9, 25)), all_but_the_first)])
    found = evaluate_instances([path])
    assert found["overall"]["efficiency"]["value"] == 1.0
    assert found["any_active_pixel"]["overall"]["efficiency"]["value"] == 0.5
    assert evaluate_instances([path], least_pixels=9)["overall"]["efficiency"]["value"] == 0.5


def test_what_is_hard_is_told_apart(tmp_path):
    """Lengths of 30, 20 and 40 pixels along one wire; energies in two bins."""
    records = [with_prediction(event(1)), with_prediction(event(2, energy_mev=150.0), nothing)]
    found = evaluate_instances([write(tmp_path / "a.h5", records)])
    [row] = found["by_length"]
    assert (row["low"], row["instances"], row["efficiency"]["value"]) == (20, 6, 0.5)
    energies = {row["low"]: row["efficiency"]["value"] for row in found["by_energy"]}
    assert energies == {0.0: 0.0, 800.0: 1.0}
    [row] = found["by_interactions"]
    assert (row["interactions"], row["events"], row["covered_count"]["value"]) == (3, 2, 1.5)
    assert found["histograms"]["all"]["efficiency"]["zero"] == 3
    assert found["histograms"]["all"]["efficiency"]["counts"][-1] == 3
    assert found["histograms"]["neutrino"]["purity"]["counts"][-1] == 1


def test_clustering_alone_stands_beside(tmp_path):
    """The lines lie 8 wires apart, closer than DBSCAN's 10: it joins them all into one."""
    found = evaluate_instances([write(tmp_path / "a.h5", toys()[:1])])
    base = found["baseline_dbscan"]
    assert (base["eps"], base["min_points"]) == (10.0, 20)
    assert base["overall"]["efficiency"]["value"] == 1.0
    assert base["overall"]["purity"]["value"] == pytest.approx(40 / 90)


def test_files_are_evaluated_together(tmp_path):
    records = toys()
    whole = evaluate_instances([write(tmp_path / "a.h5", records)])
    parts = evaluate_instances([write(tmp_path / f"{n}.h5", [record]) for n, record in enumerate(records)])
    assert {**parts, "events": 0} == {**whole, "events": 0}


def test_a_plane_without_any_pixel_is_an_event(tmp_path):
    found = evaluate_instances([write(tmp_path / "a.h5", [with_prediction(event(1, (0, 0)))])])
    assert values(found["overall"]) == dict.fromkeys(METRICS)
    assert found["left_out"]["efficiency"] == 1


def test_a_hundred_interactions_are_an_event(tmp_path):
    large = Grid((2000, 40), projection=2)
    ids = [large.ids(np.stack([np.full(12, 15 * k), np.arange(12)], 1)) for k in range(100)]
    clusters = Clusters(large, np.concatenate(ids), np.ones(1200), np.arange(101) * 12, np.arange(100))
    record = event(1, (1,) * 6)
    particles = np.repeat(record["particle_mcst"][1:2], 100)
    particles["mct_index"] = np.arange(100)
    charge = Voxels(large, np.sort(clusters.ids), np.full(1200, 30.0))
    record = Record(
        record.id,
        {CHARGE: (charge,), INTERACTION: (clusters,), "particle_mcst": particles, NEUTRINO: record[NEUTRINO]},
    )
    found = evaluate_instances([write(tmp_path / "a.h5", [with_prediction(record)])])
    assert (found["true"], values(found["overall"])) == (100, PERFECT)


# What cannot be evaluated


def refused(path, message, **options):
    with pytest.raises(InvalidArgument, match=message):
        evaluate_instances([path], **options)


def test_files_without_predictions_or_truth_are_refused(tmp_path):
    refused(
        write(tmp_path / "a.h5", [event(1)], header()),
        r"a\.h5 has no predicted instances .* run `argoscope predict`",
    )
    record = with_prediction(event(1))
    bare = Record(record.id, {name: p for name, p in record.products.items() if name != INTERACTION})
    of = instances_header(header(), ANCESTOR)
    of.roles.pop("interaction")
    refused(
        write(tmp_path / "b.h5", [bare], of),
        r"b\.h5 has no true interactions: .*`argoscope select veto` works",
    )


def test_no_event_and_a_missing_plane_are_refused(tmp_path):
    refused(write(tmp_path / "a.h5", toys()), r"projection \(=0\) must be one of \[2\]", plane=0)
    with pytest.raises(InvalidArgument, match="no event"):
        evaluate_instances([])


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"least_score": 1.5}, r"least_score \(=1.5\) must be from 0 to 1"),
        ({"least_score": float("nan")}, r"least_score \(=nan\) must be from 0 to 1"),
        ({"least_pixels": 0}, r"least_pixels \(=0\) must be at least 1"),
    ],
)
def test_rules_out_of_range_are_refused(tmp_path, rules, message):
    refused(write(tmp_path / "a.h5", toys()), message, **rules)
