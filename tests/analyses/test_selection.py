"""Paper 0's selection: against loops over events and planes, and by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from argoscope.analyses.interactions import KINDS
from argoscope.analyses.selection import (
    PAPER_CUTS,
    Cuts,
    area_under_roc,
    cut_flow,
    event_neutrino_pixels,
    neutrino_pixels,
    passes,
    report,
)
from argoscope.analyses.statistics import fraction
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, Grid, Image, LabelColumn


def slow_passes(pixels, drift, cuts):
    """Section 8, read aloud: enough pixels on every plane, every pair close."""
    kept = []
    for counts, means in zip(pixels, drift, strict=True):
        enough = all(count >= cuts.least_pixels for count in counts)
        close = all(abs(a - b) <= cuts.most_separation for a, b in combinations(means, 2))
        kept.append(enough and close)
    return np.array(kept, dtype=bool)


def sample(rng, events=200):
    pixels = rng.integers(0, 300, (events, 3))
    drift = rng.uniform(200, 300, (events, 3))
    drift[pixels == 0] = np.nan
    return pixels.astype(float), drift


@pytest.mark.parametrize("cuts", [PAPER_CUTS, Cuts(1, 0.0), Cuts(1, 640.0), Cuts(200, 20.0)])
def test_cuts_equal_a_loop_over_events_and_pairs(rng, cuts):
    pixels, drift = sample(rng)
    np.testing.assert_array_equal(passes(pixels, drift, cuts), slow_passes(pixels, drift, cuts))


def test_the_cuts_of_the_paper_hold_their_ends():
    pixels = np.array([[100, 100, 100], [99, 500, 500], [100, 100, 100], [100, 100, 100]], float)
    drift = np.array([[0, 25, 50], [1, 1, 1], [0, 25, 50.5], [0, np.nan, 0]], float)
    assert passes(pixels, drift).tolist() == [True, False, False, False]
    assert (PAPER_CUTS.least_pixels, PAPER_CUTS.most_separation) == (100, 50.0)


def test_neutrino_pixels_of_a_plane_by_hand():
    grid = Grid((6, 20))
    at = np.array([[0, 4], [1, 19], [2, 8], [5, 0]])
    image = Image.from_points(grid, at, np.ones(4))
    said = LabelColumn(np.array([2, 1, 2, -1]), COSMIC)
    assert neutrino_pixels(image.with_labels(prediction=said)) == (2, 6.0)
    none = image.with_labels(prediction=LabelColumn(np.ones(4, int), COSMIC))
    count, drift = neutrino_pixels(none)
    assert count == 0
    assert np.isnan(drift)
    empty = Image.from_points(grid, np.zeros((0, 2), int), np.zeros(0))
    assert neutrino_pixels(empty.with_labels(prediction=LabelColumn(np.zeros(0, int), COSMIC)))[0] == 0


def said(shape, at, classes):
    """A plane with pixels of these classes."""
    image = Image.from_points(Grid(shape), np.array(at, int).reshape(-1, 2), np.ones(len(at)))
    return image.with_labels(prediction=LabelColumn(np.array(classes, int), COSMIC))


def test_what_the_cuts_act_on_is_counted_in_blocks_of_each_plane():
    """Blocks, not pixels; a neutrino pixel makes its block one; the last row and column count; none has no drift."""
    first = said((6, 20), [(0, 4), (1, 5), (4, 18), (5, 19)], (2, 1, 1, 2))
    none, empty = said((6, 20), [(0, 0)], [1]), said((6, 20), [], [])
    found = event_neutrino_pixels([first, none, said((4, 8), [(3, 7)], [2]), empty])
    assert [pixels for pixels, _ in found] == [2, 0, 1, 0]
    np.testing.assert_array_equal([drift for _, drift in found], [(2 + 9) / 2, np.nan, 3, np.nan])
    assert event_neutrino_pixels([]) == []
    with pytest.raises(InvalidArgument, match="5"):
        event_neutrino_pixels([said((5, 4), [(0, 0)], [2])])


def test_stray_pixels_move_the_mean_of_a_plane_and_hardly_its_median():
    """Three planes see 120 pixels around drift 40 to 45; one has 12 more at drift 619: past the cut by the mean alone."""
    wires, drifts = np.divmod(np.arange(120), 6)
    track = np.stack([2 * wires, 2 * (40 + drifts)], axis=1)
    stray = np.stack([2 * np.arange(12), np.full(12, 2 * 619)], axis=1)
    planes = [track, np.concatenate([track, stray]), track]
    event = [said((48, 1280), at, [2] * len(at)) for at in planes]
    kept = {}
    for centre in ("mean", "median"):
        pixels, drift = np.array([event_neutrino_pixels(event, centre)], float).transpose(2, 0, 1)
        assert pixels.tolist() == [[120, 132, 120]]
        kept[centre] = passes(pixels, drift, Cuts(centre=centre)).tolist()
        wanted = np.mean if centre == "mean" else np.median
        assert drift[0].tolist() == [wanted(at[:, 1] // 2) for at in planes]
    assert kept == {"mean": [False], "median": [True]}
    assert neutrino_pixels(said((4, 8), [(0, 1), (0, 2), (0, 7)], [2, 2, 2])) == (3, 10 / 3)
    assert np.isnan(neutrino_pixels(said((4, 8), [], []), "median")[1])
    with pytest.raises(InvalidArgument, match="there is no centre 'mode'"):
        neutrino_pixels(said((4, 8), [], []), "mode")


def test_the_report_says_which_centre_and_scans_with_it(rng):
    pixels, drift = sample(rng)
    found = report(["nue"] * len(pixels), pixels, drift, Cuts(100, 20.0, "median"))
    assert found["cuts"] == {"least_pixels": 100, "most_separation": 20.0, "centre": "median"}
    assert found["cut_flow"]["nue"][-1]["cut"] == "median drift of every two planes within 20 pixels"
    [point] = [row for row in found["roc"] if row["least_pixels"] == 100]
    assert point["efficiency"] == found["efficiency"]


def test_a_cut_flow_only_falls_and_ends_with_what_is_kept(rng):
    pixels, drift = sample(rng)
    flow = [step["events"] for step in cut_flow(pixels, drift)]
    assert flow[0] == len(pixels)
    assert flow == sorted(flow, reverse=True)
    assert flow[-1] == passes(pixels, drift).sum()
    assert flow[1] == sum(min(row) >= 100 for row in pixels)
    nothing = np.zeros((0, 3))
    assert [step["events"] for step in cut_flow(nothing, nothing)] == [0, 0, 0]


def test_efficiencies_are_counts_with_their_intervals(rng):
    pixels, drift = sample(rng)
    kinds = rng.choice(KINDS, len(pixels))
    found, kept = report(kinds.tolist(), pixels, drift), passes(pixels, drift)
    for kind in ("nue", "numu", "nc"):
        here = kinds == kind
        assert found["efficiency"][kind] == fraction(int(kept[here].sum()), int(here.sum())).to_json()
        assert found["events"][kind] == here.sum()
    for kind in ("cosmic", "dirt"):
        here = kinds == kind
        assert found[f"{kind}_rejection"] == fraction(int((~kept)[here].sum()), int(here.sum())).to_json()
    # Table 3, typed again, in percent.
    assert {kind: 100 * share for kind, share in found["published"].items()} == pytest.approx(
        {"nue": 91.5, "numu": 78.6, "nc": 37.3, "cosmic_rejection": 91.1}
    )
    assert found["cut_flow"]["nc"][-1]["events"] == kept[kinds == "nc"].sum()


def test_the_roc_and_the_scan_hold_the_working_point_and_only_fall(rng):
    pixels, drift = sample(rng)
    kinds = rng.choice(("nue", "numu", "nc", "cosmic"), len(pixels)).tolist()
    found = report(kinds, pixels, drift)
    [point] = [row for row in found["roc"] if row["least_pixels"] == 100]
    assert point["efficiency"] == found["efficiency"]
    assert point["cosmic_rejection"] == found["cosmic_rejection"]
    for kind in ("nue", "numu", "nc"):
        along = [row["efficiency"][kind]["value"] for row in found["roc"]]
        assert along == sorted(along, reverse=True)
    rejected = [row["cosmic_rejection"]["value"] for row in found["roc"]]
    assert rejected == sorted(rejected)
    apart = [row["efficiency"]["nue"]["value"] for row in found["scan"] if row["least_pixels"] == 10]
    assert apart == sorted(apart)
    assert len(apart) == 6
    assert apart[0] < apart[-1]


def test_a_sample_without_a_kind_has_no_number_for_it():
    found = report(["nue"], np.full((1, 3), 200.0), np.full((1, 3), 9.0))
    assert found["efficiency"]["nue"]["value"] == 1.0
    assert (
        found["efficiency"]["nc"] == found["cosmic_rejection"] == {"value": None, "low": None, "high": None}
    )
    assert found["area"]["nue"]["value"] is None
    assert list(found["cut_flow"]) == ["nue"]


def test_the_area_equals_a_loop_over_pairs(rng):
    score, signal = rng.integers(0, 6, 60), rng.random(60) < 0.4
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in score[signal] for b in score[~signal]]
    found = area_under_roc(score, signal)
    assert found["value"] == pytest.approx(np.mean(pairs))
    assert found["low"] < found["value"] < found["high"]
    assert area_under_roc(np.zeros(8), np.arange(8) % 2 == 0)["value"] == 0.5


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ({"least_pixels": 0}, r"least_pixels \(=0\) must be at least 1"),
        ({"most_separation": -1.0}, r"most_separation \(=-1.0\) must be a number from 0 up"),
        ({"centre": "medium"}, r"there is no centre 'medium'. Did you mean 'median'"),
        ({"most_separation": float("nan")}, r"most_separation \(=nan\) must be a number from 0 up"),
    ],
)
def test_cuts_out_of_range_are_refused(cuts, message):
    with pytest.raises(InvalidArgument, match=message):
        Cuts(**cuts)
