"""Unit directions: isotropic, with flat polar angle, downward, inward through a face."""

from __future__ import annotations

from typing import Literal

import numpy as np

from argoscope.errors import require_known

__all__ = ["DirectionLaw", "directions", "downward", "from_zenith", "isotropic", "perpendicular"]

DirectionLaw = Literal["isotropic", "flat_theta"]
"""How directions are drawn: evenly over the sphere, or with an even polar angle about the beam."""


def _from_polar(cosine: np.ndarray, azimuth: np.ndarray) -> np.ndarray:
    """Unit vectors from the cosine of the angle to z and the angle about it."""
    sine = np.sqrt(np.maximum(1 - cosine**2, 0.0))
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)


def isotropic(count: int, rng: np.random.Generator) -> np.ndarray:
    """Directions spread evenly over the sphere.

    Returns
    -------
    ndarray, shape (count, 3), float64
    """
    return _from_polar(2 * rng.random(count) - 1, 2 * np.pi * rng.random(count))


def directions(law: DirectionLaw, count: int, rng: np.random.Generator) -> np.ndarray:
    """Directions after a law by name.

    `flat_theta` is what the public multi-particle generators draw: a polar
    angle even in [0, pi], which crowds the poles. It is there to reproduce them.

    Parameters
    ----------
    law : {"isotropic", "flat_theta"}
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (count, 3), float64

    Raises
    ------
    InvalidArgument
        If there is no such law.

    Examples
    --------
    >>> directions("isotropic", 2, np.random.default_rng(1)).shape
    (2, 3)
    """
    require_known(law, ("isotropic", "flat_theta"), "there is no law of directions")
    if law == "isotropic":
        return isotropic(count, rng)
    return _from_polar(np.cos(np.pi * rng.random(count)), 2 * np.pi * rng.random(count))


def from_zenith(cosine: np.ndarray, azimuth: np.ndarray) -> np.ndarray:
    """Directions of particles that come from a zenith angle; y is up, so they fall towards -y.

    Parameters
    ----------
    cosine, azimuth : ndarray, shape (n,), float
        Cosine of the zenith angle; azimuth in radian.

    Returns
    -------
    ndarray, shape (n, 3), float64

    Examples
    --------
    >>> from_zenith(np.array([1.0]), np.array([0.0]))
    array([[ 0., -1.,  0.]])
    """
    sine = np.sqrt(np.maximum(1 - cosine**2, 0.0))
    return np.stack([sine * np.cos(azimuth), -cosine, sine * np.sin(azimuth)], axis=1)


def downward(count: int, rng: np.random.Generator) -> np.ndarray:
    """Directions through a sphere with an intensity as cos² of the zenith angle.

    Per solid angle, so the cosine has the density 3c²: its cube is even.

    Returns
    -------
    ndarray, shape (count, 3), float64
    """
    return from_zenith(np.cbrt(rng.random(count)), 2 * np.pi * rng.random(count))


def perpendicular(axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors that complete each axis to an orthonormal basis.

    Parameters
    ----------
    axes : ndarray, shape (n, 3), float
        Unit vectors.

    Returns
    -------
    one, other : ndarray, shape (n, 3), float64
    """
    # The coordinate axis along which the vector is shortest is never parallel to it.
    helper = np.eye(3)[np.abs(axes).argmin(axis=1)]
    one = np.cross(axes, helper)
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    return one, np.cross(axes, one)
