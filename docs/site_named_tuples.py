"""Fields of named tuples as parameters of their constructor, for the API reference.

The docstring of a `NamedTuple` describes its fields under Parameters. Griffe, which reads the sources without
running them, knows the constructor of data classes and not theirs, and would call every field unknown.
"""

from __future__ import annotations

from typing import Any

from griffe import Class, Extension, Function, Parameter, ParameterKind, Parameters


class NamedTuples(Extension):
    """Give each named tuple the constructor that its fields make."""

    def on_class(self, *, cls: Class, **_: Any) -> None:
        """Add ``__init__`` to a class that derives from `NamedTuple` and has none."""
        if not any(str(base).endswith("NamedTuple") for base in cls.bases) or "__init__" in cls.members:
            return
        fields = [
            Parameter(
                name,
                annotation=field.annotation,
                default=field.value,
                kind=ParameterKind.positional_or_keyword,
            )
            for name, field in cls.attributes.items()
            if field.annotation is not None
        ]
        cls.set_member(
            "__init__", Function("__init__", parameters=Parameters(*fields), parent=cls, returns="None")
        )
