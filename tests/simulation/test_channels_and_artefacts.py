"""Dead, weak and shorted wires; kernels in time; what induction planes lose of long pulses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.detectors import DeadWires, dead_wires_of, detector_named
from argoscope.simulation.dead_channels import CHIP_WIRES, draw_channels, silenced, weakened, with_dead_groups
from argoscope.simulation.induction_artefacts import prolonged_track_artefact
from argoscope.simulation.noisy_planes import Signal
from argoscope.simulation.response_presets import settings_for
from argoscope.simulation.shaping import shape_in_time, stretched
from argoscope.simulation.splat import PlaneShape, Shares
from argoscope.simulation.sums import summed

MICROBOONE = detector_named("microboone")


def channels(fraction: float = 0.1, seed: int = 1, **changes: object) -> object:
    settings = replace(settings_for(MICROBOONE), dead_fraction=fraction, **changes)  # type: ignore[arg-type]
    return draw_channels(MICROBOONE, settings, np.random.default_rng(seed))


def test_the_known_map_is_dead_and_random_wires_fill_up() -> None:
    drawn = channels()
    known = dead_wires_of("microboone")
    for plane in range(3):
        assert drawn.dead[plane][0, known.plane(plane)].all()
        assert drawn.dead[plane].sum() == round(0.1 * drawn.dead[plane].size)
    only = channels(fraction=0.0)
    assert np.flatnonzero(only.dead[2][0]).tolist() == known.plane(2).tolist()
    assert channels(fraction=0.0, dead_map=False).dead[2].sum() == 0


def test_more_dead_wires_keep_the_old_ones() -> None:
    """All but the last group, which is cut at the smaller fraction, is in the larger."""
    few, many = channels(0.08), channels(0.15)
    for plane in range(3):
        assert not (few.dead[plane] & ~many.dead[plane]).any()
        assert many.dead[plane].sum() > few.dead[plane].sum()


@pytest.mark.parametrize("wires", [0, 1, 7, 500])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_groups_fill_up_to_the_fraction_and_keep_what_was_dead(wires: int, fraction: float) -> None:
    before = np.arange(wires) % 5 == 3
    after = with_dead_groups(before, fraction, np.random.default_rng(2))
    assert after[before].all()
    assert after.sum() == max(before.sum(), round(fraction * wires))
    assert (before == (np.arange(wires) % 5 == 3)).all(), "what was given is left as it is"


def test_wires_die_in_groups() -> None:
    """Of 3000 wires, 300 single ones would leave about 270 runs; groups of up to 48 leave few, and long ones."""
    dead = with_dead_groups(np.zeros(3000, dtype=bool), 0.1, np.random.default_rng(3))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], dead.astype(int), [0]])))
    lengths = edges[1::2] - edges[::2]
    assert len(lengths) < 60
    assert (lengths == 1).any()
    assert (lengths >= CHIP_WIRES).any()


def test_draws_belong_to_the_stream() -> None:
    assert (channels(seed=1).dead[2] == channels(seed=1).dead[2]).all()
    assert (channels(seed=1).dead[2] != channels(seed=2).dead[2]).any()


def test_a_file_takes_the_place_of_the_map() -> None:
    mine = DeadWires.of(MICROBOONE, [(1, 5, 7)])
    settings = replace(settings_for(MICROBOONE), dead_fraction=0.0)
    drawn = draw_channels(MICROBOONE, settings, np.random.default_rng(1), mine)
    assert drawn.dead_wires() == mine


def test_weak_wires_have_their_factors() -> None:
    drawn = channels()
    assert drawn.gain[0][0, 2100] == 1.0
    assert (drawn.gain[0][0, 2016:2096] == 0.33).all()
    shorted = drawn.gain[0][0, 296:672]
    assert (shorted == shorted[0]).all()
    assert 0.3 <= shorted[0] <= 0.7
    assert np.flatnonzero(drawn.shorted[0][0]).tolist() == list(range(296, 672))
    assert (channels(weak_wires=False).gain[0] == 1).all()
    ids = np.array([2016 * 1008 + 5, 100 * 1008 + 5])
    assert weakened(ids, np.array([10.0, 10.0]), MICROBOONE, 0, drawn).tolist() == pytest.approx([3.3, 10.0])


def test_only_the_dead_are_silenced_and_only_in_their_volume() -> None:
    sbnd = detector_named("sbnd")
    settings = replace(settings_for(sbnd), dead_map=False)
    dead = DeadWires.of(sbnd, [(2, 10, 10, 1)])
    drawn = draw_channels(sbnd, settings, np.random.default_rng(1), dead)
    height = 1408
    ids = np.array([(192 + 10) * height + 3, (192 + 10) * height + 704, (192 + 11) * height + 704])
    kept = silenced(Signal(ids, np.ones(3)), sbnd, 2, drawn)
    assert kept.ids.tolist() == [ids[0], ids[2]]


def pulse(length: int, height: float = 50.0, start: int = 300) -> Signal:
    return Signal(np.arange(start, start + length) + 5 * 1008, np.full(length, height))


def lost(signal: Signal) -> float:
    out = prolonged_track_artefact(signal, 1008, 1008, 3.75, 10.0)
    assert (out.ids == signal.ids).all()
    return 1.0 - float(out.charge.sum() / signal.charge.sum())


def test_long_pulses_lose_their_middle_and_short_ones_stay() -> None:
    losses = [lost(pulse(n)) for n in (1, 2, 4, 9, 30, 100)]
    assert losses[0] == pytest.approx(0.0, abs=1e-12)
    assert losses[1] == pytest.approx(0.0, abs=1e-12)
    assert losses[-1] > 0.8
    assert (np.diff(losses) >= -1e-12).all()
    out = prolonged_track_artefact(pulse(60), 1008, 1008, 3.75, 10.0)
    assert (out.charge[20:40] == 0).all()  # a gap
    assert out.charge.max() > 5


def test_artefact_is_symmetric_in_time_and_local_to_a_wire() -> None:
    rng = np.random.default_rng(2)
    rows = np.sort(rng.choice(np.arange(200, 320), 60, replace=False))
    charge = rng.uniform(1, 80, 60)
    one = prolonged_track_artefact(Signal(rows + 1008, charge), 1008, 1008, 3.75, 10.0)
    back = prolonged_track_artefact(Signal(2015 - rows[::-1], charge[::-1]), 1008, 1008, 3.75, 10.0)
    np.testing.assert_allclose(one.charge, back.charge[::-1], atol=1e-9)
    two_wires = Signal(np.concatenate([rows + 1008, rows + 2016]), np.concatenate([charge, charge]))
    both = prolonged_track_artefact(two_wires, 1008, 1008, 3.75, 10.0)
    np.testing.assert_allclose(both.charge, np.tile(one.charge, 2), atol=1e-12)


def test_artefact_does_not_cross_volumes_and_takes_nothing() -> None:
    at_cathode = Signal(np.arange(620, 660), np.full(40, 50.0))  # 20 rows on either side of row 640
    whole = prolonged_track_artefact(at_cathode, 1280, 640, 3.75, 10.0)
    left = prolonged_track_artefact(Signal(np.arange(620, 640), np.full(20, 50.0)), 1280, 640, 3.75, 10.0)
    np.testing.assert_allclose(whole.charge[:20], left.charge, atol=1e-12)
    assert (
        len(prolonged_track_artefact(Signal(np.zeros(0, np.int64), np.zeros(0)), 1280, 640, 3.75, 10.0).ids)
        == 0
    )


PLANE = PlaneShape(wires=7, rows=12, first_column=1, columns=9, directions=(-1, 1))


def test_kernels_are_numpys_convolution_within_a_volume() -> None:
    rng = np.random.default_rng(3)
    kernel = [np.array([4.0, 2.0, -1.0]), np.array([3.0, 1.0, -0.5, 0.25])]
    dense = np.where(rng.random((2, 9, 24)) < 0.2, rng.uniform(1, 5, (2, 9, 24)), 0.0)
    group, column, row = np.nonzero(dense)
    charge = dense[group, column, row]
    shaped = shape_in_time(Shares(group, column * 24 + row, charge, charge), PLANE, kernel)
    want = np.zeros_like(dense)
    for g, c, v in np.ndindex(2, 9, 2):
        full = np.concatenate([kernel[v][:0:-1], kernel[v]])
        part = np.convolve(dense[g, c, v * 12 : v * 12 + 12], full)
        want[g, c, v * 12 : v * 12 + 12] = part[len(kernel[v]) - 1 :][:12]
    got, energy = np.zeros_like(dense), np.zeros_like(dense)
    got[shaped.group, shaped.ids // 24, shaped.ids % 24] = shaped.charge
    energy[shaped.group, shaped.ids // 24, shaped.ids % 24] = shaped.energy
    np.testing.assert_allclose(got, want, atol=1e-12)
    np.testing.assert_array_equal(energy, dense)
    assert len(np.unique(shaped.group * 1000 + shaped.ids)) == len(shaped.ids)
    ids, total = summed(shaped, 9 * 24)
    np.testing.assert_allclose(total, got.sum(axis=0).ravel()[ids], atol=1e-12)
    assert (np.diff(ids) > 0).all()


@pytest.mark.parametrize("width", [0.7, 1.0, 1.3, 2.0])
def test_stretched_kernels_keep_their_sum(width: float) -> None:
    kernel = (97.0, 32.0, -28.0, 4.0, -1.0)
    new = stretched(kernel, width)
    assert 2 * new.sum() - new[0] == pytest.approx(2 * sum(kernel) - kernel[0])
