"""SBND: two drift volumes with the cathode between them, three planes each.

The wires of the two volumes share the columns by orientation. Because U and V
swap places between the volumes, image plane 0 is the first induction plane of
TPC0 (x < 0) and the second one of TPC1, image plane 1 the other way round.

`SBND_2018` reproduces the public larcv3 sample (paper 0, arXiv:2012.01301):
"fit" marks what was fitted to five true vertices on three planes of that
sample (residuals of at most one pixel) and to its charge. "gdml" is sbndcode's
geometry (v01_05 for 2018, v02_06 now), "fcl" `detectorproperties_sbnd.fcl`,
"WireCell" the configuration `cfg/experiment/sbnd`, "CosmicTagger" the image
header of the newer samples.
"""

from __future__ import annotations

import numpy as np

from argoscope.detectors.detector import Detector
from argoscope.detectors.planes import WirePlane
from argoscope.detectors.readout import Drift, ImageFormat, Readout
from argoscope.detectors.volumes import DriftVolume

__all__ = ["SBND", "SBND_2018", "stored_vertex_row"]

_ROW_US = 2.0  # µs; paper 0: four ticks of 0.5 µs
_DELAY_ROWS_2018 = -1.2  # rows; fit (+-0.7): common to all planes of the sample
_EARLY_ROWS_2018 = (1.63, 0.77, 0.0)  # rows; fit (+-0.02): first induction, second induction, collection


def _delays_2018(first: int, second: int) -> tuple[float, float, float]:
    """Delays in µs of the three image planes, given which are first and second induction."""
    early = [0.0, 0.0, _EARLY_ROWS_2018[2]]
    early[first], early[second] = _EARLY_ROWS_2018[0], _EARLY_ROWS_2018[1]
    u, v, y = ((_DELAY_ROWS_2018 - rows) * _ROW_US for rows in early)
    return u, v, y


SBND_2018 = Detector(
    name="sbnd-2018",
    volumes=(
        DriftVolume(
            name="TPC0",
            low_cm=(-199.85, -200.0, 0.0),  # cm; gdml v01_05
            high_cm=(-2.6, 200.0, 500.0),  # cm; gdml v01_05, a cathode 5.2 cm thick
            drift=-1,  # towards smaller x; gdml v01_05
            anode_cm=-199.85,  # cm; fit
            plane_x_cm=(
                -199.25,
                -199.55,
                -199.85,
            ),  # cm; 3 mm apart before the active edge (gap: gdml v01_05)
            delays_us=_delays_2018(first=0, second=1),  # µs; fit
        ),
        DriftVolume(
            name="TPC1",
            low_cm=(2.6, -200.0, 0.0),  # cm; gdml v01_05
            high_cm=(199.85, 200.0, 500.0),  # cm; gdml v01_05
            drift=1,  # towards larger x; gdml v01_05
            anode_cm=199.85,  # cm; fit
            plane_x_cm=(199.55, 199.25, 199.85),  # cm; U and V swapped (fit)
            delays_us=_delays_2018(first=1, second=0),  # µs; fit
        ),
    ),
    planes=(
        # first_wire_cm: fit; the first active columns (31, 31, 191) are wire 0
        WirePlane(name="U", wires=1986, angle_deg=60.0, pitch_cm=0.3, first_wire_cm=-172.82),
        WirePlane(name="V", wires=1986, angle_deg=-60.0, pitch_cm=0.3, first_wire_cm=-172.89),
        WirePlane(name="Y", wires=1666, angle_deg=0.0, pitch_cm=0.3, first_wire_cm=0.31),
    ),
    drift=Drift(
        velocity_cm_us=0.15625,  # cm/µs; fit: 0.3125 cm a row
        field_kv_cm=0.5,  # kV/cm; fcl
        temperature_k=88.4,  # K; fits the image scale
        lifetime_us=3000.0,  # µs; the experiment's configuration of then; sample: tracks along the drift (2.0 to 4.7 ms)
        longitudinal_cm2_s=6.2,  # cm²/s; LArSoft 2018
        transverse_cm2_s=16.3,  # cm²/s; LArSoft 2018
    ),
    readout=Readout(
        tick_us=0.5,  # µs; fcl
        ticks=3400,  # ticks; fcl (3,400 to 3,427)
        trigger_tick=0.0,  # tick; the images start at the trigger (fit)
        adc_per_electron=6.30e-3,  # ADC/electron; 14 mV/fC
    ),
    image=ImageFormat(
        name="sbnd-2018",
        width=2048,  # columns; paper 0
        rows=640,  # rows of each volume; paper 0: 1,280 in all
        ticks_per_row=4,  # ticks; paper 0
        first_columns=(31, 31, 191),  # column of wire 0; the sample's active columns
        threshold=5.0,  # image units; the sample's smallest value
    ),
)
"""SBND as in the public sample of paper 0 (LArSoft of 2018, full resolution 2048 x 1280)."""

SBND = Detector(
    name="sbnd",
    volumes=(
        DriftVolume(
            name="TPC0",
            low_cm=(-201.5, -200.0, 0.0),  # cm; gdml v02_06
            high_cm=(-0.45, 200.0, 500.0),  # cm; gdml v02_06
            drift=-1,  # towards smaller x; gdml v02_06
            anode_cm=-202.05,  # cm; gdml v02_06: collection plane
            plane_x_cm=(-201.45, -201.75, -202.05),  # cm; gdml v02_06
        ),
        DriftVolume(
            name="TPC1",
            low_cm=(0.45, -200.0, 0.0),  # cm; gdml v02_06
            high_cm=(201.5, 200.0, 500.0),  # cm; gdml v02_06
            drift=1,  # towards larger x; gdml v02_06
            anode_cm=202.05,  # cm; gdml v02_06: collection plane
            plane_x_cm=(201.75, 201.45, 202.05),  # cm; gdml v02_06, U and V swapped
        ),
    ),
    planes=(
        # first_wire_cm: as in 2018 with the outermost wire of each side gone, so 0.3 cm farther (gdml v02_06)
        WirePlane(name="U", wires=1984, angle_deg=60.0, pitch_cm=0.3, first_wire_cm=-172.52),
        WirePlane(name="V", wires=1984, angle_deg=-60.0, pitch_cm=0.3, first_wire_cm=-172.59),
        WirePlane(name="Y", wires=1664, angle_deg=0.0, pitch_cm=0.3, first_wire_cm=0.61),
    ),
    drift=Drift(
        velocity_cm_us=0.1563,  # cm/µs; WireCell
        field_kv_cm=0.5,  # kV/cm; fcl
        temperature_k=88.4,  # K; fcl
        lifetime_us=10000.0,  # µs; WireCell, 10 to 35 ms in the simulations
        longitudinal_cm2_s=4.0,  # cm²/s; WireCell
        transverse_cm2_s=8.8,  # cm²/s; WireCell
    ),
    readout=Readout(
        tick_us=0.5,  # µs; fcl
        ticks=3427,  # ticks; fcl
        trigger_tick=410.0,  # tick; fcl: tick 0 lies 205 µs before the trigger
    ),
    image=ImageFormat(
        name="sbnd",
        width=2048,  # columns; CosmicTagger
        rows=704,  # rows of each volume; CosmicTagger: 1,408 in all
        ticks_per_row=4,  # ticks; CosmicTagger
        first_tick=178.0,  # tick; CosmicTagger: 18.103 cm = 58 rows = 232 ticks before the trigger, cathode at row 704
        first_columns=(32, 32, 192),  # column of wire 0; CosmicTagger: origins of -9.6 and -57.6 cm
        threshold=5.0,  # image units; as in paper 0
        unit="cm",
    ),
)
"""SBND as it is now (geometry v02_06; images 2048 x 1408, cathode at row 704)."""


def stored_vertex_row(x: np.ndarray) -> np.ndarray:
    """Row at which the 2018 sample stores a true vertex, whatever its time.

    The product `cluster2d_sbndneutrino` ignores the time of the interaction
    and differs from the charge by up to five rows: never take it for a target
    below a centimetre.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Positions along the drift, in cm.

    Returns
    -------
    ndarray, shape (n,), float64
        Continuous rows.

    Examples
    --------
    >>> stored_vertex_row(np.array([-59.371384, 0.879671])).round(1)
    array([449.6, 640.3])
    """
    x = np.asarray(x, dtype=np.float64)
    return np.where(x < 0, 639.6, 637.5) + 3.2 * x  # rows, rows a cm; fit to five vertices on three planes
