"""A sample of the demo: its events, what a network says of them, how well, and pictures; as a section of the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from argoscope.errors import InvalidArgument
from argoscope.models.cards import read_card
from argoscope.papers.study import Figure, Section, Table
from argoscope.simulation.run import Order, simulate
from argoscope.tour.guide import Guide
from argoscope.tour.headlines import Headline
from argoscope.tour.measures import TASKS
from argoscope.tour.stops import SEED, STOPS, Stop

__all__ = ["Shown", "show_file", "show_simulated"]


class _Words(NamedTuple):
    """A sample in a few words, the title of its section, what its events are, and the name of the files made of it."""

    sample: str
    title: str
    text: str
    name: str


class _Measured(NamedTuple):
    """How right a network is, or why that is not known."""

    tables: tuple[Table, ...] = ()
    headlines: tuple[Headline, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Shown:
    """What came of a sample.

    Parameters
    ----------
    sample : str
        In a few words.
    model : str
        Network that read it; "" for none.
    data : Path
        File of its events, with the predictions where there are some.
    section : Section
    headlines : tuple of Headline
    pictures : dict
        See `argoscope.tour.pictures.draw`.
    """

    sample: str
    model: str
    data: Path
    section: Section
    headlines: tuple[Headline, ...] = ()
    pictures: dict[str, Any] | None = None


def show_simulated(guide: Guide, stop: Stop) -> Shown:
    """Simulate the events of a stop, and show them with what its network says.

    Parameters
    ----------
    guide : Guide
    stop : Stop
    """
    path = guide.folder / f"{stop.model}.h5"
    sample = f"{stop.events} simulated events of {stop.preset}"
    guide.say(f"{stop.title}.")
    line = f"  simulating {stop.events} events: {stop.events_are} (seed {SEED}, which no training saw)"
    with guide.step(line, f"simulate {stop.preset}", stop.events):
        order = Order(preset=stop.preset, events=stop.events, seed=SEED)
        simulate(order, path, overwrite=True, command=guide.command, report=guide.progress)
    text = f"{stop.events} simulated events: {stop.events_are}. Seed {SEED}, which no training saw."
    words = _Words(sample, stop.title, text, stop.model)
    return _shown(guide, path, words, (stop,), _without((stop,), stop.preset))


def show_file(
    guide: Guide, path: Path, facts: dict[str, Any], stops: tuple[Stop, ...], *, why: str = ""
) -> Shown:
    """Show the events of a file, with what the network for its detector says.

    Parameters
    ----------
    guide : Guide
    path : Path
        Of any known format.
    facts : dict
        See `argoscope.files.survey.survey`.
    stops : tuple of Stop
        Those whose network reads this detector's events are used.
    why : str
        Why no network is to read it.
    """
    guide.say(f"Events of {path.name}: {facts['events']} of {facts['format']}, {_pixels(facts)}.")
    for kind, classes in facts["classes"].items():
        guide.say(f"  {kind}: " + ", ".join(f"{name} {count:,}" for name, count in classes.items()))
    fitting = tuple(stop for stop in stops if facts["detector"] in stop.detectors)
    sample = f"{facts['events']} events of {path.name}"
    text = f"{sample} ({facts['format']}, {facts['detector'] or 'detector not stated'}): {_pixels(facts)}."
    words = _Words(sample, f"Events of {path.name}", text, _own_name(path))
    return _shown(guide, path, words, fitting, why or _without(fitting, facts["detector"]))


def _own_name(path: Path) -> str:
    """What is made of a file is named after it, unless the demo's own files have such names."""
    taken = path.stem.startswith((*(stop.model for stop in STOPS), "report"))
    return f"of-{path.stem}" if taken else path.stem


def _pixels(facts: dict[str, Any]) -> str:
    """Pixels of the first events, in words."""
    shown = facts["active"][:3]
    listed = "; ".join(" + ".join(f"{n:,}" for n in active) for active in shown)
    where = "" if len(shown) == facts["events"] else f" of the first {len(shown)} events"
    return f"pixels with charge{where}, plane by plane {listed}" if listed else "no pixel with charge"


def _shown(guide: Guide, path: Path, words: _Words, stops: tuple[Stop, ...], said: str) -> Shown:
    """Predict, measure and draw; `said` is why no network reads it, where none does."""
    begun = guide.seconds
    stop = next((stop for stop in stops if stop.model in guide.models), None)
    data, read, measured = path, "", _Measured()
    if stop is not None:
        try:
            said = _predict(guide, stop, path, target := guide.folder / f"{words.name}-predicted.h5")
        except InvalidArgument as error:
            said = f"The network {stop.model} does not read it: {error}."
        else:
            data, read = target, stop.model
            measured = _measure(guide, stop, data, words.sample)
    if not read:
        guide.say(f"  {said}")
    pictures = _draw(guide, data, words.name)
    text = f"{words.text}\n\n{said} {measured.why}"
    figures, seconds = _figures(pictures, data.name), round(guide.seconds - begun, 1)
    section = Section(words.title, text, measured.tables, figures, seconds)
    return Shown(words.sample, read, data, section, measured.headlines, pictures)


def _without(stops: tuple[Stop, ...], detector: str) -> str:
    """Why no network reads a sample."""
    if not stops:
        what = f"is for the detector {detector}" if detector else "is chosen, as the file names no detector"
        return (
            f"No network of this package {what}: the events are shown as they are. `argoscope predict` reads them with the one "
            "that you name."
        )
    name = stops[0].model
    return (
        f"The network for it, {name}, does not ship with this version: the events are shown as they are. To train it: argoscope "
        f"train configs/{name}.yaml -o {name}"
    )


def _predict(guide: Guide, stop: Stop, path: Path, target: Path) -> str:
    """Have the network of a stop read a file; what it did, and the warnings, in words."""
    with guide.step(f"  the network {stop.model} {stop.network_does}", f"{stop.model} on {path.name}"):
        answer = guide.run(
            "argoscope.inference.predict:predict_file", path, source=str(path), target=str(target),
            model=str(guide.models[stop.model]), command=guide.command, overwrite=True,
        )  # fmt: skip
    guide.timings[-1] = guide.timings[-1]._replace(events=answer["events"])
    for warning in answer["warnings"]:
        guide.say(f"  beware: {warning}")
    beware = [f"Beware: {warning}." for warning in answer["warnings"]]
    limits = read_card(guide.models[stop.model])[0].limits
    known = [f"Its card says: {' '.join(limits)}"] if limits else []
    return " ".join([f"The network {stop.model} {stop.network_does}.", *known, *beware])


def _measure(guide: Guide, stop: Stop, path: Path, sample: str) -> _Measured:
    """Tables and headline numbers of a file of predictions; without truth none, and why."""
    task = TASKS[stop.task]
    try:
        with guide.step("  comparing with the truth, pixel by pixel", f"evaluate {path.name}"):
            answer = guide.run(task.evaluate, path, paths=[str(path)])
    except InvalidArgument as error:
        guide.say(f"  not measured: {error}")
        return _Measured(why=f"Not measured: {error}.")
    headlines = task.headlines(answer)
    for headline in headlines:
        guide.say(f"  {headline.said()}")
    note = f"{sample}. Brackets hold 68 %, over events."
    return _Measured(task.tables(stop.model, answer, note), headlines)


def _draw(guide: Guide, path: Path, name: str) -> dict[str, Any]:
    """Draw the event of a file that shows most."""
    with guide.step("  drawing the event that shows most", f"draw {path.name}"):
        found: dict[str, Any] = guide.run(
            "argoscope.tour.pictures:draw", path, path=str(path), folder=str(guide.folder), name=name, command=guide.command
        )  # fmt: skip
    right = "" if found["right"] is None else f", {found['right']:.0%} of its {found['counted']} called right"
    guide.say(f"  event {found['event']}{right}: {found['picture']}; to look closer open {found['page']}")
    return found


def _figures(pictures: dict[str, Any], source: str) -> tuple[Figure, ...]:
    """The whole event, then the close-up."""
    event, last, right = pictures["event"], pictures["last"], pictures["right"]
    note = f"Also as PDF. The page shows events {event} to {last} of {source}." if last > event else ""
    share = "" if right is None else f": {right:.0%} of its {pictures['counted']} are called right"
    whole = Figure(
        f"Event {event} of {source}{share}", pictures["picture"], note or "Also as PDF.", pictures["page"]
    )
    if pictures["close_up"] is None:
        return (whole,)
    closer = Figure(
        f"Event {event}, a close-up where most classes are seen", pictures["close_up"], "Also as PDF."
    )
    return (whole, closer)
