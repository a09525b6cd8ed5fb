"""Paper 4's relabelling on hand-made voxels: what touches a track, and what is one cluster."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import FIVE_CLASS
from argoscope.events.relabelling import relabel_detached

HIP, MIP, SHOWER, DELTA, MICHEL = range(5)


def relabelled(*voxels: tuple[tuple[int, int, int], int]) -> list[int]:
    points, labels = (np.array(column) for column in zip(*voxels, strict=True))
    return relabel_detached(points, labels).tolist()


@pytest.mark.parametrize("branch", [DELTA, MICHEL])
@pytest.mark.parametrize("trunk", [HIP, MIP])
@pytest.mark.parametrize(
    ("gap", "squared", "touches"),
    [((2, 1, 1), 6, True), ((2, 2, 0), 8, False), ((0, 2, 2), 8, False), ((3, 0, 0), 9, False)],
)
def test_a_branch_keeps_its_class_nearer_than_root_eight(trunk, branch, gap, squared, touches) -> None:
    assert sum(n * n for n in gap) == squared
    assert relabelled(((5, 5, 5), trunk), (tuple(5 + n for n in gap), branch)) == [
        trunk,
        branch if touches else SHOWER,
    ]


def test_no_sum_of_three_squares_is_seven_but_four_have_one() -> None:
    # 7 is no squared distance in a volume, so that 6 is the largest that touches and 8 the least that does not.
    assert relabel_detached(np.array([[0, 0, 0, 0], [2, 1, 1, 1]]), np.array([MIP, DELTA])).tolist() == [
        MIP,
        DELTA,
    ]


@pytest.mark.parametrize(("step", "linked"), [((2, 2, 0), True), ((3, 0, 0), False)])
def test_voxels_up_to_root_eight_apart_are_one_branch(step, linked) -> None:
    first = (6, 5, 5)
    second = tuple(a + b for a, b in zip(first, step, strict=True))
    found = relabelled(((5, 5, 5), MIP), (first, MICHEL), (second, MICHEL))
    assert found == [MIP, MICHEL, MICHEL if linked else SHOWER]


def test_without_a_trunk_every_branch_is_a_shower() -> None:
    branches = [((5, 5, 5), DELTA), ((5, 5, 6), MICHEL), ((5, 6, 6), SHOWER)]
    assert relabelled(*branches) == [SHOWER, SHOWER, SHOWER]


def test_deltas_and_michels_do_not_hold_on_to_each_other() -> None:
    assert relabelled(((5, 5, 5), MIP), ((6, 5, 5), DELTA), ((8, 5, 5), MICHEL)) == [MIP, DELTA, SHOWER]


def test_unlabelled_voxels_and_empty_volumes_pass() -> None:
    nobody = FIVE_CLASS.unlabelled
    assert relabelled(((5, 5, 5), nobody), ((5, 5, 6), DELTA)) == [nobody, SHOWER]
    assert len(relabel_detached(np.zeros((0, 3), np.int64), np.zeros(0, np.int32))) == 0
