"""`argoscope info` says how a file came to be, whatever is in its place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from argoscope.cli.main import main
from argoscope.cli.provenance import DIGEST, LONGEST, MOST, provenance_rows
from argoscope.drawn import drawn_event
from argoscope.files.larcv3_write import write_events

WHOLE = {
    "command": "argoscope predict a.h5 -m m -o b.h5",
    "package": {"name": "argoscope", "version": "0.1.0", "git": "abc1234+"},
    "versions": {"python": "3.12.1", "numpy": "2.4.6"},
    "inputs": [
        {
            "path": "a.h5",
            "bytes": 12,
            "sha256": "ab" * 32,
            "provenance": {"command": "argoscope simulate gun"},
        }
    ],
    "configuration": {"gain": 1.0, "model": {"name": "m", "sha256": "cd" * 32}},
    "seeds": {"simulation": 3},
    "host": {"name": "node7", "machine": "x86_64"},
    "time": "2026-01-01T00:00:00+00:00",
}


def test_every_part_is_said():
    rows = dict(provenance_rows(WHOLE))
    settings = hashlib.sha256(json.dumps(WHOLE["configuration"], sort_keys=True).encode()).hexdigest()[
        :DIGEST
    ]
    assert rows == {
        "made by": WHOLE["command"],
        "  with": "argoscope 0.1.0 abc1234+, python 3.12.1, numpy 2.4.6",
        "  on": "node7 x86_64 2026-01-01T00:00:00+00:00",
        "  seeds": "simulation 3",
        "  settings": f"gain 1.0, model.name m, model.sha256 {'cd' * 8}...; all of them have the SHA-256 {settings}...",
        "  input": f"a.h5 (12 bytes, SHA-256 {'ab' * 8}...), made by argoscope simulate gun",
    }


def test_the_settings_of_equal_orders_have_one_digest():
    turned = {**WHOLE, "configuration": dict(reversed(WHOLE["configuration"].items()))}
    other = {**WHOLE, "configuration": {**WHOLE["configuration"], "gain": 1.1}}
    digests = [
        dict(provenance_rows(block))["  settings"].rpartition(" ")[2] for block in (WHOLE, turned, other)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    "block",
    [{}, {"command": 5, "inputs": 7, "package": [], "seeds": "x", "configuration": None, "host": 1, "versions": 2.5},
     {"inputs": [None, 3, {"path": None, "sha256": [], "provenance": 1}]},
     {"configuration": json.loads('{"a": ' * 300 + "1" + "}" * 300)}],
    ids=["nothing", "other types", "other inputs", "deep"],
)  # fmt: skip
def test_anything_may_stand_in_its_place(block):
    for name, value in provenance_rows(block):
        assert name.strip()
        assert value.isprintable()


def test_what_a_terminal_would_obey_is_not_printed():
    rows = dict(provenance_rows({"command": "argoscope\x1b[2J info\nx\u202e", "seeds": {"\x07": "\r"}}))
    assert rows == {"made by": "argoscope?[2J info?x?", "  seeds": "? ?"}


def test_what_is_long_is_cut_and_counted():
    inputs = [{"path": f"{number}.h5"} for number in range(MOST + 3)]
    rows = provenance_rows(
        {"command": "x" * (LONGEST + 1), "inputs": inputs, "seeds": dict.fromkeys("abcdefghijklmn", 1)}
    )
    assert rows[0] == ("made by", "x" * LONGEST + "...")
    assert rows[1][1].endswith(f", and {14 - MOST} more")
    assert len(rows) == 2 + MOST + 1
    assert rows[-1] == ("  input", "and 3 more")


def test_a_file_says_who_made_it_of_what(tmp_path: Path, capsys):
    source, target = tmp_path / "a.h5", tmp_path / "b.h5"
    write_events(source, [drawn_event(0)])
    assert main(["convert", str(source), str(target)]) == 0
    capsys.readouterr()
    assert main(["info", str(target)]) == 0
    text = capsys.readouterr().out
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    for words in (
        "made by",
        f"{source} ({source.stat().st_size} bytes, SHA-256 {digest[:DIGEST]}...)",
        "torch ",
    ):
        assert words in text
    assert main(["info", str(target), "--json"]) == 0
    provenance = json.loads(capsys.readouterr().out)["provenance"]
    assert provenance["inputs"][0]["sha256"] == digest
    assert provenance["host"]["processor"] is not None
    assert {"numpy", "h5py", "numba", "torch", "python"} == set(provenance["versions"])
