"""Settings of the property tests here."""

from __future__ import annotations

from hypothesis import settings

# Machines that run several suites at once are slow now and then; time is no property under test.
settings.register_profile("argoscope", deadline=None)
settings.load_profile("argoscope")
