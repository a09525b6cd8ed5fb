"""Settings of the transport: cuts, steps and every engineering value, in one place.

Values marked [E] are engineering choices, reasonable but not measured. Lengths
in cm, energies in MeV.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from argoscope.errors import InvalidArgument
from argoscope.units import KEV, MM

__all__ = ["TransportSettings"]


@dataclass(frozen=True, kw_only=True)
class TransportSettings:
    """Cuts and steps of the transport.

    Examples
    --------
    >>> TransportSettings.fast().electron_cut
    0.2
    """

    step: float = 1.0 * MM
    """Longest step of a charged particle: below a 3 mm pixel, so that scattering has its shape."""
    segment: float = 1.5 * MM
    """Longest deposit; consecutive steps of a particle are merged up to it."""
    step_of_range: float = 0.2
    """A step is at most this fraction of the remaining range ..."""
    step_at_end: float = 0.05 * MM
    """... and this much: the Bragg peak is resolved."""
    electron_cut: float = 100.0 * KEV
    """Electrons below it are deposited where they are (CSDA range 0.15 mm); delta rays above are tracked."""
    soft_cut: float = 10.0 * KEV
    """Knock-ons between it and `electron_cut` are drawn one by one but not tracked; below, a gamma law."""
    photon_cut: float = 10.0 * KEV
    """Photons below it are deposited where they are (mean free path 0.1 mm)."""
    brems_cut: float = 20.0 * KEV
    """Bremsstrahlung below it is part of the continuous loss."""
    muon_cut: float = 0.2
    """Muons, pions and kaons below it are at rest [E]."""
    proton_cut: float = 0.5
    """Protons below it are deposited where they are (CSDA range 0.01 mm) [E]."""
    neutron_cut: float = 1e-9
    """Neutrons below it are dropped; 1e-9: none is, they end at 1.13e-8 MeV, the warmth of argon. At 1.5 MeV those
    that excite no nucleus any more are."""
    neutron_time: float = 10.0
    """Neutrons are dropped this long after they were made, in µs: 10 as in Geant4's QGSP_BERT (G4NeutronTrackingCut),
    by which the papers' samples were made. Three in a hundred are captured by then. In nature they live 330 µs, and
    the photons of their capture come late: 3000 holds them all."""
    row_energy: float = 1.0
    """Delta rays, and e± and photons inside a shower, get a row of their own from here up [E]; what
    a fainter one deposits counts for the particle that made it. A 1 MeV electron crosses 4 mm."""
    photon_reach: float = 300.0
    """Photons and neutrons are followed this far outside the active volume [E]; the rest to the margin."""
    nuclear_gammas: bool = True
    """Whether nuclei that a reaction leaves excited, and those that captured a neutron, send out photons."""
    pion_reaction_scale: float = 1.0
    """Multiplies the pions' reaction cross section, known to ±15 %."""
    dedx_scale: float = 1.0
    """Multiplies the ionization loss of every charged particle: for studies and for tests of tests."""
    scattering_reference: float = 3.0
    """Length at which the logarithm of Highland's formula is taken (the range, where that is shorter):
    right to 5 % from 1 to 10 cm."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "nuclear_gammas" and not 0 < value < float("inf"):
                raise InvalidArgument(f"{field.name} (={value}) must be positive and finite")
        if self.soft_cut >= self.electron_cut:
            raise InvalidArgument(
                f"soft_cut (={self.soft_cut} MeV) must be below electron_cut (={self.electron_cut} MeV)"
            )
        if self.step > self.segment:
            raise InvalidArgument(f"step (={self.step} cm) must not exceed segment (={self.segment} cm)")
        if self.electron_cut > 1.0 or self.brems_cut > self.electron_cut:
            raise InvalidArgument(
                f"electron_cut (={self.electron_cut} MeV) must be at most 1 MeV and not below brems_cut (={self.brems_cut} MeV)"
            )

    @classmethod
    def fast(cls) -> TransportSettings:
        """Half the time, 5 % fewer voxels: electrons above 200 keV, steps of 1.5 mm."""
        return cls(step=1.5 * MM, electron_cut=200.0 * KEV)
