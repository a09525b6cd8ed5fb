"""Tables as calzone 1.2.2 gives them, and a stand-in for the package that needs no data.

The columns are those that calzone's own run printed (without interactions, which needs no data); those of
the deposits are from its source, `src/simulation/sampler.rs`.
"""

from __future__ import annotations

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
LINE = np.dtype([*_DEPOSIT, ("start", "<f8", (3,)), ("end", "<f8", (3,)), *_WEIGHT], align=True)
POINT = np.dtype([*_DEPOSIT, ("position", "<f8", (3,)), *_WEIGHT], align=True)
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
