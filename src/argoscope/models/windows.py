"""The items that a network is given, cut: to the window of charge of its preparation, or to some pixels."""

from __future__ import annotations

from typing import Any

import torch

from argoscope.models.preparation import Preparation

__all__ = ["select_rows", "windowed"]


def windowed(item: dict[str, Any], preparation: Preparation) -> dict[str, Any]:
    """The item of an event with its charge multiplied and cut.

    Parameters
    ----------
    item : Item
        See `argoscope.training.data`.
    preparation : Preparation

    Returns
    -------
    Item
    """
    charge = item["features"][:, 0] * preparation.charge_factor
    kept = charge >= preparation.least
    if preparation.most is not None:
        if preparation.above == "drop":
            kept &= charge <= preparation.most
        charge = charge.clamp(max=preparation.most)
    return select_rows({**item, "features": charge[:, None]}, kept)


def select_rows(item: dict[str, Any], kept: torch.Tensor) -> dict[str, Any]:
    """Some of the pixels of an item; `kept` has shape (n,), bool."""
    if bool(kept.all()):
        return item
    rows = len(item["coordinates"])
    return {
        name: value[kept] if isinstance(value, torch.Tensor) and len(value) == rows else value
        for name, value in item.items()
    }
