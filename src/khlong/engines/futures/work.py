"""How long a run would take, said before it begins.

Memory is one bound (`memory`), time another: a few channels under many futures fit well and still take an hour. The
work is counted in steps, and a step takes what it took on one processor of the 2.5 GHz server on which the engine was
calibrated (models of `benches.futures_case` and random ones, 12 to 18 measures, 64 to 4,000 futures):

==========  ===========================================================  ====================
`TABLE`     packages x futures x (channels + 1): the table, marks of     2.5 ns, on threads
            channels and groups with it
`SKETCH`    the same: values and regrets into the bins of `sketch`       8 ns, on threads
`YEARS`     packages x futures x knots x channels: `lasting`             3 ns, on threads
`CHAINS`    packages x futures x knots: `waiting`, where it is told      35 ns, on threads
`LOCAL`     local packages x futures x knots: the coefficients, once      50 ns, on threads
            for the table and once more for each reading by knot
`READ`      packages x (channels + 1): metrics out of the bins           25 us, one processor
`ROW`       rows of tables that are written                              12 us, one processor
==========  ===========================================================  ====================

Local packages are those of the measures that meet in one place. What coefficients take depends on much else (between 4
and 130 ns were measured), and where memory does not hold them (`memory.KEPT`) they are made anew for each objective. So
an estimate is about right, within a factor of two or three, on a machine that does nothing else.

What takes more than `SAID` is said beforehand; what takes more than `MOST` is refused unless it is asked for expressly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khlong.engines.futures import memory, packages
from khlong.engines.futures.appraise import threads_here
from khlong.engines.futures.errors import TooLongError, Words
from khlong.engines.futures.zones import touched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from khlong.engines.futures.model import Model

TABLE, SKETCH, YEARS, CHAINS, LOCAL = 2.5e-9, 8e-9, 3e-9, 35e-9, 50e-9
READ, ROW = 25e-6, 12e-6
SAID = 60.0
"""Seconds from which on it is said beforehand how long a run takes."""
MOST = 300.0
"""Seconds from which on a run is refused unless it is asked for expressly."""
MOST_CHAINS = 8192
"""Packages whose chains (`waiting`) are computed with a run; those of more take minutes."""
FEWEST = 100
"""Futures below which fewer of them are no advice."""
CHOICES = 5
"""Choices of a run in zones whose burdens are read by knot, each for itself."""


@dataclass(frozen=True)
class Work:
    """What a run has to do.

    Attributes
    ----------
    packages, channels : in all zones, and of the model.
    futures : that are asked for.
    fixed, each : seconds whatever the futures, and seconds for each of them.
    zoned : it is already appraised zone by zone.
    """

    packages: int
    channels: int
    futures: int
    fixed: float
    each: float
    zoned: bool = False

    @property
    def seconds(self) -> float:
        """About how long it takes on a machine that does nothing else."""
        return self.fixed + self.each * self.futures

    def fitting(self) -> int:
        """How many futures would be done within `MOST`; 0 where their number does not help."""
        most = int((MOST - self.fixed) / self.each)
        digits = 10 ** max(len(str(max(most, 0))) - 2, 0)
        return most // digits * digits if most >= FEWEST else 0

    def words(self) -> Words:
        """How long it takes and why."""
        th, en = spoken(self.seconds)
        return Words(
            f"คาดว่าใช้เวลาคำนวณราว {th} เพราะมี {self.packages:,} ชุดมาตรการ {self.futures:,} อนาคต "
            f"และภาระ {self.channels:,} รายการ (แยกตามกลุ่มคนและชนิด)",
            f"This takes about {en}: {self.packages:,} packages in {self.futures:,} futures, {self.channels:,} "
            f"burden{'s' if self.channels > 1 else ''} by group and kind.",
        )

    def mend(self) -> Words:
        """What would make it shorter."""
        zones = ("", "") if self.zoned else ("คำนวณแยกเป็นเขต (--zones) ", "appraise zone by zone (--zones), ")
        fewer = self.fitting() if self.seconds > MOST else 0
        asked = (f"ลดเหลือไม่เกิน {fewer:,} อนาคต", f"ask for at most {fewer:,} futures")
        if not fewer:
            asked = ("ลดจำนวนอนาคต", "ask for fewer futures")
        return Words(
            f"ถ้าต้องการให้เร็วขึ้น ให้{zones[0]}รวมมาตรการที่เลือกพร้อมกันไม่ได้ไว้ใน lever เดียวกัน หรือ{asked[0]}",
            f"To shorten it, {zones[1]}put measures that exclude each other on one lever, or {asked[1]}.",
        )


def work(
    models: Sequence[Model],
    futures: int,
    *,
    metrics: bool,
    tables: bool,
    elsewhere: bool = False,
    zoned: bool = False,
    threads: int = 0,
) -> Work:
    """The work of appraising one model, or one after the other those of its zones.

    Parameters
    ----------
    metrics : quantile metrics and chains too, as the summary of a whole model needs them.
    tables : all tables are written.
    elsewhere : the table itself comes from a cluster and is not counted.
    threads : processors that share it; all that this process may use, if not given.
    """
    threads, fixed, each = threads or threads_here(), 0.0, 0.0
    for model in models:
        here, channels = packages.count(model), len(model.channels)
        groups, knots = len({group for group, _ in model.channels}), len(model.years)
        step = here * (channels + 1)
        each += 0.0 if elsewhere else TABLE * step
        if metrics or tables:
            each += SKETCH * step
            fixed += READ * step
        chains = metrics and here <= MOST_CHAINS and knots > 1
        if chains:
            each += CHAINS * here * knots
        local = local_packages(model)
        readings = (not elsewhere) + chains + tables + (CHOICES if zoned else 1)
        if 8 * local * futures > memory.KEPT and (metrics or tables):
            readings += channels + 1
        each += LOCAL * local * knots * readings
        if tables:
            each += YEARS * here * knots * channels
            fixed += ROW * (here * (2 + 2 * channels + 2 * groups) + futures)
    counted = sum(packages.count(model) for model in models)
    return Work(counted, len(models[0].channels), futures, fixed, each / threads, zoned)


def local_packages(model: Model) -> int:
    """Packages of the measures that meet in one place, over all layers and all that meet alike."""
    levels, found = np.array(packages.radices(model), float)[:, None], 0.0
    for layer in model.layers:
        alike = np.unique(touched(model, layer), axis=1)
        found += float(np.where(alike, levels, 1.0).prod(axis=0).sum())
    return int(found)


@dataclass(frozen=True)
class Patience:
    """How long somebody is ready to wait.

    Attributes
    ----------
    long : as long as it takes.
    tell : is told beforehand how long it takes when that is long.
    """

    long: bool = False
    tell: Callable[[Words], None] | None = None

    def ask(self, planned: Work) -> None:
        """Say how long it takes when that is long, and refuse what takes very long and is not asked for expressly.

        Raises
        ------
        TooLongError
            With the time that it would take and what to do.
        """
        if planned.seconds <= SAID:
            return
        wrong, mend = planned.words(), planned.mend()
        if planned.seconds > MOST and not self.long:
            limit = spoken(MOST)
            raise TooLongError(
                "futures",
                Words(f"{wrong.th} เกิน {limit[0]}ที่กำหนดไว้", f"{wrong.en} The limit is {limit[1]}."),
                Words(f"{mend.th} ถ้ายอมรอ ให้สั่งพร้อม --long", f"{mend.en} To wait for it, ask with --long."),
            )
        if self.tell is not None:
            self.tell(Words(f"{wrong.th} {mend.th}", f"{wrong.en} {mend.en}"))


SHORT = Patience()


def spoken(seconds: float) -> tuple[str, str]:
    """A span of time in Thai and English, in minutes up to two hours, else in hours.

    Examples
    --------
    >>> [spoken(each)[1] for each in (20, 95, 5400, 10800)]
    ['1 minute', '2 minutes', '90 minutes', '3 hours']
    """
    minutes = max(round(seconds / 60), 1)
    if minutes < 120:
        return f"{minutes} นาที", f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{round(minutes / 60):,} ชั่วโมง", f"{round(minutes / 60):,} hours"
