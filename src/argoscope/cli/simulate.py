"""`argoscope simulate`: labelled events of a preset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from argoscope.cli import jobs
from argoscope.cli.output import (
    command_line,
    print_json,
    print_rows,
    print_text,
    progress_reporter,
    stop_requests,
)
from argoscope.errors import InvalidArgument

if TYPE_CHECKING:
    from argoscope.detectors import Detector
    from argoscope.simulation.presets import Preset
    from argoscope.simulation.run import Order

__all__ = ["simulate"]

SOURCES = (
    "[E]: an engineering choice, no measurement. (sbndcode), (LArSoft), (WireCell): as in the field's own simulation of "
    "that name."
)
"""What the marks of settings mean."""


@jobs.with_farm
def simulate(
    preset: Annotated[
        str, typer.Argument(help="Name of the preset; `list` prints them all.", show_default=False)
    ],
    events: Annotated[int, typer.Option("-n", "--events", min=1, help="Number of events.")] = 10,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The larcv3 file.")] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed; from 990000 up the events are held out for tests.")
    ] = 0,
    first_event: Annotated[int, typer.Option(min=0, help="Number of the first event.")] = 0,
    events_per_file: Annotated[
        int | None, typer.Option(min=1, help="Make OUT a folder of files with so many events each.")
    ] = None,
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
        str, typer.Option(help="own, or geant4 (experimental; needs argoscope\\[geant4] and Geant4's data).")
    ] = "own",
    *,
    farm: jobs.Farm,
) -> None:
    """Simulate labelled events; the same seed gives the same events, bit for bit, whatever the number of workers.

    Example: argoscope simulate sbnd -n 100 --seed 5 -o sbnd.h5
    """
    from argoscope.detectors import load_detector
    from argoscope.simulation.orders import order_of
    from argoscope.simulation.presets import PRESETS
    from argoscope.simulation.run import simulate as run

    if preset == "list":
        _list(PRESETS, json=farm.json)
        return
    if "list" in (vary or ()):
        _list_choices(preset, load_detector(detector) if detector else None, json=farm.json)
        return
    if output is None:
        raise InvalidArgument("an output is needed: name a file with -o FILE.h5")
    wanted: dict[str, Any] = {
        "preset": preset,
        "seed": seed,
        "vary": vary or [],
        "interaction": interaction,
        "detector": str(detector) if detector else None,
        "dead_wires": str(dead_wires) if dead_wires else None,
        "cosmic_rate": cosmic_rate,
        "particle": particle or [],
        "energy": energy,
        "position": position,
        "direction": direction,
        "count": count,
        "transport": transport,
    }
    order = order_of(**wanted, events=events, first_event=first_event)
    _say_unused(order, dead_wires)
    if farm.asked and events_per_file is None:
        raise InvalidArgument("many files are asked for: say how many events one has with --events-per-file")
    if events_per_file is not None:
        _many(wanted, order, events_per_file, output, farm)
        return
    with stop_requests() as stop, progress_reporter() as report:
        answer = run(
            order, output, workers=farm.workers, resume=farm.resume, overwrite=farm.overwrite,
            command=command_line(), report=report, stop=stop,
        )  # fmt: skip
    if farm.json:
        print_json(answer)
    else:
        typer.echo(f"{answer['events']} events of {preset}, seed {seed}: {answer['output']}")


def _many(wanted: dict[str, Any], order: Order, each: int, output: Path, farm: jobs.Farm) -> None:
    """Simulate into a folder of files."""
    from argoscope.jobs.plan import Plan

    plan = Plan(
        target="argoscope.jobs.tasks:simulate",
        options=wanted,
        facts={"configuration": order.configuration()},
        command=command_line(),
        name=order.preset,
        events=order.events,
        each=each,
        first_event=order.first_event,
    )
    jobs.run_farm(plan, output, farm)


def _say_unused(order: Order, dead_wires: Path | None) -> None:
    """Say which wires of a list lie on planes that the images do not show."""
    from argoscope.simulation.orders import planes_of, unused_dead_wires

    unused = unused_dead_wires(order)
    if unused:
        counts = ", ".join(f"{wires} of plane {plane}" for plane, wires in unused.items())
        planes = planes_of(order)
        shown = f"plane{'s' if len(planes) > 1 else ''} {', '.join(map(str, planes))}"
        typer.echo(
            f"argoscope: dead wires of {dead_wires} that are not used: {counts}; the images of {order.preset} show "
            f"{shown} alone",
            err=True,
        )


def _list(presets: dict[str, Preset], *, json: bool) -> None:
    from argoscope.simulation.presets import described

    rows = [(preset.name, described(preset)) for preset in presets.values()]
    if json:
        print_json(dict(rows))
    else:
        print_rows(rows)


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
    print_text(SOURCES)
