"""Splats: the fast one is the definition, charge is conserved, borders cut, groups stay apart."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.simulation.splat import Clouds, PlaneShape, Shares, cut_normal_table, splat
from argoscope.simulation.splat_reference import splat_slowly
from argoscope.simulation.sums import merged

PLANE = PlaneShape(wires=23, rows=17, first_column=3, columns=29, directions=(-1, 1))  # unequal sides
CUT = PLANE._replace(wires=24, half=12)
TABLE_ERROR = 1e-7  # shares: linear interpolation in 6,144 steps is good to 3e-8, and two edges enter


def random_clouds(rng: np.random.Generator, count: int, reach: float = 0.0) -> Clouds:
    """Clouds all over the plane and `reach` pixels beyond; some are points."""
    group = np.sort(rng.integers(0, 4, count))
    widths = rng.uniform(0.05, 1.2, (4, count))
    widths[:, rng.random(count) < 0.1] = 0.0
    return Clouds(
        group, rng.integers(0, 2, count), rng.uniform(-reach, 22 + reach, count),
        rng.uniform(-reach, 17 + reach, count), rng.uniform(0.01, 1.0, count), rng.uniform(1.0, 50.0, count),
        widths[0], widths[1], widths[0] + widths[2], widths[1] + widths[3],
    )  # fmt: skip


def one_cloud(wire: float, row: float, wires: float, rows: float, volume: int = 0) -> Clouds:
    one = np.ones(1)
    return Clouds(
        np.zeros(1, np.int64), np.array([volume]), wire * one, row * one, one, 100 * one,
        wires * one, rows * one, wires * one, rows * one,
    )  # fmt: skip


@pytest.mark.parametrize("plane", [PLANE, CUT], ids=["whole", "cut"])
@pytest.mark.parametrize("seed", range(8))
def test_fast_and_slow_agree(seed: int, plane: PlaneShape) -> None:
    clouds = random_clouds(np.random.default_rng(seed), 60, reach=2.0)
    fast = splat(clouds, plane)
    slow = splat_slowly(clouds, plane)
    got = dict(
        zip(
            zip(fast.group.tolist(), fast.ids.tolist(), strict=True),
            zip(fast.energy, fast.charge, strict=True),
            strict=True,
        )
    )
    assert len(got) == len(fast.ids)  # each pixel once in each group
    for key in set(got) | set(slow):
        energy, charge = got.get(key, (0.0, 0.0))
        want = slow.get(key, (0.0, 0.0))
        assert energy == pytest.approx(want[0], abs=60 * TABLE_ERROR), key
        assert charge == pytest.approx(want[1], abs=60 * 50 * TABLE_ERROR), key


@pytest.mark.parametrize("seed", range(5))
def test_charge_is_conserved_inside(seed: int) -> None:
    clouds = random_clouds(np.random.default_rng(seed), 200)
    inside = clouds._replace(wire=5 + clouds.wire / 2, row=4 + clouds.row / 2)  # 3 sigma stay inside
    inside = inside._replace(
        **{
            name: getattr(inside, name) / 2
            for name in ("energy_wires", "energy_rows", "charge_wires", "charge_rows")
        }
    )
    shares = splat(inside, PLANE)
    assert shares.charge.sum() == pytest.approx(inside.charge.sum(), rel=1e-6)
    assert shares.energy.sum() == pytest.approx(inside.energy.sum(), rel=1e-6)
    for group in range(4):
        assert shares.charge[shares.group == group].sum() == pytest.approx(
            inside.charge[inside.group == group].sum(), rel=1e-6
        )


def test_charge_is_linear_and_groups_do_not_mix() -> None:
    clouds = random_clouds(np.random.default_rng(3), 50)
    once, twice = splat(clouds, PLANE), splat(clouds._replace(charge=2 * clouds.charge), PLANE)
    np.testing.assert_array_equal(once.ids, twice.ids)
    np.testing.assert_allclose(twice.charge, 2 * once.charge, rtol=1e-12)
    alone = [splat(Clouds(*(column[clouds.group == g] for column in clouds)), PLANE) for g in range(4)]
    np.testing.assert_array_equal(once.charge, np.concatenate([shares.charge for shares in alone]))
    np.testing.assert_array_equal(once.ids, np.concatenate([shares.ids for shares in alone]))


def test_mirrored_volumes_give_mirrored_images() -> None:
    clouds = random_clouds(np.random.default_rng(4), 50, reach=2.0)
    left, right = (splat(clouds._replace(volume=np.full(50, v)), PLANE) for v in (0, 1))
    column, row = np.divmod(left.ids, PLANE.height)
    np.testing.assert_array_equal(right.ids, column * PLANE.height + PLANE.height - 1 - row)
    np.testing.assert_array_equal(right.charge, left.charge)


@pytest.mark.parametrize(("wire", "row"), [(-0.5, 8.0), (22.5, 8.0), (11.0, 0.0), (11.0, 17.0)])
def test_half_a_cloud_on_a_border_is_lost(wire: float, row: float) -> None:
    assert splat(one_cloud(wire, row, 0.6, 0.7), PLANE).charge.sum() == pytest.approx(50.0, abs=1e-4)


def test_the_cathode_is_not_crossed() -> None:
    shares = splat(
        one_cloud(11.0, 16.9, 0.5, 0.8), PLANE
    )  # rows of volume 0 end at 17, where volume 1 begins
    assert (shares.ids % PLANE.height).max() == 16
    mirrored = splat(one_cloud(11.0, 16.9, 0.5, 0.8, volume=1), PLANE)
    assert (mirrored.ids % PLANE.height).min() == 17


def test_halves_of_cut_wires_do_not_share() -> None:
    assert (splat(one_cloud(11.4, 8.0, 0.5, 0.5), CUT).ids // CUT.height).max() == 11 + CUT.first_column
    assert (splat(one_cloud(11.6, 8.0, 0.5, 0.5), CUT).ids // CUT.height).min() == 12 + CUT.first_column


def test_width_of_a_splat_is_that_of_the_cloud() -> None:
    """Cutting at 3 sigma takes 1.3 % off a width; pixels add 1/12 to its square."""
    plane = PlaneShape(wires=101, rows=101, first_column=0, columns=101, directions=(-1,))
    shares = splat(one_cloud(50.3, 49.1, 4.0, 6.0), plane)
    column, row = np.divmod(shares.ids, plane.height)
    for at, centre, sigma in ((column, 50.3, 4.0), (row + 0.5, 49.1, 6.0)):
        assert np.average(at, weights=shares.charge) == pytest.approx(centre, abs=1e-3)
        spread = np.sqrt(np.average(np.square(at - centre), weights=shares.charge) - 1 / 12)
        assert spread == pytest.approx(0.9866 * sigma, rel=2e-3)


def test_clouds_without_a_wire_and_no_clouds_leave_nothing() -> None:
    assert len(splat(one_cloud(np.nan, 3.0, 0.1, 0.1), PLANE).ids) == 0
    empty = Clouds(*(column[:0] for column in random_clouds(np.random.default_rng(1), 3)))
    assert len(splat(empty, PLANE).ids) == 0


def test_unsorted_groups_are_refused() -> None:
    clouds = random_clouds(np.random.default_rng(1), 9)
    with pytest.raises(InvalidArgument, match="must be sorted"):
        splat(clouds._replace(group=clouds.group[::-1]), PLANE)


def test_table_is_a_distribution_function() -> None:
    table = cut_normal_table()
    assert (table[0], table[-1]) == (0.0, pytest.approx(1.0, abs=1e-15))
    assert (np.diff(table) > 0).all()
    np.testing.assert_allclose(table + table[::-1], 1.0, atol=1e-15)


def test_owners_get_what_their_groups_leave() -> None:
    shares = splat(random_clouds(np.random.default_rng(6), 80), PLANE)
    owner = np.array([2, 0, 2, 0])
    found = merged(shares, owner)
    for number in (0, 2):
        want = np.zeros(PLANE.columns * PLANE.height)
        mine = owner[shares.group] == number
        np.add.at(want, shares.ids[mine], shares.charge[mine])
        got = np.zeros_like(want)
        got[found.ids[found.group == number]] = found.charge[found.group == number]
        np.testing.assert_allclose(got, want, atol=1e-12)
    assert len(np.unique(found.group * 10_000 + found.ids)) == len(found.ids)
    assert len(merged(Shares(*(c[:0] for c in shares)), owner).ids) == 0


@pytest.mark.parametrize("sigma", [10.0, 100.0])
@pytest.mark.parametrize("count", [1, 3])
def test_clouds_wider_than_the_first_room_are_the_definition(sigma: float, count: int) -> None:
    """One cloud may fill more pixels than twice the room that few clouds begin with."""
    plane = PlaneShape(wires=170, rows=130, first_column=0, columns=170, directions=(-1,))
    width = np.full(count, sigma)
    clouds = Clouds(
        np.arange(count), np.zeros(count, np.int64), np.linspace(80.3, 90.0, count), np.full(count, 61.7),
        np.ones(count), np.full(count, 100.0), width, width, width, width,
    )  # fmt: skip
    fast, slow = splat(clouds, plane), splat_slowly(clouds, plane)
    want = np.zeros((2, count * plane.wires * plane.rows))
    for (group, pixel), values in slow.items():
        want[:, group * plane.wires * plane.rows + pixel] = values
    got = np.zeros_like(want)
    at = fast.group * plane.wires * plane.rows + fast.ids
    got[0, at], got[1, at] = fast.energy, fast.charge
    assert len(np.unique(at)) == len(at) >= len(slow)
    np.testing.assert_allclose(got[0], want[0], rtol=0, atol=TABLE_ERROR)
    np.testing.assert_allclose(got[1], want[1], rtol=0, atol=100 * TABLE_ERROR)
