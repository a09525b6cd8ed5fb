"""The table notices when the physics is off: dE/dx, recombination, drift velocity, lifetime, diffusion, gain, cosmic rate.

Each parameter moves by 5 % both ways, or by twice the tolerance of its rows
where that is larger. At its nominal value the named rows pass; off it each of
them fails. They also have to follow the parameter with the power that physics
gives, so that the parameter is what its name says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from argoscope.simulation import cosmic_checks
from argoscope.simulation.check_rows import Row
from argoscope.simulation.loss_checks import loss_rows
from argoscope.simulation.response_checks import detector_rows
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.signal_checks import signal_rows


@dataclass(frozen=True)
class Moved:
    """A parameter, the rows that must notice it, and the power of it that they follow."""

    rows: Callable[[float], list[Row]]
    """Rows with the parameter at a multiple of its nominal value."""
    powers: dict[str, float]
    step: float = 0.05
    """How far it moves."""


def setting(name: str, nominal: float) -> Callable[[float], list[Row]]:
    """Rows with one setting of the detectors at a multiple of a detector's value."""
    return lambda factor: detector_rows([f"{name}={nominal * factor!r}"])


PARAMETERS = {
    "dE/dx": Moved(
        lambda factor: loss_rows(TransportSettings(dedx_scale=factor), quick=True),
        {
            "muon mean dE/dx, 266 MeV [MeV cm²/g]": 1.0,
            "proton mean dE/dx, 100 MeV [MeV cm²/g]": 1.0,
            "muon range from 1.2 MeV, 300 MeV [cm]": -1.0,
            "mean dE/dx below 0.1 MeV, 3 mm, 270 MeV muon [MeV/cm]": 1.0,
            "most probable dE/dx, 3 mm, 270 MeV muon [MeV/cm]": 1.0,
            "median path to rest, -13, 100 MeV [cm]": -1.0,
        },
    ),
    "recombination": Moved(
        setting("recombination_scale", 1.0),
        {
            "electrons of a minimum-ionizing track, microboone, mean": 1.0,
            "electrons of a minimum-ionizing track, sbnd, mean": 1.0,
            "sbnd: image units of a minimum-ionizing track on a wire, most probable": 1.0,
        },
    ),
    "drift velocity": Moved(
        lambda factor: detector_rows(velocity_factor=factor),
        {
            f"{name}: {quantity}": power
            for name in ("microboone", "sbnd-2018", "sbnd", "icarus")
            for quantity, power in (
                ("drift velocity, mm/us", 1.0),
                ("drift time from the cathode, us", -1.0),
                ("time width from the cathode, us", -1.5),
            )
        },
    ),
    # The share is exp(-t / lifetime): of power t / lifetime about the nominal value.
    "lifetime, MicroBooNE": Moved(
        setting("lifetime_us", 8000.0), {"microboone: share of electrons from the cathode": 2320.6 / 8000}
    ),
    "lifetime, SBND": Moved(
        setting("lifetime_us", 10000.0), {"sbnd: share of electrons from the cathode": 1289.8 / 10000}
    ),
    "longitudinal diffusion, MicroBooNE": Moved(
        setting("longitudinal_cm2_s", 6.4), {"microboone: time width from the cathode, us": 0.5}
    ),
    "longitudinal diffusion, SBND": Moved(
        setting("longitudinal_cm2_s", 4.0), {"sbnd: time width from the cathode, us": 0.5}
    ),
    "transverse diffusion, MicroBooNE": Moved(
        setting("transverse_cm2_s", 9.8), {"microboone: width across the drift from the cathode, mm": 0.5}
    ),
    "transverse diffusion, SBND": Moved(
        setting("transverse_cm2_s", 8.8), {"sbnd: width across the drift from the cathode, mm": 0.5}
    ),
    "gain": Moved(
        setting("response_gain", 1.0),
        {
            f"{name}: image units of a minimum-ionizing track on a wire, most probable": 1.0
            for name in ("microboone", "sbnd")
        },
    ),
    # Twice the tolerance of 10 % that the sample's kernels are known to.
    "gain, SBND of 2018": Moved(
        lambda factor: signal_rows(quick=True, changes=[f"response_gain={factor!r}"]),
        {f"charge per MeV at row offset +0, plane {plane} TPC1": 1.0 for plane in range(3)},
        step=0.20,
    ),
    "cosmic rate": Moved(
        lambda factor: cosmic_checks.rows(quick=True, rate_factor=factor),
        {
            f"cosmics, {name}: {quantity}": 1.0
            for name in ("guan, microboone", "guan, sbnd-2018", "reyna, microboone", "reyna, sbnd-2018")
            for quantity in ("rate [kHz]", "muons in image and drift")
        },
    ),
}


def failed(rows: dict[str, Row]) -> set[str]:
    return {quantity for quantity, row in rows.items() if not row["ok"]}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_moved_parameter_fails_its_rows(name: str) -> None:
    moved = PARAMETERS[name]
    low, nominal, high = (
        {row["quantity"]: row for row in moved.rows(factor) if row["quantity"] in moved.powers}
        for factor in (1.0 - moved.step, 1.0, 1.0 + moved.step)
    )
    assert set(nominal) == set(moved.powers)
    assert not failed(nominal)
    assert failed(low) == failed(high) == set(moved.powers)
    if moved.step > 0.05:
        tolerance = max(row["tolerance"] / row["reference"] for row in nominal.values())
        assert moved.step == pytest.approx(2 * tolerance)
    lever = np.log((1.0 + moved.step) / (1.0 - moved.step))
    for quantity, power in moved.powers.items():
        found = np.log(high[quantity]["value"] / low[quantity]["value"]) / lever
        # Rows that are drawn are known to a third of 2 %, over a lever of 10 %.
        assert found == pytest.approx(power, abs=0.15), quantity
