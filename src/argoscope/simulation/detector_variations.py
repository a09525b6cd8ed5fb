"""The eight variations of the detector that paper 3 looks at, as `--vary` takes them.

References
----------
Paper 3: arXiv:2012.08513, sections III C and V C.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EIGHT_VARIATIONS"]

EIGHT_VARIATIONS: Mapping[str, tuple[str, ...]] = {
    "electric field": ("field_kv_cm=0.26",),
    "space charge": ("space_charge=1",),
    "wire response": ("response_width=1.1", "response_gain=0.95"),
    "recombination": ("recombination_scale=0.95",),
    "electron lifetime": ("lifetime_us=3000",),
    "diffusion": ("longitudinal_cm2_s=8", "transverse_cm2_s=12"),
    "noise": ("noise_scale=1.5",),
    "dead wires": ("dead_fraction=0.2",),
}
"""The paper names the first three; the others are those that MicroBooNE is known to vary, and the sizes are ours [E]."""
