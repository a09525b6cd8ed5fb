"""`argoscope simulate`: labelled events of a preset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from argoscope.cli.output import Json, command_line, print_json, progress_reporter, stop_requests
from argoscope.errors import InvalidArgument

if TYPE_CHECKING:
    from argoscope.detectors import Detector, VoxelVolume
    from argoscope.simulation.generators.particle_gun import ParticleGun
    from argoscope.simulation.presets import Preset

__all__ = ["simulate"]


def simulate(
    preset: Annotated[
        str, typer.Argument(help="Name of the preset; `list` prints them all.", show_default=False)
    ],
    events: Annotated[int, typer.Option("-n", "--events", min=0, help="Number of events.")] = 10,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The larcv3 file.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed; from 990000 up the events are held out for tests.")
    ] = 0,
    first_event: Annotated[int, typer.Option(min=0, help="Number of the first event.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    interaction: Annotated[str | None, typer.Option(help="nue, numu, nc, mixed or bnb.")] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE of the detector's response; repeat. `--vary list` prints them all."),
    ] = None,
    detector: Annotated[
        Path | None, typer.Option(help="YAML of a detector, in place of the preset's.")
    ] = None,
    dead_wires: Annotated[Path | None, typer.Option(help="List of dead wires.")] = None,
    cosmic_rate: Annotated[float, typer.Option(help="Factor on the rate of cosmic muons.")] = 1.0,
    particle: Annotated[
        list[str] | None, typer.Option(help="Preset gun: mu-, e-, gamma, pi+, proton, ...")
    ] = None,
    energy: Annotated[float | None, typer.Option(help="Preset gun: kinetic energy in MeV.")] = None,
    position: Annotated[
        tuple[float, float, float] | None,
        typer.Option(help="Preset gun: start in cm; else the middle of the detector's first drift volume."),
    ] = None,
    direction: Annotated[
        tuple[float, float, float] | None, typer.Option(help="Preset gun: of any length; else isotropic.")
    ] = None,
    count: Annotated[int | None, typer.Option(help="Preset gun: particles of an event; else one.")] = None,
    transport: Annotated[
        str, typer.Option(help="own, or geant4 (experimental; needs argoscope[geant4] and Geant4's data).")
    ] = "own",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    json: Json = False,
) -> None:
    """Simulate labelled events; the same seed gives the same events, bit for bit, whatever the number of workers.

    Example: argoscope simulate sbnd -n 100 --seed 5 -o sbnd.h5
    """
    from argoscope.detectors import load_dead_wires, load_detector
    from argoscope.simulation.presets import PRESETS, geometry_of, preset_named
    from argoscope.simulation.run import Order
    from argoscope.simulation.run import simulate as run

    if preset == "list":
        _list(PRESETS, json=json)
        return
    found = preset_named(preset)
    chamber = load_detector(detector) if detector else None
    if "list" in (vary or ()):
        _list_choices(preset, chamber, json=json)
        return
    if output is None:
        raise InvalidArgument("an output is needed: name a file with -o FILE.h5")
    order = Order(
        preset=preset,
        events=events,
        seed=seed,
        first_event=first_event,
        vary=tuple(vary or ()),
        interaction=interaction,
        gun=_gun(particle or [], energy, chamber or geometry_of(found), position, direction, count),
        cosmic_rate=cosmic_rate,
        detector=chamber,
        dead_wires=load_dead_wires(dead_wires, chamber or _wire_chamber(geometry_of(found)))
        if dead_wires
        else None,
        transport=transport,
    )
    with stop_requests() as stop, progress_reporter() as report:
        answer = run(
            order, output, workers=workers, resume=resume, overwrite=overwrite,
            command=command_line(), report=report, stop=stop,
        )  # fmt: skip
    if json:
        print_json(answer)
    else:
        typer.echo(f"{answer['events']} events of {preset}, seed {seed}: {answer['output']}")


def _list(presets: dict[str, Preset], *, json: bool) -> None:
    if json:
        print_json({preset.name: preset.what for preset in presets.values()})
        return
    for preset in presets.values():
        typer.echo(f"{preset.name:<20} {preset.what}")


def _list_choices(preset: str, detector: Detector | None, *, json: bool) -> None:
    """Print what `--vary` changes in a preset."""
    from argoscope.simulation.chain import simulation_named
    from argoscope.simulation.variations import choices

    found = choices(simulation_named(preset, seed=0, detector=detector).settings)
    if json:
        print_json({choice.name: choice._asdict() for choice in found})
        return
    for choice in found:
        typer.echo(f"{choice.name}={choice.value}\n    {choice.what} [{choice.values}]")


def _gun(
    particles: list[str],
    energy: float | None,
    geometry: Detector | VoxelVolume,
    position: tuple[float, float, float] | None,
    direction: tuple[float, float, float] | None,
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
    from argoscope.simulation.generators.box import active_boxes
    from argoscope.simulation.generators.particle_gun import ParticleGun
    from argoscope.simulation.world import HIGHEST_ENERGY

    if not 0 <= energy <= HIGHEST_ENERGY:
        raise InvalidArgument(f"--energy (={energy}) must lie between 0 and {HIGHEST_ENERGY:g} MeV (10 TeV)")
    box = active_boxes(geometry)[0]
    x, y, z = ((low + high) / 2 for low, high in zip(box.low, box.high, strict=True))
    return ParticleGun(
        particle=particles[0],
        position_cm=position or (x, y, z),
        kinetic_mev=energy,
        direction=direction,
        count=1 if count is None else count,
    )


def _wire_chamber(geometry: object) -> Detector:
    from argoscope.detectors import Detector

    if not isinstance(geometry, Detector):
        raise InvalidArgument("voxel presets have no wires: leave --dead-wires out")
    return geometry
