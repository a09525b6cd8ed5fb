"""Another process that holds a folder, for tests of what is refused then."""

import subprocess
import sys
from contextlib import contextmanager

HOLDING = """
import sys, time
from pathlib import Path
from argoscope.files.locks import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(folder):
    """Let another process hold the folder, and kill it at the end."""
    command = [sys.executable, "-c", HOLDING, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            other.kill()
