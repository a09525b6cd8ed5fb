"""The chain from deposits to images: charge is kept, volumes are mirrored, truth is complete, variations are paired."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.detectors import (
    PRESETS,
    DeadWires,
    Detector,
    detector_named,
    drift_velocity,
    image_format_named,
    pixels_of,
)
from argoscope.errors import InvalidArgument
from argoscope.simulation.check_inputs import straight_tracks
from argoscope.simulation.recombination import ionize
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE, Transported
from argoscope.simulation.response import WireResponse, respond, response_streams
from argoscope.simulation.response_presets import RESPONSES, adjusted, settings_for
from argoscope.simulation.response_settings import ResponseSettings
from argoscope.simulation.variations import varied

NOTHING = Transported(np.zeros(0, TRACK_DTYPE), np.zeros(0, DEPOSIT_DTYPE))


def quiet(detector: Detector | str, **changes: object) -> ResponseSettings:
    """Settings without noise, artefacts, dead or weak wires."""
    off = {
        "noise": "none",
        "dead_map": False,
        "dead_fraction": 0.0,
        "weak_wires": False,
        "induction_roi": False,
    }
    return replace(settings_for(detector), **{**off, **changes})  # type: ignore[arg-type]


def point(x: float, y: float, z: float, energy: float = 2.0, t: float = 0.0) -> Transported:
    deposit = np.zeros(1, DEPOSIT_DTYPE)
    deposit["x"], deposit["y"], deposit["z"], deposit["t"] = x, y, z, t
    deposit["energy"], deposit["length"] = energy, 0.15
    return Transported(np.zeros(1, TRACK_DTYPE), deposit)


def muons(detector: Detector, volume: int = 0, count: int = 5, seed: int = 1) -> Transported:
    rng = np.random.default_rng(seed)
    return straight_tracks(detector, volume, rng.normal(size=(count, 3)), 40.0, rng)


def run(
    transported: Transported, detector: Detector, settings: ResponseSettings, event: int = 0
) -> WireResponse:
    return respond(transported, detector, settings, response_streams(11, event))


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_point_shines_in_the_pixel_that_the_geometry_says(name: str) -> None:
    detector = detector_named(name)
    for volume in detector.volumes:
        x, y, z = (np.asarray(volume.low_cm) * 0.4 + np.asarray(volume.high_cm) * 0.6).tolist()
        response = run(point(x, y, z), detector, quiet(detector))
        for projection, plane in response.planes.items():
            pixels = pixels_of(detector, np.array([[x, y, z]]), projection)
            if not pixels.kept[0]:
                assert len(plane.ids) == 0
                continue
            column, row = pixels.coordinates[0]
            brightest = plane.image().coordinates[plane.charge.argmax()]
            assert abs(brightest - [column, row]).max() <= 1
            centre = np.average(plane.image().coordinates, axis=0, weights=plane.charge)
            assert abs(centre - [column, row]).max() <= 0.6


@pytest.mark.parametrize("name", ["sbnd", "microboone", "icarus", "cube"])
def test_every_electron_arrives(name: str) -> None:
    """Gaussian responses have area one: charge in image units is electrons over the scale."""
    detector = detector_named(name)
    settings = quiet(detector, threshold=0.0, lifetime_us=1e12)
    deposits = muons(detector).deposits
    born = ionize(deposits["energy"], deposits["length"], deposits["drift_cosine"], settings.field_kv_cm)
    for plane in run(muons(detector), detector, settings).planes.values():
        assert plane.truth.charge.sum() == pytest.approx(born.electrons.sum() / 200.0, rel=1e-6)
        assert plane.charge.sum() == pytest.approx(born.electrons.sum() / 200.0, rel=1e-4)
        assert plane.truth.energy.sum() == pytest.approx(deposits["energy"].sum(), rel=1e-6)


@pytest.mark.parametrize(
    ("volume", "areas"),
    [(0, (97 + 2 * 6, 91 + 2 * 5, 111 + 2 * 3)), (1, (91 + 2 * 5, 97 + 2 * 6, 118 + 2 * 3))],
)
def test_kernels_scale_charge_by_their_sum(volume: int, areas: tuple[float, ...]) -> None:
    """Sums of the sample's kernels, which counted 0.87 of the charge; U and V trade places between the volumes."""
    detector = detector_named("sbnd-2018")
    settings = quiet(detector, threshold=0.0, lifetime_us=1e12)
    event = muons(detector, volume)
    deposits = event.deposits
    born = ionize(deposits["energy"], deposits["length"], deposits["drift_cosine"], settings.field_kv_cm)
    planes = run(event, detector, settings).planes
    for plane, area in enumerate(areas):
        want = born.electrons.sum() / (29661.0 * 0.87) * area
        assert planes[plane].truth.charge.sum() == pytest.approx(want, rel=1e-6)


def test_charge_is_linear_in_the_gain_and_adds_over_particles() -> None:
    detector = detector_named("sbnd-2018")
    settings = quiet(detector, threshold=-0.0)
    both = muons(detector, count=2)
    whole = run(both, detector, settings).planes[0]
    double = run(both, detector, replace(settings, response_gain=2.0)).planes[0]
    np.testing.assert_allclose(double.truth.charge, 2 * whole.truth.charge, rtol=1e-12)
    total = np.zeros(whole.grid.pixels)
    for track in range(2):
        alone = Transported(both.tracks, both.deposits[both.deposits["track"] == track])
        truth = run(alone, detector, settings).planes[0].truth
        assert (truth.group == track).all()
        np.add.at(total, truth.ids, truth.charge)
    image = np.where(total >= 0, total, 0)
    np.testing.assert_allclose(whole.charge, image[whole.ids], atol=1e-4)


def test_mirrored_events_give_mirrored_images() -> None:
    """SBND now is symmetric in x, but for U and V, which trade places; the wire formula does not know x."""
    detector = detector_named("sbnd")
    event = muons(detector)
    mirrored = Transported(event.tracks, event.deposits.copy())
    mirrored.deposits["x"] *= -1
    mirrored.deposits["drift_cosine"] *= -1
    settings = quiet(detector)
    height = detector.grid(2).shape[1]
    for plane in range(3):
        one, other = (
            run(event, detector, settings).planes[plane],
            run(mirrored, detector, settings).planes[plane],
        )
        turned = np.sort(other.ids // height * height + height - 1 - other.ids % height)
        np.testing.assert_array_equal(one.ids, turned)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_an_event_without_deposits_is_noise_alone(name: str) -> None:
    detector = detector_named(name)
    response = run(NOTHING, detector, settings_for(detector))
    assert response.counts == {"deposits": 0, "drifted": 0, "dedx_floored": 0}
    for plane in response.planes.values():
        assert len(plane.truth.ids) == 0
        noisy = settings_for(detector).noise != "none"
        assert (len(plane.ids) > 0) == noisy or name == "microboone"
        assert (plane.charge >= settings_for(detector).threshold).all()
    assert all(len(p.ids) == 0 for p in run(NOTHING, detector, quiet(detector)).planes.values())


def test_planes_and_volumes_have_noise_of_their_own() -> None:
    """U and V of SBND now have as many wires and as much noise; 1,000 pixels each meet by chance once."""
    detector = detector_named("sbnd")
    planes = run(NOTHING, detector, settings_for(detector)).planes
    u, v = planes[0].ids, planes[1].ids
    assert len(np.intersect1d(u, v)) < 10
    column, row = np.divmod(u, 1408)
    lower, upper = (set((column * 704 + row % 704)[(row // 704) == half].tolist()) for half in (0, 1))
    assert len(lower & upper) < 10
    assert min(len(lower), len(upper)) > 700


def test_a_plane_has_the_same_noise_whichever_others_are_shown() -> None:
    detector = detector_named("sbnd")
    alone = detector.with_image(replace(detector.image, planes=(2,)))
    one, other = (run(NOTHING, d, settings_for(d)).planes[2] for d in (detector, alone))
    assert one.ids.tobytes() == other.ids.tobytes()
    assert len(one.ids) > 100


def test_events_are_the_same_alone_and_again() -> None:
    detector = detector_named("microboone")
    settings = settings_for(detector)
    first = run(muons(detector), detector, settings, event=17)
    run(muons(detector, seed=2), detector, settings, event=16)
    again = run(muons(detector), detector, settings, event=17)
    for plane in range(3):
        assert first.planes[plane].ids.tobytes() == again.planes[plane].ids.tobytes()
        assert first.planes[plane].charge.tobytes() == again.planes[plane].charge.tobytes()
        assert first.planes[plane].truth.charge.tobytes() == again.planes[plane].truth.charge.tobytes()


def test_order_of_deposits_does_not_matter() -> None:
    """Groups are sorted first; sums then differ by rounding only."""
    detector = detector_named("sbnd")
    event = muons(detector)
    shuffled = Transported(event.tracks, np.random.default_rng(3).permutation(event.deposits))
    settings = quiet(detector)
    one, other = (run(e, detector, settings).planes[1] for e in (event, shuffled))
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_allclose(one.charge, other.charge, rtol=1e-6)


@pytest.mark.parametrize("name", ["sbnd-2018", "microboone"])
def test_truth_adds_up_to_the_image_before_noise(name: str) -> None:
    detector = detector_named(name)
    plane = run(muons(detector), detector, quiet(detector)).planes[1]
    total = np.zeros(plane.grid.pixels)
    np.add.at(total, plane.truth.ids, plane.truth.charge)
    above = np.flatnonzero(total >= settings_for(detector).threshold)
    np.testing.assert_array_equal(plane.ids, above)
    np.testing.assert_allclose(plane.charge, total[above], rtol=1e-6)
    if name == "microboone":  # every pixel with charge has its energy
        energy = np.zeros(plane.grid.pixels)
        np.add.at(energy, plane.truth.ids, plane.truth.energy)
        assert (energy[plane.ids] > 0).all()


def test_energy_of_sbnd_knows_nothing_of_recombination_or_lifetime() -> None:
    detector = detector_named("sbnd-2018")
    one, other = (
        run(muons(detector), detector, quiet(detector, lifetime_us=life, recombination=model)).planes[2].truth
        for life, model in ((10000.0, "modified-box"), (2000.0, "birks"))
    )
    np.testing.assert_array_equal(one.energy, other.energy)
    assert other.charge.sum() < 0.9 * one.charge.sum()


def test_cathode_gap_and_window_of_sbnd() -> None:
    """In time, rows 631 to 648 are empty (an 18-row gap); late charge beyond row 639 is lost, not wrapped."""
    detector = detector_named("sbnd-2018")
    settings = quiet(detector)
    rows = [run(point(x, 0.0, 250.0), detector, settings).planes[2].truth for x in (-2.7, 2.7)]
    assert (rows[0].ids[rows[0].charge > 1] % 1280).max() < 636
    assert (rows[1].ids[rows[1].charge > 1] % 1280).min() > 643
    late = run(point(-2.7, 0.0, 250.0, t=100.0), detector, settings).planes[2]
    assert len(late.ids) == 0
    assert len(run(point(0.0, 0.0, 250.0), detector, settings).planes[2].ids) == 0


def test_dead_wires_keep_their_truth() -> None:
    detector = detector_named("microboone")
    dead = DeadWires.of(detector, [(2, 0, 3455)])
    response = respond(
        muons(detector), detector, settings_for(detector), response_streams(1, 1), dead_wires=dead
    )
    assert len(response.planes[2].ids) == 0
    assert len(response.planes[2].truth.ids) > 100
    assert response.channels.dead_wires().plane(2).size == 3456


def test_paper2_has_one_plane_and_a_longer_window() -> None:
    detector = detector_named("microboone").with_image(image_format_named("paper2"))
    response = run(muons(detector), detector, settings_for(detector))
    assert list(response.planes) == [2]
    assert response.planes[2].grid.shape == (3456, 1600)
    shown = run(muons(detector), detector, quiet(detector)).planes[2].image().coordinates
    paper3 = run(
        muons(detector_named("microboone")), detector_named("microboone"), quiet("microboone")
    ).planes[2]
    np.testing.assert_array_equal(shown - [0, 400], paper3.image().coordinates)  # 2,400 ticks earlier


PAIRED = {
    "lifetime_us": "3000", "recombination_scale": "0.95", "plane_gains": "1,1,0.9", "longitudinal_cm2_s": "8",
    "response_width": "1.1", "response_gain": "0.95", "response_angle": "0.2", "space_charge": "1",
    "shift_wires": "0.4", "shift_rows": "0.3", "field_kv_cm": "0.26", "recombination": "birks",
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRED)
def test_variations_change_signals_and_leave_noise_alone(name: str) -> None:
    detector = detector_named("microboone")
    settings = settings_for(detector)
    changed = varied(settings, [f"{name}={PAIRED[name]}"])
    one, other = (run(muons(detector), detector, s).planes[2] for s in (settings, changed))
    assert one.charge.tobytes() != other.charge.tobytes()
    truths = np.union1d(one.truth.ids, other.truth.ids)
    far = [
        dict(zip(p.ids.tolist(), p.charge.tolist(), strict=True))
        for p in (one, other)
    ]  # fmt: skip
    near = np.unique(truths[:, None] + np.arange(-20, 21))  # regions reach 18 rows from a signal
    far_ids = [{i: c for i, c in f.items() if not (near == i).any()} for f in far]
    assert far_ids[0] == far_ids[1]


def test_a_shift_of_a_whole_wire_moves_the_image_by_one() -> None:
    detector = detector_named("sbnd")
    one, other = (
        run(muons(detector), detector, quiet(detector, shift_wires=(0.0, 1.0, 0.0), shift_rows=(0.0, r, 0.0)))
        .planes[1]
        .image()
        for r in (0.0, 2.0)
    )
    still = run(muons(detector), detector, quiet(detector)).planes[1].image()
    np.testing.assert_array_equal(one.coordinates, still.coordinates + np.array([1, 0]))
    np.testing.assert_array_equal(other.coordinates, still.coordinates + np.array([1, 2]))


def test_weaker_fields_come_later_and_are_refused_outside_the_formula() -> None:
    detector = detector_named("sbnd")
    slow = run(NOTHING, detector, quiet(detector, field_kv_cm=0.4)).detector.drift.velocity_cm_us
    assert slow < 0.145
    own = adjusted(detector_named("microboone"), replace(settings_for("microboone"), field_kv_cm=0.26))
    ratio = drift_velocity(0.26, 89.0) / drift_velocity(0.2739, 89.0)
    assert own.drift.velocity_cm_us == pytest.approx(
        0.1098 * ratio, rel=1e-12
    )  # from its own velocity, 2 % below
    for field in (0.05, 0.7):
        with pytest.raises(InvalidArgument, match=r"must lie between 0\.09 and 0\.62"):
            run(NOTHING, detector, quiet(detector, field_kv_cm=field))


def test_fluctuations_draw_from_the_drift_stream_only() -> None:
    detector = detector_named("sbnd")
    on, off = (
        run(muons(detector), detector, replace(settings_for(detector), fluctuate=f)).planes[2]
        for f in (True, False)
    )
    assert on.truth.charge.sum() == pytest.approx(off.truth.charge.sum(), rel=1e-3)
    assert on.truth.charge.tobytes() != off.truth.charge.tobytes()
    alone_on, alone_off = (set(p.ids.tolist()) - set(p.truth.ids.tolist()) for p in (on, off))
    assert alone_on == alone_off


def test_deposits_of_unknown_tracks_are_refused() -> None:
    bad = Transported(np.zeros(1, TRACK_DTYPE), point(10.0, 0.0, 200.0).deposits.copy())
    bad.deposits["track"] = 1
    with pytest.raises(InvalidArgument, match="deposit 0 belongs to track 1, and there are 1 tracks"):
        run(bad, detector_named("microboone"), quiet("microboone"))


def test_energies_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="energy of deposit 0 is nan"):
        run(point(10.0, 0.0, 200.0, energy=np.nan), detector_named("microboone"), quiet("microboone"))


def test_shorted_wires_lose_charge_and_are_slower() -> None:
    detector = detector_named("microboone")
    settings = replace(quiet(detector, threshold=0.0), weak_wires=True)
    wire = 450.2  # in the shorted region of U
    u = detector.planes[0].first_wire_cm + wire * 0.3
    y, z = detector.planes[0].across * u
    event = point(100.0, y, z)
    good, weak = (run(event, detector, replace(settings, weak_wires=w)).planes[0] for w in (False, True))
    assert 0.3 <= weak.charge.sum() / good.charge.sum() <= 0.7

    def width(ids: np.ndarray, charge: np.ndarray) -> float:
        row = ids % 1008
        return float(np.sqrt(np.average(np.square(row - np.average(row, weights=charge)), weights=charge)))

    assert width(weak.ids, weak.charge) / width(good.ids, good.charge) == pytest.approx(1.45, abs=0.1)
