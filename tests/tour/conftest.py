"""Small networks for the demo."""

from __future__ import annotations

from tests.small_models import make_model

__all__ = ["make_model"]
