"""Drift velocity of electrons in liquid argon.

The parametrization of Walkowiak with the parameters that ICARUS and LArSoft use,

    v = (P1 (T - T0) + 1) (P3 E ln(1 + P4 / E) + P5 E^P6) + P2 (T - T0)

in mm/µs with E in kV/cm and T in K. MicroBooNE's measured velocity is lower by
`MICROBOONE_VELOCITY_SCALE` at its own field.

References
----------
W. Walkowiak, Nucl. Instrum. Meth. A 449 (2000) 288; S. Amoruso et al. (ICARUS),
Nucl. Instrum. Meth. A 516 (2004) 68; LArSoft `DetectorPropertiesStandard::DriftVelocity`.
"""

from __future__ import annotations

import math

from argoscope.errors import InvalidArgument
from argoscope.units import MM

__all__ = ["FIELD_RANGE_KV_CM", "MICROBOONE_VELOCITY_SCALE", "drift_velocity"]

P1 = -0.04640  # 1/K; Walkowiak
P2 = 0.01712  # mm/µs/K; Walkowiak
P3 = 1.88125  # mm/µs per kV/cm; Walkowiak
P4 = 0.99408  # kV/cm; Walkowiak
P5 = 0.01172  # mm/µs per (kV/cm)^P6; Walkowiak
P6 = 4.20214  # none; Walkowiak
T0_K = 105.749  # K; Walkowiak

FIELD_RANGE_KV_CM = (0.09, 0.62)  # kV/cm; where LArSoft holds these parameters valid
TEMPERATURE_RANGE_K = (83.8, 100.0)  # K; argon's triple point, and a margin over its boiling point (87.3)
MICROBOONE_VELOCITY_SCALE = 0.98327  # none; LArSoft's correction for MicroBooNE: 1.1166 to 1.098 mm/µs


def drift_velocity(field_kv_cm: float, temperature_k: float) -> float:
    """Drift velocity at a field and temperature.

    Parameters
    ----------
    field_kv_cm : float
        Electric field, in kV/cm, from 0.09 to 0.62.
    temperature_k : float
        Temperature, in K, from 83.8 to 100.

    Returns
    -------
    float
        In cm/µs.

    Raises
    ------
    InvalidArgument
        If field or temperature lies outside the range of the parametrization.

    Examples
    --------
    >>> round(drift_velocity(0.5, 88.4), 4)
    0.1563
    """
    for name, value, (low, high) in (
        ("field_kv_cm", field_kv_cm, FIELD_RANGE_KV_CM),
        ("temperature_k", temperature_k, TEMPERATURE_RANGE_K),
    ):
        if not low <= value <= high:
            raise InvalidArgument(
                f"{name} (={value}) must lie between {low} and {high}, where the formula of the drift velocity is known "
                "to hold; for other conditions write a detector file with its own field and velocity under `drift`"
            )
    shift = temperature_k - T0_K
    by_field = P3 * field_kv_cm * math.log(1 + P4 / field_kv_cm) + P5 * field_kv_cm**P6
    return ((P1 * shift + 1) * by_field + P2 * shift) * MM
