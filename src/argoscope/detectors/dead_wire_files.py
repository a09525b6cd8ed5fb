"""Lists of dead wires in files.

A text file has one line a wire or a run of wires, ``#`` starts a comment:

    # plane wires [volume]
    0 446
    2 2336-2399
    1 1248-1279 0

A CSV file has a header with the columns plane, wire and, where wanted, last
(the end of a run) and volume. Without a volume a wire is dead in every drift
volume of the detector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from argoscope.detectors.dead_wires import DeadWires, require_run
from argoscope.detectors.detector import Detector
from argoscope.errors import InvalidArgument, UnreadableFile, nearest_hint
from argoscope.typing import PathLike

__all__ = ["load_dead_wires", "parse_dead_wires"]

# Nine digits hold every wire number and keep int() from working on endless ones.
_LINE = re.compile(r"(\d{1,9})\s+(\d{1,9})(?:\s*-\s*(\d{1,9}))?(?:\s+(\d{1,9}))?", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_COLUMNS = ("plane", "wire", "last", "volume")
_MAX_BYTES = 10_000_000  # bytes; a list of every wire of every detector we know stays far below

_Lines = list[tuple[int, str]]
_Run = tuple[int, int, int] | tuple[int, int, int, int]


def load_dead_wires(path: PathLike, detector: Detector) -> DeadWires:
    """Read a list of dead wires, as text or CSV.

    Parameters
    ----------
    path : path-like
    detector : Detector
        Whose wires they are.

    Returns
    -------
    DeadWires

    Raises
    ------
    UnreadableFile
        If the file is missing, a directory, not permitted, too large or no text.
    InvalidArgument
        If a line is no such line or names a wire that does not exist; the message names file and line.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(
            f"{path}: cannot be read ({error.strerror}); give the path of a list of dead wires"
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: byte {error.start} is no UTF-8 text; save the list as text") from error
    if len(content) > _MAX_BYTES:
        raise UnreadableFile(
            f"{path}: is larger than {_MAX_BYTES} bytes, the most a list of dead wires may have"
        )
    return parse_dead_wires(text, detector, str(path))


def parse_dead_wires(text: str, detector: Detector, name: str = "the list of dead wires") -> DeadWires:
    """Dead wires from the text of such a list; see `load_dead_wires`.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> parse_dead_wires("0 2400", detector_named("microboone"), "dead.txt")
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: dead.txt: line 1: wire 2400 does not exist: plane 0 of microboone has wires 0 to 2399
    """
    lines: _Lines = [(number, line.split("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line]
    reader = _csv_runs if lines and re.search("[A-Za-z,]", lines[0][1]) else _text_runs
    dead = []
    for number, run in reader(lines, name):
        try:
            require_run(detector, run[0], run[1], run[2], list(run[3:]))
        except InvalidArgument as error:
            raise InvalidArgument(f"{name}: line {number}: {error}") from error
        dead.append(run)
    return DeadWires.of(detector, dead)


def _text_runs(lines: _Lines, name: str) -> Iterator[tuple[int, _Run]]:
    for number, line in lines:
        match = _LINE.fullmatch(line)
        if not match:
            raise InvalidArgument(
                f"{name}: line {number}: {line[:60]!r} must be 'plane wire' or 'plane first-last', "
                "with a volume after it where wanted"
            )
        plane, first, last, volume = match.groups()
        yield number, _run(plane, first, last, volume)


def _csv_runs(lines: _Lines, name: str) -> Iterator[tuple[int, _Run]]:
    header = [word.strip().lower() for word in lines[0][1].split(",")]
    for word in header:
        if word not in _COLUMNS:
            raise InvalidArgument(
                f"{name}: line {lines[0][0]}: there is no column {word[:60]!r}. {nearest_hint(word, _COLUMNS)}"
            )
    if len(set(header)) < len(header) or not {"plane", "wire"} <= set(header):
        raise InvalidArgument(
            f"{name}: line {lines[0][0]}: the header must name the columns plane and wire, each once"
        )
    for number, line in lines[1:]:
        words = [word.strip() for word in line.split(",")]
        row = dict(zip(header, words, strict=False))
        empty = {key for key, word in row.items() if not word} & {"last", "volume"}
        row = {key: word for key, word in row.items() if key not in empty}
        if len(words) != len(header) or not all(_NUMBER.fullmatch(word) for word in row.values()):
            raise InvalidArgument(
                f"{name}: line {number}: {line[:60]!r} must have whole numbers for {', '.join(header)}"
            )
        yield number, _run(row["plane"], row["wire"], row.get("last"), row.get("volume"))


def _run(plane: str, first: str, last: str | None, volume: str | None) -> _Run:
    run = (int(plane), int(first), int(last or first))
    return run if volume is None else (*run, int(volume))
