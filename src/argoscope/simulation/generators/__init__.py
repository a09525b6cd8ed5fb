"""Where events begin: vertices, cosmic muons, neutrinos and a particle gun, each drawn from a given stream."""

from __future__ import annotations
