"""Frozen dataclasses from plain values and back, with errors that name the key.

The fields of a dataclass are its schema: a key that is no field, a missing
key, or a value of another type is refused with the path to it. Whole numbers
stand for floats; nothing else is converted.
"""

from __future__ import annotations

import math
import types
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml

from argoscope.errors import InvalidArgument, nearest_hint

__all__ = ["from_plain", "to_plain"]


def from_plain(kind: Any, value: Any, path: str) -> Any:
    """A value of type `kind` from mappings, lists, text and numbers.

    Parameters
    ----------
    kind : type
        A dataclass, tuple, literal, optional, dict (taken as it is), or one of bool, int, float, str.
    value : object
        As a YAML or JSON file gives it.
    path : str
        Where the value stands, for messages.

    Raises
    ------
    InvalidArgument
        If the value is not of that type or breaks a rule of the dataclass.

    Examples
    --------
    >>> from argoscope.detectors import VoxelVolume
    >>> from_plain(VoxelVolume, {"name": "mine", "voxels": 10, "voxel": 1}, "mine.yaml")
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: mine.yaml: there is no key 'voxel' here. Did you mean 'voxels'?
    """
    if is_dataclass(kind):
        return _dataclass_from(kind, value, path)
    origin, options = get_origin(kind), get_args(kind)
    if origin is dict:
        if not isinstance(value, dict):
            raise InvalidArgument(f"{path} (={_shown(value)}) must be a mapping")
        return dict(value)
    if origin is tuple:
        return _tuple_from(options, value, path)
    if origin is Literal:
        if value not in options or isinstance(value, bool):
            raise InvalidArgument(f"{path} (={_shown(value)}) must be one of {', '.join(map(repr, options))}")
        return value
    if origin in {Union, types.UnionType}:
        inner = next(option for option in options if option is not type(None))
        return None if value is None else from_plain(inner, value, path)
    return _scalar_from(kind, value, path)


def _dataclass_from(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise InvalidArgument(f"{path} (={_shown(value)}) must be a mapping with the keys of {kind.__name__}")
    known = {field.name: field for field in fields(kind)}
    for key in value:
        if key not in known:
            raise InvalidArgument(f"{path}: there is no key {key!r} here. {nearest_hint(str(key), known)}")
    missing = [
        name
        for name, field in known.items()
        if name not in value and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise InvalidArgument(
            f"{path}: the key {missing[0]!r} is missing; add it, or extend a preset with 'extends'"
        )
    hints = get_type_hints(kind)
    arguments = {key: from_plain(hints[key], item, _join(path, key)) for key, item in value.items()}
    try:
        return kind(**arguments)
    except InvalidArgument as error:
        raise InvalidArgument(f"{path}: {error}") from error


def _tuple_from(options: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise InvalidArgument(f"{path} (={_shown(value)}) must be a list")
    if options[-1] is Ellipsis:
        options = (options[0],) * len(value)
    if len(value) != len(options):
        raise InvalidArgument(f"{path} (={_shown(value)}) must be a list of {len(options)} values")
    return tuple(
        from_plain(kind, item, f"{path}[{index}]")
        for index, (kind, item) in enumerate(zip(options, value, strict=True))
    )


def _scalar_from(kind: type, value: Any, path: str) -> Any:
    words = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
    if kind is float and type(value) is int:
        return float(value) if abs(value) <= 2**1023 else math.inf
    if type(value) is not kind:
        hint = _number_hint(value) if kind is float and isinstance(value, str) else ""
        raise InvalidArgument(f"{path} (={_shown(value)}) must be {words[kind]}{hint}")
    return value


def _number_hint(text: str) -> str:
    """How to write a number that YAML reads as text, such as 1e-3 or 1.0e30: with point and sign."""
    try:
        number = float(text)
    except ValueError:
        return ""
    return f" (YAML reads this as text: write {yaml.safe_dump(number).split()[0]})"


def _shown(value: Any) -> str:
    """A value as a message shows it: no longer than 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _join(path: str, key: str) -> str:
    """Path of a key: ``file: a.b`` inside a mapping of the file, ``file: key`` at its top."""
    return f"{path}.{key}" if ": " in path else f"{path}: {key}"


def to_plain(value: Any) -> Any:
    """Mappings, lists, text and numbers that say the same as a dataclass.

    Examples
    --------
    >>> from argoscope.detectors import VoxelVolume
    >>> to_plain(VoxelVolume(name="mine", voxels=10, voxel_cm=0.3))
    {'name': 'mine', 'voxels': 10, 'voxel_cm': 0.3}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return value
