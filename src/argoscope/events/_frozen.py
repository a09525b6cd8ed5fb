"""What the frozen values of this package share: read-only arrays and equality."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

__all__ = ["equal_fields", "read_only", "refreeze"]


def read_only(array: np.ndarray, dtype: Any = None) -> np.ndarray:
    """Array of the same numbers that nobody can write: a copy, unless `array` is one already."""
    frozen = np.asarray(array, dtype=dtype)
    if frozen.flags.writeable:
        # The caller may still hold `array`, and write into it after it was checked.
        frozen = frozen.copy()
        frozen.flags.writeable = False
    return frozen


def equal_fields(one: Any, other: object) -> bool:
    """Whether two dataclass values hold the same, arrays compared element by element and by dtype."""
    names = [field.name for field in fields(one)]
    if type(one) is not type(other):
        return False
    return all(_equal(getattr(one, name), getattr(other, name)) for name in names)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.dtype != b.dtype or a.shape != b.shape:
            return False
        if a.dtype.names:
            # Column by column: the gaps between the columns of a table hold anything.
            return all(_equal(a[name], b[name]) for name in a.dtype.names)
        return a.tobytes() == b.tobytes()
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return False
    return bool(a == b)


def refreeze(value: Any, state: dict[str, Any]) -> None:
    """Restore the state of an unpickled or copied value, its arrays read-only as before."""
    value.__dict__.update(
        {name: read_only(item) if isinstance(item, np.ndarray) else item for name, item in state.items()}
    )
