"""Tensors into a safetensors file, whole or not at all, with the system's refusals as any other file has them.

safetensors says in its text alone why the system refused:

    0.5    Error while serializing: IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })
    0.8    Error while serializing: I/O error: No space left on device (os error 28)

The number is taken from there, for `argoscope.files.atomic.writing` to say what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from argoscope.files.atomic import atomic_output

__all__ = ["write_tensors"]

_NUMBER = re.compile(r"(?:os error|code:) (\d+)")
"""The system's number of an error, in either text."""


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, str] | None = None, *, overwrite: bool
) -> None:
    """Write some tensors under their names.

    Parameters
    ----------
    path : Path
    tensors : mapping of str to Tensor
        Contiguous ones, on the CPU.
    header : mapping of str to str, optional
        Text beside them.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    InvalidArgument
        If the file exists and may not be replaced.
    StorageError
        If the disk refuses; the message says why and what to do, and the file that was there stays.

    Examples
    --------
    >>> import tempfile
    >>> import torch
    >>> from safetensors.torch import load_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.safetensors"
    ...     write_tensors(path, {"weight": torch.ones(2)}, overwrite=False)
    ...     load_file(path)
    {'weight': tensor([1., 1.])}
    """
    with atomic_output(path, overwrite=overwrite) as temporary:
        try:
            save_file(dict(tensors), temporary, metadata=None if header is None else dict(header))
        except SafetensorError as error:
            raise _refusal(error) from error


def _refusal(error: SafetensorError) -> OSError:
    """The system's error that one of safetensors tells of.

    Examples
    --------
    >>> _refusal(SafetensorError("I/O error: No space left on device (os error 28)")).errno
    28
    """
    text = str(error)
    number = _NUMBER.search(text)
    return OSError(int(number[1]), text) if number else OSError(text)
