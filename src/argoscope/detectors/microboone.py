"""MicroBooNE: one drift volume of 2.56 m, three planes.

Column = wire. Planes are aligned in time after deconvolution, so all delays
are zero. Sources, named on each line: "gdml" is ubcore's microboonevX geometry
(v11, v12), "OpenSamples" the experiment's public data and its utilities,
"WireCell" the configuration `cfg/experiment/uboone`, "paper N" the papers of
the systems (0 arXiv:2012.01301, 1 1912.10133, 2 1808.07269, 3 2012.08513).
"""

from __future__ import annotations

from argoscope.detectors.detector import Detector
from argoscope.detectors.planes import WirePlane
from argoscope.detectors.readout import Drift, ImageFormat, Readout
from argoscope.detectors.volumes import DriftVolume

__all__ = ["FORMATS", "MICROBOONE", "OLD_DRIFT_VELOCITY_CM_US"]

OLD_DRIFT_VELOCITY_CM_US = 0.1117  # cm/µs; fits the larcv1 samples of about 2018, before the measured field

_PAPER3 = ImageFormat(
    name="microboone",
    width=3456,  # columns; paper 3: wires of the collection plane, U and V padded with empty columns
    rows=1008,  # rows; paper 3
    ticks_per_row=6,  # ticks; papers 1 to 3
    first_tick=2400.0,  # tick; paper 1: the window starts 0.4 ms before the trigger
    first_columns=(0, 0, 0),  # column of wire 0; OpenSamples
    threshold=10.0,  # image units; papers 1 to 3
    unit="wire-time",
)

FORMATS: dict[str, ImageFormat] = {
    "paper1": ImageFormat(
        name="paper1",
        width=3456,  # columns; paper 1
        rows=1008,  # rows; paper 1
        ticks_per_row=6,  # ticks; paper 1
        first_tick=2400.0,  # tick; paper 1
        first_columns=(0, 0, 0),  # column of wire 0; OpenSamples
        planes=(2,),  # paper 1: collection plane only
        threshold=10.0,  # image units; paper 1
        unit="wire-time",
    ),
    "paper2": ImageFormat(
        name="paper2",
        width=3456,  # columns; paper 2
        rows=1600,  # rows; paper 2: all 9,600 ticks
        ticks_per_row=6,  # ticks; paper 2
        first_tick=0.0,  # tick; paper 2
        first_columns=(0, 0, 0),  # column of wire 0; OpenSamples
        planes=(2,),  # paper 2: collection plane only
        threshold=10.0,  # image units; paper 2
        unit="wire-time",
    ),
    "paper3": _PAPER3,
    "microboone-open": ImageFormat(
        name="microboone-open",
        width=3456,  # columns; OpenSamples
        rows=1067,  # rows; OpenSamples: 6,400 ticks, the last row partly filled
        ticks_per_row=6,  # ticks; OpenSamples, WireImage notebook
        first_tick=2400.0,  # tick; OpenSamples has the trigger at its tick 800
        first_columns=(0, 0, 0),  # column of wire 0; OpenSamples
        threshold=10.0,  # image units; OpenSamples
        unit="wire-time",
    ),
}
"""Image formats of MicroBooNE data by name."""

MICROBOONE = Detector(
    name="microboone",
    volumes=(
        DriftVolume(
            name="TPC0",
            low_cm=(-1.55, -115.53, 0.1),  # cm; gdml
            high_cm=(254.8, 117.47, 1036.9),  # cm; gdml
            drift=-1,  # towards smaller x; gdml
            anode_cm=0.0,  # cm; OpenSamples: x = 0 at the trigger tick
            plane_x_cm=(0.0, -0.3, -0.6),  # cm; gdml, planes 3 mm apart
        ),
    ),
    planes=(
        # first_wire_cm: fit to the public wire end points, to better than 0.02 wires (OpenSamples)
        WirePlane(name="U", wires=2400, angle_deg=60.0, pitch_cm=0.3, first_wire_cm=-338.13 * 0.3),
        WirePlane(name="V", wires=2400, angle_deg=-60.0, pitch_cm=0.3, first_wire_cm=-332.53 * 0.3),
        WirePlane(name="Y", wires=3456, angle_deg=0.0, pitch_cm=0.3, first_wire_cm=0.25),
    ),
    drift=Drift(
        velocity_cm_us=0.1098,  # cm/µs; OpenSamples (0.0548965 cm a tick), papers 1 and 3
        field_kv_cm=0.2739,  # kV/cm; cathode at 70 kV, WireCell
        temperature_k=89.0,  # K; WireCell
        lifetime_us=8000.0,  # µs; WireCell, 8 to 10.4 ms in the simulations
        longitudinal_cm2_s=6.4,  # cm²/s; WireCell (measured later: 3.74)
        transverse_cm2_s=9.8,  # cm²/s; WireCell (estimated later: 5.85)
    ),
    readout=Readout(
        tick_us=0.5,  # µs; WireCell
        ticks=9600,  # ticks; simulation (data have 9,595)
        trigger_tick=3200.0,  # tick; the readout starts 1.6 ms before the trigger
        adc_per_electron=6.89e-3,  # ADC/electron; 14 mV/fC
    ),
    image=_PAPER3,
)
"""MicroBooNE with the images of paper 3 (three planes, 3456 x 1008)."""
