"""Dead wires: which wires of which plane give no signal.

A map belongs to one detector and is kept by drift volume and plane, because
volumes that share the columns of an image have wires of their own.
`argoscope.detectors.dead_wire_files` reads maps from files,
`argoscope.detectors.dead_wire_maps` has those we know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from argoscope.detectors.detector import Detector
from argoscope.errors import InvalidArgument

__all__ = ["DeadWires", "require_run"]


@dataclass(frozen=True)
class DeadWires:
    """The dead wires of a detector.

    Parameters
    ----------
    wires : tuple of tuple of tuple of int
        ``wires[volume][plane]``: numbers of the dead wires, rising, each once.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> dead = DeadWires.of(detector_named("microboone"), [(2, 10, 12)])
    >>> dead.plane(2), dead.mask(2, np.array([9, 10, 13]))
    (array([10, 11, 12]), array([False,  True, False]))
    """

    wires: tuple[tuple[tuple[int, ...], ...], ...]

    def __post_init__(self) -> None:
        for volume, planes in enumerate(self.wires):
            for plane, wires in enumerate(planes):
                if list(wires) != sorted(set(wires)) or (wires and wires[0] < 0):
                    raise InvalidArgument(
                        f"wires[{volume}][{plane}] must be rising numbers from 0, each once; "
                        "DeadWires.of() sorts and checks them"
                    )

    @classmethod
    def of(
        cls, detector: Detector, runs: Iterable[tuple[int, int, int] | tuple[int, int, int, int]]
    ) -> DeadWires:
        """Dead wires of a detector from runs (plane, first, last[, volume]), both ends included.

        Raises
        ------
        InvalidArgument
            If a plane, wire or volume does not exist, or a run ends before it starts.
        """
        found: list[list[set[int]]] = [[set() for _ in detector.planes] for _ in detector.volumes]
        for plane, first, last, *where in runs:
            require_run(detector, plane, first, last, where)
            for volume in where or range(len(detector.volumes)):
                found[volume][plane].update(range(first, last + 1))
        return cls(tuple(tuple(tuple(sorted(wires)) for wires in planes) for planes in found))

    def plane(self, plane: int, volume: int = 0) -> np.ndarray:
        """Dead wires of one plane in one volume, shape (k,), int64, rising.

        Raises
        ------
        InvalidArgument
            If there is no such plane or volume.
        """
        if not 0 <= volume < len(self.wires) or not 0 <= plane < len(self.wires[volume]):
            raise InvalidArgument(
                f"plane (={plane}) and volume (={volume}) must be below "
                f"{len(self.wires[0]) if self.wires else 0} and {len(self.wires)}"
            )
        return np.array(self.wires[volume][plane], dtype=np.int64)

    def mask(self, plane: int, wires: np.ndarray, volume: int = 0) -> np.ndarray:
        """Which of these wires are dead.

        Parameters
        ----------
        plane : int
        wires : ndarray, shape (n,), integer
            Wire numbers.
        volume : int

        Returns
        -------
        ndarray, shape (n,), bool
        """
        return np.isin(wires, self.plane(plane, volume))

    def pixel_mask(self, detector: Detector, plane: int, coordinates: np.ndarray) -> np.ndarray:
        """Which pixels of an image lie on dead wires.

        Parameters
        ----------
        detector : Detector
            Says which rows belong to which volume and which column is wire 0.
        plane : int
        coordinates : ndarray, shape (n, 2), integer
            Pixels (column, row).

        Returns
        -------
        ndarray, shape (n,), bool
        """
        wires = coordinates[:, 0] - detector.image.first_columns[plane]
        volume = coordinates[:, 1] // detector.image.rows
        dead = np.zeros(len(coordinates), dtype=bool)
        for number in range(len(self.wires)):
            dead |= (volume == number) & self.mask(plane, wires, number)
        return dead

    def __or__(self, other: DeadWires) -> DeadWires:
        """Wires that are dead in either map of one detector."""
        if [len(planes) for planes in self.wires] != [len(planes) for planes in other.wires]:
            raise InvalidArgument("two maps of dead wires must be of one detector to be joined")
        return DeadWires(
            tuple(
                tuple(tuple(sorted({*a, *b})) for a, b in zip(mine, theirs, strict=True))
                for mine, theirs in zip(self.wires, other.wires, strict=True)
            )
        )


def require_run(detector: Detector, plane: int, first: int, last: int, volumes: Sequence[int] = ()) -> None:
    """Refuse a run of wires that the detector does not have.

    Parameters
    ----------
    detector : Detector
    plane, first, last : int
        Plane, first and last wire.
    volumes : sequence of int
        Drift volumes meant; none means all.

    Raises
    ------
    InvalidArgument
        If the plane, a wire or a volume does not exist, or the run ends before it starts.
    """
    if not 0 <= plane < len(detector.planes):
        raise InvalidArgument(
            f"plane {plane} does not exist: {detector.name} has planes 0 to {len(detector.planes) - 1}"
        )
    if first > last:
        raise InvalidArgument(f"the run {first}-{last} ends before it starts; write the smaller wire first")
    wires = detector.planes[plane].wires
    if first < 0 or last >= wires:
        bad = last if last >= wires else first
        raise InvalidArgument(
            f"wire {bad} does not exist: plane {plane} of {detector.name} has wires 0 to {wires - 1}"
        )
    for volume in volumes:
        if not 0 <= volume < len(detector.volumes):
            raise InvalidArgument(
                f"volume {volume} does not exist: {detector.name} has volumes 0 to {len(detector.volumes) - 1}"
            )
