"""Submit files for farms whose jobs cannot be reached from outside: each job is one ``--shard i/N``.

Two files: a script that runs one shard, told which by its argument, and what
the batch system reads. The script needs `argoscope` on the path, a folder for
scratch and, except with jobsub, the folder in which it was written; no home
directory, no network. Its exit code is argoscope's; HTCondor and jobsub try
again for 75 (stopped, goes on) and 6 (disk or memory), which another machine may
not meet, SLURM for 75.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from argoscope.errors import InvalidArgument, require_known
from argoscope.files.atomic import atomic_output, require_new, writing

__all__ = ["SYSTEMS", "Request", "write_submission"]

COMMANDS = ("predict", "simulate", "convert")
"""Commands that have shards."""
AVX2 = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+popcnt",
        "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"}  # fmt: skip
"""Makes every machine compute as the oldest of a farm's does, so that outputs do not depend on which one it was."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a batch system for each job.

    Parameters
    ----------
    shards : int
        Number of jobs.
    memory_mb, disk_mb : int
    hours : float
        Longest time of a job.
    avx2 : bool
        Whether all machines compute with AVX2, whatever more they have.
    group : str
        The experiment, jobsub only.
    name : str
        Of the jobs.

    Raises
    ------
    InvalidArgument
        If a number breaks its rule.
    """

    shards: int
    memory_mb: int = 5000
    disk_mb: int = 10000
    hours: float = 8.0
    avx2: bool = False
    group: str = "dune"
    name: str = "argoscope"

    def __post_init__(self) -> None:
        for name in ("shards", "memory_mb", "disk_mb", "hours"):
            if not getattr(self, name) > 0:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be positive")
        for name in ("group", "name"):
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", getattr(self, name)):
                raise InvalidArgument(
                    f"{name} (={getattr(self, name)!r}) must consist of letters, digits, '.', '_' and '-'"
                )


def write_submission(
    system: str, command: Sequence[str], folder: Path, request: Request, *, overwrite: bool = False
) -> tuple[list[Path], str]:
    """Write the files of a submission.

    Parameters
    ----------
    system : str
        One of `SYSTEMS`.
    command : sequence of str
        What follows `argoscope`: a command over many files, without ``--shard``.
    folder : Path
    request : Request
    overwrite : bool

    Returns
    -------
    list of Path
        The files.
    str
        The line that submits them.

    Raises
    ------
    InvalidArgument
        If there is no such system, the command has no shards, or a file is there already.
    StorageError
        If the folder cannot be written.
    """
    require_known(system, SYSTEMS, "there is no batch system")
    if not command or command[0] not in COMMANDS:
        raise InvalidArgument(
            f"command (={shlex.join(command)!r}) must begin with one of {', '.join(COMMANDS)}: give it after --"
        )
    if taken := next((word for word in command if word.split("=")[0] in _TAKEN), None):
        raise InvalidArgument(f"the command has {taken}, which the jobs give or do without: leave it out")
    name, text, line = SYSTEMS[system](request)
    contents = {
        "run.sh": _script(command, request, shared=system != "jobsub"),
        **({name: text} if name else {}),
    }
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)
    paths = [require_new(folder / file, overwrite=overwrite) for file in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        with atomic_output(path, overwrite=overwrite) as temporary:
            temporary.write_text(content)
        path.chmod(0o755)
    return paths, line


_TAKEN = ("--memory", "--shard", "--workers", "--scheduler", "--cluster", "--overwrite", "--dry-run")


def _script(command: Sequence[str], request: Request, *, shared: bool) -> str:
    """What a job runs; its argument is the number of the shard. Machines share this folder, or jobs stay in their scratch."""
    begin = f"""# Relative paths are relative to the folder of the submission, which every machine must see.
cd {shlex.quote(str(Path.cwd()))} || exit 6
"""
    exports = {"OMP_NUM_THREADS": "1", **(AVX2 if request.avx2 else {})}
    lines = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in exports.items())
    memory = int(request.memory_mb * 0.9)
    return f"""#!/bin/sh
# One shard of a job; its number is the argument, or what the batch system says.
shard=${{1:-${{SLURM_ARRAY_TASK_ID:-${{PROCESS:?no number of the shard}}}}}}
{begin if shared else ""}# Compiled kernels and figures' caches: a home directory is not needed, the installation may be read-only.
# Kernels are code: they lie in a folder of this user, into which nobody else may put any.
scratch=${{_CONDOR_SCRATCH_DIR:-${{TMPDIR:-/tmp}}}}/argoscope-$(id -u)
mkdir -m 700 "$scratch" 2>/dev/null
[ -d "$scratch" ] && [ -O "$scratch" ] && [ ! -L "$scratch" ] || {{ echo "$scratch is not this user's: set TMPDIR" >&2; exit 6; }}
export HOME="${{HOME:-$scratch}}"
export NUMBA_CACHE_DIR="${{NUMBA_CACHE_DIR:-$scratch/numba}}" MPLCONFIGDIR="$scratch/matplotlib"
{lines}
exec argoscope {shlex.join(command)} --memory {memory} --shard "$shard/{request.shards}"
"""


def _htcondor(request: Request) -> tuple[str, str, str]:
    text = f"""# condor_submit argoscope.sub
universe = vanilla
executable = run.sh
arguments = $(Process)
getenv = PATH, LD_LIBRARY_PATH, PYTHONPATH, VIRTUAL_ENV
should_transfer_files = IF_NEEDED
when_to_transfer_output = ON_EXIT
request_cpus = 1
request_memory = {request.memory_mb} MB
request_disk = {request.disk_mb} MB
+MaxRuntime = {int(request.hours * 3600)}
kill_sig = SIGTERM
# 75 goes on where it was stopped, 6 may fit on another machine; every other code is final.
max_retries = 5
retry_until = (ExitCode =!= 75) && (ExitCode =!= 6)
batch_name = {request.name}
output = logs/$(Process).out
error = logs/$(Process).err
log = logs/condor.log
queue {request.shards}
"""
    return "argoscope.sub", text, "condor_submit argoscope.sub"


def _slurm(request: Request) -> tuple[str, str, str]:
    minutes = max(1, int(request.hours * 60))
    text = f"""#!/bin/sh
# sbatch argoscope.sbatch
#SBATCH --job-name={request.name}
#SBATCH --array=0-{request.shards - 1}
#SBATCH --cpus-per-task=1
#SBATCH --mem={request.memory_mb}M
#SBATCH --time={minutes}
#SBATCH --signal=B:TERM@120
#SBATCH --requeue
#SBATCH --output=logs/%a.out
#SBATCH --error=logs/%a.err
# The signal reaches this shell: it hands it on, and puts a job that goes on (75) back into the queue, five times at most.
sh run.sh "$SLURM_ARRAY_TASK_ID" &
child=$!
trap 'kill -TERM "$child"' TERM
wait "$child"; code=$?
# Above 128 the signal ended the wait, not the work.
if [ "$code" -gt 128 ]; then wait "$child"; code=$?; fi
if [ "$code" -eq 75 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt 5 ]; then
  scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
fi
exit "$code"
"""
    return "argoscope.sbatch", text, "sbatch argoscope.sbatch"


def _jobsub(request: Request) -> tuple[str, str, str]:
    line = (
        f"jobsub_submit -G {request.group} -N {request.shards} --memory={request.memory_mb}MB "
        f"--disk={request.disk_mb}MB --expected-lifetime={max(1, int(request.hours * 60))}m "
        f"--lines='+JobBatchName=\"{request.name}\"' "
        "--lines='max_retries=5' --lines='retry_until=(ExitCode =!= 75) && (ExitCode =!= 6)' file://run.sh"
    )
    return "submit.sh", f"#!/bin/sh\n# jobsub numbers its jobs in PROCESS.\n{line}\n", "sh submit.sh"


SYSTEMS: dict[str, Callable[[Request], tuple[str, str, str]]] = {
    "htcondor": _htcondor,
    "slurm": _slurm,
    "jobsub": _jobsub,
}
"""Batch systems: name and text of their file, and the line that submits it."""
