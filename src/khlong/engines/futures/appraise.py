"""From a model and its futures to the table of all packages.

`appraise` is the whole way. `Engine` keeps what does not depend on the question: the classes and tables of the model,
and the coefficients of the futures (stage A), so that a changed weight, threshold or price only reads the lattice anew.

Work goes block by block of `lattice.BLOCK` futures over threads; compiled loops hold no interpreter lock. The blocks'
results are joined by a fixed tree, so one thread and two give the same bits. Between blocks the run can be stopped:
then there is no table at all, because a table of some of the futures would be taken for the whole.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from khlong.engines.futures import lattice, memory, stagea
from khlong.engines.futures.compile import Compiled, compiled
from khlong.engines.futures.errors import CancelledError, Words
from khlong.engines.futures.objectives import Objectives
from khlong.engines.futures.table import Joiner, Partial, Table, blocks_of, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from khlong.engines.futures.model import Floats, Model, Threshold
    from khlong.engines.futures.sampling import Futures

    Block = tuple[int, int, int]
    Progress = Callable[[int, int], None]

T = TypeVar("T")
CHUNK = 2048
"""Futures that go through stage A together, at most: a stop-loss row is read from memory once for all of them."""


def threads_here() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class Engine:
    """A model made ready, and the futures it has seen last.

    Parameters
    ----------
    model : a checked model.
    threads : how many blocks go side by side; results do not depend on it.
    room : bytes that a run may take, `memory.ROOM` by default.
    """

    model: Model
    threads: int = 0
    room: int = memory.ROOM
    program: Compiled = field(init=False)
    seen: Futures | None = field(default=None, init=False)
    coefficients: Floats | None = field(default=None, init=False)
    stages: int = field(default=0, init=False)
    asked: tuple[object, Objectives] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.threads = self.threads or threads_here()
        memory.refuse_lattice(self.model, self.room)
        self.program = compiled(self.model, self.threads, self.room)

    def appraise(
        self,
        futures: Futures,
        *,
        weights: Mapping[str, float] | None = None,
        thresholds: Sequence[Threshold] | None = None,
        most_cost: float | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Table:
        """The table of all packages; see `appraise`."""
        objectives = self.objectives(weights, thresholds, most_cost)
        report = Report(progress, cancelled, futures.count)
        keep = memory.refuse(self.program, futures.count, self.threads, self.room)
        if keep:
            self.stage_a(futures, report)
        part = self.stage_b(objectives, futures, report)
        groups = (group for group, _ in objectives.groups)
        return finished(
            part, self.model, futures.seed, objectives.base, groups, mean_costs(objectives, futures)
        )

    def objectives(
        self,
        weights: Mapping[str, float] | None,
        thresholds: Sequence[Threshold] | None,
        most_cost: float | None,
    ) -> Objectives:
        """What is asked, laid out in the lattice; kept for the next futures under the same question."""
        question = (
            None if weights is None else tuple(sorted(weights.items())),
            None if thresholds is None else tuple(thresholds),
            most_cost,
        )
        if self.asked is None or self.asked[0] != question:
            self.asked = (question, Objectives.of(self.program, weights, thresholds, most_cost))
        return self.asked[1]

    def stage_a(self, futures: Futures, report: Report) -> None:
        """Coefficients of all futures, unless they are those seen last."""
        if self.seen is futures and self.coefficients is not None:
            return
        self.seen, self.coefficients = None, None
        size = min(CHUNK, stagea.padded(-(-futures.count // self.threads)))
        found = np.zeros((len(self.program.sets), stagea.padded(futures.count)))

        def work(block: Block) -> int:
            _, start, stop = block
            stagea.write(self.program, futures.part(start, stop), found, start)
            return 0

        for _ in over(self.threads, work, blocks_of(futures.count, size), report):
            pass
        self.stages += 1
        self.seen, self.coefficients = futures, found

    def stage_b(self, objectives: Objectives, futures: Futures, report: Report) -> Partial:
        """All blocks through the lattice, joined."""
        joiner, kept = Joiner(), self.coefficients if self.seen is futures else None

        def work(block: Block) -> Partial:
            number, start, stop = block
            part = futures.part(start, stop)
            columns = stagea.coefficients(self.program, part) if kept is None else kept[:, start:stop]
            return objectives.partial(columns, part, number)

        for part in over(self.threads, work, blocks_of(futures.count, lattice.BLOCK), report):
            report.done(part.count)
            joiner.add(part)
        return joiner.done()


def appraise(
    model: Model,
    futures: Futures,
    *,
    weights: Mapping[str, float] | None = None,
    thresholds: Sequence[Threshold] | None = None,
    most_cost: float | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int = 0,
) -> Table:
    """Every package of a model under every one of these futures.

    Parameters
    ----------
    weights : by group key, instead of the model's; they touch the total only.
    thresholds, most_cost : instead of the model's.
    progress : called with futures done and futures in all, from the calling thread.
    cancelled : asked between blocks; true stops the run.
    threads : 0 for all processors this process may use.

    Raises
    ------
    TooLargeError
        The run would take more memory than it may; said before it begins.
    CancelledError
        It was stopped. Nothing of it stands.
    """
    return Engine(model, threads).appraise(
        futures,
        weights=weights,
        thresholds=thresholds,
        most_cost=most_cost,
        progress=progress,
        cancelled=cancelled,
    )


@dataclass
class Report:
    """Tells how far a run is, and stops it when asked."""

    progress: Progress | None
    cancelled: Callable[[], bool] | None
    count: int
    finished: int = 0

    def done(self, futures: int) -> None:
        self.finished += futures
        if self.progress is not None:
            self.progress(self.finished, self.count)

    def refuse(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise CancelledError(
                "",
                Words("การคำนวณถูกหยุดกลางคัน จึงไม่มีผลลัพธ์", "The run was stopped, so there is no result."),
                Words("ให้เริ่มคำนวณใหม่เมื่อพร้อม", "Start it again when you are ready."),
            )


def over(threads: int, work: Callable[[Block], T], blocks: Iterable[Block], report: Report) -> Iterable[T]:
    """`work` on each block, some blocks ahead on threads; results as they come."""
    with ThreadPoolExecutor(max_workers=threads) as pool:
        running: set[Future[T]] = set()
        try:
            for block in blocks:
                report.refuse()
                running.add(pool.submit(work, block))
                if len(running) > threads:
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (each.result() for each in ready)
            while running:
                report.refuse()
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in ready)
        finally:
            for each in running:
                each.cancel()


def mean_costs(objectives: Objectives, futures: Futures) -> Floats:
    """The mean cost of each package, by adding the mean costs of its measures lever by lever."""
    means = objectives.cost_values(futures).mean(axis=0)
    by_set = dict(zip(objectives.cost.sets, means.tolist(), strict=True))
    found = np.zeros(1)
    for lever, measures in enumerate(objectives.program.model.levers):
        levels = np.array([0.0, *(by_set[((lever, level),)] for level in range(1, len(measures) + 1))])
        found = (levels[:, None] + found[None, :]).ravel()
    return found
