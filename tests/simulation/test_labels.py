"""Rules of the labels on hand-made shares."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import COSMIC, FIVE_CLASS
from argoscope.simulation.labels import (
    five_class_labels,
    five_class_of_groups,
    largest_owner,
    merge_short_deltas,
    on_pixels,
    origin_labels,
    regroup,
)
from argoscope.simulation.records import TRACK_DTYPE, Origin, Process
from argoscope.simulation.splat import Shares

IDS = np.array([10, 11, 12, 20])


def shares(rows: list[tuple[int, int, float, float]]) -> Shares:
    group, ids, energy, charge = (np.array(column) for column in zip(*rows, strict=True))
    return Shares(group, ids, energy.astype(float), charge.astype(float))


def made_tracks(*kinds: tuple[int, Process, int]) -> np.ndarray:
    tracks = np.zeros(len(kinds), TRACK_DTYPE)
    tracks["group"] = np.arange(len(kinds))
    for row, (pdg, process, parent) in enumerate(kinds):
        tracks["pdg"][row], tracks["process"][row], tracks["parent"][row] = pdg, process, parent
    return tracks


@pytest.mark.parametrize(("overlap", "want"), [("lowest", "HIP"), ("highest", "shower")])
def test_the_lowest_or_the_highest_class_wins(overlap, want) -> None:
    found = shares([(0, 10, 1.0, 5.0), (1, 10, 9.0, 50.0), (1, 11, 1.0, 5.0), (0, 12, 1.0, 0.9)])
    classes = np.array([FIVE_CLASS.index("HIP"), FIVE_CLASS.index("shower")], dtype=np.int32)
    labels = five_class_labels(len(IDS), on_pixels(IDS, found), classes, 1.0, overlap)
    assert labels[0] == FIVE_CLASS.index(want)
    assert labels[1] == FIVE_CLASS.index("shower")
    assert (labels[2:] == FIVE_CLASS.unlabelled).all()  # own charge too small; nobody there


def test_neutrino_overrides_cosmic_from_forty_kev_of_one_group() -> None:
    tracks = made_tracks((13, Process.primary, -1), (2212, Process.primary, -1), (11, Process.primary, -1))
    tracks["origin"] = [Origin.COSMIC, Origin.NEUTRINO, Origin.COSMIC]
    found = shares(
        [(0, 10, 5.0, 9.0), (1, 10, 0.04, 1.0), (0, 11, 5.0, 9.0), (1, 11, 0.0399, 1.0), (0, 12, 0.03, 1.0), (2, 12, 0.03, 1.0)]
    )  # fmt: skip
    labels = origin_labels(len(IDS), on_pixels(IDS, found), tracks, 0.04)
    assert [COSMIC.classes[n] for n in labels] == ["neutrino", "cosmic", "background", "background"]


@pytest.mark.parametrize(("own", "merged"), [(9, True), (10, False)])
def test_a_delta_of_fewer_than_ten_own_pixels_joins_its_parent(own, merged) -> None:
    tracks = made_tracks((13, Process.primary, -1), (11, Process.muIoni, 0))
    ids = np.arange(20)
    rows = [(0, int(n), 1.0, 9.0) for n in range(3)]
    rows += [(1, int(n), 1.0, 9.0) for n in range(3 + own)]  # three of them are shared with the muon
    found = shares(rows)
    counts = np.isin(found.ids, ids)
    group_of = merge_short_deltas([(found, counts)], tracks, 10)
    assert group_of.tolist() == ([0, 0] if merged else [0, 1])
    # Pixels where it does not count by itself do not make it long.
    assert merge_short_deltas([(found, found.ids < 8)], tracks, 10).tolist() == [0, 0]


def test_joined_groups_add_up() -> None:
    found = regroup(shares([(0, 10, 1.0, 4.0), (1, 10, 0.5, 2.0), (1, 11, 0.25, 1.0)]), np.array([0, 0]))
    assert found.ids.tolist() == [10, 11]
    assert found.energy.tolist() == [1.5, 0.25]
    assert found.charge.tolist() == [6.0, 1.0]


def test_the_owner_with_most_charge_has_the_pixel_the_smaller_number_of_two_alike() -> None:
    found = shares([(0, 10, 1.0, 4.0), (1, 10, 1.0, 5.0), (0, 11, 1.0, 4.0), (1, 11, 1.0, 4.0)])
    assert largest_owner(len(IDS), on_pixels(IDS, found), np.array([7, 8]), 1.0).tolist() == [8, 7, -1, -1]
    assert largest_owner(len(IDS), on_pixels(IDS, found), np.array([7, -1]), 1.0).tolist() == [7, 7, -1, -1]


def test_classes_follow_from_the_top_particle() -> None:
    tracks = made_tracks(
        (2212, Process.primary, -1), (211, Process.primary, -1), (22, Process.primary, -1),
        (11, Process.hIoni, 1), (13, Process.primary, -1), (-11, Process.Decay, 4), (2112, Process.primary, -1),
    )  # fmt: skip
    assert [FIVE_CLASS.classes[c] for c in five_class_of_groups(tracks)[:6]] == [
        "HIP", "MIP", "shower", "delta", "MIP", "Michel",
    ]  # fmt: skip
    assert five_class_of_groups(tracks)[6] == FIVE_CLASS.unlabelled


def random_shares(rng: np.random.Generator, groups: int, pixels: int) -> Shares:
    """Shares of groups in pixels, some negative, each pair once, group after group and pixels in no order."""
    pairs = rng.choice(groups * pixels, groups * pixels // 3, replace=False)
    pairs = pairs[np.argsort(pairs // pixels, kind="stable")]
    charge = np.round(rng.normal(3.0, 3.0, len(pairs)), 1)  # rounded: some are equal
    return Shares(pairs // pixels, pairs % pixels * 1000, np.abs(charge) / 10.0, charge)


@pytest.mark.parametrize("seed", range(5))
def test_fast_rules_agree_with_their_definitions(seed) -> None:
    rng = np.random.default_rng(seed)
    groups, pixels = 40, 60
    found = random_shares(rng, groups, pixels)
    ids = np.sort(rng.choice(pixels, 35, replace=False)) * 1000
    here = on_pixels(ids, found)
    on = [(g, p, e, c) for g, p, e, c in zip(*found, strict=True) if p in ids]
    assert [(g, ids[at], e, c) for g, at, e, c in zip(*here, strict=True)] == on

    owner = rng.integers(-1, 6, groups)
    want = []
    for pixel in ids:
        sums = {n: sum(c for g, p, _, c in on if p == pixel and owner[g] == n) for n in range(6)}
        most = max(sums.values())
        want.append(min(n for n in sums if sums[n] == most) if most >= 1.0 else -1)
    assert largest_owner(len(ids), here, owner, 1.0).tolist() == want

    group_of = rng.integers(0, 9, groups)
    joined = regroup(found, group_of)
    pairs = sorted({(int(group_of[g]), int(p)) for g, p in zip(found.group, found.ids, strict=True)})
    assert list(zip(joined.group.tolist(), joined.ids.tolist(), strict=True)) == pairs
    for k, (group, pixel) in enumerate(pairs):
        rows = (group_of[found.group] == group) & (found.ids == pixel)
        assert joined.charge[k] == pytest.approx(found.charge[rows].sum())
        assert joined.energy[k] == pytest.approx(found.energy[rows].sum())


@pytest.mark.parametrize("seed", range(5))
def test_own_pixels_of_deltas_agree_with_their_definition(seed) -> None:
    rng = np.random.default_rng(seed)
    tracks = made_tracks(
        *[(13, Process.primary, -1)] * 5, *[(11, Process.muIoni, int(p)) for p in rng.integers(0, 5, 35)]
    )
    here = random_shares(rng, 40, 60)
    counts = here.charge >= 1.0
    group_of = merge_short_deltas([(here, counts)], tracks, 10)
    for group in range(5, 40):
        parent = tracks["parent"][group]
        of_parent = set(here.ids[here.group == parent].tolist())
        own = set(here.ids[(here.group == group) & counts].tolist()) - of_parent
        assert group_of[group] == (group if len(own) >= 10 else parent)
    assert 5 < (group_of[5:] < 5).sum() < 30  # both happen
