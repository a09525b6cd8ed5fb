"""Deep-learning reconstruction of liquid-argon time projection chamber images.

The names a notebook needs are loaded when first used, so that importing the
package costs nothing; `argoscope.api` lists them.

>>> import argoscope
>>> argoscope.__version__
'0.1.0'
>>> argoscope.open
<function open_events at ...>
"""

from __future__ import annotations

from typing import Any

from argoscope import api

__version__ = "0.1.0"
__all__ = [
    "Dataset",
    "Event",
    "Image",
    "__version__",
    "api",
    "convert",
    "export",
    "open",
    "render",
    "survey",
]


def __getattr__(name: str) -> Any:
    return api.load(name)


def __dir__() -> list[str]:
    return sorted(__all__)
