"""Settings of the detector response: every number that `--vary` can change, in one place.

`argoscope.simulation.response_presets` has the values of each detector. The
eight variations of paper 3 (arXiv:2012.08513) are these fields:

===================  ====================================================================
electric field       field_kv_cm
space charge         space_charge
wire response        response_width, response_gain, response_angle
recombination        recombination, recombination_scale
lifetime             lifetime_us
diffusion            longitudinal_cm2_s, transverse_cm2_s
noise                noise_scale
dead wires           dead_fraction, dead_map, weak_wires
===================  ====================================================================

Besides: plane_gains, threshold, shift_wires, shift_rows. A variation never
touches the particles, and draws its noise so that pixels which no variation
concerns keep theirs bit for bit: see `argoscope.simulation.noise`.

Values marked [E] are engineering choices, not measurements.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from argoscope.errors import InvalidArgument
from argoscope.simulation.bounds import Limits, require_share, require_within
from argoscope.simulation.recombination import Model

__all__ = ["ResponseSettings"]

_LIMITS = {
    "field_kv_cm": Limits(0.001, 100.0),
    "lifetime_us": Limits(0.0, 1e15, above=True),
    "longitudinal_cm2_s": Limits(0.0, 100.0),
    "transverse_cm2_s": Limits(0.0, 100.0),
    "recombination_scale": Limits(0.0, 10.0, above=True),
    "dedx_floor_mev_cm": Limits(0.0, 100.0),
    "point_dedx_mev_cm": Limits(0.0, 1e4, above=True),
    "space_charge": Limits(0.0, 1000.0),
    "space_charge_transverse_cm": Limits(0.0, 1000.0),
    "space_charge_drift_cm": Limits(0.0, 1000.0),
    "space_charge_field": Limits(0.0, 1.0),
    "electrons_per_unit": Limits(1.0, 1e6),
    "time_kernels": Limits(-1e6, 1e6),
    "collection_peaks": Limits(-1e6, 1e6),
    "time_sigma_us": Limits(0.0, 100.0),
    "wire_sigma": Limits(0.0, 20.0),
    "response_width": Limits(0.0, 20.0, above=True),
    "response_gain": Limits(0.0, 1000.0, above=True),
    "response_angle": Limits(-10.0, 1.0),
    "plane_gains": Limits(0.0, 1000.0),
    "shift_wires": Limits(-10000.0, 10000.0),
    "shift_rows": Limits(-10000.0, 10000.0),
    "threshold": Limits(0.0, 1e6),
    "ceiling": Limits(0.0, math.inf, above=True),
    "noise_scale": Limits(0.0, 1000.0),
    "noise_sigma": Limits(0.0, 1e4),
    "noise_taps": Limits(-1e6, 1e6),
    "noise_slow_share": Limits(0.0, 1.0),
    "noise_slow_rows": Limits(0.0, 1e5, above=True),
    "roi_rows": Limits(1, 10000),
    "fake_roi_most": Limits(1, 10000),
    "fake_roi_density": Limits(0.0, 20000.0),
    "dead_fraction": Limits(0.0, 1.0),
    "artefact_sigma_us": Limits(0.0, 1e4, above=True),
    "artefact_threshold": Limits(0.0, 1e6),
}
MOST_TAPS = 1001
"""Numbers in a filter or kernel."""
KINDS_OF_PLANE = 3
"""First induction, second induction, collection."""


@dataclass(frozen=True, kw_only=True)
class ResponseSettings:
    """From deposits to images. The defaults are those of SBND now; `settings_for` gives a detector's.

    Triples hold the first induction, the second induction and the collection
    plane, in the order in which electrons meet them in each drift volume;
    fields named "plane" or "shift" follow the image planes instead.

    Raises
    ------
    InvalidArgument
        If a number breaks its rule, or two settings contradict each other.

    Examples
    --------
    >>> ResponseSettings(lifetime_us=-1.0)
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: lifetime_us (=-1.0) must be positive and at most 1e+15
    """

    limits: ClassVar[Mapping[str, Limits]] = _LIMITS
    """Limits of every number, in the units of the fields."""
    field_kv_cm: float = 0.5
    """Drift field, in kV/cm; the drift velocity follows it (sbndcode)."""
    lifetime_us: float = 10000.0
    """Electron lifetime, in µs (WireCell)."""
    longitudinal_cm2_s: float = 4.0
    """Diffusion along the drift, in cm²/s (WireCell)."""
    transverse_cm2_s: float = 8.8
    """Diffusion across the drift, in cm²/s (WireCell)."""
    fluctuate: bool = False
    """Whether capture by impurities fluctuates (below 1 % of a pixel) [E]."""

    recombination: Model = "modified-box"
    """Model: "modified-box", "birks" or "emb"."""
    recombination_scale: float = 1.0
    """Multiplies the surviving share."""
    dedx_floor_mev_cm: float = 1.0
    """dE/dx below it is raised to it before recombination, in MeV/cm; counted (LArSoft)."""
    point_dedx_mev_cm: float = 15.0
    """dE/dx of deposits without length, in MeV/cm [E]: electrons of 50 to 100 keV have 10 to 20."""

    space_charge: float = 0.0
    """Multiplies the three amplitudes below; 0 is off, 1 the detector's own."""
    space_charge_transverse_cm: float = 2.0
    """Largest displacement along y, in cm [E]."""
    space_charge_drift_cm: float = 0.5
    """Largest displacement along the drift, in cm [E]."""
    space_charge_field: float = 0.02
    """Relative change of the field at anode and cathode [E]."""

    electrons_per_unit: float = 200.0
    """Electrons in one image unit (MIP per wire 71 units; paper 3's muon peak near 40 a pixel)."""
    time_kernels: tuple[tuple[float, ...], ...] = ()
    """Response to one row of charge at row offsets 0, 1, 2, ... (symmetric), for each of the triple, in
    image units per `electrons_per_unit` electrons. Empty: a Gaussian, by the two fields below."""
    collection_peaks: tuple[float, ...] = ()
    """Offset 0 of the collection kernel in each drift volume, where they differ; empty: as `time_kernels`."""
    time_sigma_us: float = 1.59
    """Standard deviation of the response in time, in µs (WireCell: 1 / (2 pi 0.10 MHz))."""
    wire_sigma: tuple[float, float, float] = (0.54, 0.54, 0.16)
    """Standard deviation across the wires, in wires (WireCell: wire filters)."""
    response_width: float = 1.0
    """Stretches the response in time and across wires."""
    response_gain: float = 1.0
    """Multiplies all charge."""
    response_angle: float = 0.0
    """Charge is multiplied by 1 - response_angle cos², of the angle between track and drift [E]."""
    plane_gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Multiplies the charge of each image plane."""
    shift_wires: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Misalignment of each image plane, in wires: charge moves to larger wire numbers."""
    shift_rows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Misalignment of each image plane in time, in rows: charge comes later."""
    threshold: float = 5.0
    """Smallest charge kept, in image units."""
    ceiling: float = float("inf")
    """Pixels above it are left out, in image units (paper 3: 300)."""

    noise: Literal["everywhere", "regions", "none"] = "everywhere"
    """Noise on every pixel (SBND), or only in regions of interest around signals and fakes (MicroBooNE)."""
    noise_scale: float = 1.0
    """Multiplies the noise; 0 switches it off."""
    noise_sigma: tuple[float, float, float] = (1.57, 1.57, 1.39)
    """Standard deviation of the noise, in image units (sample, see `response_presets`)."""
    noise_taps: tuple[tuple[float, ...], ...] = ((1.0,),) * 3
    """Symmetric filter of the noise along time, in rows; any scale."""
    noise_slow_share: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Share of the noise's variance that is slow, with correlation exp(-lag / noise_slow_rows)."""
    noise_slow_rows: float = 10.0
    """Correlation length of the slow noise, in rows."""
    roi_rows: int = 18
    """Shortest region of interest, in rows; regions of fakes reach to `fake_roi_most` rows."""
    fake_roi_most: int = 40
    """Longest region of interest without signal, in rows."""
    fake_roi_density: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Regions of interest without signal, per 512 x 512 pixels."""

    dead_map: bool = True
    """Whether the detector's known dead wires are dead."""
    dead_fraction: float = 0.0
    """Random wires are dead too, until this fraction of each plane is."""
    weak_wires: bool = True
    """Whether misconfigured and shorted wires lose charge."""
    induction_roi: bool = False
    """Whether induction planes lose the middle of long pulses, as their signal processing does."""
    artefact_sigma_us: float = 11.25
    """Standard deviation of the Gaussian that is taken off, in µs."""
    artefact_threshold: float = 5.0
    """What is left must exceed it, in image units [E]: 40 to 70 % of the charge is lost at 75 to 80 degrees, 10 % at 60."""

    energy_spread: Literal["diffusion", "response"] = "diffusion"
    """Whether true energy is spread by diffusion alone (the rule of SBND's labels) or with the response, so
    that every pixel with charge has its energy."""

    def __post_init__(self) -> None:
        require_within(self, _LIMITS)
        self._require_kernels()
        require_share(self.recombination_scale, self.recombination, self.field_kv_cm, self.dedx_floor_mev_cm)
        if self.dead_fraction == 1:
            raise InvalidArgument(f"dead_fraction (={self.dead_fraction}) must be below 1")
        if self.space_charge * self.space_charge_field >= 1:
            raise InvalidArgument(
                f"space_charge (={self.space_charge}) times space_charge_field (={self.space_charge_field}) must be "
                "below 1, where the field vanishes"
            )
        if self.ceiling <= self.threshold:
            raise InvalidArgument(
                f"ceiling (={self.ceiling}) must lie above threshold (={self.threshold}): nothing would be left"
            )
        if self.fake_roi_most < self.roi_rows:
            raise InvalidArgument(
                f"fake_roi_most (={self.fake_roi_most}) must not be below roi_rows (={self.roi_rows})"
            )

    def _require_kernels(self) -> None:
        """Refuse lists of a wrong length, and those without a number."""
        for name in ("noise_taps", "time_kernels"):
            lists = getattr(self, name)
            if len(lists) != KINDS_OF_PLANE and (lists or name == "noise_taps"):
                raise InvalidArgument(
                    f"{name} (={lists}) must have {KINDS_OF_PLANE} lists, for the first induction, the second induction "
                    f"and the collection plane, and has {len(lists)}; --vary takes them as {name}=1,0.1;1,0.1;1"
                )
            if any(not any(taps) or len(taps) > MOST_TAPS for taps in lists):
                raise InvalidArgument(
                    f"{name} (={lists}) must have from 1 to {MOST_TAPS} numbers, not all zero, for each kind of plane"
                )
        if self.collection_peaks and not self.time_kernels:
            raise InvalidArgument(
                "collection_peaks says something of time_kernels, which is empty: give both"
            )
