"""The validation table of the transport: every row of ranges, losses, showers, decays.

Statistics are such that the statistical error of a row is at most a third of
its tolerance; `quick` takes a quarter of them. Seeds are fixed: the same
version gives the same table.
"""

from __future__ import annotations

from argoscope.simulation.check_rows import Row
from argoscope.simulation.loss_checks import loss_rows
from argoscope.simulation.particle_checks import particle_rows
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.shower_checks import shower_rows

__all__ = ["rows"]


def rows(*, quick: bool = False, settings: TransportSettings | None = None) -> list[Row]:
    """Compare the transport with its references.

    Parameters
    ----------
    quick : bool
        A quarter of the statistics.
    settings : TransportSettings, optional
        Other settings: a table that moves dE/dx by 5 % must fail rows.

    Returns
    -------
    list of Row
        See `argoscope.simulation.check_rows`.
    """
    settings = settings or TransportSettings()
    return [
        *loss_rows(settings, quick=quick),
        *shower_rows(settings, quick=quick),
        *particle_rows(settings, quick=quick),
    ]
