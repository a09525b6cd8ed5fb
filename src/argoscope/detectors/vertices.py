"""Where the images of an event show its vertices: the points at which its primary particles start."""

from __future__ import annotations

import numpy as np

from argoscope.detectors.geometry import project
from argoscope.detectors.presets import detector_named
from argoscope.errors import InvalidArgument
from argoscope.events import Event, Grid
from argoscope.units import NS

__all__ = ["near_vertex", "vertex_pixels"]


def vertex_pixels(event: Event, grid: Grid) -> np.ndarray:
    """Pixels of one image in which the vertices of an event lie.

    Parameters
    ----------
    event : Event
        Its particle table says which are primary, and where they start.
    grid : Grid
        Of the image, or of a crop of it.

    Returns
    -------
    ndarray, shape (vertices, 2), int32
        Of the detector as it is by name, without variations; outside the grid where the image does not show them.

    Raises
    ------
    InvalidArgument
        If the detector has no name or an unknown one, or its images measure in another unit than the grid.

    Examples
    --------
    >>> from argoscope.events import EventId, Image, empty_particles
    >>> table = empty_particles(1)
    >>> table["process"], table["vtx"]["z"] = b"primary", 500.0
    >>> grid = detector_named("microboone").grid(2)
    >>> image = Image.from_points(grid, np.zeros((0, 2), int), np.zeros(0))
    >>> vertex_pixels(Event(EventId(), (image,), table, detector="microboone"), grid)
    array([[1666,  133]], dtype=int32)
    """
    table = event.particles[event.particles["process"] == b"primary"]
    starts = np.unique(np.column_stack([table["vtx"][axis] for axis in ("x", "y", "z", "t")]), axis=0)
    detector = detector_named(event.detector)
    whole = detector.grid(grid.projection)
    if whole.unit != grid.unit:
        raise InvalidArgument(
            f"the grid of plane {grid.projection} measures in {grid.unit!r}, and the images of {detector.name} in "
            f"{whole.unit!r}: give a file with its grids as the simulation makes them"
        )
    seen = project(detector, starts[:, :3], grid.projection, t0=starts[:, 3] * NS).coordinates
    # Wires stand in the middle of their pixel, times at its edge.
    at = (seen + np.array([0.5, 0.0])) * whole.pitch + np.asarray(whole.origin)
    return grid.indices_of(at[np.isfinite(at).all(axis=1)])


def near_vertex(coordinates: np.ndarray, vertices: np.ndarray, reach: int) -> np.ndarray:
    """Which pixels lie within `reach` pixels of a vertex along every axis.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
    vertices : ndarray, shape (k, d), integer
    reach : int

    Returns
    -------
    ndarray, shape (n,), bool

    Examples
    --------
    >>> near_vertex(np.array([[0, 0], [4, 3], [5, 0]]), np.array([[0, 0]]), reach=4).tolist()
    [True, True, False]
    """
    near = np.zeros(len(coordinates), dtype=bool)
    for vertex in vertices:
        near |= (np.abs(coordinates - vertex) <= reach).all(axis=1)
    return near
