"""What commands share: tables and rows fit a terminal, signals ask for a stop or end the work and are given back."""

from __future__ import annotations

import os
import signal
from itertools import cycle, pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command
from typer.testing import CliRunner

from argoscope.cli import output
from argoscope.cli.main import app
from argoscope.cli.output import (
    print_rows,
    print_table,
    print_text,
    progress_reporter,
    row_lines,
    stop_requests,
    stopped_by_signals,
    table_lines,
)
from argoscope.errors import Stopped

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


@pytest.fixture(autouse=True)
def handlers_are_given_back():
    before = [signal.getsignal(number) for number in STOPPING]
    yield
    assert [signal.getsignal(number) for number in STOPPING] == before


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_asks_for_a_stop(number):
    with stop_requests() as stop:
        assert not stop()
        signal.raise_signal(number)
        assert stop()


@pytest.mark.parametrize("first", STOPPING)
def test_ctrl_c_after_a_request_ends_the_work(first):
    with stop_requests() as stop:
        signal.raise_signal(first)
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert stop()


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_ends_work_that_is_resumed_later(number):
    with pytest.raises(Stopped, match="go on with --resume"), stopped_by_signals():
        signal.raise_signal(number)


@pytest.fixture
def clock(monkeypatch):
    """A list whose last entry is the time in seconds; stderr is no terminal, and progress a line at every report."""
    times = [0.0]
    monkeypatch.setattr(output, "time", SimpleNamespace(monotonic=lambda: times[-1]))
    monkeypatch.setattr(output, "QUIET_SECONDS", 0.0)
    return times


def reported(clock, capsys, reports):
    """Lines of progress, of reports (seconds, what, done, total)."""
    with progress_reporter() as report:
        for seconds, *said in reports:
            clock.append(seconds)
            report(*said)
    return capsys.readouterr().err.splitlines()


def test_the_rate_is_of_what_this_process_did(clock, capsys):
    resumed = [(5.0, "steps", 501, 1000), (15.0, "steps", 502, 1000), (45.0, "steps", 511, 1000)]
    assert reported(clock, capsys, resumed) == [
        "steps: 501 of 1000",
        "steps: 502 of 1000, 0.1/s, 4980 s left",
        "steps: 511 of 1000, 0.2/s, 1956 s left",
    ]


@pytest.mark.parametrize(
    "second", [("other", 1, 10), ("steps", 1, 20), ("steps", 1, 10)], ids=["work", "total", "anew"]
)
def test_every_piece_of_work_has_its_own_rate(clock, capsys, second):
    what, _, total = second
    lines = reported(
        clock, capsys, [(0, "steps", 0, 10), (10, "steps", 10, 10), (100, *second), (101, what, 2, total)]
    )
    assert lines[1] == "steps: 10 of 10, 1.0/s, 0 s left"
    assert lines[2:] == [
        f"{what}: 1 of {total}",
        f"{what}: 2 of {total}, 1.0/s, {total - 2} s left",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_told_at_once_and_left_clean(terminal, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    monkeypatch.setattr(output.guard, "call", lambda *_args, **_words: 7)
    assert output.guarded("argoscope:open", Path("a.h5")) == 7
    assert capsys.readouterr().err == ("\r\x1b[Kloading\r\x1b[K" if terminal else "")


@pytest.mark.parametrize("terminal", [True, False])
def test_a_signal_is_answered_at_once_where_somebody_waits(terminal, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    with stop_requests():
        signal.raise_signal(signal.SIGINT)
    said = capsys.readouterr().err
    assert ("stopping after this step; Ctrl-C once more" in said) == terminal


def table(columns, rows, sizes):
    """Head and rows whose cells are told apart by their place; their sizes differ."""
    places = [[f"{row}.{column}" for column in range(columns)] for row in range(rows + 1)]
    size = cycle(sizes)
    cells = [[place.ljust(next(size), "x") for place in line] for line in places]
    return cells[0], cells[1:]


tables = st.builds(
    table, st.integers(1, 8), st.integers(0, 5), st.lists(st.integers(1, 30), min_size=1, max_size=9)
)


def blocks_of(lines):
    """Cells of each block of a table whose cells have no spaces."""
    blocks = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line.split())
        else:
            blocks.append([])
    return blocks


@given(tables, st.one_of(st.none(), st.integers(1, 200)))
def test_every_cell_stands_once_in_order_and_the_first_column_in_each_block(made, width):
    head, rows = made
    blocks = blocks_of(table_lines(head, rows, width))
    assert all(len(block[0]) > 1 for block in blocks) or len(head) == 1
    for block in blocks:
        assert [cells[0] for cells in block] == [head[0], *(row[0] for row in rows)]
    joined = [[cell for part in parts for cell in part[1:]] for parts in zip(*blocks, strict=True)]
    assert joined == [list(cells[1:]) for cells in (head, *rows)]


@given(tables, st.integers(1, 200))
def test_no_line_of_a_table_is_wider_unless_one_column_beside_the_first_is(made, width):
    lines = table_lines(*made, width)
    for block in blocks_of(lines):
        size = 2 * len(block[0]) - 2 + sum(max(map(len, column)) for column in zip(*block, strict=True))
        assert size <= width or len(block[0]) <= 2


@given(tables, st.integers(1, 200))
def test_a_block_takes_what_fits(made, width):
    blocks = blocks_of(table_lines(*made, width))
    for block, after in pairwise(blocks):
        more = [*zip(*block, strict=True), list(zip(*after, strict=True))[1]]
        assert sum(max(map(len, column)) + 2 for column in more) - 2 > width


@given(tables)
def test_a_table_without_a_width_is_aligned_and_whole(made):
    head, rows = made
    lines = table_lines(head, rows)
    assert len(lines) == 1 + len(rows)
    ends = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for line, row in zip(lines, (head, *rows), strict=True):
        assert line.startswith(row[0])
        for n in range(1, len(head)):
            assert line[: sum(ends[: n + 1]) + 2 * n].endswith("  " + row[n])


def test_cells_may_be_empty():
    assert table_lines(("", "a", "b"), [("one", "", "2"), ("two", "1", "")]) == [
        "     a  b",
        "one     2",
        "two  1",
    ]


def test_a_table_of_rows_that_do_not_fit_the_head_is_refused():
    with pytest.raises(ValueError, match="argument"):
        table_lines(("", "a"), [("one", "1", "2")])


words = st.text("abc-/.", min_size=1, max_size=60)
named_values = st.lists(
    st.tuples(st.text("name", max_size=50), st.lists(words, max_size=15).map(" ".join)), max_size=6
)


@given(named_values, st.integers(1, 120))
def test_wrapped_rows_keep_all_words_in_order(rows, width):
    printed = " ".join(row_lines(rows, width)).split()
    assert printed == [word for name, value in rows for word in f"{name} {value}".split()]


@given(named_values, st.integers(1, 120))
def test_a_line_of_rows_is_wider_only_for_one_word(rows, width):
    short = [len(name) for name, _ in rows if len(name) <= width // 2]
    column = max(short, default=0)
    for line in row_lines(rows, width):
        assert len(line) <= width or len(line[column:].split()) == 1 or line.strip() in dict(rows)


def test_values_go_on_under_their_own_column():
    path = "/a/path-that-is/longer/than-the-line.h5"
    assert row_lines([("file", path), ("  settings", "events 2, gain 1.0, model small")], 30) == [
        "file        " + path,
        "  settings  events 2, gain",
        "            1.0, model small",
    ]


def test_a_long_name_stands_above_its_value():
    rows = [("left", "2"), ("  some/long/path.h5", "no file of a known format")]
    assert row_lines(rows, 30) == [
        "left  2",
        "  some/long/path.h5",
        "      no file of a known",
        "      format",
    ]


def test_rows_without_a_width_are_one_line_each():
    rows = [("file", "a b " * 99 + "c"), ("a name", "  as  it is")]
    assert row_lines(rows) == ["file    " + rows[0][1], "a name    as  it is"]


@pytest.fixture
def terminal(monkeypatch):
    """A function that makes stdout a terminal of so many columns."""

    def make(columns):
        monkeypatch.setattr(output.sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(output.shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))

    return make


def show():
    print_table(("", "first", "second"), [("row", "0.5", "0.25")])
    print_rows([("name", "many words in a value")])
    print_text("a sentence of many words")


def test_what_is_printed_fits_the_terminal(terminal, capsys):
    terminal(16)
    show()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == ["     first", "row    0.5", "", "     second", "row    0.25"]
    assert lines[5:] == ["name  many words", "      in a value", "a sentence of", "many words"]
    terminal(80)
    show()
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_what_is_no_terminal_has_tables_and_rows_whole(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "16")
    show()
    assert capsys.readouterr().out.splitlines() == [
        "     first  second",
        "row    0.5    0.25",
        "name  many words in a value",
        "a sentence of many words",
    ]


@pytest.mark.parametrize(
    "names", [(), ("info",), ("evaluate",), ("evaluate", "cosmic-tagging"), ("simulate",)]
)
def test_flags_have_no_type_in_the_help(names, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    help_text = CliRunner().invoke(app, [*names, "--help"]).output
    assert "--help" in help_text
    assert "<bool>" not in help_text
    assert names != ("info",) or "range" in help_text


def test_options_of_no_command_show_a_type_of_flags():
    waiting = [get_command(app)]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        context = command.context_class(command, info_name=command.name)
        flags = [option for option in command.get_params(context) if getattr(option, "is_flag", False)]
        assert flags
        assert {option.metavar for option in flags} == {""}
