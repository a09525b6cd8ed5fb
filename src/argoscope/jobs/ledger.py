r"""What became of the units of a job: a ledger while it runs, a manifest when it has ended.

    OUT/.job/ledger.jsonl     the order, then a line for each unit that is done or set aside
    OUT/.job/work/            what is being made
    OUT/manifest.json         the same in one document; `.job` is gone then

Shards of a job have files of their own (`.job-0-of-9`, `manifest-0-of-9.json`),
so that no two processes write one file: locks and shared appends fail on many
of the file systems of farms. A line that was cut short by a crash counts for
nothing; its unit is done again. Paths in these files are names in the folder:
any other is refused.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from argoscope.errors import IntegrityError, InvalidArgument
from argoscope.files.atomic import atomic_output, writing
from argoscope.files.finished import difference_of
from argoscope.files.locks import hold

__all__ = [
    "DONE", "FAILED", "LEDGER", "LEFT", "MOST_UNITS", "Ledger", "Record", "is_begun", "note_lines", "output_in",
    "records", "states_of", "while_runs_end", "work_folder", "write_manifest",
]  # fmt: skip

LEFT, DONE, FAILED = 0, 1, 2
"""States of a unit."""
MOST_UNITS = 100_000_000
"""Units of a job: memory is taken for all of them, in `states_of` a byte each."""
MOST_READINGS = 1000
"""Runs that may end while a folder is read."""
LONGEST_LINE = 10_000_000
"""Characters of a line: one unit's facts and warnings take a few hundred."""
REMEDY = "remove it, and begin the job with --overwrite"
"""What to do about a file that was altered."""
LEDGER = "ledger.jsonl"
"""Name of a run's ledger, in a folder of its own."""


@dataclass(frozen=True)
class Record:
    """One ledger or manifest: its file, its head, and whether the run that wrote it has ended."""

    path: Path
    head: dict[str, Any]
    ended: bool


Answer = TypeVar("Answer")


def while_runs_end(read: Callable[[], Answer]) -> Answer:
    """What reading a job's folder gives; read anew where a run ended meanwhile, whose ledger became a manifest.

    Raises
    ------
    FileNotFoundError
        If it is something else that is not there.
    """
    for _ in range(MOST_READINGS):
        with suppress(FileNotFoundError):
            return read()
    return read()


def work_folder(folder: Path, label: str, index: int) -> Path:
    """Folder in which a unit is made."""
    return folder / f".job{label}" / "work" / f"{index:07d}"


def output_in(folder: Path, name: Any) -> Path:
    """Path of an output that a ledger or a manifest names.

    Raises
    ------
    IntegrityError
        If it is not the name of a file in the folder.

    Examples
    --------
    >>> output_in(Path("out"), "x.h5").as_posix()
    'out/x.h5'
    >>> output_in(Path("out"), "../x.h5")
    Traceback (most recent call last):
    argoscope.errors.IntegrityError: out: the manifest names the output '../x.h5', which is no name of a file in that folder: it was altered
    """
    if not isinstance(name, str) or name != Path(name).name or name in {"", ".", ".."} or "\0" in name:
        raise IntegrityError(
            f"{folder}: the manifest names the output {name!r}, which is no name of a file in that folder: "
            "it was altered"
        )
    return folder / name


def records(folder: Path) -> list[Record]:
    """Every ledger and manifest of a folder, in the order of their names.

    Raises
    ------
    IntegrityError
        If one does not begin as it should.
    """
    found = [(path, False) for path in sorted(folder.glob(f".job*/{LEDGER}"))]
    found += [(path, True) for path in sorted(folder.glob("manifest*.json"))]
    return [Record(path, _head(path), ended) for path, ended in found]


def is_begun(folder: Path) -> bool:
    """Whether a job wrote into the folder."""
    return any(folder.glob(f".job*/{LEDGER}")) or any(folder.glob("manifest*.json"))


def _head(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        line = stream.readline(LONGEST_LINE)
    head = (
        _parsed(line.strip().removesuffix(b', "files": [') + b"}")
        if path.suffix == ".json"
        else _parsed(line)
    )
    if head is None or not _is_order(head.get("order")):
        raise IntegrityError(f"{path} is no manifest of a job, or was altered: {REMEDY}")
    return head


def _is_order(order: Any) -> bool:
    """Whether the order of a head has numbers that memory may be taken by."""
    if not isinstance(order, dict):
        return False
    units, counts, each = order.get("units"), order.get("counts"), order.get("each")
    if type(units) is not int or not 0 <= units <= MOST_UNITS:
        return False
    if counts is None:
        return True
    if type(each) is not int or each < 1 or not isinstance(counts, list):
        return False
    return all(type(count) is int and count >= 0 for count in counts) and units == sum(
        max(1, -(-count // each)) for count in counts
    )


def note_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each unit's line of a ledger or a manifest, with its place in the file; lines cut short are passed over.

    Raises
    ------
    IntegrityError
        If a line has what no run writes.
    """
    with path.open("rb") as stream:
        stream.readline(LONGEST_LINE)
        at = stream.tell()
        while line := stream.readline(LONGEST_LINE):
            note = _parsed(line.strip().removesuffix(b","))
            if note is not None and type(note.get("unit")) is int:
                if not _is_note(note):
                    raise IntegrityError(
                        f"{path}: the line of unit {note['unit']} is none that a run writes, it was altered: {REMEDY}"
                    )
                yield at, note
            at = stream.tell()


def _is_note(note: Mapping[str, Any]) -> bool:
    """Whether what is read of a unit's line, beside the name of its output, is of the kinds that runs write."""
    kinds = {"error": str, "bytes": int, "events": int, "ended": float, "events_set_aside": list}
    return all(type(note[name]) is kind for name, kind in kinds.items() if name in note) and all(
        isinstance(aside, dict) and type(aside.get("event")) is int and isinstance(aside.get("error"), str)
        for aside in note.get("events_set_aside", ())
    )


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def states_of(folder: Path, order: Mapping[str, Any]) -> np.ndarray:
    """State of every unit of a job.

    Parameters
    ----------
    folder : Path
    order : mapping
        Of the job, see `Plan.order`.

    Returns
    -------
    ndarray, shape (unit,), uint8
        `LEFT`, `DONE` or `FAILED`; done only where the output is there, as large as it was.

    Raises
    ------
    InvalidArgument
        If the folder has a job of another order; the message says how it differs.
    IntegrityError
        If a manifest was altered.
    """
    return while_runs_end(lambda: _states(folder, order))


def _states(folder: Path, order: Mapping[str, Any]) -> np.ndarray:
    states = np.zeros(order["units"], dtype=np.uint8)
    sizes = {entry.name: entry.stat().st_size for entry in os.scandir(folder) if entry.is_file()}
    for record in records(folder):
        _require_same(record, order)
        for _, note in note_lines(record.path):
            unit = note["unit"]
            if not 0 <= unit < len(states):
                raise IntegrityError(
                    f"{record.path} names the unit {unit}, which the job has not, it was altered: {REMEDY}"
                )
            if "error" in note:
                states[unit] = states[unit] or FAILED
            elif sizes.get(output_in(folder, note.get("output")).name) == note.get("bytes", -1):
                states[unit] = DONE
    return states


def _require_same(record: Record, order: Mapping[str, Any]) -> None:
    if difference := difference_of(record.head["order"], order):
        raise InvalidArgument(
            f"{record.path} is of another job: {difference}; name another output, or replace it with --overwrite"
        )


class Ledger:
    """The ledger of a run, open for its lines.

    Parameters
    ----------
    folder : Path
    label : str
        Of the shard.
    head : mapping
        With the order; written if there is no ledger yet.

    Raises
    ------
    InvalidArgument
        If another process has it.
    StorageError
        If the folder takes no files.
    """

    def __init__(self, folder: Path, label: str, head: Mapping[str, Any]) -> None:
        self.path = folder / f".job{label}" / LEDGER
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            with atomic_output(self.path) as temporary:
                temporary.write_text(json.dumps(head) + "\n")
        with writing(self.path):
            self._stream = self.path.open("ab", buffering=0)
        hold(
            self._stream,
            f"another process works on this job ({self.path} is in use): wait for it, or stop it first",
        )
        # A line that a crash cut short must not swallow the next.
        self._waiting = b"\n"

    def append(self, note: Mapping[str, Any]) -> None:
        """Write a unit's line; a disk that is full now gets it with a later one."""
        self._waiting += json.dumps(note).encode() + b"\n"
        with suppress(OSError):
            self._waiting = self._waiting[self._stream.write(self._waiting) :]

    def close(self) -> None:
        """Write what waits.

        Raises
        ------
        StorageError
            If the disk still refuses.
        """
        with self._stream, writing(self.path):
            while self._waiting:
                self._waiting = self._waiting[self._stream.write(self._waiting) :]


def write_manifest(
    folder: Path, label: str, head: Mapping[str, Any], units: Sequence[int], count: int
) -> Counter[str]:
    """Write the manifest of a run that has ended, from all that ledgers and manifests say of its units.

    Parameters
    ----------
    folder : Path
    label : str
        Of the shard.
    head : mapping
        Of the manifest: provenance and order.
    units : sequence of int
        Units of the run.
    count : int
        Units of the job.

    Returns
    -------
    Counter
        How many units are ``done`` and ``failed``, and events of them left out, ``events_set_aside``.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    return while_runs_end(lambda: _write_manifest(folder, label, head, units, count))


def _write_manifest(
    folder: Path, label: str, head: Mapping[str, Any], units: Sequence[int], count: int
) -> Counter[str]:
    own = folder / f".job{label}" / LEDGER
    sources = sorted((record.path for record in records(folder)), key=lambda path: path == own)
    places = _places(sources, count, own)
    with ExitStack() as stack:
        streams = [stack.enter_context(path.open("rb")) for path in sources]
        temporary = stack.enter_context(atomic_output(folder / f"manifest{label}.json", overwrite=True))
        stream = stack.enter_context(temporary.open("wb"))
        return _write(stream, head, _lines(streams, places, units))


def _places(sources: list[Path], count: int, own: Path) -> np.ndarray:
    """Source and place in it of what is last known of each unit: the run's own word, else what was done last."""
    places = np.full((count, 2), -1, dtype=np.int64)
    last = np.zeros(count)
    for number, path in enumerate(sources):
        for at, note in note_lines(path):
            unit, ended = note["unit"], note.get("ended", 0.0)
            made = "error" not in note and ended >= last[unit]
            if made or places[unit, 0] < 0 or path == own:
                places[unit] = number, at
            if made:
                last[unit] = ended
    return places


def _lines(streams: Sequence[IO[bytes]], places: np.ndarray, units: Sequence[int]) -> Iterator[bytes]:
    for unit in units:
        number, at = places[unit]
        if number >= 0:
            streams[number].seek(at)
            yield streams[number].readline(LONGEST_LINE).strip().removesuffix(b",")


def _write(stream: IO[bytes], head: Mapping[str, Any], lines: Iterator[bytes]) -> Counter[str]:
    """Write the document, a unit a line; count what the lines say."""
    counts: Counter[str] = Counter()
    stream.write(json.dumps(head).encode()[:-1] + b', "files": [')
    before = b"\n"
    for line in lines:
        note = json.loads(line)
        counts["failed" if "error" in note else "done"] += 1
        counts["events_set_aside"] += len(note.get("events_set_aside", ()))
        stream.write(before + line)
        before = b",\n"
    stream.write(b"\n]}\n")
    return counts
