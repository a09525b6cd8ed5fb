"""ICARUS: two cryostats with two drift volumes each, four in all.

The first induction plane has horizontal wires cut in two at z = 0; the others
stand at +-30 degrees and swap places between the volumes of a cryostat, so,
as in SBND, image planes are grouped by orientation. Of the 5,695 wires that
would cover the planes at 30 degrees 5,600 are read out: 48 are missing at
each corner. The image puts the volumes above one another in the order of x;
no published image format has all four.

Sources: "generator" is icarusalg's geometry generator, "fcl" the experiment's
detector properties, "WireCell" the configuration `cfg/experiment/icarus`.
"""

from __future__ import annotations

from argoscope.detectors.detector import Detector
from argoscope.detectors.planes import WirePlane
from argoscope.detectors.readout import Drift, ImageFormat, Readout
from argoscope.detectors.volumes import DriftVolume

__all__ = ["ICARUS"]

_CATHODE_CM = 210.29  # cm; generator: |x| of the cathodes
_INNER_ANODE_CM = 61.1  # cm; generator: |x| of the anodes between the cryostats
_OUTER_ANODE_CM = 359.33  # cm; generator: |x| of the outer anodes
_Y_CM = (-181.86, 134.96)  # cm; generator
_Z_CM = (-894.95, 894.95)  # cm; generator
_GAP_CM = 0.3  # cm; generator: distance between the planes
_MIDDLE_WIRE = 2799.5  # wire at the middle of the 5,600 instrumented ones; generator
_MIDDLE_CM = sum(_Y_CM) / 2 * 0.5  # cm; across wires at 30 degrees, y * sin 30 at the middle of the plane


def _volume(name: str, anode_cm: float, cathode_cm: float, first_plus: bool) -> DriftVolume:
    """One drift volume; `first_plus`: whether the wires at +30 degrees come before those at -30."""
    drift = 1 if anode_cm > cathode_cm else -1
    induction1 = anode_cm - 2 * _GAP_CM * drift
    plus, minus = (induction1 + drift * _GAP_CM * k for k in ((1, 2) if first_plus else (2, 1)))
    return DriftVolume(
        name=name,
        low_cm=(min(anode_cm, cathode_cm), _Y_CM[0], _Z_CM[0]),
        high_cm=(max(anode_cm, cathode_cm), _Y_CM[1], _Z_CM[1]),
        drift=1 if drift > 0 else -1,
        anode_cm=anode_cm,
        plane_x_cm=(induction1, plus, minus),
    )


ICARUS = Detector(
    name="icarus",
    volumes=(
        _volume("EE", -_OUTER_ANODE_CM, -_CATHODE_CM, first_plus=True),
        _volume("EW", -_INNER_ANODE_CM, -_CATHODE_CM, first_plus=False),
        _volume("WE", _INNER_ANODE_CM, _CATHODE_CM, first_plus=True),
        _volume("WW", _OUTER_ANODE_CM, _CATHODE_CM, first_plus=False),
    ),
    planes=(
        # 3 mm pitch on every plane and wire counts: generator
        WirePlane(
            name="induction-1",
            wires=2112,
            angle_deg=90.0,
            pitch_cm=0.3,
            first_wire_cm=-_Y_CM[1],
            split_z_cm=0.0,
        ),
        WirePlane(
            name="plus-30",
            wires=5600,
            angle_deg=30.0,
            pitch_cm=0.3,
            first_wire_cm=-_MIDDLE_CM - _MIDDLE_WIRE * 0.3,
        ),
        WirePlane(
            name="minus-30",
            wires=5600,
            angle_deg=-30.0,
            pitch_cm=0.3,
            first_wire_cm=_MIDDLE_CM - _MIDDLE_WIRE * 0.3,
        ),
    ),
    drift=Drift(
        velocity_cm_us=0.15756,  # cm/µs; fcl
        field_kv_cm=0.4938,  # kV/cm; fcl
        temperature_k=87.5,  # K; fcl
        lifetime_us=3000.0,  # µs; simulations use 3 to 6.5 ms
        longitudinal_cm2_s=4.0,  # cm²/s; WireCell
        transverse_cm2_s=8.8,  # cm²/s; WireCell (measured later: 7.5)
    ),
    readout=Readout(
        tick_us=0.4,  # µs; fcl
        ticks=4096,  # ticks; fcl
        trigger_tick=850.0,  # tick; fcl: tick 0 lies 340 µs before the trigger
        adc_per_electron=1 / 75,  # ADC/electron; calibration, about 75 electrons per ADC
    ),
    image=ImageFormat(
        name="icarus",
        width=5600,  # columns; ours: all wires of the larger planes
        rows=1024,  # rows of each volume; ours: all 4,096 ticks
        ticks_per_row=4,  # ticks; ours: 2.5 mm of drift, near the pitch
        first_columns=(0, 0, 0),  # column of wire 0; ours
        threshold=5.0,  # image units; ours
        unit="wire-time",
    ),
)
"""ICARUS with both cryostats; image 5600 x 4096."""
