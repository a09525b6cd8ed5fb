"""`argoscope simulate`: labelled events of a preset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from argoscope.cli.output import command_line, print_json, progress_reporter, stop_requests
from argoscope.errors import InvalidArgument

if TYPE_CHECKING:
    from argoscope.detectors import Detector
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
        list[str] | None, typer.Option(help="NAME=VALUE of the detector's response; repeat.")
    ] = None,
    detector: Annotated[
        Path | None, typer.Option(help="YAML of a detector, in place of the preset's.")
    ] = None,
    dead_wires: Annotated[Path | None, typer.Option(help="List of dead wires.")] = None,
    cosmic_rate: Annotated[float, typer.Option(help="Factor on the rate of cosmic muons.")] = 1.0,
    particle: Annotated[str | None, typer.Option(help="Preset gun: mu-, e-, gamma, pi+, proton, ...")] = None,
    energy: Annotated[float | None, typer.Option(help="Preset gun: kinetic energy in MeV.")] = None,
    transport: Annotated[
        str, typer.Option(help="own, or geant4 (experimental; needs argoscope[geant4] and Geant4's data).")
    ] = "own",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Simulate labelled events; the same seed gives the same bytes, whatever the number of workers.

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
    if output is None:
        raise InvalidArgument("an output is needed: name a file with -o FILE.h5")
    chamber = load_detector(detector) if detector else None
    order = Order(
        preset=preset,
        events=events,
        seed=seed,
        first_event=first_event,
        vary=tuple(vary or ()),
        interaction=interaction,
        gun=_gun(particle, energy, found),
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


def _gun(particle: str | None, energy: float | None, preset: Preset) -> ParticleGun | None:
    """Build a gun in the middle of the preset's detector."""
    if particle is None and energy is None:
        return None
    if particle is None or energy is None:
        raise InvalidArgument("a particle and its energy go together: --particle mu- --energy 500")
    from argoscope.simulation.generators.box import active_boxes
    from argoscope.simulation.generators.particle_gun import ParticleGun
    from argoscope.simulation.presets import geometry_of

    box = active_boxes(geometry_of(preset))[0]
    x, y, z = ((low + high) / 2 for low, high in zip(box.low, box.high, strict=True))
    return ParticleGun(particle=particle, position_cm=(x, y, z), kinetic_mev=energy)


def _wire_chamber(geometry: object) -> Detector:
    from argoscope.detectors import Detector

    if not isinstance(geometry, Detector):
        raise InvalidArgument("voxel presets have no wires: leave --dead-wires out")
    return geometry
