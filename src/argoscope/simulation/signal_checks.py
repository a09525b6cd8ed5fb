"""Checks of signals: charge in a single row, columns of straight tracks, what induction planes lose.

Straight toy tracks go through the whole chain with fixed seeds. "sample" is
the public SBND sample of paper 0 (arXiv:2012.01301), five events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from argoscope.detectors import Detector, detector_named
from argoscope.simulation.check_inputs import straight_tracks
from argoscope.simulation.check_rows import row
from argoscope.simulation.recombination import ionize
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE, Transported
from argoscope.simulation.response import PlaneResponse, respond, response_streams
from argoscope.simulation.response_presets import DRIFTED_SHARE, MEV_EQUIVALENT, settings_for
from argoscope.simulation.response_settings import ResponseSettings
from argoscope.simulation.variations import varied

__all__ = ["signal_rows"]

# charge per true MeV of columns with n rows of truth, in the three kinds of planes: least and most; sample
ROWS_OF_TRUTH = (1, 2, 4, 8, 12)
CHARGE_PER_MEV = {
    "first induction": ((165, 172), (136, 156), (119, 129), (117, 130), (110, 115)),
    "second induction": ((154, 157), (128, 137), (105, 119), (106, 106), (103, 112)),
    "collection": ((149, 175), (138, 162), (115, 126), (118, 125), (115, 115)),
}
# image units per MeV in one row of charge at row offsets -1, 0, 1; sample
SINGLE_ROW = {
    (0, 0): (34.4, 98.9, 34.6),
    (0, 1): (31.8, 93.1, 32.9),
    (1, 0): (31.6, 90.8, 32.0),
    (1, 1): (35.5, 101.4, 35.2),
    (2, 0): (24.2, 108.3, 25.8),
    (2, 1): (27.9, 115.8, 27.7),
}


def signal_rows(*, quick: bool = False, changes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Every check of signals.

    Parameters
    ----------
    quick : bool
        With a third of the tracks.
    changes : sequence of str
        Variations NAME=VALUE of the settings.

    Returns
    -------
    list of dict
    """
    return [
        *_kernel_rows(changes),
        *_truth_row_rows(changes, 300 if quick else 1000),
        *_peak_rows(changes),
        *_artefact_rows(changes),
    ]


def _one_row(detector: Detector, settings: ResponseSettings, volume: int, plane: int) -> PlaneResponse:
    """1 MeV-equivalent of charge after its drift in the middle of a wire and row, without diffusion or noise."""
    box = detector.volumes[volume]
    deposit, track = np.zeros(1, DEPOSIT_DTYPE), np.zeros(1, TRACK_DTYPE)
    wire = 800.0 * detector.planes[plane].pitch_cm + detector.planes[plane].first_wire_cm
    across = detector.planes[plane].across
    y, z = np.array([0.0, wire / across[1]])
    local = 300.5 * detector.row_us - box.delays_us[plane]
    deposit["x"] = box.x_of(np.array(local * detector.drift.velocity_cm_us))
    deposit["y"], deposit["z"], deposit["energy"] = y, z, 1.0
    born = ionize(np.ones(1), np.zeros(1), np.zeros(1), settings.field_kv_cm).electrons[0]
    deposit["energy"] = DRIFTED_SHARE * MEV_EQUIVALENT / born
    quiet = replace(
        settings, noise="none", lifetime_us=1e12, longitudinal_cm2_s=0.0, transverse_cm2_s=0.0,
        recombination="modified-box", threshold=0.0,
    )  # fmt: skip
    return respond(Transported(track, deposit), detector, quiet, response_streams(1, 0)).planes[plane]


def _kernel_rows(changes: Sequence[str]) -> list[dict[str, Any]]:
    """Image of charge in a single row."""
    detector = detector_named("sbnd-2018")
    settings = varied(settings_for(detector), changes)
    found = []
    for (plane, volume), references in SINGLE_ROW.items():
        truth = _one_row(detector, settings, volume, plane).truth
        charge = dict(zip((truth.ids % detector.grid(plane).shape[1]).tolist(), truth.charge, strict=True))
        middle = int(truth.ids[truth.energy.argmax()] % detector.grid(plane).shape[1])
        for offset, reference in zip((-1, 0, 1), references, strict=True):
            found.append(
                row(
                    f"charge per MeV at row offset {offset:+d}, plane {plane} TPC{volume}",
                    charge[middle + offset], reference, 0.10 * reference, "sample, deposits in one row",
                )
            )  # fmt: skip
    return found


def _runs_of_truth(plane: PlaneResponse, detector: Detector) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, energy and charge above threshold of each run of truth along a wire, of the pixels labelled by it."""
    pixels, height = plane.grid.pixels, detector.image.height(len(detector.volumes))
    energy, image = np.zeros(pixels), np.zeros(pixels)
    true = plane.truth.energy >= 0.04  # MeV, the least that labels a pixel of the sample
    np.add.at(energy, plane.truth.ids[true], plane.truth.energy[true])
    image[plane.ids] = plane.charge
    ids = np.flatnonzero(energy)
    first = np.flatnonzero(np.diff(ids, prepend=-9) != 1)
    end = np.append(first[1:], len(ids))
    before = ids[first] - np.append(-99, ids[end - 1][:-1])
    after = np.append(ids[first][1:], pixels + 99) - ids[end - 1]
    alone = (before > 9) & (after > 9) & (ids[first] % height > 4)
    running, charge = np.append(0.0, energy[ids].cumsum()), np.append(0.0, image.cumsum())
    total = charge[np.minimum(ids[end - 1] + 5, pixels)] - charge[np.maximum(ids[first] - 4, 0)]
    return (end - first)[alone], (running[end] - running[first])[alone], total[alone]


def _truth_row_rows(changes: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Charge per true MeV of columns with n rows, from tracks of all slopes."""
    detector = detector_named("sbnd-2018")
    settings = varied(settings_for(detector), changes)
    collected: dict[str, list[tuple[np.ndarray, ...]]] = {kind: [] for kind in CHARGE_PER_MEV}
    for volume in range(2):
        rng = np.random.default_rng(20180 + volume)
        for batch in range(count // 20):
            directions = rng.normal(size=(20, 3))
            tracks = straight_tracks(detector, volume, directions, 60.0, rng)
            response = respond(tracks, detector, settings, response_streams(900_100 + volume, batch))
            for plane, shown in response.planes.items():
                kind = tuple(CHARGE_PER_MEV)[detector.volumes[volume].plane_order.index(plane)]
                collected[kind].append(_runs_of_truth(shown, detector))
    found = []
    for kind, ranges in CHARGE_PER_MEV.items():
        length, energy, charge = (np.concatenate(part) for part in zip(*collected[kind], strict=True))
        for n, (least, most) in zip(ROWS_OF_TRUTH, ranges, strict=True):
            mine = (length == n) & (energy > 0.1)
            value = charge[mine].sum() / energy[mine].sum() if mine.any() else 0.0
            middle = (least + most) / 2
            tolerance = (most - least) / 2 + 0.10 * middle
            found.append(
                row(f"charge per true MeV, {kind}, {n} rows of truth", value, middle, tolerance, "sample")
            )
    return found


def _peak_rows(changes: Sequence[str]) -> list[dict[str, Any]]:
    """Peak pixel of tracks along the beam in MicroBooNE's collection plane, each track by itself."""
    detector = detector_named("microboone")
    settings = varied(_quiet(detector), changes)
    directions, rng = np.tile([0.0, 0.02, 1.0], (40, 1)), np.random.default_rng(20120)
    tracks = straight_tracks(detector, 0, directions, 90.0, rng)
    truth = respond(tracks, detector, settings, response_streams(900_200, 0)).planes[2].truth
    wire = truth.ids // detector.image.rows
    peak = np.zeros((len(tracks.tracks), detector.image.width))
    np.maximum.at(peak, (truth.group, wire), truth.charge)
    quantity = "MicroBooNE: peak pixel of a minimum-ionizing track along the beam"
    return [row(quantity, float(np.median(peak[peak > 10.0])), 40.0, 5.0, "papers 1 and 3")]


def _artefact_rows(changes: Sequence[str]) -> list[dict[str, Any]]:
    """What MicroBooNE's second induction plane loses of tracks at an angle to the plane."""
    detector = detector_named("microboone")
    settings = varied(_quiet(detector), changes)
    across = detector.planes[1].across
    found = []
    for angle, reference, tolerance in ((45.0, 0.0, 0.10), (75.0, 0.5, 0.3), (80.0, 0.5, 0.3)):
        direction = np.tile([np.tan(np.radians(angle)), across[0], across[1]], (10, 1))
        tracks = straight_tracks(detector, 0, direction, 90.0, np.random.default_rng(20121))
        kept = [
            respond(tracks, detector, replace(settings, induction_roi=on), response_streams(900_201, 0))
            .planes[1]
            .charge.sum()
            for on in (True, False)
        ]
        quantity = f"MicroBooNE: induction charge lost at {angle:.0f} deg to the plane"
        found.append(row(quantity, 1.0 - kept[0] / kept[1], reference, tolerance, "engineering value"))
    return found


def _quiet(detector: Detector) -> ResponseSettings:
    """Settings without noise and without dead or weak wires."""
    return replace(settings_for(detector), noise="none", dead_map=False, dead_fraction=0.0, weak_wires=False)
