"""Events: frozen values with explicit label schemes, and pure functions on them."""

from __future__ import annotations

from argoscope.events.charge_scale import SignalScale, peak_values, signal_scale
from argoscope.events.downsample import downsample
from argoscope.events.event import Event, EventId, Record
from argoscope.events.grid import Grid
from argoscope.events.image import Image, LabelColumn
from argoscope.events.labels import (
    ANCESTOR,
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    OPEN_SAMPLES,
    PARTICLE,
    SHAPE,
    TRACK_SHOWER,
    LabelScheme,
    convert_labels,
)
from argoscope.events.overlay import overlay
from argoscope.events.particles import PARTICLE_DTYPE, empty_particles
from argoscope.events.products import Boxes, Clusters, DenseImage, Product, Voxels
from argoscope.events.transforms import (
    clip,
    crop,
    flip,
    map_images,
    mask_dead_wires,
    rescale,
    threshold,
    window,
)
from argoscope.events.vertex_crop import crop_around_vertex, vertex_window

__all__ = [
    "ANCESTOR",
    "COSMIC",
    "FIVE_CLASS",
    "IDENTIFIER",
    "OPEN_SAMPLES",
    "PARTICLE",
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
    "SignalScale",
    "Voxels",
    "clip",
    "convert_labels",
    "crop",
    "crop_around_vertex",
    "downsample",
    "empty_particles",
    "flip",
    "map_images",
    "mask_dead_wires",
    "overlay",
    "peak_values",
    "rescale",
    "signal_scale",
    "threshold",
    "vertex_window",
    "window",
]
