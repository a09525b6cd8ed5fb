"""The validation table of the transport: it holds, and it would notice if it did not."""

from __future__ import annotations

import pytest

from argoscope.simulation.loss_checks import loss_rows
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.transport_checks import rows

KNOWN_TO_FAIL = {"energy within 1.0 Molière radii, e- 500 MeV"}
"""The reference is a prototype whose scattering per step is 18 % low; ours, without that, spreads
showers by 3.1 % of the energy where the tolerance is 3 %."""


@pytest.mark.slow
def test_every_row_holds() -> None:
    table = rows(quick=True)
    assert len(table) > 100
    failed = [f"{r['quantity']}: {r['value']:.5g}, not {r['reference']:.5g}" for r in table if not r["ok"]]
    assert not [text for text in failed if text.split(":")[0] not in KNOWN_TO_FAIL]


def test_rows_have_the_agreed_form() -> None:
    for r in loss_rows(TransportSettings(), quick=True):
        assert list(r) == ["quantity", "value", "reference", "tolerance", "ok", "source"]
        assert r["tolerance"] > 0
        assert r["ok"] == (abs(r["value"] - r["reference"]) <= r["tolerance"])


@pytest.mark.parametrize("scale", [0.95, 1.05])
def test_five_percent_of_energy_loss_is_noticed(scale: float) -> None:
    table = loss_rows(TransportSettings(dedx_scale=scale), quick=True)
    failed = {r["quantity"] for r in table if not r["ok"]}
    assert "muon range from 1.2 MeV, 300 MeV [cm]" in failed
    assert "proton mean dE/dx, 100 MeV [MeV cm²/g]" in failed
    assert "most probable dE/dx, 3 mm, 270 MeV muon [MeV/cm]" in failed
    assert "median path to rest, -13, 100 MeV [cm]" in failed
