"""Events: frozen values with explicit label schemes, and pure functions on them."""

from __future__ import annotations

from argoscope.events.event import Event, EventId, Record
from argoscope.events.grid import Grid
from argoscope.events.image import Image, LabelColumn
from argoscope.events.labels import (
    ANCESTOR,
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    OPEN_SAMPLES,
    SHAPE,
    TRACK_SHOWER,
    LabelScheme,
    convert_labels,
)
from argoscope.events.particles import PARTICLE_DTYPE, empty_particles
from argoscope.events.products import Boxes, Clusters, DenseImage, Product, Voxels

__all__ = [
    "ANCESTOR",
    "COSMIC",
    "FIVE_CLASS",
    "IDENTIFIER",
    "OPEN_SAMPLES",
    "PARTICLE_DTYPE",
    "SHAPE",
    "TRACK_SHOWER",
    "Boxes",
    "Clusters",
    "DenseImage",
    "Event",
    "EventId",
    "Grid",
    "Image",
    "LabelColumn",
    "LabelScheme",
    "Product",
    "Record",
    "Voxels",
    "convert_labels",
    "empty_particles",
]
