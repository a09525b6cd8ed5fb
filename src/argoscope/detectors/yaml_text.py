"""YAML from a stranger: read into plain values, or refused in one sentence.

Only mappings with text keys, lists, text, numbers, true, false and null are
taken. Aliases (a few bytes of them expand without end), tags, duplicate keys,
more than 1 MB and more than 50 levels are refused while the text is scanned,
before anything is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.typing import PathLike

__all__ = ["MAX_BYTES", "MAX_DEPTH", "parse_yaml", "read_yaml"]

MAX_BYTES = 1_000_000
"""Largest configuration file read, in bytes."""
MAX_DEPTH = 50
"""Deepest nesting of mappings and lists."""


class _PlainLoader(yaml.SafeLoader):
    """A safe loader for which dates are text and a key stands once in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} must be text; put it in quotes", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice in one mapping", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: PathLike) -> dict[str, Any]:
    """The mapping that a YAML file holds.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    dict
        Of plain values.

    Raises
    ------
    UnreadableFile
        If the file is missing, a directory or not permitted.
    InvalidArgument
        If it is larger than 1 MB, no UTF-8, no YAML, or YAML that is not taken.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(
            f"{path}: cannot be read ({error.strerror}); give the path of a YAML file"
        ) from error
    if len(content) > MAX_BYTES:
        raise InvalidArgument(f"{path}: is larger than {MAX_BYTES} bytes, the most a configuration may have")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidArgument(
            f"{path}: byte {error.start} is no UTF-8 text; save the file as UTF-8"
        ) from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, name: str) -> dict[str, Any]:
    r"""The mapping that YAML text holds.

    Parameters
    ----------
    text : str
    name : str
        Where the text comes from, for messages.

    Raises
    ------
    InvalidArgument
        If the text is no YAML, no mapping, or has aliases, tags, duplicate keys or more than 50 levels.

    Examples
    --------
    >>> parse_yaml("extends: microboone\ndrift: {velocity_cm_us: 0.11}", "mine.yaml")
    {'extends': 'microboone', 'drift': {'velocity_cm_us': 0.11}}
    >>> parse_yaml("a: &x [1]\nb: *x", "mine.yaml")
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: mine.yaml: line 1 has an alias or anchor, which is not taken; write the value out in each place
    """
    try:
        _require_plain(text, name)
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InvalidArgument(f"{name}: {where}{problem}; correct the YAML there") from error
    except InvalidArgument:
        raise
    except (ValueError, OverflowError) as error:  # numbers with too many digits
        raise InvalidArgument(f"{name}: a number cannot be read ({error}); write it shorter") from error
    if not isinstance(content, dict):
        raise InvalidArgument(f"{name}: must hold a mapping of keys to values, not {type(content).__name__}")
    return content


def _require_plain(text: str, name: str) -> None:
    """Scan the events of the text and stop at the first that is not taken."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidArgument(
                f"{name}: line {line} has an alias or anchor, which is not taken; write the value out in each place"
            )
        tag = getattr(event, "tag", None)
        if tag:
            raise InvalidArgument(
                f"{name}: line {line} has the tag {tag!r}, which is not taken; write a plain value"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidArgument(f"{name}: line {line} is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
