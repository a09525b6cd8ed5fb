"""The spectrum of Michel electrons: its endpoint, and the energy found beside the true one.

A muon at rest gives an electron x times the endpoint E0 with the density

    f(x) = 2 x^2 (3 - 2 x),   0 < x < 1

Only its own ionization is clustered; what it radiates is not. The share that
is kept is modelled as z with density a z^(a - 1), of which the mean is
a / (a + 1), so that y = z x has

    g(y) = a y^(a - 1) [6 x^(3 - a) / (3 - a) - 4 x^(4 - a) / (4 - a)] from x = y to 1

and the resolution as a Gaussian of relative width s. Some energies are not of
one electron (two joined, a piece of a muon): a share f of them, spread evenly
from the least to the largest energy; without it the resolution would widen
until it reaches them, and the endpoint give way. E0, a, s and f are fitted to
the energies above a least one by maximum likelihood; intervals come from the
curvature of the likelihood at its top. Charge bound to argon nuclei (capture,
a spectrum slightly harder for negative muons) is left out.

References
----------
Muon decay: Particle Data Group, Review of Particle Physics (2024), "Muon decay parameters", with rho = 3/4.
Endpoint (m_mu^2 + m_e^2) / (2 m_mu) = 52.83 MeV of the total energy, 52.32 MeV of the kinetic.
MicroBooNE, JINST 12 P09014 (2017), arXiv:1704.02927: ionization and radiated photons of Michel electrons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from argoscope.analyses.statistics import Estimate, bootstrap

__all__ = ["ENDPOINT_MEV", "LEAST_MEV", "SpectrumFit", "energy_scale", "fit_endpoint", "spectrum_density"]

ENDPOINT_MEV = 52.32
"""Largest kinetic energy of the electron of a muon at rest, in MeV: (m_mu - m_e)^2 / (2 m_mu) with 105.658 and 0.511 MeV."""
LEAST_MEV = 10.0
"""Energies below are left out of the fit, in MeV: there small clusters are missed [E]."""
LEAST_ENTRIES = 50
"""Fewer energies are not fitted [E]: four parameters mean nothing on less."""
STEPS = 200
"""Points along y on which the density is smeared."""
SIGMAS = 4.0
"""Reach of the smearing."""
POLE = 1e-6
"""So near to a = 3 and 4, where a power becomes a logarithm, a is moved by as much: far less than any resolution."""
_START = np.array([*np.log([50.0, 5.0, 0.05]), -4.0])
"""Logarithms of E0, a, s, and the logit of f."""
_SIDE = 0.2
"""Of the simplex with which a search for the best parameters begins, and begins again."""
_SEARCHES = 10
"""At most: two are enough where the likelihood has one top."""


@dataclass(frozen=True)
class SpectrumFit:
    """The fitted spectrum.

    Parameters
    ----------
    endpoint : Estimate
        E0, in MeV.
    kept : Estimate
        Mean share of the energy that is in the electron's own ionization, a / (a + 1).
    resolution : Estimate
        s, relative.
    stray : Estimate
        f.
    entries : int
        Energies that were fitted.
    """

    endpoint: Estimate
    kept: Estimate
    resolution: Estimate
    stray: Estimate
    entries: int

    def to_json(self) -> dict[str, Any]:
        """Numbers by name."""
        names = ("endpoint", "kept", "resolution", "stray")
        return {**{name: getattr(self, name).to_json() for name in names}, "entries": self.entries}


def spectrum_density(
    energies: np.ndarray, endpoint: float, loss: float, resolution: float, *, least: float = 0.0
) -> np.ndarray:
    """Density of the ionization energy, in 1/MeV, above a least energy.

    Parameters
    ----------
    energies : ndarray, shape (n,)
        In MeV.
    endpoint : float
        E0, in MeV.
    loss : float
        a; the larger, the less is radiated.
    resolution : float
        s.
    least : float
        In MeV; the density is 0 below and integrates to 1 above.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    Without loss or smearing it is the spectrum of muon decay, 2 / E0 at its end:

    >>> round(float(spectrum_density(np.array([49.5]), 50.0, 1e4, 1e-4)[0]) * 50, 2)
    2.0
    """
    step = (1.02 + SIGMAS * resolution) / STEPS  # some steps beyond the end
    y = (np.arange(STEPS) + 0.5) * step
    plain = _unsmeared(y, loss)
    width = np.maximum(resolution * y, step / 3)
    smear = np.exp(-0.5 * ((y[:, None] - y) / width) ** 2)
    smear /= smear.sum(axis=0)
    density = smear @ plain
    # The part of a step above the least energy counts: the likelihood has no jumps along the endpoint.
    below = np.append(0.0, np.cumsum(density) * step)
    norm = (below[-1] - np.interp(least / endpoint, np.arange(STEPS + 1) * step, below)) * endpoint
    if norm <= 0:  # the endpoint lies below
        return np.zeros(len(energies))
    found = np.interp(energies / endpoint, y, density, right=0.0) / norm
    return np.where(energies >= least, found, 0.0)


def _unsmeared(y: np.ndarray, loss: float) -> np.ndarray:
    """g(y); 0 above 1."""
    inside = np.clip(y, 1e-9, 1.0)
    loss += POLE if min(abs(loss - 3.0), abs(loss - 4.0)) < POLE else 0.0
    first, second = 3.0 - loss, 4.0 - loss
    # y^(a - 1) is drawn into the bracket, so that nothing overflows.
    bracket = 6 / first * (inside ** (loss - 1) - inside**2) - 4 / second * (inside ** (loss - 1) - inside**3)
    return np.where(y < 1, np.maximum(loss * bracket, 0.0), 0.0)


def fit_endpoint(energies: np.ndarray, *, least: float = LEAST_MEV) -> SpectrumFit | None:
    """Fit the spectrum of some energies.

    Parameters
    ----------
    energies : ndarray, shape (n,)
        In MeV.
    least : float
        Energies below are left out.

    Returns
    -------
    SpectrumFit or None
        None for less than `LEAST_ENTRIES` energies.
    """
    used = energies[energies >= least]
    if len(used) < LEAST_ENTRIES:
        return None

    wide = max(float(used.max()) - least, 1.0)

    def surprise(place: np.ndarray) -> float:
        stray = _share(place[3])
        density = (1 - stray) * spectrum_density(used, *np.exp(place[:3]), least=least) + stray / wide
        return float(-np.log(density).sum())

    best = _lowest(surprise, _START)
    spread = _spread(surprise, best)
    endpoint, loss, resolution, stray = np.stack([best, best - spread, best + spread], axis=1)
    return SpectrumFit(
        endpoint=Estimate(*map(float, np.exp(endpoint))),
        kept=Estimate(*map(float, _share(loss))),
        resolution=Estimate(*map(float, np.exp(resolution))),
        stray=Estimate(*map(float, _share(stray))),
        entries=len(used),
    )


def _share(logit: Any) -> Any:
    """From the real line to a share; of the logarithm of a the mean share a / (a + 1) that is kept."""
    return 1 / (1 + np.exp(-logit))


def _lowest(function: Callable[[np.ndarray], float], start: np.ndarray) -> np.ndarray:
    """Place of the minimum: searches with a simplex, each from where the last one ended, until one finds nothing better."""
    place, least = start, np.inf
    for _ in range(_SEARCHES):
        simplex = np.vstack([place, place + _SIDE * np.eye(len(place))])
        options = {"xatol": 1e-4, "fatol": 1e-3, "maxiter": 1000, "initial_simplex": simplex}
        found = minimize(function, place, method="Nelder-Mead", options=options)
        place, before, least = found.x, least, float(found.fun)
        if before - least < 0.01:
            break
    return place


def _spread(surprise: Any, top: np.ndarray, step: float = 0.02) -> np.ndarray:
    """Standard deviations of the parameters from the second derivatives at the top; not a number where there is none."""
    count = len(top)
    steps = np.eye(count) * step
    curve = np.empty((count, count))
    for i in range(count):
        for j in range(count):
            pairs = ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
            curve[i, j] = sum(s * surprise(top + a * steps[i] + b * steps[j]) for a, b, s in pairs)
    curve /= 4 * step**2
    try:
        variance = np.diag(np.linalg.inv(curve))
    except np.linalg.LinAlgError:
        return np.full(count, np.nan)
    return np.sqrt(np.where(variance > 0, variance, np.nan))


def energy_scale(found: np.ndarray, true: np.ndarray, event: np.ndarray) -> tuple[Estimate, Estimate]:
    """Median of the found over the true energies, and the half width of the middle 68.3 % of it.

    Parameters
    ----------
    found, true : ndarray, shape (n,)
        Energies of matched candidates and of their true clusters.
    event : ndarray, shape (n,)
        Number of the event of each; events are resampled.

    Examples
    --------
    >>> scale, width = energy_scale(np.array([1.1, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]), np.arange(3))
    >>> scale.value
    1.0
    """
    ratio = found / true
    order = np.argsort(ratio)
    _, which = np.unique(event, return_inverse=True)
    ranked, owner = ratio[order], which[order]

    def of(times: np.ndarray) -> np.ndarray:
        weight = np.cumsum(times[:, owner], axis=1)
        return np.array([_quantiles(ranked, row) for row in weight])

    scale, width = bootstrap(of, int(which.max(initial=-1)) + 1)
    return scale, width


def _quantiles(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Median and half the middle 68.3 % of rising values with a running weight."""
    if not len(values) or weight[-1] == 0:
        return np.nan, np.nan
    low, middle, high = np.interp(np.array([0.15865, 0.5, 0.84135]) * weight[-1], weight - 0.5, values)
    return float(middle), float((high - low) / 2)
