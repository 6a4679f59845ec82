"""The worker: a process that works jobs off one at a time and delivers facts beside them."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from khlong.record import outbox
from khlong.record.jobs import queue, work
from khlong.record.queue_models import Worker

log = logging.getLogger(__name__)
IDLE = 1.0
BEAT = 5.0
FORGOTTEN = timedelta(days=1)


def own_name() -> str:
    """A name that no other worker has, now or later."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


class Working:
    """One worker. `stop` may be called from a signal or another thread; a job stops at its next step."""

    def __init__(self, name: str = "") -> None:
        self.name = name or own_name()
        self._over = threading.Event()
        self._parent = os.getppid() if os.environ.get("KHLONG_SUPERVISED") else None

    def stop(self) -> None:
        self._over.set()

    def stopping(self) -> bool:
        """Whether the worker is to end: somebody said so, or whoever supervised it is gone."""
        return self._over.is_set() or (self._parent is not None and os.getppid() != self._parent)

    def forever(self) -> None:
        """Work until stopped."""
        beside = threading.Thread(target=self._until_stopped, args=(self._deliver,), name="outbox")
        clock = threading.Thread(target=self._until_stopped, args=(self._tick,), name="clock")
        beside.start()
        clock.start()
        self._until_stopped(self._work)
        self.stop()
        beside.join()
        clock.join()
        Worker.objects.filter(name=self.name).delete()
        connection.close()

    def until_empty(self) -> int:
        """Work off all that is due now; how many jobs were run."""
        count = 0
        while not self.stopping():
            if self._work():
                count += 1
            elif not outbox.deliver():
                break
        return count

    def _until_stopped(self, part: Callable[[], object]) -> None:
        """Do the part again and again, without haste while it finds nothing; a database that is away comes back."""
        try:
            while not self.stopping():
                if not self._once(part):
                    self._over.wait(IDLE)
        finally:
            connection.close()

    def _once(self, part: Callable[[], object]) -> bool:
        try:
            close_old_connections()
            return bool(part())
        except OperationalError:
            log.exception("the database does not answer; trying again")
            connection.close()
            self._over.wait(2)
        return False

    def _work(self) -> bool:
        row = queue.claim(self.name)
        if row is None:
            return False
        with work.beating(row):
            work.run(row, self.stopping)
        return True

    def _deliver(self) -> int:
        return outbox.deliver()

    def _tick(self) -> None:
        now = timezone.now()
        Worker.objects.update_or_create(name=self.name, defaults={"beat_at": now})
        Worker.objects.filter(beat_at__lt=now - FORGOTTEN).delete()
        queue.schedule(now)
        self._over.wait(BEAT)
