"""How a file came to be, in a few lines: what `argoscope info` prints of its provenance.

The block itself (`argoscope.files.provenance`) has every setting and the
blocks of the inputs; `--json` prints it whole. Files of others may say
anything there, so nothing is taken for granted, and what a terminal would obey
is not printed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["provenance_rows"]

MOST = 12
"""Settings, and inputs, that are shown; the others are counted."""
DEEPEST = 3
"""Levels of settings that are told apart."""
LONGEST = 2000
"""Characters of a text that are shown: a command line of many files."""
DIGEST = 16
"""Characters of a SHA-256 that are shown: enough to tell files apart."""


def provenance_rows(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values for people.

    Parameters
    ----------
    provenance : mapping
        A provenance block, or what a file has in its place.

    Examples
    --------
    >>> provenance_rows({"command": "argoscope simulate gun", "seeds": {"simulation": 4}, "configuration": {}})
    [('made by', 'argoscope simulate gun'), ('  seeds', 'simulation 4')]
    """
    package, host = _mapping(provenance.get("package")), _mapping(provenance.get("host"))
    versions = {
        package.get("name", "argoscope"): " ".join(
            _text(package[key]) for key in ("version", "git") if package.get(key)
        )
    }
    rows = [
        ("made by", _text(provenance.get("command", ""))),
        ("  with", _listed({**versions, **_mapping(provenance.get("versions"))}) if package else ""),
        ("  on", " ".join(_text(value) for value in (*host.values(), provenance.get("time", "")))),
        ("  seeds", _listed(_mapping(provenance.get("seeds")))),
        ("  settings", _settings(_mapping(provenance.get("configuration")))),
    ]
    return [(name, value) for name, value in rows if value.strip()] + _inputs(provenance.get("inputs"))


def _inputs(inputs: Any) -> list[tuple[str, str]]:
    files = [_mapping(each) for each in inputs] if isinstance(inputs, list) else []
    rows = []
    for file in files[:MOST]:
        facts = f"{_text(file.get('path'))} ({_text(file.get('bytes'))} bytes, SHA-256 {_digest(file.get('sha256'))})"
        made = _mapping(file.get("provenance")).get("command")
        rows.append(("  input", f"{facts}, made by {_text(made)}" if made else facts))
    more = len(files) - MOST
    return [*rows, ("  input", f"and {more} more")] if more > 0 else rows


def _settings(configuration: Mapping[str, Any]) -> str:
    """The first settings, and a digest of all: two files of one digest were made by the same."""
    if not configuration:
        return ""
    shown = dict(_flat(configuration))
    whole = hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()
    return f"{_listed(shown)}; all of them have the SHA-256 {_digest(whole)}"


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Settings by their path, those of the first levels first."""
    deeper = before.count(".") < DEEPEST
    nested = {key: value for key, value in values.items() if deeper and isinstance(value, dict)}
    yield from ((f"{before}{key}", value) for key, value in values.items() if key not in nested)
    for key, value in nested.items():
        yield from _flat(value, f"{before}{key}.")


def _listed(values: Mapping[Any, Any]) -> str:
    shown = [f"{_text(name)} {_text(value)}".rstrip() for name, value in list(values.items())[:MOST]]
    more = len(values) - MOST
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A value on one line, without what would move a terminal's cursor; a digest short."""
    if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value):
        return _digest(value)
    text = value if isinstance(value, str) else json.dumps(value)
    plain = "".join(character if character.isprintable() else "?" for character in text[:LONGEST])
    return plain + ("..." if len(text) > LONGEST else "")


def _digest(value: Any) -> str:
    return f"{str(value)[:DIGEST]}..." if isinstance(value, str) and value.isalnum() else "unknown"
