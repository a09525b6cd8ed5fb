"""Where Dask's workers are: on this machine, on a cluster that is there, or in the jobs of a batch system.

What travels between scheduler and workers is Python code in effect, so every
connection that this module opens is encrypted and both ends prove who they are
(TLS with a certificate made for the run); one without, to another machine, is
refused unless it is asked for.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from argoscope.detectors.schema import from_plain
from argoscope.detectors.yaml_text import read_yaml
from argoscope.errors import InvalidArgument, require_known
from argoscope.jobs.dask_engine import DEATHS

if TYPE_CHECKING:
    from distributed import Client

__all__ = [
    "SYSTEMS",
    "BatchConfig",
    "batch_client",
    "given_client",
    "load_batch_config",
    "local_client",
    "submit_text",
]

SYSTEMS = {"htcondor": "HTCondor", "slurm": "SLURM"}
"""Batch systems, and the names of their classes in dask-jobqueue."""
SETTINGS = {
    # Dask blames a unit for this many deaths, and gives it up at the next.
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    # A worker holds the unit it works on and no other, so that its death is blamed on none but that one.
    "distributed.scheduler.worker-saturation": 1.0,
    # Workers answer while they wait for their child, so this ends only those that are lost.
    "distributed.scheduler.worker-ttl": "30 minutes",
    "distributed.scheduler.no-workers-timeout": None,
    # A worker that starts anew on a busy machine is slow, not lost.
    "distributed.deploy.lost-worker-timeout": "5 minutes",
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    # It looks at every thread and at itself a hundred times a second, for a dashboard that is not there.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
}
"""Of Dask: workers hold nothing, their children are what memory is counted of."""


@dataclass(frozen=True, kw_only=True)
class BatchConfig:
    """Jobs of a batch system that hold workers.

    Parameters
    ----------
    jobs : int
        How many.
    cores : int
        Of a job; one worker each.
    memory : str
        Of a job, such as "8GB".
    disk : str
        Of a job, HTCondor only.
    walltime : str
        Of a job, SLURM only: "08:00:00".
    queue, account : str
        SLURM's partition and account.
    interface : str
        Network interface through which workers reach this machine.
    port : int
        Of the scheduler, where a firewall leaves few; 0 for any.
    directives : list of str
        Lines of the submit file as they are, such as "+SingularityImage = ...".
    prologue : list of str
        Shell lines before the worker starts.
    python : str
        Interpreter of the workers; that of this process by default.
    log_folder : str
        Of the batch system's logs.
    """

    jobs: int = 10
    cores: int = 1
    memory: str = "5GB"
    disk: str = "10GB"
    walltime: str = "08:00:00"
    queue: str = ""
    account: str = ""
    interface: str = ""
    port: int = 0
    directives: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()
    python: str = ""
    log_folder: str = ""

    def __post_init__(self) -> None:
        for name in ("jobs", "cores"):
            if getattr(self, name) < 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be at least 1")
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            lines = value if isinstance(value, tuple) else [value]
            if any("\n" in str(line) for line in lines):
                raise InvalidArgument(f"{name} (={value!r}) must not span lines: give each line by itself")


def load_batch_config(path: Path | None) -> BatchConfig:
    """The configuration of a YAML file, or the default.

    Raises
    ------
    UnreadableFile
        If it cannot be read.
    InvalidArgument
        If it is no YAML, a key is unknown or a value breaks its rule.
    """
    if path is None:
        return BatchConfig()
    config: BatchConfig = from_plain(BatchConfig, read_yaml(path), str(path))
    return config


@contextmanager
def local_client(workers: int) -> Iterator[Client]:
    """Workers on this machine, each a process; they end with the block."""
    with _dask(), TemporaryDirectory(prefix="argoscope-dask-") as scratch:
        from distributed import Client, LocalCluster

        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, memory_limit=0, host="127.0.0.1",
                dashboard_address=None, security=True, protocol="tls://", local_directory=scratch,
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):  # fmt: skip
            # Workers that are lost for good are replaced.
            cluster.adapt(minimum=workers, maximum=workers)
            yield client


@contextmanager
def given_client(address: str, *, trusted: bool = False) -> Iterator[Client]:
    """A cluster that is there.

    Parameters
    ----------
    address : str
        Of its scheduler, ``tls://host:port`` or ``tcp://host:port``; certificates are those of Dask's own configuration.
    trusted : bool
        Whether to connect to another machine without encryption.

    Raises
    ------
    InvalidArgument
        If it is no address, not encrypted, or nobody answers.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"tls", "tcp"} or not parts.hostname:
        raise InvalidArgument(f"scheduler (={address!r}) must be tls://HOST:PORT or tcp://HOST:PORT")
    if parts.scheme == "tcp" and parts.hostname not in {"127.0.0.1", "localhost", "::1"} and not trusted:
        raise InvalidArgument(
            f"scheduler (={address!r}) is another machine, without encryption: whoever can reach its port can run "
            "programs there and here. Use tls://, or --trust-network where the network is closed"
        )
    with _dask():
        from distributed import Client, Security

        try:
            client = Client(address, security=Security() if parts.scheme == "tls" else None, timeout=10)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise InvalidArgument(
                f"scheduler (={address!r}) does not answer: {str(error).splitlines()[0]}"
            ) from error
        with client:
            yield client


@contextmanager
def batch_client(system: str, config: BatchConfig, folder: Path) -> Iterator[Client]:
    """Workers in jobs of a batch system, asked for now; they end with the block.

    Parameters
    ----------
    system : str
        One of `SYSTEMS`.
    config : BatchConfig
    folder : Path
        That all machines see, for certificates of the run.
    """
    with _dask(), TemporaryDirectory(prefix=".certificates-", dir=folder) as shared:
        import dask_jobqueue
        from distributed import Client

        kind = getattr(dask_jobqueue, f"{_named(system)}Cluster")
        options = {
            **_options(system, config),
            "protocol": "tls://",
            "security": _certified(Path(shared)),
            "scheduler_options": {
                "dashboard_address": None,
                **({"port": config.port} if config.port else {}),
            },
        }
        with kind(**options) as cluster, Client(cluster) as client:
            cluster.adapt(minimum_jobs=config.jobs, maximum_jobs=config.jobs)
            yield client


def _certified(folder: Path) -> Any:
    """A certificate for one run, in files of this user's that jobs read by their names."""
    from distributed import Security

    made = Security.temporary().get_tls_config_for_role("worker")
    paths = {what: str(folder / f"{what}.pem") for what in ("ca_file", "cert", "key")}
    for what, path in paths.items():
        # 0600: whoever reads the key can send programs to the workers.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(made[what])
    pairs = {
        f"tls_{role}_{what}": paths[what]
        for role in ("scheduler", "worker", "client")
        for what in ("cert", "key")
    }
    return Security(tls_ca_file=paths["ca_file"], require_encryption=True, **pairs)


def submit_text(system: str, config: BatchConfig) -> str:
    """The submit file of one job, as the batch system would get it; nothing is started.

    Raises
    ------
    InvalidArgument
        If there is no such system, or dask-jobqueue is not installed.
    """
    with _dask():
        import dask_jobqueue

        kind = getattr(dask_jobqueue, f"{_named(system)}Cluster").job_cls
        job = kind(scheduler="tls://THIS-MACHINE:PORT", name="argoscope", **_options(system, config))
        return str(job.job_script())


def _named(system: str) -> str:
    require_known(system, SYSTEMS, "there is no batch system")
    return SYSTEMS[system]


def _options(system: str, config: BatchConfig) -> dict[str, Any]:
    """Arguments of dask-jobqueue."""
    options: dict[str, Any] = {
        "cores": config.cores,
        "processes": config.cores,
        "memory": config.memory,
        "job_extra_directives": list(config.directives),
        "job_script_prologue": list(config.prologue),
    }
    own: dict[str, Any] = {"disk": config.disk} if system == "htcondor" else {"walltime": config.walltime}
    if system == "slurm":
        own |= {"queue": config.queue or None, "account": config.account or None}
    for key, value in (
        ("interface", config.interface),
        ("python", config.python),
        ("log_directory", config.log_folder),
    ):
        if value:
            own[key] = value
    return {**options, **own}


@contextmanager
def _dask() -> Iterator[None]:
    """Dask with our settings, and quiet; or the sentence that it is not there."""
    try:
        import dask
        import dask_jobqueue  # noqa: F401
        import distributed  # noqa: F401
    except ModuleNotFoundError as error:
        raise InvalidArgument(
            "several workers over many files need Dask: pip install 'argoscope[jobs]'; or run the same command with "
            "--shard 0/2 and --shard 1/2, beside each other"
        ) from error
    # Dask gives the client a level of its own.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set(SETTINGS):
        yield
