"""Submit files: they say what was asked, their shells take them, and a shard of them runs without a home."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.files.larcv3_write import write_events
from argoscope.jobs.submit import SYSTEMS, Request, write_submission

COMMAND = ["simulate", "cube-192", "-n", "4", "--events-per-file", "2", "-o", "/data/my out"]
EXPECTED = {
    "htcondor": ["queue 7", "when_to_transfer_output = ON_EXIT\n", "request_memory = 3000 MB", "arguments = $(Process)", "+MaxRuntime = 7200",
                 "retry_until = (ExitCode =!= 75) && (ExitCode =!= 6)"],
    "slurm": ["#SBATCH --array=0-6", "#SBATCH --mem=3000M", "#SBATCH --time=120", "scontrol requeue"],
    "jobsub": ["-N 7", "--memory=3000MB", "--expected-lifetime=120m", "-G sbnd", "file://run.sh"],
}  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_files_say_what_was_asked(system, tmp_path):
    request = Request(shards=7, memory_mb=3000, hours=2, group="sbnd")
    paths, line = write_submission(system, COMMAND, tmp_path / "submit", request)
    script, text = (path.read_text() for path in paths)
    for words in EXPECTED[system]:
        assert words in text
    assert "'/data/my out' --memory 2700 --shard \"$shard/7\"" in script
    assert "NUMBA_CPU_NAME" not in script
    assert (f"cd {Path.cwd()} || exit 6" in script) is (system != "jobsub")
    assert line.split()[-1] in {path.name for path in paths}
    for path in paths:
        if path.suffix in {".sh", ".sbatch"}:
            subprocess.run(["sh", "-n", str(path)], check=True)
            assert os.access(path, os.X_OK)
    with pytest.raises(InvalidArgument, match="exists"):
        write_submission(system, COMMAND, tmp_path / "submit", request)


def test_one_cpu_for_all_is_said_in_the_script(tmp_path):
    (script, _), _ = write_submission("slurm", COMMAND, tmp_path, Request(shards=2, avx2=True))
    for words in ("NUMBA_CPU_NAME=haswell", "ATEN_CPU_CAPABILITY=avx2"):
        assert f"export {words}" in script.read_text()


@pytest.mark.parametrize(
    ("command", "changes", "words"),
    [
        (["train", "x.yaml"], {}, "must begin with one of predict, simulate, convert"),
        ([*COMMAND, "--shard", "0/7"], {}, "has --shard"),
        ([*COMMAND, "--workers=4"], {}, "has --workers=4"),
        ([*COMMAND, "--memory", "9000"], {}, "has --memory"),
        (COMMAND, {"group": "a b; rm"}, "must consist of letters"),
        (COMMAND, {"shards": 0}, "must be positive"),
    ],
)
def test_what_makes_no_jobs_is_refused(command, changes, words, tmp_path):
    with pytest.raises(InvalidArgument, match=words):
        write_submission("htcondor", command, tmp_path, Request(**{"shards": 7, **changes}))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["predict", "a.h5", "-m", "five-class-3d", "-o", "out", "--batchsize", "3"], "--batchsize"),
        (["predict", "a.h5", "-o", "out"], "--model"),
        (["simulate", "sbnd", "-n", "many", "-o", "out"], "--events"),
        (["simulate", "sbnd", "-n", "9", "-o", "out"], "--events-per-file"),
        (["simulate", "sbnd", "-n", "9", "--events-per-file", "2"], "output (=None) must be a folder"),
        (["simulate", "sbmd", "-n", "9", "-o", "out", "--events-per-file", "2"], "Did you mean 'sbnd'"),
        (["predict", "a.h5", "-m", "five-class-3D", "-o", "out"], "Did you mean 'five-class-3d'"),
        (["predict", "a.h5", "-m", "five-class-3d", "-o", "out.h5"], "output (=out.h5) must be a folder"),
        (["predict", "-m", "five-class-3d", "-o", "out"], "there is no input"),
        (["convert", "a/x.h5", "b/x.h5", "out"], "two inputs are called 'x'"),
        (["convert", "a.h5", "out", "--config", "farm.yaml"], "--config and --dry-run go with --cluster"),
    ],
)
def test_a_command_that_every_job_would_refuse_is_refused_at_once(command, words, tmp_path, capsys):
    assert main(["batch", "slurm", "--shards", "2", "-o", str(tmp_path / "submit"), "--", *command]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "submit").exists()


@pytest.mark.slow
def test_a_shard_runs_as_the_script_says_without_a_home(tmp_path, capsys):
    """The environment of a batch node: a path, a folder for scratch, and nothing else."""
    inputs = [str(tmp_path / f"{name}.h5") for name in "ab"]
    for path in inputs:
        write_events(Path(path), [drawn_event(0)])
    arguments = [
        "batch",
        "htcondor",
        "--shards",
        "2",
        "-o",
        str(tmp_path / "submit"),
        "--",
        "convert",
        *inputs,
    ]
    assert main([*arguments, str(tmp_path / "out")]) == 0
    assert "condor_submit argoscope.sub" in capsys.readouterr().out
    bare = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "_CONDOR_SCRATCH_DIR": str(tmp_path)}
    done = subprocess.run(
        [tmp_path / "submit" / "run.sh", "1"], env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b.h5", "manifest-1-of-2.json"]
    (scratch,) = tmp_path.glob("argoscope-*")
    assert scratch.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(scratch)
    scratch.symlink_to(tmp_path / "out")
    refused = subprocess.run(
        [tmp_path / "submit" / "run.sh", "1"], env=bare, capture_output=True, text=True, check=False
    )
    assert (refused.returncode, "is not this user's: set TMPDIR" in refused.stderr) == (6, True)
