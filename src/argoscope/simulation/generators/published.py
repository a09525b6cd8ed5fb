"""The samples of papers 2 and 3 and of the SBN programme, as values.

Sources: "paper 2" is arXiv:1808.07269, section V; "paper 3" arXiv:2012.08513,
table I; "classification" arXiv:1611.05531, whose data set paper 2 reuses;
"sbndcode" the experiment's public generator configuration. "ours" marks what a
paper leaves out.
"""

from __future__ import annotations

from argoscope.errors import named
from argoscope.simulation.generators.blocks import EnergyRange, ParticleBlock
from argoscope.simulation.generators.multi_particle_vertex import VertexMixture, VertexRecipe

__all__ = [
    "PAPER2",
    "PAPER2_1E1P",
    "PAPER2_1E1P_LOW",
    "PAPER2_1MU1P_LOW",
    "PAPER2_CCPI0",
    "PAPER2_MICHEL",
    "PAPER2_PARTICLES",
    "PAPER3",
    "SAMPLES",
    "SBN_MPR",
    "SBN_MPV",
    "SBN_RAIN",
    "sample_named",
]

_E, _MU, _GAMMA, _PI, _P = (11,), (13,), (22,), (211, -211), (2212,)
_LOW_E = EnergyRange(30.0, 100.0, "momentum")  # MeV/c; paper 2: electrons and photons
_LOW_MU = EnergyRange(85.0, 175.0, "momentum")  # MeV/c; paper 2
_LOW_PI = EnergyRange(95.0, 195.0, "momentum")  # MeV/c; paper 2
_LOW_P = EnergyRange(300.0, 450.0, "momentum")  # MeV/c; paper 2


def _block(
    pdgs: tuple[int, ...], energy: EnergyRange, count: tuple[int, int], weight: float = 1.0
) -> ParticleBlock:
    return ParticleBlock(pdgs=pdgs, energy=energy, count=count, weight=weight)


_PAPER2_LEPTON = VertexRecipe(
    name="paper2-lepton",
    count=(1, 4),  # particles; paper 2
    blocks=(
        _block((11, 13), EnergyRange(50.0, 1000.0), (1, 3)),  # MeV; paper 2: at least one, at most three
        _block(_GAMMA, EnergyRange(50.0, 1000.0), (0, 2)),  # number: paper 2; MeV: ours
        _block(_PI, EnergyRange(50.0, 500.0), (0, 2)),  # number: paper 2; MeV: ours
        _block(_P, EnergyRange(50.0, 400.0), (0, 3)),  # number: paper 2; MeV: ours
    ),
)
_PAPER2_LOW = VertexRecipe(
    name="paper2-low",
    count=(1, 4),  # particles; paper 2
    blocks=(
        # At most two of each: paper 2. Weights: showers (two kinds) as often as tracks (three), as paper 2 says.
        _block(_E, _LOW_E, (0, 2), 3.0),
        _block(_GAMMA, _LOW_E, (0, 2), 3.0),
        _block(_MU, _LOW_MU, (0, 2), 2.0),
        _block(_PI, _LOW_PI, (0, 2), 2.0),
        _block(_P, _LOW_P, (0, 2), 2.0),
    ),
)
PAPER2 = VertexMixture(name="paper2", parts=((0.8, _PAPER2_LEPTON), (0.2, _PAPER2_LOW)))  # shares; paper 2
"""Paper 2's training sample: 80 % with a light lepton, 20 % at low energy."""

PAPER2_1E1P = VertexRecipe(
    name="paper2-1e1p",
    count=(2, 2),
    blocks=(
        _block(_E, EnergyRange(50.0, 500.0), (1, 1)),  # MeV; paper 2
        _block(_P, EnergyRange(50.0, 300.0), (1, 1)),  # MeV; paper 2
    ),
)
"""One electron and one proton."""

PAPER2_1E1P_LOW = VertexRecipe(
    name="paper2-1e1p-low", count=(2, 2), blocks=(_block(_E, _LOW_E, (1, 1)), _block(_P, _LOW_P, (1, 1)))
)
"""One electron and one proton at low energy."""

PAPER2_1MU1P_LOW = VertexRecipe(
    name="paper2-1mu1p-low", count=(2, 2), blocks=(_block(_MU, _LOW_MU, (1, 1)), _block(_P, _LOW_P, (1, 1)))
)
"""One muon and one proton at low energy."""

PAPER2_PARTICLES = VertexRecipe(
    name="paper2-particles",
    count=(1, 1),
    # Kinds: paper 2, section IV A. MeV: ours, after the 0.1 to 1 GeV of "classification".
    blocks=tuple(_block(kind, EnergyRange(100.0, 1000.0), (0, 1)) for kind in (_E, _GAMMA, _MU, (-211,), _P)),
)
"""One particle of five kinds, to train a classifier on (the start of paper 2's training)."""

PAPER2_MICHEL = VertexRecipe(
    name="paper2-michel",
    count=(1, 1),
    # MeV: ours; a range of 0.2 to 1 m, so that a muon stops inside the 1.5 m crop. mu+ always decay at rest.
    blocks=(_block((13, -13), EnergyRange(70.0, 260.0), (1, 1)),),
)
"""Muons that stop, to make Michel electrons."""

PAPER2_CCPI0 = VertexRecipe(
    name="paper2-ccpi0",
    count=(2, 5),  # particles; ours
    blocks=(
        _block(_MU, EnergyRange(50.0, 1000.0), (1, 1)),  # MeV; ours
        _block((111,), EnergyRange(0.0, 500.0), (1, 1)),  # MeV; ours
        _block(_P, EnergyRange(50.0, 400.0), (0, 3), 3.0),  # MeV; ours
        _block(_PI, EnergyRange(50.0, 500.0), (0, 1)),  # MeV; ours
    ),
)
"""A muon and a neutral pion from one point; `NeutrinoSource(require_pi0=True)` gives them from neutrinos."""


def _paper3(name: str, *energies: EnergyRange) -> VertexRecipe:
    """Paper 3's table I with the energies of e, photon, mu, pi and p."""
    kinds, greatest = (_E, _GAMMA, _MU, _PI, _P), (2, 2, 2, 2, 3)  # particles; paper 3
    blocks = (
        _block(kind, energy, (0, most)) for kind, energy, most in zip(kinds, energies, greatest, strict=True)
    )
    return VertexRecipe(name=name, count=(1, 6), blocks=tuple(blocks))  # particles; paper 3


PAPER3 = VertexMixture(
    name="paper3",
    parts=(
        (
            0.85,  # share; paper 3
            _paper3(
                "paper3-full",
                EnergyRange(50.0, 1000.0),  # MeV, electrons; paper 3
                EnergyRange(50.0, 1000.0),  # MeV, photons; paper 3
                EnergyRange(50.0, 3000.0),  # MeV, muons; paper 3
                EnergyRange(50.0, 2000.0),  # MeV, pions; paper 3
                EnergyRange(50.0, 4000.0),  # MeV, protons; paper 3
            ),
        ),
        (0.15, _paper3("paper3-low", _LOW_E, _LOW_E, _LOW_MU, _LOW_PI, _LOW_P)),  # share; paper 3
    ),
)
"""Paper 3's training sample; `PAPER3_COSMICS` are the muons that belong to it."""

SBN_MPV = VertexRecipe(
    name="sbn-mpv",
    count=(2, 7),  # particles; sbndcode
    inset_cm=30.0,  # cm; sbndcode
    blocks=(
        _block((11, -11, 13, -13), EnergyRange(0.0, 3000.0), (0, 1), 3.0),  # MeV; sbndcode
        _block((111,), EnergyRange(0.0, 1000.0), (0, 1), 1.0),  # MeV; sbndcode
        _block(_PI, EnergyRange(0.0, 1000.0), (0, 2), 1.0),  # MeV; sbndcode
        _block(_P, EnergyRange(0.0, 1000.0), (0, 4), 3.0),  # MeV; sbndcode
        _block(_GAMMA, EnergyRange(0.0, 1000.0), (0, 2), 1.0),  # MeV; sbndcode
    ),
)
"""Vertices of the SBN programme's machine-learning samples."""

_RAIN = (
    _block((13, -13), EnergyRange(0.0, 20000.0), (0, 5), 5.0),  # MeV; sbndcode
    _block((13, -13), EnergyRange(0.0, 2000.0), (0, 5), 5.0),  # MeV; sbndcode
    _block(_E, EnergyRange(0.0, 1000.0), (0, 2), 1.0),  # MeV; sbndcode
    _block(_GAMMA, EnergyRange(0.0, 1000.0), (0, 3), 2.0),  # MeV; sbndcode
    _block(_P, EnergyRange(0.0, 1000.0), (0, 5), 1.0),  # MeV; sbndcode
)

SBN_MPR = VertexRecipe(name="sbn-mpr", count=(3, 5), placement="surface", blocks=_RAIN)  # particles; sbndcode
"""Particles that rain in through the walls, in time."""

SBN_RAIN = VertexRecipe(
    name="sbn-rain",
    count=(2, 4),  # particles; sbndcode
    placement="surface",
    time_us=(-1500.0, 1400.0),  # µs; 2.9 ms in sbndcode, placed as its cosmic window is
    blocks=_RAIN,
)
"""Particles that rain in through the walls, out of time."""

SAMPLES: dict[str, VertexRecipe | VertexMixture] = {
    sample.name: sample
    for sample in (
        PAPER2,
        PAPER2_1E1P,
        PAPER2_1E1P_LOW,
        PAPER2_1MU1P_LOW,
        PAPER2_PARTICLES,
        PAPER2_MICHEL,
        PAPER2_CCPI0,
        PAPER3,
        SBN_MPV,
        SBN_MPR,
        SBN_RAIN,
    )
}
"""Every sample by its name; the cubes of paper 4 stand in `cubes.py`."""


def sample_named(name: str) -> VertexRecipe | VertexMixture:
    """Find a sample by name.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.

    Examples
    --------
    >>> sample_named("paper2-1e1p").name
    'paper2-1e1p'
    """
    return named(name, SAMPLES, "there is no sample")
