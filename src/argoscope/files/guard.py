"""Work on foreign files in a child process, so that nothing in them can hurt or hang.

A damaged file can send the HDF5 or ROOT library into an endless loop or a
crash that no Python code can stop. So commands read files in a child: it says
a word whenever it gets on, and when it falls silent for too long, or dies, the
parent ends it and says so in one sentence.

The child runs functions of this package, named ``module:function``, with
arguments that JSON can carry, and answers in JSON: never objects, never code.
`call` takes a child for one call; a `Child` serves one after another, so that
what a call loaded, the next finds. A child ends when its parent does.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from argoscope import errors
from argoscope.errors import ArgoscopeError, StorageError, UnreadableFile

__all__ = ["Child", "Progress", "call", "modest_memory", "say"]

MODEST_BYTES = 500_000_000
"""More than the table of contents of any file takes."""

STALL_SECONDS = 60.0
"""A child that is silent for this long, and computed for as long, is taken to hang: one event takes well below a second."""

IDLE_FACTOR = 10.0
"""Silence of a child that computes little - on a busy machine, a slow file system - is borne so many times longer."""

GRACE_SECONDS = 5.0
"""Time a child has to remove its unfinished output before it is killed."""

WATCH_SECONDS = 0.1
"""A child whose memory is bounded is looked at so often: in that time it may go beyond by what it can fill."""

Progress = Callable[[str, float, int, int], None]
"""Called as progress(what, seconds, done, total) while the child works."""

_CHANNEL: list[IO[str]] = []
_STOPPED: list[int] = []
_BUSY: list[str] = []


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


@contextmanager
def modest_memory(most: int = MODEST_BYTES) -> Iterator[None]:
    """Let the block take so many bytes more at most, in a child on Linux; elsewhere as many as it likes.

    HDF5 goes round a damaged list of links for ever, and takes memory for each: without any it gives up and says so.

    Parameters
    ----------
    most : int
    """
    taken = _data_bytes() if _CHANNEL else 0
    if not taken:
        yield
        return
    import resource  # of Unix alone

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bounds = [limit for limit in (soft, hard, taken + most) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_bytes() -> int:
    """Memory that this process may write to, in bytes; 0 where the system does not tell (no Linux)."""
    try:
        # Field 6 of proc(5)'s statm, in pages: what RLIMIT_DATA counts.
        return int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def call(
    target: str,
    arguments: dict[str, Any],
    *,
    path: Path,
    stall_seconds: float = STALL_SECONDS,
    progress: Progress | None = None,
) -> Any:
    """Run a function of this package in a child process of its own; see `Child.call`."""
    child = Child()
    try:
        return child.call(target, arguments, path=path, stall_seconds=stall_seconds, progress=progress)
    finally:
        child.close()


class Child:
    """A process that serves calls one after another; it starts at the first, and anew after one that it died of.

    Parameters
    ----------
    environment : mapping of str to str, optional
        Variables beside those of this process.
    memory_mb : float, optional
        Resident memory from which on it is ended, in 10^6 bytes; seen on Linux only.
    folder : str, optional
        What relative paths are relative to; the working folder of this process by default.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        memory_mb: float | None = None,
        folder: str | None = None,
    ) -> None:
        self._environment = {"PYTHONUNBUFFERED": "1", **(environment or {})}
        self._memory_mb = memory_mb
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._lines = _Lines()

    def call(
        self,
        target: str,
        arguments: dict[str, Any],
        *,
        path: Path,
        stall_seconds: float = STALL_SECONDS,
        progress: Progress | None = None,
    ) -> Any:
        """Run a function of this package in the child.

        Parameters
        ----------
        target : str
            ``module:function``; never taken from a file.
        arguments : dict
            Keyword arguments, as JSON carries them.
        path : Path
            The file at hand, for messages.
        stall_seconds : float
            Silence after which the child is ended if it computed for as long; after `IDLE_FACTOR` times that, in any
            case.
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
        StorageError
            If the child was killed, or needed more memory than it may.
        """
        process = self._started()
        try:
            line = json.dumps({"target": target, "arguments": arguments}) + "\n"
            answer = self._converse(process, line.encode(), path, stall_seconds, progress)
        except (UnreadableFile, StorageError):
            self._end(at_once=True)
            raise
        except BaseException:
            self._end()
            raise
        if answer is None:
            self._end()
            raise _died(process.returncode, path)
        if "error" in answer:
            kind = getattr(errors, answer["error"], None)
            if isinstance(kind, type) and issubclass(kind, ArgoscopeError):
                raise kind(answer["message"])
            raise RuntimeError(f"{answer['error']}: {answer['message']}\n{answer['traceback']}")
        return answer["result"]

    def close(self) -> None:
        """Let the process end; the next call starts another."""
        if self._process is not None:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            # -P: a file of the user's that is named like a library must not stand in for it.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "argoscope.files.guard"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **self._environment},
                cwd=self._folder,
            )
            self._lines = _Lines()
        return self._process

    def _converse(
        self,
        process: subprocess.Popen[bytes],
        line: bytes,
        path: Path,
        stall_seconds: float,
        progress: Progress | None,
    ) -> dict[str, Any] | None:
        """Feed the child and listen to it until it answers, dies or falls silent."""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # it is dead, as its silence will say
            process.stdin.write(line)
            process.stdin.flush()
        start = looked = time.monotonic()
        while True:
            # A child that speaks all the time is looked at too.
            if self._memory_mb is not None and time.monotonic() - looked > WATCH_SECONDS:
                _require_memory(process.pid, self._memory_mb, path)
                looked = time.monotonic()
            while not self._lines.ready:
                if not _speaks(process, stall_seconds, self._memory_mb, path):
                    raise UnreadableFile(
                        f"{path}: reading it made no progress for {stall_seconds:g} s and was ended: "
                        "the file may be damaged"
                    )
                if not self._lines.take(process.stdout.fileno()):
                    process.wait()
                    return None
            message = json.loads(self._lines.ready.popleft())
            if "what" not in message:
                return dict(message)
            if progress is not None:
                progress(message["what"], time.monotonic() - start, message["done"], message["total"])

    def _end(self, *, at_once: bool = False) -> None:
        """Ask the child to clean up and leave; kill it if it does not, or at once."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:  # closes the pipes
            process.terminate()
            try:
                process.wait(timeout=0 if at_once else GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


class _Lines:
    """Whole lines of a pipe that is read as bytes come: a stream of Python's would keep some from `select`."""

    def __init__(self) -> None:
        self.ready: deque[bytes] = deque()
        self._rest = b""

    def take(self, descriptor: int) -> bool:
        """Take what there is; False at the end."""
        content = os.read(descriptor, 1 << 16)
        *whole, self._rest = (self._rest + content).split(b"\n")
        self.ready.extend(whole)
        return bool(content)


def _speaks(
    child: subprocess.Popen[bytes], stall_seconds: float, memory_mb: float | None, path: Path
) -> bool:
    """Wait for a word of the child; False if it hangs."""
    assert child.stdout is not None
    silent_since, computed_before = time.monotonic(), _computing_seconds(child.pid)
    nap = stall_seconds if memory_mb is None else min(stall_seconds, WATCH_SECONDS)
    while not select.select([child.stdout], [], [], nap)[0]:
        if memory_mb is not None:
            _require_memory(child.pid, memory_mb, path)
        computed = _computing_seconds(child.pid) - computed_before
        silent = time.monotonic() - silent_since
        if computed >= stall_seconds or silent >= IDLE_FACTOR * stall_seconds:
            return False
    return True


def _require_memory(pid: int, most_mb: float, path: Path) -> None:
    if (found := _resident_mb(pid)) > most_mb:
        raise StorageError(
            f"{path}: the process that worked on it took {found:.0f} MB, more than the {most_mb:g} MB it may: "
            "give workers more memory (--memory), or make smaller files"
        )


def _resident_mb(pid: int) -> float:
    """Resident memory of a process in 10^6 bytes; 0 where the system does not tell (no Linux)."""
    try:
        # Field 2 of proc(5)'s statm, in pages.
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def _computing_seconds(pid: int) -> float:
    """Processor time a process has used; where the system does not tell (no Linux), time as such."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.monotonic()
    # Fields 14 and 15 of proc(5), user and system time; the two before the name's parenthesis are cut off.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _died(code: int, path: Path) -> ArgoscopeError:
    """What the death of a child means."""
    if code == -signal.SIGKILL:
        return StorageError(
            f"{path}: the process that read it was killed, as systems do when memory runs out: "
            "read fewer events, or use a larger machine"
        )
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return UnreadableFile(f"{path}: reading it crashed the library ({how}): the file is damaged")


def _main() -> None:
    """Serve calls until the parent closes the pipe: what the child process does."""
    # Ctrl-C reaches the whole group: the parent decides, and asks us with SIGTERM; `say` obeys.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _asked_to_stop)
    _CHANNEL.append(os.fdopen(os.dup(1), "w"))
    # Whatever libraries print must not mix with the answer.
    os.dup2(2, 1)
    calls: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read_calls, args=(calls,), daemon=True).start()
    while line := calls.get():
        asked = json.loads(line)
        _BUSY.append(asked["target"])
        answer = _answer(asked["target"], asked["arguments"])
        with suppress(BrokenPipeError):  # the parent is gone
            _CHANNEL[0].write(answer + "\n")
            _CHANNEL[0].flush()
        _BUSY.clear()
        if _STOPPED:
            break
    os._exit(0)


def _read_calls(calls: SimpleQueue[str]) -> None:
    """Hand on the calls of the parent; when it is gone, end: soon if `say` is reached, a moment later if not."""
    for line in sys.stdin:
        calls.put(line)
    calls.put("")
    _STOPPED.append(signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(143)


def _asked_to_stop(number: int, _frame: object) -> None:
    _STOPPED.append(number)
    if not _BUSY:
        os._exit(143)


def _answer(target: str, arguments: dict[str, Any]) -> str:
    """Run one function; its result or its error, as JSON."""
    module, _, name = target.partition(":")
    try:
        return json.dumps({"result": getattr(importlib.import_module(module), name)(**arguments)})
    except MemoryError:
        return json.dumps({"error": "StorageError", "message": "memory does not suffice: read fewer events"})
    except Exception as error:  # it travels to the parent, which raises it
        return json.dumps(
            {"error": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()}
        )


if __name__ == "__main__":
    # Under `-m` this file is a second module of its own: serve from the one that others import.
    importlib.import_module("argoscope.files.guard")._main()
