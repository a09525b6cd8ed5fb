"""Jobs on Dask: workers die and the job does not; addresses and batch systems are taken or refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from argoscope.cli.main import main
from argoscope.errors import InvalidArgument, Stopped
from argoscope.jobs.clusters import given_client, load_batch_config, local_client, submit_text
from argoscope.jobs.dask_engine import AHEAD, DEATHS, on_dask
from argoscope.jobs.plan import Plan
from argoscope.jobs.run import here, run_job
from argoscope.jobs.status import status_of
from argoscope.jobs.worker import _CHILDREN, Limits
from tests.jobs.test_run import contents, expected, plan_of, rows

distributed = pytest.importorskip("distributed")
LIMITS = Limits(memory_mb=500, retries=1, threads=0)


def killing(client, tasks, moments):
    """Units on two workers, one of which is killed now and then."""
    for count, note in enumerate(on_dask(client, tasks, workers=2)):
        if count in moments:
            nannies = sorted(client.cluster.workers.values(), key=lambda nanny: nanny.name)
            process = nannies[moments.index(count) % 2].process
            if process is not None and process.pid is not None:
                os.kill(process.pid, signal.SIGKILL)
        yield note


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_hundred_units_outlive_their_workers(tmp_path):
    plan, folder = plan_of(100, seconds=0.01, crash_once=[50], bug_once=[60]), tmp_path / "out"
    with local_client(2) as client:
        summary = run_job(plan, folder, lambda tasks: killing(client, tasks, [5, 30, 60]), limits=LIMITS)
    assert (summary.done, summary.failed) == (100, 0)
    assert contents(folder) == expected(100)
    assert [row["unit"] for row in rows(folder)] == list(range(100))
    assert not list(folder.glob(".job*"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_unit_that_kills_its_workers_is_set_aside_after_three_and_alone(tmp_path):
    log, folder = tmp_path / "log", tmp_path / "out"
    plan = plan_of(20, log=str(log), orphan=[7])
    with local_client(2) as client:
        addresses = [client.scheduler.address, *client.nthreads()]
        summary = run_job(plan, folder, lambda tasks: on_dask(client, tasks, workers=2), limits=LIMITS)
    assert [address.rpartition(":")[0] for address in addresses] == ["tls://127.0.0.1"] * 3
    assert (summary.done, summary.failed) == (19, 1)
    (failed,) = [row for row in rows(folder) if "error" in row]
    assert (failed["unit"], failed["attempts"], failed["kind"]) == (7, DEATHS, "KilledWorker")
    assert log.read_text().split().count("7") == DEATHS
    assert set(log.read_text().split()) == {str(number) for number in range(20)}


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler with one worker, as a site runs them: its process and its address."""
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
    ]
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--scheduler-file", str(file)], **quiet) as process:
        worker = [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            "--scheduler-file",
            str(file),
            "--nthreads",
            "1",
        ]
        with subprocess.Popen([*worker, "--no-dashboard"], **quiet, cwd=Path(__file__).parents[2]) as other:
            while not file.exists() or not file.stat().st_size:
                time.sleep(0.1)
            yield process, json.loads(file.read_text())["address"]
            for started in (process, other):
                started.kill()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_lost_stops_the_run_and_blames_no_unit(scheduler, tmp_path):
    process, address = scheduler
    plan, folder = plan_of(200, seconds=0.02), tmp_path / "out"
    with given_client(address) as client:

        def losing(tasks):
            for number, note in enumerate(on_dask(client, tasks, workers=1)):
                if number == 10:
                    process.kill()
                yield note

        with pytest.raises(Stopped, match=r"scheduler was lost.*--resume"):
            run_job(plan, folder, losing, limits=LIMITS)
    status = status_of(folder)
    assert status["done"] > 10
    assert status["failed"] == 0
    assert status["left"] == 200 - status["done"]
    assert run_job(plan, folder, here, limits=LIMITS, resume=True).done == 200
    assert contents(folder) == expected(200)


@pytest.mark.filterwarnings("ignore")
def test_units_beyond_those_that_dask_knows_of_are_drawn_as_others_end(tmp_path):
    """More units than are handed over at once; the generator of tasks is never far ahead of what has ended."""
    from distributed import Client

    plan, ahead, drawn = plan_of(50), [], 0

    def drawing(tasks):
        nonlocal drawn
        for drawn, task in enumerate(tasks, 1):  # noqa: B007 - told below
            yield task

    def engine(client, tasks):
        for ended, note in enumerate(on_dask(client, drawing(tasks), workers=1), 1):
            ahead.append(drawn - ended)
            yield note

    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        summary = run_job(plan, tmp_path / "out", lambda tasks: engine(client, tasks), limits=LIMITS)
    for child in _CHILDREN.values():
        child.close()
    _CHILDREN.clear()
    assert summary.done == 50
    assert contents(tmp_path / "out") == expected(50)
    assert max(ahead) < AHEAD


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://10.1.2.3:8786", "without encryption"),
        ("scheduler:8786", "must be tls://HOST:PORT"),
        ("http://localhost:8786", "must be tls://HOST:PORT"),
        ("", "must be tls://HOST:PORT"),
    ],
)
def test_an_address_that_is_none_or_not_safe_is_refused(address, words):
    with pytest.raises(InvalidArgument, match=words), given_client(address):
        pass


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("system", "lines"),
    [
        ("htcondor", ["RequestMemory", "RequestDisk", "distributed.cli.dask_worker"]),
        ("slurm", ["#SBATCH --mem=", "#SBATCH -t 02:00:00", "#SBATCH -p short", "#SBATCH --constraint=avx2"]),
    ],
)
def test_a_dry_run_prints_what_the_batch_system_would_get(system, lines, tmp_path, capsys):
    config = tmp_path / "farm.yaml"
    config.write_text(
        "jobs: 4\nmemory: 3GB\n"
        + (
            "walltime: '02:00:00'\nqueue: short\ndirectives: ['--constraint=avx2']\n"
            if system == "slurm"
            else ""
        )
    )
    command = ["simulate", "cube-192", "-n", "4", "--events-per-file", "2", "-o", str(tmp_path / "out")]
    assert main([*command, "--cluster", system, "--config", str(config), "--dry-run"]) == 0
    text = capsys.readouterr().out
    for line in lines:
        assert line in text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("job: 4", "Did you mean 'jobs'?"),
        ("jobs: 0", "must be at least 1"),
        ("jobs: many", "jobs"),
        ('queue: "a\\nb"', "must not span lines"),
    ],
)
def test_a_configuration_that_breaks_a_rule_is_refused(text, words, tmp_path):
    (tmp_path / "farm.yaml").write_text(text)
    with pytest.raises(InvalidArgument, match=words.replace("?", r"\?")):
        load_batch_config(tmp_path / "farm.yaml")


def test_an_unknown_batch_system_is_answered_with_the_nearest():
    with pytest.raises(InvalidArgument, match="Did you mean 'slurm'"):
        submit_text("slrum", load_batch_config(None))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--shard", "0/2", "--cluster", "slurm"], "do not go together"),
        (["--dry-run"], "go with --cluster"),
        (["--shard", "2/2"], "farms count from 0"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, words, tmp_path, capsys):
    command = ["simulate", "cube-192", "-n", "4", "--events-per-file", "2", "-o", str(tmp_path / "out")]
    assert main([*command, *options]) == 2
    assert words in capsys.readouterr().err


def test_without_dask_several_workers_are_refused_with_what_does_without(tmp_path):
    code = (
        "import sys; sys.modules['dask'] = None\n"
        "from argoscope.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [
        "simulate",
        "cube-192",
        "-n",
        "4",
        "--events-per-file",
        "2",
        "-o",
        str(tmp_path / "out"),
        "--workers",
        "2",
    ]
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'argoscope[jobs]'" in done.stderr
    assert "--shard 0/2" in done.stderr


def test_planning_loads_no_dask():
    code = "import argoscope.jobs.run, argoscope.cli.jobs, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"dask", "distributed", "torch"} & set(loaded)
    assert Plan(target="", inputs=["x.h5"])[0].source == "x.h5"
