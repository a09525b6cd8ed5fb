"""The energy that a charged particle leaves along a step, in three layers.

    above electron_cut        knock-ons, tracked as particles elsewhere
    soft_cut to electron_cut  compound Poisson: each knock-on is drawn, none is tracked
    below soft_cut            a gamma law of the right mean and variance

Without the middle layer the most probable loss of 3 mm comes out 5 % too high.
"""

# Kernels take their arguments by position.
# ruff: noqa: PLR0917

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.argon import ELECTRON_MASS
from argoscope.simulation.compile import compiled
from argoscope.simulation.random_numbers import gamma, poisson, uniform

__all__ = ["heavy_step_loss", "light_step_loss", "soft_loss"]


@compiled
def soft_loss(state: np.ndarray, mean: float, variance: float) -> float:
    """Energy of a step's many small collisions: gamma with a given mean and variance."""
    if mean <= 0.0:
        return 0.0
    scale = variance / mean
    if scale <= 1e-9 * mean:
        return mean
    return scale * gamma(state, mean / scale)


@compiled
def heavy_step_loss(
    state: np.ndarray,
    mean: float,
    loss: float,
    rate: float,
    medium: float,
    variance: float,
    low: float,
    high: float,
    slope: float,
) -> float:
    """Energy left by a heavy particle along a step.

    Parameters
    ----------
    state : ndarray, shape (4,), uint64
    mean : float
        Mean loss of the step below electron_cut, MeV.
    loss, rate, medium, variance : float
        Columns LOSS, MEDIUM_RATE, MEDIUM_LOSS and SOFT_VARIANCE, per cm.
    low, high : float
        Bounds of the middle layer, MeV.
    slope : float
        beta² over the largest transfer, 1/MeV: a knock-on T is kept with 1 - slope T.
    """
    length = mean / loss
    energy = soft_loss(state, mean - medium * length, variance * length)
    for _ in range(poisson(state, rate * length)):
        transfer = low * high / (high - uniform(state) * (high - low))
        if uniform(state) < 1.0 - slope * transfer:
            energy += transfer
    return energy


@compiled
def moller_bracket(e: float, gamma_factor: float) -> float:
    """e² times Møller's bracket; 1 at e = 0."""
    c1 = ((gamma_factor - 1.0) / gamma_factor) ** 2
    c2 = (2.0 * gamma_factor - 1.0) / gamma_factor**2
    rest = e / (1.0 - e)
    return 1.0 + rest * rest + c1 * e * e - c2 * rest


@compiled
def bhabha_bracket(e: float, gamma_factor: float) -> float:
    """beta² e² times Bhabha's bracket; at most 1."""
    beta2 = 1.0 - 1.0 / gamma_factor**2
    y = 1.0 / (gamma_factor + 1.0)
    x = 1.0 - 2.0 * y
    b4 = x * x * x
    return 1.0 + beta2 * e * (-(2.0 - y * y) + e * (x * (3.0 + y * y) - e * (x * x + b4) + e * e * b4))


@compiled
def knock_on(state: np.ndarray, kinetic: float, low: float, high: float, positron: bool) -> float:
    """Energy of one knock-on of an electron or positron between two bounds, MeV."""
    gamma_factor = 1.0 + kinetic / ELECTRON_MASS
    bound = 1.0 if positron else max(1.0, moller_bracket(high / kinetic, gamma_factor))
    while True:
        transfer = low * high / (high - uniform(state) * (high - low))
        e = transfer / kinetic
        shape = bhabha_bracket(e, gamma_factor) if positron else moller_bracket(e, gamma_factor)
        if bound * uniform(state) < shape:
            return transfer


@compiled
def light_step_loss(
    state: np.ndarray,
    mean: float,
    loss: float,
    rate: float,
    medium: float,
    variance: float,
    low: float,
    high: float,
    kinetic: float,
    positron: bool,
) -> float:
    """Energy left by an electron or positron along a step; see `heavy_step_loss`.

    Parameters
    ----------
    state : ndarray, shape (4,), uint64
    mean : float
        Mean loss of the step, hard collisions and photons apart, MeV.
    loss, rate, medium, variance : float
        Columns LOSS, MEDIUM_RATE, MEDIUM_LOSS and SOFT_VARIANCE, per cm.
    low, high : float
        Bounds of the middle layer, MeV.
    kinetic : float
        Kinetic energy, MeV.
    positron : bool
    """
    length = mean / loss
    energy = soft_loss(state, mean - medium * length, variance * length)
    count = poisson(state, rate * length)
    if count > 0:
        gamma_factor = 1.0 + kinetic / ELECTRON_MASS
        bound = 1.0 if positron else max(1.0, moller_bracket(high / kinetic, gamma_factor))
        for _ in range(count):
            transfer = low * high / (high - uniform(state) * (high - low))
            e = transfer / kinetic
            shape = bhabha_bracket(e, gamma_factor) if positron else moller_bracket(e, gamma_factor)
            if bound * uniform(state) < shape:
                energy += transfer
    return energy


@compiled
def scattering_cosine(variance: float, uniform_number: float) -> float:
    """Cosine of a space angle whose projections have a variance; never below -1."""
    return max(-1.0, 1.0 + variance * math.log(uniform_number))
