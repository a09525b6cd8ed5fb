"""Tables as calzone 1.2.2 gives them, and a stand-in for the package that needs no data.

The columns are those of a run of calzone without radiation and hadrons, which needs no data.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np

TRACK = np.dtype(
    [("event", "<u8"), ("tid", "<i4"), ("parent", "<i4"), ("pid", "<i4"), ("creator", "S16")], align=True
)
VERTEX = np.dtype(
    [
        ("event", "<u8"), ("tid", "<i4"), ("energy", "<f8"), ("position", "<f8", (3,)),
        ("direction", "<f8", (3,)), ("time", "<f8"), ("volume", "S16"), ("process", "S16"),
    ],
    align=True,
)  # fmt: skip
_DEPOSIT = [("event", "<u8"), ("tid", "<i4"), ("pid", "<i4"), ("energy", "<f8"), ("value", "<f8")]
_WEIGHT = [("weight", "<f8"), ("random_index", "<u8", (2,))]
LINE = np.dtype(
    [*_DEPOSIT, ("start", "<f8", (3,)), ("end", "<f8", (3,)), ("time", "<f8", (2,)), *_WEIGHT], align=True
)
POINT = np.dtype([*_DEPOSIT, ("position", "<f8", (3,)), ("time", "<f8"), *_WEIGHT], align=True)
PARTICLE = np.dtype(
    [("pid", "<i4"), ("energy", "<f8"), ("position", "<f8", (3,)), ("direction", "<f8", (3,))], align=True
)


class Geant4Exception(Exception):
    """What calzone raises for errors of Geant4."""


class StraightFlight:
    """Every particle flies 1 cm and leaves 2 to 3 MeV there, by its place in the random sequence."""

    def __init__(self, geometry: object, **_: object) -> None:
        self.geometry = geometry

    def run(self, particles: np.ndarray, random_indices: np.ndarray) -> SimpleNamespace:
        count = len(particles)
        assert random_indices.shape == (count, 2)
        tracks, vertices = np.zeros(count, TRACK), np.zeros((count, 2), VERTEX)
        tracks["event"], tracks["tid"], tracks["creator"] = np.arange(count), 1, b"Primary"
        tracks["pid"] = particles["pid"]
        vertices["event"], vertices["tid"] = np.arange(count)[:, None], 1
        vertices["energy"] = particles["energy"][:, None]
        vertices["direction"] = particles["direction"][:, None]
        vertices["position"][:, 0] = particles["position"]
        vertices["position"][:, 1] = particles["position"] + particles["direction"]
        line = np.zeros(count, LINE)
        line["event"], line["tid"] = np.arange(count), 1
        line["start"], line["end"] = vertices["position"][:, 0], vertices["position"][:, 1]
        line["value"] = 2.0 + random_indices[:, 0] / 2.0**64
        deposits = {"Argon.Active0": SimpleNamespace(line=line, point=np.zeros(0, POINT))} if count else {}
        return SimpleNamespace(
            tracks=tracks, vertices=vertices.reshape(-1), deposits=deposits, random_index=random_indices
        )


class WithoutData(StraightFlight):
    """Says what calzone says where its data are missing."""

    def run(self, *_: object, **__: object) -> SimpleNamespace:
        raise FileNotFoundError("bad G4NDL dataset (missing folder: /nowhere/data/G4NDL4.7.1)")


def stand_in(simulation: type[StraightFlight] = StraightFlight) -> ModuleType:
    """A module to put in calzone's place."""
    module = ModuleType("calzone")
    module.__dict__.update(
        VERSION="0.0",
        GEANT4_VERSION="0.0",
        Geant4Exception=Geant4Exception,
        Geometry=lambda definition: definition,
        Physics=lambda *_, **__: None,
        Random=lambda seed: seed,
        Simulation=simulation,
        particles=lambda count: np.zeros(count, PARTICLE),
    )
    return module


def zero_tables(data: Path) -> None:
    """Tables of no interaction, with which Geant4 11.4.0 follows muons and electrons without radiation.

    Ionization, scattering, decays and the kernel itself need no data; what does is switched off so.
    """
    level = "0.001 1e6 2\n2\n0.001 1e-30\n1e6 1e-30\n"
    files = {f"G4PARTICLEXS4.2/gamma/inel{z}": level for z in range(1, 101)}
    files["G4ENSDFSTATE3.0/ENSDFSTATE.dat"] = ""
    low = "G4EMLOW8.8/"
    files[low + "brem_SB/br18"] = "0 3 3\n0 0.5 1\n-10 0 10\n" + 3 * "1e-9 1e-9 1e-9\n"
    light = low + "epics2017/"
    files[light + "rayl/re-cs-18.dat"] = files[light + "phot/pe-cs-18.dat"] = level
    files[light + "phot/pe-le-cs-18.dat"] = level
    shells = "7 6 0.6\n" + 7 * "0.003 1e-9 0 0 0 0 0\n"
    files[light + "phot/pe-high-18.dat"] = files[light + "phot/pe-low-18.dat"] = shells
    files[light + "phot/pe-ss-cs-18.dat"] = "0.001 1e6 2 0\n" + "".join(
        f"0.001 1e6 2 {shell}\n" + level.split("\n", 1)[1] for shell in range(1, 8)
    )
    for name, text in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text)
