"""Many machines: blocks of futures, cities and event sets over a Dask cluster, with the very same bits.

A task takes a run of blocks of one model, computes each as `appraise` does, and joins them by the same tree; the nodes
of the tree travel back and are joined there. So it does not matter how many workers there are, in which order they
answer, or which of them dies on the way: Dask gives a lost task to another worker, and the result is the same.

Cities and event sets are models of their own; `appraise_all` sends the tasks of all of them at once. A worker keeps
the last few models that it has made ready, and needs Khlong and the packages of `requirements/scale.txt` installed.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from khlong.engines.futures import lattice, stagea
from khlong.engines.futures.appraise import Engine, mean_costs
from khlong.engines.futures.client import cancelled_words
from khlong.engines.futures.errors import FuturesError, Words
from khlong.engines.futures.objectives import Objectives
from khlong.engines.futures.table import Joiner, Partial, Table, blocks_of, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from khlong.engines.futures.model import Model
    from khlong.engines.futures.sampling import Futures

RUN = 8
"""Blocks of a task; a power of two, so that tasks are nodes of the tree."""
KEPT_MODELS = 4
PATIENCE = 0.2
Nodes = list[tuple[int, Partial]]
_ready: OrderedDict[str, Engine] = OrderedDict()


@dataclass(frozen=True)
class Packed:
    """A model as bytes, with the name under which workers keep it."""

    token: str
    data: bytes

    @classmethod
    def of(cls, model: Model) -> Packed:
        data = pickle.dumps(model, protocol=5)
        return cls(hashlib.sha256(data).hexdigest(), data)


def ready(packed: Packed) -> Engine:
    """The model made ready on this worker, once."""
    if packed.token not in _ready:
        _ready[packed.token] = Engine(pickle.loads(packed.data), threads=1)  # noqa: S301 (from this cluster's own caller)
        while len(_ready) > KEPT_MODELS:
            _ready.popitem(last=False)
    _ready.move_to_end(packed.token)
    return _ready[packed.token]


def run_of_blocks(packed: Packed, futures: Futures, first: int) -> Nodes:
    """What a worker does: some futures, beginning with block `first`, as nodes of the tree with their levels."""
    program = ready(packed).program
    objectives, joiner = Objectives.of(program), Joiner()
    for number, start, stop in blocks_of(futures.count, lattice.BLOCK):
        part = futures.part(start, stop)
        joiner.add(objectives.partial(stagea.coefficients(program, part), part, first + number))
    return [(level, each) for (level, _place), each in joiner.waiting.items()]


def connected(scheduler: str) -> Any:
    """A client of the scheduler at an address such as `tcp://10.0.0.5:8786`.

    Raises
    ------
    FuturesError
        It is not there.
    """
    import distributed

    connect: Any = distributed.Client
    try:
        return connect(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise FuturesError(
            "dask",
            Words(f"ติดต่อ {scheduler} ไม่ได้", f"{scheduler} cannot be reached ({error})."),
            Words("ตรวจที่อยู่และเปิด dask scheduler ก่อน", "Check the address, and start `dask scheduler` there."),
        ) from error


def appraise_all(
    client: Any,
    models: Sequence[Model],
    futures: Sequence[Futures],
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Table]:
    """The tables of several models, each under its futures, bit for bit those of `appraise`.

    Parameters
    ----------
    client : a `distributed.Client`.
    progress : called with futures done and futures in all.

    Raises
    ------
    CancelledError
        It was stopped; the tasks are taken back from the cluster.
    FuturesError
        A worker could not do its part; its own words.
    """
    tasks: dict[Any, tuple[int, int]] = {}
    for which, (model, drawn) in enumerate(zip(models, futures, strict=True)):
        packed = client.scatter(Packed.of(model), broadcast=True, hash=True)
        for start in range(0, drawn.count, RUN * lattice.BLOCK):
            part = drawn.part(start, min(start + RUN * lattice.BLOCK, drawn.count))
            task = client.submit(run_of_blocks, packed, part, start // lattice.BLOCK, pure=False, retries=5)
            tasks[task] = (which, part.count)
    joiners = gathered(client, tasks, len(models), progress, cancelled)
    return [table(*each) for each in zip(models, futures, joiners, strict=True)]


def gathered(
    client: Any,
    tasks: dict[Any, tuple[int, int]],
    models: int,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> list[Joiner]:
    """The nodes of all tasks in the tree of their model, as they come."""
    import distributed

    wait: Any = distributed.wait
    joiners, done = [Joiner() for _ in range(models)], 0
    whole = sum(count for _which, count in tasks.values())
    waiting = set(tasks)
    try:
        while waiting:
            refuse_cancelled(cancelled)
            try:
                with client.as_current():
                    came = wait(waiting, timeout=PATIENCE, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                continue
            for task in came:
                which, count = tasks[task]
                for level, each in task.result():
                    joiners[which].add(each, level)
                done += count
                if progress is not None:
                    progress(done, whole)
            waiting -= came
    except BaseException:
        client.cancel(list(tasks), force=True)
        raise
    return joiners


def refuse_cancelled(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise cancelled_words()


def table(model: Model, futures: Futures, joiner: Joiner) -> Table:
    """The table of one model from its joined blocks."""
    objectives = Objectives.of(Engine(model, threads=1).program)
    groups = (group for group, _ in objectives.groups)
    part = joiner.done()
    return finished(part, model, futures.seed, objectives.base, groups, mean_costs(objectives, futures))
