"""What is to be simulated, from the plain values that a command line or a job has."""

from __future__ import annotations

from collections.abc import Sequence

from argoscope.detectors import Detector, VoxelVolume, load_dead_wires, load_detector
from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.box import active_boxes
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.presets import geometry_of, preset_named
from argoscope.simulation.run import Order
from argoscope.simulation.world import HIGHEST_ENERGY

__all__ = ["order_of", "planes_of", "unused_dead_wires"]


def order_of(
    *,
    preset: str,
    events: int,
    seed: int = 0,
    first_event: int = 0,
    vary: Sequence[str] = (),
    interaction: str | None = None,
    detector: str | None = None,
    dead_wires: str | None = None,
    cosmic_rate: float = 1.0,
    particle: Sequence[str] = (),
    energy: float | None = None,
    position: Sequence[float] | None = None,
    direction: Sequence[float] | None = None,
    count: int | None = None,
    transport: str = "own",
) -> Order:
    """An order of plain values.

    Parameters
    ----------
    preset, events, seed, first_event, vary, interaction, cosmic_rate, transport
        See `Order`.
    detector, dead_wires : str, optional
        Paths of the files.
    particle : sequence of str
        The gun's, at most one.
    energy : float, optional
        Its kinetic energy in MeV.
    position, direction : sequence of three float, optional
        Its start in cm, else the middle of the first drift volume; its direction, else isotropic.
    count : int, optional
        Particles of an event, else one.

    Raises
    ------
    InvalidArgument
        If a value breaks its rule, or some do not go together.
    UnreadableFile
        If a file cannot be read.

    Examples
    --------
    >>> order_of(preset="gun", events=3, particle=["mu-"], energy=500.0).gun.position_cm[0]
    126.625
    """
    found = preset_named(preset)
    chamber = load_detector(detector) if detector else None
    return Order(
        preset=preset,
        events=events,
        seed=seed,
        first_event=first_event,
        vary=tuple(vary),
        interaction=interaction,
        gun=_gun(particle, energy, chamber or geometry_of(found), position, direction, count),
        cosmic_rate=cosmic_rate,
        detector=chamber,
        dead_wires=load_dead_wires(dead_wires, chamber or _wire_chamber(geometry_of(found)))
        if dead_wires
        else None,
        transport=transport,
    )


def planes_of(order: Order) -> tuple[int, ...]:
    """Planes that the images of an order show; none of a volume.

    Examples
    --------
    >>> planes_of(Order(preset="paper2", events=1))
    (2,)
    """
    geometry = order.detector or geometry_of(preset_named(order.preset))
    return geometry.image.planes if isinstance(geometry, Detector) else ()


def unused_dead_wires(order: Order) -> dict[int, int]:
    """How many wires of each plane an order lists as dead and does not show.

    Parameters
    ----------
    order : Order

    Returns
    -------
    dict of int to int
        Of planes with such wires alone.

    Examples
    --------
    >>> from argoscope.detectors import DeadWires, detector_named
    >>> dead = DeadWires.of(detector_named("microboone"), [(0, 12, 13), (2, 700, 739)])
    >>> unused_dead_wires(Order(preset="paper2", events=1, dead_wires=dead))
    {0: 2}
    """
    wires = order.dead_wires.wires if order.dead_wires else ()
    shown = planes_of(order)
    listed: dict[int, set[int]] = {}
    for volume in wires:
        for plane, numbers in enumerate(volume):
            if numbers and plane not in shown:
                listed.setdefault(plane, set()).update(numbers)
    return {plane: len(numbers) for plane, numbers in sorted(listed.items())}


def _vector(values: Sequence[float] | None) -> tuple[float, float, float] | None:
    if values is None:
        return None
    x, y, z = values
    return x, y, z


def _gun(  # noqa: PLR0917 - as the command line has them
    particles: Sequence[str],
    energy: float | None,
    geometry: Detector | VoxelVolume,
    position: Sequence[float] | None,
    direction: Sequence[float] | None,
    count: int | None,
) -> ParticleGun | None:
    """Build a gun, in the middle of the detector's first drift volume if not said otherwise."""
    more = {"--position": position, "--direction": direction, "--count": count}
    if not particles and energy is None:
        if alone := next((option for option, value in more.items() if value is not None), None):
            raise InvalidArgument(f"{alone} goes with a particle and its energy: --particle mu- --energy 500")
        return None
    if not particles or energy is None:
        raise InvalidArgument("a particle and its energy go together: --particle mu- --energy 500")
    if len(particles) > 1:
        raise InvalidArgument(
            f"--particle is given {len(particles)} times ({', '.join(particles)}): one run shoots one kind; "
            "give --count for several particles of it"
        )
    if not 0 <= energy <= HIGHEST_ENERGY:
        raise InvalidArgument(f"--energy (={energy}) must lie between 0 and {HIGHEST_ENERGY:g} MeV (10 TeV)")
    box = active_boxes(geometry)[0]
    x, y, z = ((low + high) / 2 for low, high in zip(box.low, box.high, strict=True))
    return ParticleGun(
        particle=particles[0],
        position_cm=_vector(position) or (x, y, z),
        kinetic_mev=energy,
        direction=_vector(direction),
        count=1 if count is None else count,
    )


def _wire_chamber(geometry: object) -> Detector:
    if not isinstance(geometry, Detector):
        raise InvalidArgument("voxel presets have no wires: leave --dead-wires out")
    return geometry
