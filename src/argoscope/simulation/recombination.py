"""Recombination: the share of the ionization electrons that escapes its own ions.

With E the field, rho the density and dE/dx the energy left per length,

    modified Box    R = ln(alpha + xi) / xi             xi = beta dE/dx / (rho E)
    Birks           R = A / (1 + k dE/dx / (rho E))
    EMB             R as modified Box, beta -> beta90 / sqrt(sin² phi + cos² phi / R²)

where phi is the angle between the track and the field. Electrons before the
drift are ``dE / W * R``. The modified Box turns over below 1 MeV/cm, outside
the range of its fit; as in LArSoft, dE/dx is raised to a floor first, and how
often that happened is counted. Nothing else is clamped.

References
----------
Modified Box: ArgoNeuT, JINST 8 P08005 (2013), arXiv:1306.1712.
Birks: ICARUS, Nucl. Instrum. Meth. A 523 (2004) 275.
EMB: ICARUS, JINST 20 P01033 (2025), arXiv:2407.12969.
W: Miyajima et al., Phys. Rev. A 9 (1974) 1438.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from argoscope.errors import InvalidArgument, require_known
from argoscope.simulation.argon import DENSITY

__all__ = [
    "MODELS",
    "WORK_FUNCTION",
    "Ionization",
    "Model",
    "birks",
    "emb",
    "ionize",
    "modified_box",
    "survival",
]

WORK_FUNCTION = 23.6e-6  # MeV per electron-ion pair, Miyajima 1974

BOX_ALPHA = 0.93  # none, ArgoNeuT 2013
BOX_BETA = 0.212  # (kV/cm)(g/cm²)/MeV, ArgoNeuT 2013
BIRKS_A = 0.800  # none, ICARUS 2004
BIRKS_K = 0.0486  # (kV/cm)(g/cm²)/MeV, ICARUS 2004
EMB_ALPHA = 0.904  # none, ICARUS 2025
EMB_BETA90 = 0.204  # (kV/cm)(g/cm²)/MeV, ICARUS 2025
EMB_RATIO = 1.25  # none, ICARUS 2025: anisotropy of the ionization column

Model = Literal["modified-box", "birks", "emb"]
"""The models of recombination."""


def modified_box(dedx: np.ndarray, field: np.ndarray, cosine: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Surviving share in the modified Box model; the angle does not matter.

    Parameters
    ----------
    dedx : ndarray, shape (n,)
        Energy left per length, in MeV/cm.
    field : ndarray, shape (n,) or ()
        Electric field, in kV/cm.
    cosine : ndarray, shape (n,) or ()
        Cosine between the track and the field.

    Examples
    --------
    >>> modified_box(np.array([2.1, 20.0]), np.array(0.5), np.array(0.0)).round(3).tolist()
    [0.705, 0.32]
    """
    xi = BOX_BETA * dedx / (DENSITY * field)
    return np.asarray(np.log(BOX_ALPHA + xi) / xi)


def birks(dedx: np.ndarray, field: np.ndarray, cosine: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Surviving share in Birks' model; arguments as those of `modified_box`.

    Examples
    --------
    >>> birks(np.array([2.1, 20.0]), np.array(0.5), np.array(0.0)).round(3).tolist()
    [0.698, 0.334]
    """
    return np.asarray(BIRKS_A / (1.0 + BIRKS_K * dedx / (DENSITY * field)))


def emb(dedx: np.ndarray, field: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Surviving share in the ellipsoid modified Box model; arguments as those of `modified_box`.

    Examples
    --------
    Least for a track along the field:

    >>> emb(np.array([5.0, 5.0]), np.array(0.5), np.array([0.0, 1.0])).round(3).tolist()
    [0.589, 0.55]
    """
    cosine2 = np.square(cosine)
    beta = EMB_BETA90 / np.sqrt(1.0 - cosine2 + cosine2 / EMB_RATIO**2)
    xi = beta * dedx / (DENSITY * field)
    return np.asarray(np.log(EMB_ALPHA + xi) / xi)


MODELS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "modified-box": modified_box,
    "birks": birks,
    "emb": emb,
}
"""Every model by its name."""


def survival(
    dedx: np.ndarray,
    field: float | np.ndarray,
    cosine: float | np.ndarray = 0.0,
    model: Model = "modified-box",
) -> np.ndarray:
    """Share of the electrons that escapes recombination, in one of the models.

    Parameters
    ----------
    dedx : ndarray, shape (n,)
        Energy left per length, in MeV/cm; positive.
    field : float or ndarray, shape (n,)
        Electric field, in kV/cm; positive.
    cosine : float or ndarray, shape (n,)
        Cosine between the track and the field; only "emb" uses it.
    model : {"modified-box", "birks", "emb"}

    Returns
    -------
    ndarray, shape (n,), float64

    Raises
    ------
    InvalidArgument
        If the model is unknown, or a field or dE/dx is not positive.

    Examples
    --------
    >>> survival(np.array([2.1]), 0.2739).round(3).tolist()
    [0.635]
    """
    require_known(model, MODELS, "there is no recombination model")
    dedx, field = np.asarray(dedx, dtype=np.float64), np.asarray(field, dtype=np.float64)
    if not (field > 0).all():
        raise InvalidArgument(f"field (={field.min()} kV/cm) must be positive: without it no charge drifts")
    if not (dedx > 0).all():
        raise InvalidArgument(f"dedx must be positive; its smallest is {dedx.min()} MeV/cm")
    return MODELS[model](dedx, field, np.asarray(cosine, dtype=np.float64))


class Ionization(NamedTuple):
    """Electrons that start to drift."""

    electrons: np.ndarray
    """Number from each deposit, shape (n,), float64; not rounded."""
    floored: int
    """Deposits whose dE/dx was raised to the floor."""


def ionize(
    energy: np.ndarray,
    length: np.ndarray,
    cosine: np.ndarray,
    field: float | np.ndarray,
    *,
    model: Model = "modified-box",
    scale: float = 1.0,
    dedx_floor: float = 1.0,
    point_dedx: float = 15.0,
) -> Ionization:
    """Electrons freed by deposits, after recombination.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        Energy of each deposit, in MeV.
    length : ndarray, shape (n,)
        Length of each deposit, in cm; 0 for a point.
    cosine : ndarray, shape (n,)
        Cosine between the deposit and the field.
    field : float or ndarray, shape (n,)
        Electric field, in kV/cm.
    model : {"modified-box", "birks", "emb"}
    scale : float
        Multiplies the surviving share.
    dedx_floor : float
        dE/dx below it is taken as this, in MeV/cm; 0 switches it off.
    point_dedx : float
        dE/dx of deposits without length, in MeV/cm.

    Returns
    -------
    Ionization

    Raises
    ------
    InvalidArgument
        If an energy or length is negative or not a number; the message names the first row.

    Examples
    --------
    A 3 mm piece of a minimum-ionizing track in 0.5 kV/cm:

    >>> ionize(np.array([0.63]), np.array([0.3]), np.array([0.0]), 0.5).electrons.round(-1).tolist()
    [18820.0]
    """
    for name, values in (("energy", energy), ("length", length), ("drift_cosine", cosine)):
        bad = ~np.isfinite(values) | (
            (values < 0) if name != "drift_cosine" else (np.abs(values) > 1.0 + 1e-6)
        )
        if bad.any():
            row = int(bad.argmax())
            raise InvalidArgument(
                f"{name} of deposit {row} is {values[row]}; deposits need finite energies and lengths from 0 and "
                "cosines within -1 and 1: look at the transport that made them, or leave such rows out"
            )
    point = length == 0
    dedx = np.divide(energy, length, out=np.full(len(energy), point_dedx), where=~point)
    low = (dedx < dedx_floor) & (energy > 0)
    dedx = np.where(energy > 0, np.maximum(dedx, dedx_floor), max(dedx_floor, 1.0))
    share = survival(dedx, field, cosine, model)
    return Ionization(energy / WORK_FUNCTION * share * scale, int(low.sum()))
