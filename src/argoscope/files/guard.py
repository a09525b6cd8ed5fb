"""Work on foreign files in a child process, so that nothing in them can hurt or hang.

A damaged file can send the HDF5 or ROOT library into an endless loop or a
crash that no Python code can stop. So commands read files in a child: it says
a word whenever it gets on, and when it falls silent for too long, or dies, the
parent ends it and says so in one sentence.

The child runs one function of this package, named ``module:function``, with
arguments that JSON can carry, and answers in JSON: never objects, never code.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from argoscope import errors
from argoscope.errors import ArgoscopeError, StorageError, UnreadableFile

__all__ = ["Progress", "call", "say"]

STALL_SECONDS = 60.0
"""A child that is silent for this long, and computed for as long, is taken to hang: one event takes well below a second."""

IDLE_FACTOR = 10.0
"""Silence of a child that computes little - on a busy machine, a slow file system - is borne so many times longer."""

GRACE_SECONDS = 5.0
"""Time a child has to remove its unfinished output before it is killed."""

Progress = Callable[[str, float, int, int], None]
"""Called as progress(what, seconds, done, total) while the child works."""

_CHANNEL: list[IO[str]] = []
_STOPPED: list[int] = []


def say(what: str, done: int, total: int) -> None:
    """Tell the parent that the work gets on; does nothing outside a child.

    Parameters
    ----------
    what : str
        What is being done, in a word or two.
    done, total : int
        How much of it.
    """
    if _STOPPED:
        # Here, between two steps, and not in the signal's handler: HDF5 swallows what is raised while it writes.
        sys.exit(143)
    if _CHANNEL:
        try:
            _CHANNEL[0].write(json.dumps({"what": what, "done": done, "total": total}) + "\n")
            _CHANNEL[0].flush()
        except BrokenPipeError:
            # The parent is gone: unwind, so that unfinished output is removed.
            sys.exit(143)


def call(
    target: str,
    arguments: dict[str, Any],
    *,
    path: Path,
    stall_seconds: float = STALL_SECONDS,
    progress: Progress | None = None,
) -> Any:
    """Run a function of this package in a child process.

    Parameters
    ----------
    target : str
        ``module:function``; never taken from a file.
    arguments : dict
        Keyword arguments, as JSON carries them.
    path : Path
        The file at hand, for messages.
    stall_seconds : float
        Silence after which the child is ended if it computed for as long; after `IDLE_FACTOR` times that, in any case.
    progress : callable, optional
        See `Progress`.

    Returns
    -------
    object
        What the function returned, as JSON carries it.

    Raises
    ------
    ArgoscopeError
        The error that the function raised, of the same class.
    UnreadableFile
        If the child crashed or fell silent.
    """
    # -P: a file of the user's that is named like a library must not stand in for it.
    command = [sys.executable, "-P", "-m", "argoscope.files.guard", target]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:
        try:
            answer = _converse(child, json.dumps(arguments), path, stall_seconds, progress)
        except BaseException:
            _end(child)
            raise
    if answer is None:
        raise _died(child.returncode, path)
    if "error" in answer:
        kind = getattr(errors, answer["error"], None)
        if isinstance(kind, type) and issubclass(kind, ArgoscopeError):
            raise kind(answer["message"])
        raise RuntimeError(f"{answer['error']}: {answer['message']}\n{answer['traceback']}")
    return answer["result"]


def _converse(
    child: subprocess.Popen[str], arguments: str, path: Path, stall_seconds: float, progress: Progress | None
) -> dict[str, Any] | None:
    """Feed the child and listen to it until it answers, dies or falls silent."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(arguments)
    child.stdin.close()
    start = time.monotonic()
    while True:
        if not _speaks(child, stall_seconds):
            raise UnreadableFile(
                f"{path}: reading it made no progress for {stall_seconds:g} s and was ended: the file may be damaged"
            )
        line = child.stdout.readline()
        if not line:
            child.wait()
            return None
        message = json.loads(line)
        if "what" not in message:
            return dict(message)
        if progress is not None:
            progress(message["what"], time.monotonic() - start, message["done"], message["total"])


def _speaks(child: subprocess.Popen[str], stall_seconds: float) -> bool:
    """Wait for a word of the child; False if it hangs."""
    assert child.stdout is not None
    silent_since, computed_before = time.monotonic(), _computing_seconds(child.pid)
    while not select.select([child.stdout], [], [], stall_seconds)[0]:
        computed = _computing_seconds(child.pid) - computed_before
        silent = time.monotonic() - silent_since
        if computed >= stall_seconds or silent >= IDLE_FACTOR * stall_seconds:
            return False
    return True


def _computing_seconds(pid: int) -> float:
    """Processor time a process has used; where the system does not tell (no Linux), time as such."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.monotonic()
    # Fields 14 and 15 of proc(5), user and system time; the two before the name's parenthesis are cut off.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _end(child: subprocess.Popen[str]) -> None:
    """Ask the child to clean up and leave; kill it if it does not."""
    child.terminate()
    try:
        child.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def _died(code: int, path: Path) -> ArgoscopeError:
    """What the death of a child means."""
    if code == -signal.SIGKILL:
        return StorageError(
            f"{path}: the process that read it was killed, as systems do when memory runs out: "
            "read fewer events, or use a larger machine"
        )
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return UnreadableFile(f"{path}: reading it crashed the library ({how}): the file is damaged")


def _main(target: str) -> None:
    """Serve one call: what the child process does."""
    # Ctrl-C reaches the whole group: the parent decides, and asks us with SIGTERM; `say` obeys.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: _STOPPED.append(number))
    _CHANNEL.append(os.fdopen(os.dup(1), "w"))
    # Whatever libraries print must not mix with the answer.
    os.dup2(2, 1)
    module, _, name = target.partition(":")
    try:
        result = getattr(importlib.import_module(module), name)(**json.load(sys.stdin))
        answer = json.dumps({"result": result})
    except MemoryError:
        answer = json.dumps(
            {"error": "StorageError", "message": "memory does not suffice: read fewer events"}
        )
    except Exception as error:  # it travels to the parent, which raises it
        answer = json.dumps(
            {"error": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()}
        )
    _CHANNEL[0].write(answer + "\n")
    _CHANNEL[0].flush()
    os._exit(0)


if __name__ == "__main__":
    # Under `-m` this file is a second module of its own: serve from the one that others import.
    importlib.import_module("argoscope.files.guard")._main(sys.argv[1])
