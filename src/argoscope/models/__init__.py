"""Networks, put together from parts."""

from __future__ import annotations

__all__: list[str] = []
