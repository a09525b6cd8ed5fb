"""From any format that can be read to any that can be written.

Formats that hold larcv products (larcv3, larcv1 and larcv2 ROOT) keep every
product as stored on the way to larcv3; all others pass through the event:
charge, labels, truth clusters and particles.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from argoscope.errors import require_known
from argoscope.events import Event, Image, LabelColumn, LabelScheme, convert_labels
from argoscope.events.labels import scheme_named
from argoscope.files.atomic import require_new
from argoscope.files.catalogue import open_events
from argoscope.files.finished import require_output_of
from argoscope.files.guard import say
from argoscope.files.larcv3_write import Larcv3Writer, write_events
from argoscope.files.layouts import header_for
from argoscope.files.pilarnet import write_pilarnet
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.files.source import EventFile, RecordFile
from argoscope.files.spine import write_spine
from argoscope.typing import PathLike

__all__ = ["WRITERS", "convert", "relabel", "require_order"]


def _write_pilarnet(path: Path, events: Iterable[Event], lossy: bool, overwrite: bool) -> None:
    write_pilarnet(path, events, overwrite=overwrite, allow_lossy=lossy)


def _write_spine(path: Path, events: Iterable[Event], lossy: bool, overwrite: bool) -> None:
    write_spine(path, events, overwrite=overwrite, allow_lossy=lossy)


WRITERS: dict[str, Callable[[Path, Iterable[Event], bool, bool], None] | None] = {
    "larcv3": None,  # written with its provenance, below
    "pilarnet-m": _write_pilarnet,
    "spine": _write_spine,
}
"""Formats that can be written."""


def require_order(*, to: str, scheme: str | None) -> None:
    """Refuse a format that cannot be written, and a label scheme that is not known.

    Raises
    ------
    InvalidArgument
    """
    require_known(to, WRITERS, "there is no format to write called")
    if scheme is not None:
        scheme_named(scheme)


def convert(
    source: PathLike,
    target: PathLike,
    *,
    to: str = "larcv3",
    scheme: str | None = None,
    lossy: bool = False,
    first_event: int = 0,
    events: int | None = None,
    skip: Collection[int] = (),
    command: str = "",
    resume: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Convert a file of events.

    Parameters
    ----------
    source : path
        Input, in any known format.
    target : path
        Output; it appears when it is complete.
    to : {"larcv3", "pilarnet-m", "spine"}
        Format of the output.
    scheme : str, optional
        Label scheme of the semantic labels in the output; as in the input by default.
    lossy : bool
        Whether labels may be merged on the way.
    first_event : int
        Number in the file of the first event that is wanted.
    events : int, optional
        Only so many from there on.
    skip : collection of int
        Numbers of events in the file that are left out.
    command : str
        The command line, for the provenance.
    resume : bool
        Whether a finished larcv3 output of the same order is left as it is.
    overwrite : bool
        Whether an existing output may be replaced.

    Returns
    -------
    dict
        ``input``, ``output``, ``from``, ``to``, ``events``, and ``left_out``: products of the input that
        the output has not.

    Raises
    ------
    InvalidArgument
        If the formats or schemes do not fit each other.
    UnreadableFile
        If an event cannot be read; nothing is written then.
    """
    require_order(to=to, scheme=scheme)
    kept = resume and not overwrite and Path(target).exists()
    target = Path(target) if kept else require_new(target, overwrite=overwrite)
    with open_events(source) as file:
        wanted = file.numbers(first_event, events)
        numbers = [number for number in wanted if number not in skip]
        facts = file.describe()
        # What made the input stays known: its own provenance goes along.
        begin = {"first_event": first_event} if first_event else {}
        configuration = {"to": to, "scheme": scheme, "lossy": lossy, **begin, "events": len(wanted)}
        provenance = provenance_block(
            command,
            inputs=[{**file_facts(file.path), "provenance": facts.provenance}],
            configuration={**configuration, "skip": sorted(skip)},
        )
        left_out: list[str] = []
        writer = WRITERS[to]
        if kept:
            require_output_of(target, _asked(provenance), _asked)
        elif writer is not None:
            writer(target, _events(file, numbers, scheme, lossy), lossy, overwrite)
        elif isinstance(file, RecordFile) and scheme is None:
            copied = _copy_records(file, target, numbers, provenance, overwrite)
            left_out = sorted(set(facts.products) - copied) if numbers else []
        else:
            write_events(
                target, _events(file, numbers, scheme, lossy), provenance=provenance, overwrite=overwrite
            )
        return {
            "input": str(source),
            "output": str(target),
            "from": facts.format,
            "to": to,
            "events": len(numbers),
            "left_out": left_out,
        }


def _asked(provenance: dict[str, Any]) -> dict[str, Any]:
    """What decides the bytes of an output, from its provenance."""
    return {"input": provenance["inputs"][0]["sha256"], **provenance["configuration"]}


def _events(file: EventFile, numbers: Sequence[int], scheme: str | None, lossy: bool) -> Iterator[Event]:
    wanted = scheme_named(scheme) if scheme else None
    for done, index in enumerate(numbers, 1):
        event = file.event(index)
        yield event if wanted is None else relabel(event, wanted, lossy=lossy)
        say("converting events", done, len(numbers))


def _copy_records(
    file: RecordFile, target: Path, numbers: Sequence[int], provenance: dict[str, Any], overwrite: bool
) -> set[str]:
    """Copy every product as stored; return which there were."""
    kept: set[str] = set()
    with Larcv3Writer(target, overwrite=overwrite) as writer:
        for done, index in enumerate(numbers, 1):
            record = file.record(index)
            if writer.header is None:
                header = getattr(file, "header", None) or header_for(list(record.products))
                writer.header = replace(header, provenance=provenance)
            writer.append(record)
            kept |= set(record.products)
            say("converting events", done, len(numbers))
    return kept


def relabel(event: Event, scheme: LabelScheme, *, lossy: bool = False) -> Event:
    """Say the semantic labels of an event in another scheme.

    Parameters
    ----------
    event : Event
    scheme : LabelScheme
        The scheme wanted.
    lossy : bool
        Whether classes may be merged.

    Returns
    -------
    Event

    Raises
    ------
    InvalidArgument
        If there are no semantic labels or no such conversion.
    """
    return replace(event, images=tuple(_relabelled(image, scheme, lossy) for image in event.images))


def _relabelled(image: Image, scheme: LabelScheme, lossy: bool) -> Image:
    column = image.label("semantic")
    values = convert_labels(column.values, column.scheme, scheme, allow_lossy=lossy)
    return image.with_labels(semantic=LabelColumn(values, scheme))
