"""Paper 2's errors of hand-made images, beside loops over their pixels."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.track_shower import (
    ICPF_EDGES,
    WORST,
    Tally,
    changes,
    image_errors,
    quantile_90,
    report,
)
from argoscope.analyses.vertex_kinematics import Kinematics, kinematics_of
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, TRACK_SHOWER, Grid, Image, LabelColumn, empty_particles

BACKGROUND, SHOWER, TRACK, NONE = 0, 1, 2, TRACK_SHOWER.unlabelled
NUMBERS = ("icpf_mean", "icpf_90", "shower_error", "track_error")


def image_of(truth, scheme=TRACK_SHOWER):
    """Pixels in a row, with true classes."""
    at = np.column_stack([np.full(len(truth), 4), np.arange(len(truth))]).reshape(-1, 2)
    labels = {"semantic": LabelColumn(np.array(truth, dtype=np.int32), scheme)}
    return Image(Grid((9, 30)), at.astype(np.int32), np.ones(len(truth), np.float32), labels)


def tallied(*pairs, **options):
    tally = Tally()
    for truth, predicted in pairs:
        tally.add(image_of(truth), np.array(predicted, dtype=np.int32), **options)
    return report(tally)


def values(found):
    return tuple(found[name]["value"] for name in NUMBERS)


def test_three_images_by_hand():
    """A shower pixel of two called track; a track pixel of four called background; nothing wrong, no track."""
    found = tallied(
        ([SHOWER, SHOWER, TRACK], [SHOWER, TRACK, TRACK]),
        ([TRACK] * 4, [TRACK, TRACK, BACKGROUND, TRACK]),
        ([SHOWER], [SHOWER]),
    )
    icpf, quantile, shower, track = values(found)
    assert icpf == pytest.approx((1 / 3 + 1 / 4 + 0) / 3)
    assert quantile == pytest.approx(1 / 3)
    assert shower == pytest.approx((1 / 2 + 0) / 2)
    assert track == 0  # background is no shower
    assert found["called_background"] == pytest.approx(1 / 8)
    assert found["left_out"] == {"icpf": 0, "shower_error": 1, "track_error": 1}
    assert (found["events"], found["images"]) == (3, 3)
    assert found["confusion"]["pixels"] == [[0, 0, 0], [0, 2, 1], [1, 0, 4]]


def slow_errors(truth, predicted):
    """Counted pixel by pixel."""
    pairs = [(t, p) for t, p in zip(truth, predicted, strict=True) if NONE not in (t, p)]

    def share(called, classes):
        said = [p in called[t] for t, p in pairs if t in classes]
        return sum(said) / len(said) if said else np.nan

    others = {t: {BACKGROUND, SHOWER, TRACK} - {t} for t in (BACKGROUND, SHOWER, TRACK)}
    swapped = {SHOWER: {TRACK}, TRACK: {SHOWER}}
    return share(others, {BACKGROUND, SHOWER, TRACK}), share(swapped, {SHOWER}), share(swapped, {TRACK})


def test_errors_are_those_of_loops_over_pixels():
    rng = np.random.default_rng(3)
    tally, slow = Tally(), []
    for pixels in [0, 1, 2, 5, 20, 20, 20]:
        truth, predicted = rng.integers(-1, 3, pixels), rng.integers(-1, 3, pixels)
        tally.add(image_of(truth), predicted.astype(np.int32))
        slow.append(slow_errors(truth, predicted))
    np.testing.assert_allclose(image_errors(np.stack(tally.pixels)), slow)


def test_pixels_without_label_or_prediction_are_not_counted():
    found = tallied(([SHOWER, NONE, TRACK], [SHOWER, TRACK, NONE]))
    assert values(found) == (0, 0, 0, None)
    assert found["unseen"] == 1


def test_an_image_without_pixels_is_left_out():
    found = tallied(([], []), ([SHOWER], [TRACK]))
    assert values(found) == (1, 1, 1, None)
    assert found["left_out"]["icpf"] == 1
    assert [row["icpf"] for row in found["worst"]] == [1.0]
    assert values(tallied(([], []))) == (None, None, None, None)


@pytest.mark.parametrize("count", [1, 9, 10, 11, 200])
def test_ninety_percent_of_the_images_do_not_exceed_the_quantile(count):
    chosen = np.random.default_rng(count).permutation(count) / count
    [found] = quantile_90(np.append(chosen, np.nan), np.ones((1, count + 1)))
    assert np.sum(chosen <= found) >= 0.9 * count
    assert np.sum(chosen < found) < 0.9 * count


def test_counts_are_as_if_images_stood_there_so_often():
    chosen, counts = np.array([0.4, np.nan, 0.1, 0.2]), np.array([[2, 5, 7, 0], [0, 3, 0, 0], [9, 0, 1, 0]])
    found = quantile_90(chosen, counts.astype(float))
    for value, row in zip(found, counts, strict=True):
        repeated = np.repeat(chosen, row)
        want = quantile_90(repeated, np.ones((1, len(repeated))))[0]
        assert value == want or (np.isnan(value) and np.isnan(want))


def test_weights_count_in_the_weighted_numbers_alone():
    weights = np.array([1.0, 0.25, 0.25, 0.5])
    found = tallied(([SHOWER, TRACK, TRACK, TRACK], [TRACK, TRACK, TRACK, SHOWER]), weights=weights)
    assert values(found)[0] == pytest.approx(2 / 4)
    assert values(found["weighted"])[0] == pytest.approx(1.5 / 2)
    assert found["weighted"]["track_error"]["value"] == pytest.approx(0.5)


def test_intervals_resample_events_not_images():
    """Three planes of one event say no more than one."""
    tally, alone = Tally(), Tally()
    for event in range(40):
        truth, said = [SHOWER] * 4, [SHOWER] * (event % 5) + [TRACK] * (4 - event % 5)
        alone.add(image_of(truth), np.array(said))
        for _ in range(3):
            tally.add(image_of(truth), np.array(said), event=event)
    several, single = report(tally), report(alone)
    assert (several["events"], several["images"]) == (40, 120)
    assert several["icpf_mean"] == pytest.approx(single["icpf_mean"])
    assert several["icpf_90"] == single["icpf_90"]
    low, high = (single["icpf_mean"][end] for end in ("low", "high"))
    # The mean of 40 images with a deviation of 0.35: 0.056 to either side.
    assert high - low == pytest.approx(2 * 0.3536 / 40**0.5, rel=0.15)


def test_the_distribution_and_the_bins_hold_every_image_once():
    tally = Tally()
    said = Kinematics(opening_angle_deg=180.0, lepton_mev=2000.0, proton_mev=50.0)
    for wrong, kinematics in ((0, said), (5, said), (10, Kinematics())):
        truth = [TRACK] * 10
        predicted = [SHOWER] * wrong + [TRACK] * (10 - wrong)
        tally.add(image_of(truth), np.array(predicted), kinematics=kinematics, where={"entry": wrong})
    found = report(tally)
    counts = dict(zip(found["distribution"]["edges"], found["distribution"]["images"], strict=False))
    assert (counts[0.0], counts[0.5], counts[ICPF_EDGES[-2]]) == (1, 1, 1)
    assert sum(counts.values()) == 3
    [angle], [lepton], [proton] = (
        found[f"by_{name}"] for name in ("opening_angle_deg", "lepton_mev", "proton_mev")
    )
    assert (angle["low"], angle["high"], angle["images"]) == (160, 180, 2)
    assert (lepton["low"], lepton["high"]) == (1000, None)
    assert (proton["low"], proton["high"]) == (50, 60)
    assert angle["icpf_mean"]["value"] == pytest.approx(0.25)
    assert [row["entry"] for row in found["worst"]] == [10, 5, 0]


def test_the_list_of_the_worst_is_short():
    pairs = [([TRACK] * 4, [TRACK] * (4 - k % 2) + [SHOWER] * (k % 2)) for k in range(30)]
    assert len(tallied(*pairs)["worst"]) == WORST


def test_scores_are_of_the_true_class():
    scores = np.array([[0.0, 0.9, 0.1], [0.1, 0.2, 0.7], [0.0, 0.02, 0.98]])
    found = tallied(([SHOWER, TRACK, NONE], [SHOWER, TRACK, TRACK]), scores=scores)["scores"]
    edges = found["edges"]
    assert [edges[k] for k, n in enumerate(found["shower"]) if n] == [0.9]
    assert [edges[k] for k, n in enumerate(found["track"]) if n] == [0.7]


def test_labels_of_five_classes_are_refused():
    with pytest.raises(InvalidArgument, match=r"the scheme 'five-class': relabel it to 'track-shower' first"):
        Tally().add(image_of([0, 1], FIVE_CLASS), np.array([1, 2]))


def table_of(*rows):
    """Primary particles by PDG code, momentum and mass, in MeV."""
    table = empty_particles(len(rows))
    table["process"] = b"primary"
    for k, (pdg, momentum, mass) in enumerate(rows):
        table["pdg"][k] = pdg
        for axis, value in zip(("px", "py", "pz"), momentum, strict=True):
            table[axis][k] = value
        table["energy_init"][k] = np.hypot(np.linalg.norm(momentum), mass)
    return table


def test_kinematics_of_a_lepton_and_a_proton():
    """Momentum 300 MeV/c of a proton (938.272 MeV): 46.8 MeV; the codes' masses are the PDG's."""
    found = kinematics_of(table_of((13, (0, 0, 100.0), 105.658), (2212, (0, 300.0, -300.0), 938.272)))
    assert found.opening_angle_deg == pytest.approx(135.0)
    assert found.lepton_mev == pytest.approx(np.hypot(100.0, 105.658) - 105.658)
    assert found.proton_mev == pytest.approx(np.sqrt(180_000 + 938.272**2) - 938.272)
    gev = table_of((11, (0, 0, 0.5), 0.000511))
    assert kinematics_of(gev, "GeV").lepton_mev == pytest.approx(499.489, abs=1e-2)


def test_what_does_not_apply_is_no_number():
    two_protons = kinematics_of(table_of((2212, (1.0, 0, 0), 938.272), (2212, (-1.0, 0, 0), 938.272)))
    assert two_protons.opening_angle_deg == pytest.approx(180.0)
    assert np.isnan([two_protons.lepton_mev, two_protons.proton_mev]).all()
    alone = kinematics_of(table_of((22, (1.0, 0, 0), 0.0)))
    assert np.isnan([alone.opening_angle_deg, alone.lepton_mev, alone.proton_mev]).all()
    secondary = table_of((11, (1.0, 0, 0), 0.511))
    secondary["process"] = b"Decay"
    assert np.isnan(kinematics_of(secondary).lepton_mev)
    assert np.isnan(kinematics_of(empty_particles()).lepton_mev)


def tally_of(*pairs):
    tally = Tally()
    for truth, predicted in pairs:
        tally.add(image_of(truth), np.array(predicted, dtype=np.int32))
    return tally


def test_changes_are_paired():
    """Every event gets worse by a quarter, however good it was: no spread."""
    central = tally_of(([SHOWER] * 4, [SHOWER] * 4), ([TRACK] * 4, [TRACK, TRACK, SHOWER, SHOWER]))
    varied = tally_of(([SHOWER] * 4, [SHOWER] * 3 + [TRACK]), ([TRACK] * 4, [TRACK] + [SHOWER] * 3))
    found = changes(central, varied)
    assert tuple(found) == NUMBERS
    assert {(e.value, e.low, e.high) for e in found.values()} == {(0.25, 0.25, 0.25)}
    assert changes(varied, central)["icpf_mean"].value == -0.25
    assert changes(central, central)["icpf_90"].value == 0


def test_changes_are_of_the_same_events():
    with pytest.raises(
        InvalidArgument, match=r"central \(1 images\) and varied \(2\) must be of the same events"
    ):
        changes(tally_of(([SHOWER], [SHOWER])), tally_of(([SHOWER], [SHOWER]), ([TRACK], [TRACK])))
