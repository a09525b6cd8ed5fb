"""What commands share: answers on stdout, progress on stderr, work in a guarded child."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.errors import InvalidArgument, Stopped, UnreadableFile
from argoscope.files import guard

__all__ = [
    "Json",
    "Overwrite",
    "command_line",
    "each_file",
    "end_of_files",
    "guarded",
    "print_json",
    "print_rows",
    "print_table",
    "print_text",
    "progress_reporter",
    "row_lines",
    "stop_requests",
    "stopped_by_signals",
    "table_lines",
    "with_interval",
]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
"""Option of every command that has an answer."""
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")]
"""Option of commands that write a file."""
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
"""Signals that stop work: the terminal's, and those that batch systems send."""
PARTIAL = 4
"""Exit code when some files were set aside."""
QUIET_SECONDS = 30.0
"""Where stderr is no terminal, progress is one plain line so often."""


def command_line() -> str:
    """The command as it was typed, for the provenance of outputs."""
    return shlex.join(["argoscope", *sys.argv[1:]])


def print_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    typer.echo(json.dumps(value, indent=1))


def print_text(text: str) -> None:
    """Print a sentence; on a terminal that is narrower, in several lines."""
    for line in _wrapped(text, _terminal_width()):
        typer.echo(line)


def print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Print names and values in two columns; on a terminal a long value goes on in the next lines."""
    for line in row_lines(rows, _terminal_width()):
        typer.echo(line)


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; on a terminal that is narrower, in blocks of columns one below the other."""
    for line in table_lines(head, rows, _terminal_width()):
        typer.echo(line)


def row_lines(rows: Sequence[tuple[str, str]], width: int | None = None) -> list[str]:
    r"""Lines of names and values in two columns.

    Parameters
    ----------
    rows : sequence of (str, str)
    width : int, optional
        Of a terminal: what is longer goes on below, under the value, and a name that takes more than half of the line
        has a line of its own. No word is broken: a path may stand out. By default a row is one line.

    Examples
    --------
    >>> print(*row_lines([("events", "2"), ("made by", "argoscope simulate gun")], 26), sep="\n")
    events   2
    made by  argoscope
             simulate gun
    """
    names = [len(name) for name, _ in rows]
    column = max((size for size in names if width is None or size <= width // 2), default=0)
    lines = []
    for name, value in rows:
        parts = _wrapped(value, None if width is None else width - column - 2)
        if len(name) > column:
            parts = ["", *parts]
        beside = [name] + [""] * (len(parts) - 1)
        lines += [f"{a:<{column}}  {b}".rstrip() for a, b in zip(beside, parts, strict=True)]
    return lines


def table_lines(head: Sequence[str], rows: Iterable[Sequence[str]], width: int | None = None) -> list[str]:
    r"""Lines of a table: the first column left, the others right aligned.

    Parameters
    ----------
    head : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
        Their cells.
    width : int, optional
        Of a terminal: columns that do not fit stand in further blocks, after an empty line and with the first column.
        By default the table stands whole.

    Examples
    --------
    >>> print(*table_lines(("", "plain", "weighted"), [("error", "0.1", "0.25")], 14), sep="\n")
           plain
    error    0.1
    <BLANKLINE>
           weighted
    error      0.25
    """
    first, *columns = zip(head, *rows, strict=True)
    blocks = [[first]]
    for column in columns:
        if len(blocks[-1]) > 1 and width is not None and _width([*blocks[-1], column]) > width:
            blocks.append([first])
        blocks[-1].append(column)
    lines = []
    for block in blocks:
        lines += ["", *_aligned(block)]
    return lines[1:]


def _aligned(columns: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns that stand side by side."""
    sizes = [max(map(len, column)) for column in columns]
    lines = []
    for first, *others in zip(*columns, strict=True):
        cells = [first.ljust(sizes[0]), *(map(str.rjust, others, sizes[1:]))]
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(columns: Sequence[Sequence[str]]) -> int:
    """Characters of a line of columns, with two between them."""
    return sum(max(map(len, column)) + 2 for column in columns) - 2


def _wrapped(text: str, width: int | None) -> list[str]:
    """A text in lines, broken between words alone."""
    if width is None or len(text) <= width:
        return [text]
    return textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]


def _terminal_width() -> int | None:
    """Characters of a line of the terminal on stdout, or None where that is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def with_interval(number: Mapping[str, float | None]) -> str:
    """A number of an evaluation in words, with its interval.

    Examples
    --------
    >>> with_interval({"value": 0.5, "low": 0.4, "high": 0.61}), with_interval({"value": None, "low": None, "high": None})
    ('0.5000 [0.4000, 0.6100]', '-')
    """
    value, low, high = (number[key] for key in ("value", "low", "high"))
    if value is None:
        return "-"
    return f"{value:.4f}" if low is None or high is None else f"{value:.4f} [{low:.4f}, {high:.4f}]"


def guarded(target: str, file: Path, /, **arguments: Any) -> Any:
    """Run a library function on a foreign file in a child process, with progress on stderr."""
    with _Progress() as progress:
        progress.begin("loading")
        return guard.call(target, arguments, path=file, progress=progress)


def each_file(
    files: Sequence[Path], work: Callable[[Path], dict[str, Any]], *, key: str
) -> Iterator[dict[str, Any]]:
    """Give the answer of each file as it comes; a bad one of several is said on stderr and set aside.

    Parameters
    ----------
    files : sequence of Path
    work : callable
        Gives the answer of a file.
    key : str
        Under which the answer of a file that is set aside has its path, beside ``error``.

    Raises
    ------
    InvalidArgument, UnreadableFile
        Of the only file.
    """
    for path in files:
        try:
            answer = work(path)
        except (InvalidArgument, UnreadableFile) as error:
            if len(files) == 1:
                raise
            typer.echo(f"argoscope: {error}", err=True)
            answer = {key: str(path), "error": str(error)}
        yield answer


def end_of_files(answers: Sequence[Mapping[str, Any]]) -> None:
    """End a command with 4 if some of its files were set aside, with 3 if all were."""
    bad = sum("error" in answer for answer in answers)
    if bad and bad == len(answers):
        raise UnreadableFile(f"none of the {bad} files could be used")
    if bad:
        raise typer.Exit(PARTIAL)


@contextmanager
def progress_reporter() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function report(what, done, total) that shows progress on stderr."""
    start = time.monotonic()
    with _Progress() as progress:
        yield lambda what, done, total: progress(what, time.monotonic() - start, done, total)


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether SIGINT, SIGTERM or SIGUSR1 asked the work to stop; a second SIGINT ends it."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        if not asked:
            _say_at_once("stopping after this step; Ctrl-C once more ends it now")
        asked.append(number)

    with _handled_by(ask):
        yield lambda: bool(asked)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let SIGINT, SIGTERM or SIGUSR1 end the work at once, its parts kept: work that goes on with --resume."""

    def end(_number: int, _frame: object) -> None:
        _say_at_once("stopping")
        raise Stopped("stopped; what was made is kept: go on with --resume")

    with _handled_by(end):
        yield


def _say_at_once(words: str) -> None:
    """Answer a signal while the work still ends: on a terminal alone, where somebody waits."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[Kargoscope: {words}\n")
        sys.stderr.flush()


@contextmanager
def _handled_by(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Give the signals that stop work to a function, and back to what had them before."""
    before = {number: signal.signal(number, handler) for number in STOPPING}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class _Progress:
    """Progress of a child: a line rewritten in place on a terminal, a plain line now and then elsewhere.

    Work that is resumed begins in the middle: the rate is of what was done since the first report of a piece of work.
    """

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.last = time.monotonic()
        self.shown = False
        self.work: tuple[str, int] = ("", 0)
        self.done = 0
        self.first = (0.0, 0)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown and self.terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def begin(self, words: str) -> None:
        """Say on a terminal what is done before there is progress."""
        if self.terminal:
            self.shown = True
            self._write(words)

    def __call__(self, what: str, seconds: float, done: int, total: int) -> None:
        if (what, total) != self.work or done < self.done:
            self.first = (seconds, done)
        self.work, self.done = (what, total), done
        now = time.monotonic()
        if now - self.last < (0.1 if self.terminal else QUIET_SECONDS) or (self.terminal and seconds < 1):
            return
        self.last, self.shown = now, True
        spent, made = seconds - self.first[0], done - self.first[1]
        pace = f", {made / spent:.1f}/s, {spent / made * (total - done):.0f} s left" if made and spent else ""
        line = f"{what}: {done} of {total}{pace}"
        self._write(line)

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[K{line}" if self.terminal else f"{line}\n")
        sys.stderr.flush()
