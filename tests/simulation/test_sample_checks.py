"""Measures of the SBND sample on hand-made images, the rows' tolerances, and the references against the public file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.events import COSMIC, Clusters, Grid, Image, LabelColumn, empty_particles
from argoscope.files.larcv3 import Larcv3File
from argoscope.simulation import sample_checks
from argoscope.simulation.generators.records import InteractionKind
from argoscope.simulation.presets import SBND_PROTON_SHARE, generator_for, geometry_of, preset_named
from argoscope.simulation.sample_measures import (
    PERCENTILES,
    dead_band,
    halo_counts,
    narrow_columns,
    outside_charge,
    overlapping,
    particle_counts,
    rows_in_time,
    sample_statistics,
    tally_plane,
)
from argoscope.simulation.sample_references import REFERENCES, Reference

GRID = Grid((60, 1280))


def made(pixels: list[tuple[int, int, float, int]], truth: list[tuple[int, int, float, int]]) -> Image:
    """An image from (wire, row, charge, origin) and (wire, row, MeV, cluster)."""
    pixels = sorted(pixels)
    truth = sorted(truth, key=lambda one: one[3])
    points = np.array([p[:2] for p in pixels]).reshape(-1, 2)
    image = Image.from_points(GRID, points, np.array([p[2] for p in pixels], float))
    image = image.with_labels(origin=LabelColumn(np.array([p[3] for p in pixels], np.int32), COSMIC))
    owner = np.array([t[3] for t in truth], dtype=int)
    offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=1)))
    ids = np.array([t[0] * GRID.shape[1] + t[1] for t in truth], dtype=int)
    energy = np.array([t[2] for t in truth], dtype=np.float32)
    return replace(image, truth=Clusters(GRID, ids, energy, offsets, np.arange(len(offsets) - 1)))


def test_narrow_columns_hold_their_halo_and_stand_alone() -> None:
    image = made(
        [
            (3, 100, 50.0, 1), (3, 101, 20.0, 1), (3, 102, 8.0, 0),  # two rows, a halo pixel
            (5, 200, 50.0, 1), (5, 201, 60.0, 1), (5, 202, 70.0, 1),  # three rows
            (7, 300, 50.0, 1), (7, 308, 50.0, 1),  # eight rows apart
            (9, 1278, 50.0, 1), (10, 0, 50.0, 1),  # at the ends of wires
            (11, 400, 33.0, 2), (11, 405, 9.0, 0),  # a background pixel too far to count
        ],
        [(3, 100, 0.4, 0), (3, 101, 0.2, 1), (3, 102, 0.03, 0), (11, 400, 0.3, 0)],
    )  # fmt: skip
    columns = narrow_columns(image)
    assert columns == pytest.approx(np.array([[78.0, 50.0, 0.6], [33.0, 33.0, 0.3]]))


def test_charge_outside_by_rows_of_truth() -> None:
    image = made(
        [(3, 99, 30.0, 0), (3, 100, 90.0, 1), (3, 101, 30.0, 0), (5, 200, 60.0, 1), (5, 201, 40.0, 1), (5, 205, 7.0, 0)],
        [(3, 100, 0.9, 0), (5, 200, 0.6, 0), (5, 201, 0.4, 0), (8, 300, 0.03, 0)],
    )  # fmt: skip
    assert outside_charge(image).tolist() == [[60.0, 150.0], [7.0, 107.0], [0.0, 0.0], [0.0, 0.0]]


def test_halo_is_a_ratio_of_sums() -> None:
    rich = made([(w, 100, 50.0, 1) for w in range(20)] + [(0, 101, 9.0, 0)], [])
    poor = made([(0, 700, 50.0, 1), (0, 699, 8.0, 0), (0, 701, 7.0, 0), (0, 703, 6.0, 0), (4, 5, 9.0, 0)], [])
    assert halo_counts(poor)[0].tolist() == [[0, 0, 0], [1, 2, 1]]
    found = sample_statistics([[tally_plane(i)] * 3 for i in (rich, poor)])
    assert found["plane 0: halo pixels per labelled pixel"] == pytest.approx(3 / 21)
    assert found["plane 2: background pixels three rows away, per labelled pixel"] == pytest.approx(1 / 21)
    assert found["plane 1: percentile 50 of halo pixels"] == pytest.approx(8.0)


def test_a_halo_does_not_pass_from_wire_to_wire() -> None:
    counts, _ = halo_counts(made([(3, 1279, 50.0, 1), (4, 0, 9.0, 0), (4, 2, 9.0, 0)], []))
    assert counts.sum(axis=0).tolist() == [1, 0, 0]


def test_statistics_of_values_and_truth() -> None:
    values = np.arange(1.0, 102.0) * 4
    pixels = [(k % 50, 20 + 12 * (k // 50), v, 1) for k, v in enumerate(values)] + [
        (3, 900, 6.0, 0),
        (3, 950, 8.0, 0),
    ]
    truth = [(k % 50, 20 + 12 * (k // 50), 0.5, k % 2) for k in range(101)] + [(55, 5, 0.5, 0)]
    found = sample_statistics([[tally_plane(made(pixels, truth))] * 3])
    for percent in PERCENTILES:
        assert found[f"plane 1 TPC0: percentile {percent} of cosmic pixels"] == pytest.approx(
            4.0 * (percent + 1)
        )
    assert found["plane 2 TPC1: percentile 50 of background pixels"] == pytest.approx(7.0)
    assert found["plane 0: share of labelled pixels above 100"] == pytest.approx(76 / 101)
    assert found["plane 0: share of labelled pixels above 300"] == pytest.approx(26 / 101)
    assert found["share of pixels with truth below threshold"] == pytest.approx(1 / 102)
    assert found["true energy in a plane, GeV"] == pytest.approx(0.051)
    assert found["true MeV per pixel with truth"] == pytest.approx(0.5)
    assert found["labelled pixels per true MeV"] == pytest.approx(101 / 51)
    assert found["plane 0: cosmic pixels"] == 101
    assert found["plane 0 TPC1: background pixels"] == 2


def test_statistics_of_columns_and_slopes() -> None:
    # A track of one row a wire rising by two rows: lone columns of 70 units, slope 2 to 4.
    flat = [(w, 100 + 2 * w, 70.0, 1) for w in range(40)]
    found = sample_statistics([[tally_plane(made(flat, [(w, r, 0.6, 0) for w, r, *_ in flat]))] * 3])
    assert found["plane 2: most frequent charge of a narrow column"] == pytest.approx(70.0, abs=2.0)
    assert found["plane 2: most frequent energy of a narrow column, MeV"] == pytest.approx(0.6, abs=0.021)
    assert found["plane 0: percentile 99 of peaks of narrow columns"] == pytest.approx(70.0)
    assert found["collection: slope 2 to 4: rows per wire"] == 1.0
    assert found["induction: slope 2 to 4: median peak"] == 70.0
    assert "induction: slope 0 to 0.1: rows per wire" not in found


def test_particles_with_many_pixels_and_with_energy() -> None:
    truth = (
        [(k, 100, 0.05, 0) for k in range(10)]
        + [(k, 200, 4.0, 1) for k in range(3)]
        + [(k, 300, 0.02, 2) for k in range(20)]
    )
    assert particle_counts(made([(0, 100, 9.0, 1)], truth)) == (1, 1)


def test_knocked_out_electrons_join_their_muon() -> None:
    truth = (
        [(k, 100, 0.9, 0) for k in range(9)]
        + [(k, 101, 2.0, 1) for k in range(9)]
        + [(k, 300, 0.9, 2) for k in range(12)]
    )
    particles = empty_particles(3)
    particles["trackid"], particles["parent_trackid"] = (5, 6, 9), (5, 5, 5)
    particles["process"] = [b"primary", b"muIoni", b"Decay"]
    image = made([(0, 100, 9.0, 1)], truth)
    assert particle_counts(image) == (1, 2)
    assert particle_counts(image, particles) == (2, 2)  # 18 px and 26 MeV together; the Michel electron stays
    particles["parent_trackid"][1] = 77  # its parent left nothing
    assert particle_counts(image, particles) == (1, 2)


def test_overlap_is_a_cosmic_particle_under_a_neutrino_label() -> None:
    image = made(
        [(0, 100, 50.0, 2), (1, 100, 50.0, 1)], [(0, 100, 0.5, 0), (1, 100, 0.5, 1), (0, 100, 0.03, 1)]
    )
    assert not overlapping(image, np.array([False, True]))  # the cosmic one is too weak there
    assert overlapping(image, np.array([True, False]))


def test_dead_band_of_rows_in_time() -> None:
    late = [(w, r, 9.0, 2) for w in range(3) for r in (*range(500, 636), *range(644, 780))]
    counts = rows_in_time(made(late, []), 8.2)
    assert dead_band(counts) == (632, 647)
    assert rows_in_time(made([(0, 640, 9.0, 1)], []), 0.0).sum() == 0


def test_tolerances_widen_where_the_sample_knows_less() -> None:
    asked = sample_checks.reference_row(11.0, Reference("pixels", 10.0, 0.05))
    assert (asked["tolerance"], asked["ok"]) == (2.0, True)
    noise = sample_checks.reference_row(11.5, Reference("noise", 10.0, 0.01, share=0.1))
    assert (noise["tolerance"], noise["ok"]) == (1.0, False)
    poor = sample_checks.reference_row(13.5, Reference("pixels", 10.0, 0.2))
    assert (poor["tolerance"], poor["ok"]) == (4.0, True)
    assert "know it to 20 %: two errors, more than the 20 % asked for" in str(poor["source"])


def test_the_sample_has_the_muons_of_primary_protons() -> None:
    fluxes = {
        1: 17_200,
        4: 9_200,
        14: 6_200,
        24: 9_200,
        56: 6_200,
    }  # 1/(m2 s sr GeV) at 1 GeV by nucleons; E^-2.7
    share = fluxes[1] / sum(flux * nucleons**-0.7 for nucleons, flux in fluxes.items())
    assert share == pytest.approx(SBND_PROTON_SHARE, abs=0.001)
    rng = np.random.default_rng(7)
    muons = {}
    for name, rate in (("sbnd-cosmic", 1.0), ("sbnd-cosmic", 2.0), ("sbnd-now", 1.0)):
        preset = preset_named(name)
        draw = generator_for(preset, geometry_of(preset), cosmic_rate=rate)
        kinds = [(draw(rng).interactions["kind"] == InteractionKind.COSMIC).sum() for _ in range(1500)]
        muons[name, rate] = np.mean(kinds)
    assert muons["sbnd-cosmic", 1.0] == pytest.approx(12.5 * share, rel=0.03)
    assert muons["sbnd-cosmic", 2.0] == pytest.approx(25.0 * share, rel=0.03)
    assert muons["sbnd-now", 1.0] > 12.0  # today's detector has the measured flux


def test_every_reference_is_measured() -> None:
    rows = sample_checks.sample_rows(seed=990_201, quick=True)
    names = [row["quantity"] for row in rows]
    assert len(set(names)) == len(names)
    assert {f"sbnd {reference.quantity}" for reference in REFERENCES} <= set(names)
    measured = [row for row in rows if np.isfinite(row["value"])]
    assert len(measured) > len(rows) - 8  # rare slopes may be missing in 15 events
    assert sum(row["ok"] for row in measured) > 0.75 * len(measured)


def test_references_are_those_of_the_public_file(real_data) -> None:
    with Larcv3File(real_data / "sbnd_larcv3_events0-2.h5") as file:
        events = [file.event(index) for index in range(3)]
    assert [particle_counts(event.images[2]) for event in events] == [(18, 11), (18, 14), (21, 9)]
    found = sample_statistics([[tally_plane(image) for image in event.images] for event in events])
    for reference in REFERENCES:
        off = abs(found[reference.quantity] - reference.value)
        if reference.events == 3:
            assert off < 0.01 * reference.value, reference.quantity
        # The other two events are not public here; three of five differ by less than three errors of five.
        # Most frequent values of few columns jump between bins.
        least = 0.55 if "most frequent" in reference.quantity else 0.15
        allowed = max(3.0 * reference.known * reference.value, least * reference.value, reference.half_range)
        assert off < allowed, (reference.quantity, found[reference.quantity])
