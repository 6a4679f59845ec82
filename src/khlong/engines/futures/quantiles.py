"""Quantile metrics of every package: exact for a shortlist, by a sketch that knows its error for the rest.

By objective (each channel, then the total) and package stand the percentiles of its futures, and what is made of them:

=========================  ===================================================================
`p10` .. `p90`             the value below which so many per cent of the futures lie
`regret_p90`               the regret that is not passed in nine tenths of the futures
`undesirable_deviations`   the mean over the worse half of the futures of value minus median
`skew`, `peakedness`       of the percentiles, as in `robustness`
=========================  ===================================================================

Beside every value stands the most by which it can be off: 0 where it is exact, the width of a bin of the sketch for a
percentile, twice that for undesirable deviations, and for the two ratios what follows from it (infinite: not known).

Exact are the packages that are asked for and, up to 64, those that stand best by the total's metrics in the sketch. So
the best package by such a metric is mostly known for sure: when none of the others could be better within its error.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import memory, robustness, shortlist
from khlong.engines.futures.errors import Words
from khlong.engines.futures.objectives import ROUNDING
from khlong.engines.futures.sketch import BINS, PERCENTILES, least, sketches
from khlong.engines.futures.watch import Watch
from khlong.engines.futures.words import listed, named, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from khlong.engines.futures.appraise import Engine, Report
    from khlong.engines.futures.model import Floats, Model, Name
    from khlong.engines.futures.sampling import Futures
    from khlong.engines.futures.sketch import Sketch
    from khlong.engines.futures.table import Table

RULE = f"exact for the shortlist, else read from {BINS} equal bins, with the error beside it"
METRICS = (
    *(f"p{100 * share:.0f}" for share in PERCENTILES),
    *("regret_p90", "undesirable_deviations", "skew", "peakedness"),
)
ERRORS = ("error", "regret_error", "deviations_error", "skew_error", "peakedness_error")
ERROR_OF = dict.fromkeys(METRICS, "error") | dict(zip(METRICS[5:], ERRORS[1:], strict=True))
RANKED = ("regret_p90", "undesirable_deviations")
"""The metrics whose best package is looked for; lower is better."""
READ = 4096
"""Packages whose metrics are read from their bins together: their counts stay in the processor's cache."""


@dataclass(frozen=True)
class Quantiles:
    """Quantile metrics of all packages.

    Attributes
    ----------
    values : (objectives, METRICS, packages)
    errors : (objectives, ERRORS, packages), the most by which each can be off
    exact : the packages that are no sketch
    """

    values: Floats
    errors: Floats
    exact: tuple[int, ...]

    def value(self, metric: str, objective: int = -1) -> Floats:
        """One metric of all packages, of the total unless said otherwise. (packages,)"""
        found: Floats = self.values[objective, METRICS.index(metric)]
        return found

    def error(self, metric: str, objective: int = -1) -> Floats:
        """The most by which it can be off. (packages,)"""
        found: Floats = self.errors[objective, ERRORS.index(ERROR_OF[metric])]
        return found

    def best(self, metric: str) -> int:
        """The package with the least value of the total; of equals an exact one, then the lower number."""
        value, sketched = self.value(metric), self.error(metric) > 0
        return int(np.lexsort((sketched, value))[0])

    def sure(self, metric: str, package: int) -> bool:
        """Whether no other package could be better within its error."""
        value, error = self.value(metric), self.error(metric)
        other = np.arange(value.size) != package
        return bool((value[package] + error[package] <= (value - error)[other]).all())


def quantiles(
    engine: Engine, futures: Futures, table: Table, spoken: Sequence[int], watch: Watch | None = None
) -> Quantiles:
    """Quantile metrics of every package of a table.

    Parameters
    ----------
    table : of this engine and these futures, under the weights of the model.
    spoken : packages that are to be exact, at most 64.
    watch : is told how far it is, one part for each objective (`parts`), and can stop it.

    Raises
    ------
    CancelledError
        It was stopped. Nothing of it stands.
    """
    watch = watch or Watch(futures=futures.count, parts=parts(engine.model))
    if engine.seen is not futures and memory.refuse(
        engine.program, futures.count, engine.threads, engine.room
    ):
        engine.stage_a(futures, watch.silent())
    objectives, read = range(len(table.objectives)), []
    for each in objectives:
        pair = sketches(engine, futures, table, each, report=watch.report())
        read.append(sketched(*pair, watch.silent()))
        watch.next()
    values, errors = (np.stack(each) for each in zip(*read, strict=True))
    exact = chosen(dict.fromkeys(spoken), values[-1])
    for each in objectives:
        values[each][:, exact] = metrics(engine, futures, exact, each, watch.silent())
    errors[:, :, exact] = 0.0
    return Quantiles(values, errors, tuple(exact))


def parts(model: Model) -> int:
    """How often all futures are gone through: once for each objective."""
    return len(model.channels) + 1


def sketched(plain: Sketch, regret: Sketch, report: Report) -> tuple[Floats, Floats]:
    """Metrics and errors of one objective, some packages at a time. (METRICS, packages), (ERRORS, packages)"""
    read = []
    for start in range(0, plain.low.size, READ):
        report.refuse()
        here = slice(start, start + READ)
        read.append(some_sketched(plain.some(here), regret.some(here)))
    values, errors = (np.concatenate(each, axis=1) for each in zip(*read, strict=True))
    return values, errors


def some_sketched(plain: Sketch, regret: Sketch) -> tuple[Floats, Floats]:
    """Metrics and errors of some packages."""
    percentiles = [plain.quantile(share) for share in PERCENTILES]
    deviations = plain.undesirable_deviations
    values = np.stack([*percentiles, regret.quantile(0.9), deviations, plain.skew, plain.peakedness])
    errors = (plain.error, regret.error, 2 * plain.error, plain.skew_error, plain.peakedness_error)
    return values, np.stack(errors)


def chosen(spoken: dict[int, None], total: Floats) -> list[int]:
    """Up to 64 packages: those spoken of, then by turns the best by each metric that ranks."""
    orders = [np.argsort(total[METRICS.index(metric)], kind="stable")[: shortlist.MOST] for metric in RANKED]
    by_turns = chain.from_iterable(zip(*(each.tolist() for each in orders), strict=True))
    return sorted(list(spoken | dict.fromkeys(by_turns))[: shortlist.MOST])


def metrics(
    engine: Engine, futures: Futures, packages: Sequence[int], objective: int, report: Report
) -> Floats:
    """Exact metrics of one objective for a few packages. (METRICS, packages)"""
    total = objective == len(engine.model.channels)
    found = (
        shortlist.totals(engine, futures, packages)
        if total
        else shortlist.channel_values(engine, futures, packages, objective)
    )
    regret = found - least(engine, futures, objective, report)
    regret[regret <= ROUNDING * np.abs(found)] = 0.0
    return exactly(found, regret)


def exactly(found: Floats, regret: Floats) -> Floats:
    """Metrics of values and regrets in every future. (P, N), (P, N) -> (METRICS, P)"""
    return np.stack(
        [
            *np.quantile(found, PERCENTILES, axis=1),
            np.quantile(regret, 0.9, axis=1),
            robustness.undesirable_deviations(found),
            robustness.skew(found),
            robustness.peakedness(found),
        ]
    )


def sentence(found: Quantiles, inside: Sequence[Name], money: str = "THB") -> Words:
    """Which package has the least regret in nine tenths of the futures, and how exact the table of these metrics is."""
    best, count = found.best("regret_p90"), found.values.shape[-1]
    value, sure = number(float(found.value("regret_p90")[best])), found.sure("regret_p90", best)
    th, en = ("บาท", "baht") if money == "THB" else (money, money)
    names = {each: listed([named(one, each) for one in inside], each) for each in ("th", "en")}
    rest, off = count - len(found.exact), number(float(np.max(found.error("regret_p90"))))
    certain = (
        ("", "")
        if sure
        else (" (ชุดอื่นอาจดีเท่ากันหรือดีกว่าเล็กน้อย)", " (another may be as good, or a little better)")
    )
    exact = (
        (f"ค่าของทั้ง {count:,} ชุดเป็นค่าแท้", f"These figures are exact for all {count:,} packages.")
        if rest == 0
        else (
            f"ค่าของ {len(found.exact):,} ชุดเป็นค่าแท้ อีก {rest:,} ชุดเป็นค่าประมาณ คลาดเคลื่อนไม่เกิน {off} {th}",
            f"These figures are exact for {len(found.exact):,} packages; those of the other {rest:,} are off by at "
            f"most {off} {en}.",
        )
    )
    return Words(
        th=f"เมื่อดูเก้าในสิบของอนาคต ชุดที่เสียดายน้อยที่สุดคือ {names['th'] or 'ไม่ทำอะไรเลย'} เสียดายไม่เกิน {value} {th}"
        f"{certain[0]} {exact[0]}",
        en=f"In nine tenths of futures the regret stays lowest with {names['en'] or 'nothing at all'}: at most "
        f"{value} {en}{certain[1]}. {exact[1]}",
    )
