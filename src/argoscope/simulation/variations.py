"""Settings from the texts that `--vary NAME=VALUE` gives.

The fields of the dataclass are the names; their annotations say how a text
becomes a value. This is the only place where a setting is found by its name.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from argoscope.detectors import Detector, VoxelVolume
from argoscope.errors import InvalidArgument, require_known
from argoscope.simulation.response_presets import adjusted
from argoscope.simulation.response_settings import ResponseSettings
from argoscope.simulation.voxel_response import VoxelSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Choice", "choices", "varied", "varied_response"]

Settings = TypeVar("Settings", bound="DataclassInstance")


def varied(settings: Settings, changes: Iterable[str]) -> Settings:
    """The settings with some changed by texts NAME=VALUE, as `--vary` gives them.

    Parameters
    ----------
    settings : dataclass
        `ResponseSettings`, `VoxelSettings`, or another frozen dataclass of plain values.
    changes : iterable of str
        Such as "lifetime_us=3000". Triples are written "1,1,0.9"; one number
        stands for all three. Lists for each kind of plane are written
        "noise_taps=1;0.1,1,0.1;1", and no list stands for another.

    Returns
    -------
    dataclass
        Of the same kind.

    Raises
    ------
    InvalidArgument
        If a name is unknown (the nearest is named), given twice, or a value is
        not of its type or breaks its rule.

    Examples
    --------
    >>> from argoscope.simulation.response_settings import ResponseSettings
    >>> varied(ResponseSettings(), ["lifetime_us=3000", "noise_scale=0.5"]).lifetime_us
    3000.0
    >>> varied(ResponseSettings(), ["lifetime=3000"])
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: there is no setting 'lifetime'. Did you mean 'lifetime_us'?
    """
    hints = get_type_hints(type(settings))
    known = [field.name for field in fields(settings)]
    found: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        name = name.strip()
        if not equals:
            raise InvalidArgument(f"{change!r} must have the form NAME=VALUE, such as lifetime_us=3000")
        require_known(name, known, "there is no setting")
        if name in found:
            raise InvalidArgument(f"{name} is given twice; give it once")
        found[name] = _parsed(hints[name], text.strip(), name)
    return replace(settings, **found)


class Choice(NamedTuple):
    """A setting that `--vary` changes."""

    name: str
    value: str
    """What it is now, as `--vary` takes it."""
    values: str
    """What it may be."""
    what: str
    """What it says, with its unit."""


def choices(settings: ResponseSettings | VoxelSettings) -> list[Choice]:
    """Every setting that `varied` changes.

    Parameters
    ----------
    settings : ResponseSettings or VoxelSettings

    Returns
    -------
    list of Choice
        In the order of the class.

    Examples
    --------
    >>> from argoscope.simulation.response_settings import ResponseSettings
    >>> choices(ResponseSettings())[1][:3]
    ('lifetime_us', '10000', 'positive and at most 1e+15')
    """
    hints = get_type_hints(type(settings))
    [body] = [
        node.body for node in ast.parse(inspect.getsource(type(settings))).body if hasattr(node, "body")
    ]
    told = {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
    return [
        Choice(
            field.name,
            _text(getattr(settings, field.name)),
            settings.limits[field.name].words
            if field.name in settings.limits
            else "true or false"
            if hints[field.name] is bool
            else ", ".join(get_args(hints[field.name])),
            told[field.name],
        )
        for field in fields(settings)
    ]


def _text(value: Any) -> str:
    """A value as `varied` takes it."""
    if isinstance(value, tuple):
        return (";" if value and isinstance(value[0], tuple) else ",").join(map(_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def varied_response(
    nominal: ResponseSettings | VoxelSettings, changes: Sequence[str], geometry: Detector | VoxelVolume
) -> ResponseSettings | VoxelSettings:
    """Varied settings of a detector's response, refused here where they do not go with the detector.

    Parameters
    ----------
    nominal : ResponseSettings or VoxelSettings
        Of this geometry.
    changes : sequence of str
        As in `varied`.
    geometry : Detector or VoxelVolume

    Returns
    -------
    ResponseSettings or VoxelSettings

    Raises
    ------
    InvalidArgument
        As `varied`; besides if the detector cannot be so, or a change would count for nothing.
    """
    settings = varied(nominal, changes)
    if isinstance(settings, VoxelSettings):
        settings.require_used(change.partition("=")[0].strip() for change in changes)
    elif isinstance(geometry, Detector):
        adjusted(geometry, settings)
    return settings


def _parsed(kind: Any, text: str, name: str) -> Any:
    """A value of a field's type from text."""
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise InvalidArgument(f"{name} (={text!r}) must be one of {', '.join(map(repr, get_args(kind)))}")
        return text
    if kind is bool:
        words = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
        if text.lower() not in words:
            raise InvalidArgument(f"{name} (={text!r}) must be true or false")
        return words[text.lower()]
    if get_origin(kind) is tuple:
        return _parsed_tuple(get_args(kind), text, name)
    try:
        return kind(text)
    except ValueError:
        word = "a whole number" if kind is int else "a number"
        raise InvalidArgument(f"{name} (={text!r}) must be {word}") from None


def _parsed_tuple(kinds: tuple[Any, ...], text: str, name: str) -> tuple[Any, ...]:
    if get_origin(kinds[0]) is tuple:
        parts = [part for part in text.split(";") if part.strip()]
        return tuple(_parsed_tuple(get_args(kinds[0]), part, name) for part in parts)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if kinds[-1] is Ellipsis:
        return tuple(_parsed(kinds[0], part, name) for part in parts)
    if len(parts) == 1:
        parts *= len(kinds)
    if len(parts) != len(kinds):
        raise InvalidArgument(f"{name} (={text!r}) must be one number or {len(kinds)}, separated by commas")
    return tuple(_parsed(kind, part, name) for kind, part in zip(kinds, parts, strict=True))
