"""Energy along segments: exact lengths in voxels, against a twin that clips each line at each voxel."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Grid, empty_particles
from argoscope.events.particles import INVALID_U4
from argoscope.files.geant4_classes import five_classes
from argoscope.files.lineage import ancestors, fill_lineage, parent_rows
from argoscope.files.segments import Owners, Segments, grid_around
from argoscope.files.strongest import strongest_rows
from argoscope.files.voxelise import deposit_image, split_segments

GRID = Grid((5, 4, 3), (2.5, 2.8, 1.8), (-1.0, 0.3, 2.0), unit="cm")  # unequal sides and pitches


def slow_shares(start: np.ndarray, end: np.ndarray, grid: Grid) -> dict[tuple[int, ...], float]:
    """Fraction of one line in every voxel: clip the line at the voxel's faces, axis by axis."""
    shares = {}
    for voxel in itertools.product(*map(range, grid.shape)):
        low, high = 0.0, 1.0
        for axis in range(3):
            face = grid.origin[axis] + voxel[axis] * grid.pitch[axis]
            step = end[axis] - start[axis]
            if step == 0:
                if not face <= start[axis] < face + grid.pitch[axis]:
                    high = -1.0
                continue
            cuts = sorted([(face - start[axis]) / step, (face + grid.pitch[axis] - start[axis]) / step])
            low, high = max(low, cuts[0]), min(high, cuts[1])
        if high > low:
            shares[voxel] = high - low
    return shares


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("reach", [0.0, 1.5])
def test_shares_equal_the_slow_twin(seed: int, reach: float) -> None:
    """Lines inside the grid and lines that leave it; some along an axis. Double rounding leaves 1e-12."""
    rng = np.random.default_rng(seed)
    low, high = np.array(GRID.origin), np.array(GRID.origin) + GRID.size
    ends = rng.uniform(low - reach, high + reach, (2, 3))
    frozen = rng.random(3) < 0.3
    ends[1, frozen] = ends[0, frozen]
    pieces = split_segments(ends[:1], ends[1:], GRID)
    got: dict[tuple[int, ...], float] = {}
    for voxel, share in zip(map(tuple, pieces.coordinates.tolist()), pieces.share, strict=True):
        got[voxel] = got.get(voxel, 0.0) + float(share)
    want = slow_shares(ends[0], ends[1], GRID)
    for voxel in set(got) | set(want):
        assert got.get(voxel, 0.0) == pytest.approx(want.get(voxel, 0.0), abs=1e-12), voxel


coordinate = st.floats(-50, 50, width=32) | st.integers(-50, 50).map(float)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(*[coordinate] * 6, st.floats(0, 20, width=32)), max_size=12),
    st.sampled_from([0.3, 1.0, 0.7]),
)
def test_energy_is_conserved(rows: list[tuple[float, ...]], pitch: float) -> None:
    """Corners, faces and points included: whole numbers lie on faces for a pitch of 1."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    segments = Segments(table[:, :3], table[:, 3:6], table[:, 6], np.arange(len(table)) % 3)
    grid = grid_around(segments, pitch)
    pieces = split_segments(segments.start, segments.end, grid)
    shares = np.bincount(pieces.segment, weights=pieces.share, minlength=len(segments))
    np.testing.assert_allclose(shares, 1.0, atol=1e-9)
    numbers = np.arange(3)
    image = deposit_image(segments, Owners(numbers, numbers), grid)
    assert float(image.charge.sum(dtype=np.float64)) == pytest.approx(float(segments.energy.sum()), rel=1e-6)
    assert image.truth is not None
    for owner in range(3):
        kept = float(image.truth.cluster(owner).values.sum(dtype=np.float64))
        assert kept == pytest.approx(float(segments.energy[segments.owner == owner].sum()), rel=1e-6)


def test_order_of_segments_does_not_matter(rng: np.random.Generator) -> None:
    table = rng.uniform(0, 5, (40, 3, 2))
    energy, owner = rng.uniform(0, 3, 40), rng.integers(0, 4, 40)
    turn = rng.permutation(40)
    owners = Owners(np.arange(4), np.zeros(4, np.int64))
    grid = Grid((5, 5, 5), unit="cm")
    one = deposit_image(Segments(table[..., 0], table[..., 1], energy, owner), owners, grid)
    other = deposit_image(
        Segments(table[turn, :, 0], table[turn, :, 1], energy[turn], owner[turn]), owners, grid
    )
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_allclose(one.charge, other.charge, rtol=1e-6)  # float32 after sums in another order


def test_moving_by_a_voxel_moves_the_image(rng: np.random.Generator) -> None:
    start, end = rng.uniform(1, 4, (2, 20, 3))
    grid = Grid((8, 8, 8), unit="cm")
    shift = np.array([0, 1, 2])
    one = split_segments(start, end, grid)
    other = split_segments(start + shift, end + shift, grid)
    np.testing.assert_array_equal(one.coordinates + shift, other.coordinates)


def test_the_border_belongs_to_the_image() -> None:
    """A line in the upper face of the volume lies in its last voxels."""
    pieces = split_segments(np.array([[0.5, 2.0, 1.0]]), np.array([[1.5, 2.0, 1.0]]), Grid((2, 2, 1)))
    assert pieces.coordinates.tolist() == [[0, 1, 0], [1, 1, 0]]


def shared_voxel(energies: list[float], overlap: str) -> dict[str, int]:
    """Labels of one voxel shared by a HIP (owner 4), a Michel (5) and one without class (6)."""
    point = np.full((3, 3), 0.5)
    classes = np.array([0, 4, FIVE_CLASS.unlabelled], dtype=np.int32)
    owners = Owners(np.array([4, 5, 6]), np.array([1, 2, 3]), classes)
    segments = Segments(point, point, np.array(energies), np.array([4, 5, 6]))
    image = deposit_image(segments, owners, Grid((1, 1, 1)), overlap=overlap)
    return {kind: int(column.values[0]) for kind, column in image.labels.items()}


def test_a_shared_voxel_has_the_largest_owner_and_the_class_of_the_rule() -> None:
    assert shared_voxel([2.0, 1.0, 0.5], "highest") == {"instance": 4, "ancestor": 1, "semantic": 4}
    assert shared_voxel([2.0, 3.0, 0.5], "lowest") == {"instance": 5, "ancestor": 2, "semantic": 0}
    assert shared_voxel([1.0, 1.0, 1.0], "lowest")["instance"] == 4
    assert shared_voxel([0.0, 0.0, 1.0], "highest")["semantic"] == FIVE_CLASS.unlabelled


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("start", np.nan, r"segment 1 has the start \[nan"),
        ("end", np.inf, r"segment 1 has the end \[inf"),
        ("energy", -1.0, r"segment 1 has the energy -1.0 MeV"),
    ],
)
def test_impossible_segments_are_refused(name: str, value: float, message: str) -> None:
    columns = {"start": np.zeros((2, 3)), "end": np.ones((2, 3)), "energy": np.ones(2), "owner": np.zeros(2)}
    columns[name][1] = value
    with pytest.raises(InvalidArgument, match=message):
        Segments(**columns)


def test_endless_lines_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="voxel faces, which no event does"):
        split_segments(np.zeros((1, 3)), np.full((1, 3), 1e12), Grid((4, 4, 4)))


def test_strongest_rows_equal_a_loop(rng: np.random.Generator) -> None:
    groups, weights = rng.integers(0, 9, 200), rng.integers(0, 5, 200)
    names, rows = strongest_rows(groups, weights)
    for name, row in zip(names, rows, strict=True):
        mine = np.flatnonzero(groups == name)
        assert row == max(mine, key=lambda r: (weights[r], -r))
    assert names.tolist() == sorted(set(groups.tolist()))


def slow_ancestor(parent: np.ndarray, row: int) -> int:
    while parent[row] >= 0:
        row = int(parent[row])
    return row


def test_ancestors_equal_a_walk(rng: np.random.Generator) -> None:
    parent = np.array([-1, *(int(rng.integers(-2, row)) for row in range(1, 300))])
    assert ancestors(parent).tolist() == [slow_ancestor(parent, row) for row in range(300)]
    chain = np.arange(-1, 1000)
    assert (ancestors(chain) == 0).all()
    assert ancestors(np.empty(0, np.int64)).tolist() == []


def test_rings_of_parents_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="form a ring"):
        ancestors(np.array([-1, 2, 3, 1]))


# pdg, parent row, process, subprocess, class; codes from Geant4's headers
PARTICLES = [
    (13, -1, 0, 0, "MIP"),
    (11, 0, 2, 2, "delta"),  # muIoni
    (11, 1, 2, 2, "delta"),  # eIoni of the delta ray
    (11, 0, 6, 201, "Michel"),  # decay
    (22, 3, 2, 3, "Michel"),  # its bremsstrahlung
    (11, 4, 2, 13, "Michel"),  # Compton electron of that
    (11, 0, 4, 151, "Michel"),  # muMinusCaptureAtRest
    (22, 0, 4, 151, "shower"),  # capture photon
    (2212, -1, 0, 0, "HIP"),
    (211, 8, 4, 121, "MIP"),
    (11, 9, 6, 201, "shower"),  # a pion's decay: not a Michel electron
    (11, -1, 0, 0, "shower"),
    (-11, 0, 2, 4, "shower"),  # muPairProd
    (22, 8, 4, 131, "shower"),  # nCapture
    (11, 8, 4, 121, None),  # from an inelastic collision: no rule
    (1000180400, 8, 4, 121, None),  # a recoil nucleus
    (11, -2, 2, 13, None),  # its parent is not in the table
    (11, -2, 2, 14, "shower"),  # conversion
    (111, 8, 4, 121, "MIP"),
    (22, 18, 6, 201, "shower"),
    (11, 18, 6, 201, "shower"),  # Dalitz
]


def test_five_classes_follow_the_rule() -> None:
    pdg, parent, process, subprocess, names = zip(*PARTICLES, strict=True)
    want = [FIVE_CLASS.unlabelled if name is None else FIVE_CLASS.index(name) for name in names]
    got = five_classes(np.array(pdg), np.array(parent), np.array(process), np.array(subprocess))
    assert got.tolist() == want


def lineage_table(numbers: list[int], parents: list[int]) -> np.ndarray:
    table = empty_particles(len(numbers))
    table["pdg"], table["vtx"]["x"] = [13, 11, 22], [1, 2, 3]
    fill_lineage(table, np.array(numbers), np.array(parents))
    return table


def test_lineage_is_written_into_the_table() -> None:
    table = lineage_table([0, 5, 9], [-1, 0, 7])
    assert table["trackid"].tolist() == [0, 5, 9]
    assert table["parent_trackid"].tolist() == [INVALID_U4, 0, 7]
    assert table["parent_pdg"].tolist() == [0, 13, 0]
    assert table["parent_vtx"]["x"].tolist() == [1, 1, 3]
    assert table["ancestor_trackid"].tolist() == [0, 0, 9]
    assert table["ancestor_pdg"].tolist() == [13, 13, 22]
    assert table["ancestor_vtx"]["x"].tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("numbers", "parents"),
    [([0, -2, 9], [-1, 0, 0]), ([0, INVALID_U4, 9], [-1, 0, 0]), ([0, 1, 9], [-1, INVALID_U4, 0])],
)
def test_numbers_that_larcv_cannot_hold_are_refused(numbers: list[int], parents: list[int]) -> None:
    with pytest.raises(InvalidArgument, match="particle 1 has the number"):
        lineage_table(numbers, parents)


def test_parents_outside_the_table_are_told_from_primaries() -> None:
    assert parent_rows(np.array([7, 3]), np.array([3, -1])).tolist() == [1, -1]
    assert parent_rows(np.array([7, 3]), np.array([5, -1])).tolist() == [-2, -1]
