"""The runner of a Ray cluster: each batch is an actor, a process on one of the cluster's machines.

The actor is asked for one message after the other. Tasks that stream do not exist over `ray://`, and Ray's
own retries would measure a whole batch again, so there are none of either here. What comes back is JSON.
"""

import contextlib
import os
import socket
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from grader import __version__, intake
from grader.course.cohort import batch
from grader.course.cohort.batch import Wanted
from grader.course.cohort.runner import Lost
from grader.ground.errors import GraderError
from grader.submission import Surroundings

CLIENT = "ray://"
LOCAL = "local"  # Ray's word for a new cluster of this machine alone
ANSWER_SECONDS = 5  # for the cluster's port
WAITS = (2, 5, 10, 20)  # seconds between two tries to connect
PROBE_SECONDS = 120  # for a machine to start its first process
FOLDERS = ("images", "weights", "pool", "python")  # of the surroundings: they have to be on each machine
MOST_PLACES = 200
# Read when Ray is imported: report to nobody, and start no cluster here when the connection to one is lost.
SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_AUTO_CONNECT": "0"}
QUIET = {"logging_level": "ERROR", "log_to_driver": False}


class RayCluster(Struct, frozen=True):
    """`places` actors at a time, each with one processor and this share of a GPU."""

    ray: Any  # the module, which is not there everywhere
    places: int
    gpus: float
    surroundings: Surroundings
    tries: int = 3  # a machine may be lost, and it is not the fault of whoever was measured there
    patience: float = 4 * 3600  # others may use the cluster too

    def start(self, group: Sequence[Wanted]) -> "Session":
        actor = self.ray.remote(num_cpus=1, num_gpus=self.gpus, max_restarts=0)(Measuring)
        return Session(self.ray, actor.remote([_portable(each) for each in group], self.surroundings), [])


class Session(Struct):
    """One actor; `asked` holds the message that it was asked for and has not given yet."""

    ray: Any
    actor: Any
    asked: list[Any]

    def receive(self, seconds: float) -> bytes:
        errors = self.ray.exceptions
        try:
            self.asked = self.asked or [self.actor.next.remote()]
            message: bytes = self.ray.get(self.asked[0], timeout=seconds)
        except errors.GetTimeoutError:
            raise TimeoutError from None
        except errors.RayError as loss:
            raise Lost(f"its process on the cluster was lost: {_first_line(loss)}") from None
        except (ConnectionError, RuntimeError) as trouble:
            raise _disconnected(trouble) from None
        self.asked = []
        return message

    def stop(self) -> None:
        with contextlib.suppress(Exception):  # an actor that is gone, or a cluster that is
            self.ray.kill(self.actor)


class Measuring:
    """The actor: `batch.measure` on the machine where it runs, with that machine's cache."""

    def __init__(self, group: Sequence[Wanted], surroundings: Surroundings) -> None:
        here = structs.replace(surroundings, cache=intake.cache())
        self._messages = batch.measure(group, here)

    def next(self) -> bytes:
        """Empty at the end."""
        return next(self._messages, b"")


@contextlib.contextmanager
def connected(address: str, places: int, gpus: float, surroundings: Surroundings) -> Iterator[RayCluster]:
    """The cluster at `ray://HOST:PORT`; `ray` is the one that RAY_ADDRESS names, to which this machine has to
    belong, or else one of this machine alone, which is gone afterwards.

    `places` 0: as many as it has processors, or shares of GPUs.

    Raises:
        GraderError: no Ray here, nobody answers, or its machines cannot measure what we would.
    """
    cluster = address if address.startswith(CLIENT) else os.environ.get("RAY_ADDRESS", LOCAL)
    if cluster != LOCAL:
        _require_answer(cluster)
    ray = _module()
    _connect(ray, cluster)
    try:
        free = surroundings if gpus == 0 else structs.replace(surroundings, device=_gpu(surroundings))
        absolute = {name: path.absolute() for name in FOLDERS if (path := getattr(free, name))}
        surroundings = structs.replace(free, **absolute)
        most = _require_machines(ray, gpus, surroundings)
        yield RayCluster(ray, min(places or most, MOST_PLACES), gpus, surroundings)
    finally:
        ray.shutdown()


def _module() -> Any:
    os.environ |= SETTINGS
    try:
        import ray.exceptions  # takes seconds
        import ray.util.scheduling_strategies
    except ImportError:
        raise GraderError("Ray is not installed here: pip install 'smartlab-coursework[ray]'") from None
    return ray


def _gpu(surroundings: Surroundings) -> str:
    return "cuda" if surroundings.device == "auto" else surroundings.device


def _connect(ray: Any, cluster: str) -> None:
    """A cluster starts a process for each of us, and gives up on it after 30 s: on a busy machine that is
    soon. So who is turned away asks again.
    """
    for wait in (*WAITS, None):
        try:
            with warnings.catch_warnings(action="ignore"):  # the same follows as an exception
                ray.init(cluster, **QUIET)
            return
        except ConnectionError as trouble:
            if wait is None:
                raise _no_connection(
                    cluster, trouble, f"asked {len(WAITS) + 1} times: ray status tells how busy it is"
                ) from None
            time.sleep(wait)
        except (ImportError, RuntimeError, ValueError) as trouble:
            raise _no_connection(cluster, trouble, "are Ray and Python of the same versions there?") from None


def _no_connection(cluster: str, trouble: Exception, advice: str) -> GraderError:
    said = " ".join(str(trouble).split())[:300]
    expected = "--ray-client-server-port" if cluster.startswith(CLIENT) else "--port"
    return GraderError(
        f"no connection to the Ray cluster {cluster}: {said} "
        f"(is it the port of ray start {expected}? {advice})"
    )


def _require_answer(address: str) -> None:
    """Ray itself would wait for a dead cluster without end."""
    host, _, port = address.removeprefix(CLIENT).rpartition(":")
    if not host or not port.isdigit():
        raise GraderError(
            f"{address!r} is no address of a cluster: ray://HOST:PORT, the port is mostly 10001"
        )
    try:
        socket.create_connection((host, int(port)), ANSWER_SECONDS).close()
    except OSError as trouble:
        said = trouble.strerror or trouble
        raise GraderError(
            f"nobody answers at {address}: {said}; ray start --head --ray-client-server-port=10001 starts "
            "the first machine of a cluster"
        ) from None


def _require_machines(ray: Any, gpus: float, surroundings: Surroundings) -> int:
    """How many batches they have room for at a time. Each must have our version and the folders asked for."""
    machines = [node for node in ray.nodes() if node["Alive"] and _room(node["Resources"], gpus)]
    if not machines:
        raise GraderError(f"no machine of the cluster has a processor and {gpus:g} GPU")
    paths = [str(path) for name in FOLDERS if (path := getattr(surroundings, name))]
    answers = [_ask(ray, node["NodeID"], paths) for node in machines]
    for node, answer in zip(machines, answers, strict=True):
        name = node["NodeManagerHostname"]
        try:
            version, missing = ray.get(answer, timeout=PROBE_SECONDS)
        except ray.exceptions.RayError as trouble:
            raise GraderError(f"{name}, of the cluster, runs nothing: {_first_line(trouble)}") from None
        if version != __version__:
            found = f"grader {version}" if version else "no grader"
            raise GraderError(f"{name} has {found}, this machine {__version__}: install the same on both")
        if missing:
            raise GraderError(f"{name} has no {missing[0]}: share the folder with all machines")
    return sum(_room(node["Resources"], gpus) for node in machines)


def _room(resources: dict[str, float], gpus: float) -> int:
    processors = int(resources.get("CPU", 0))
    return min(processors, int(resources.get("GPU", 0) / gpus)) if gpus else processors


def _ask(ray: Any, node: str, paths: Sequence[str]) -> Any:
    """What the machine has: the version of its grader, and which of the paths it has not."""

    def look(paths: Sequence[str]) -> tuple[str, list[str]]:  # sent as it is: there may be no grader there
        import importlib
        import os

        try:
            version = str(importlib.import_module("grader").__version__)
        except (ImportError, AttributeError):
            version = ""
        return version, [path for path in paths if not os.path.exists(path)]

    there = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=there)(look).remote(paths)


def _portable(each: Wanted) -> Wanted:
    """A path to a repository means the same from another folder."""
    url = each.request.url
    if "://" not in url and Path(url).expanduser().exists():
        url = str(Path(url).expanduser().absolute())
    return structs.replace(each, request=structs.replace(each.request, url=url))


def _disconnected(trouble: Exception) -> GraderError:
    return GraderError(
        f"the connection to the cluster was lost ({_first_line(trouble)}): "
        "run the same command again, what is complete is kept"
    )


def _first_line(trouble: Exception) -> str:
    return next((line.strip() for line in str(trouble).splitlines() if line.strip()), type(trouble).__name__)
