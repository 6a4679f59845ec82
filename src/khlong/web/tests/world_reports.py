"""A logframe with all that stands in it, in any space, for the world of the house's tests."""

from __future__ import annotations

from datetime import date
from string import ascii_uppercase
from typing import Any

from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.network.actions import save_programme
from khlong.network.models import Programme
from khlong.people.actor import system_actor
from khlong.reports import actions
from khlong.reports.models import FrozenValue, Line, Logframe, Period, Result
from khlong.strategy.indicators import new_indicator, save_indicator

SYSTEM = system_actor("test")


def of_reports(space: Node, mark: str) -> dict[str, Any]:
    """A logframe whose node lies in this space, with one period frozen and one that is over."""
    logframe = _logframe(space, mark)
    values = {"level": "3_output", "text_th": f"ผู้อ่านที่ซ้อมแล้ว {mark}"}
    result = actions.save_result(SYSTEM, Result(logframe=logframe), values)
    indicator = save_indicator(SYSTEM, new_indicator(space), {"name_th": f"ผู้อ่าน {mark}", "unit_th": "คน"})
    line = Line.objects.create(result=result, indicator=indicator)
    dates = {"name_th": "รอบแรก", "begins": date(2025, 1, 1), "ends": date(2025, 6, 30)}
    later = {"name_th": "รอบสอง", "begins": date(2025, 7, 1), "ends": date(2025, 12, 31)}
    frozen = actions.freeze_period(SYSTEM, actions.save_period(SYSTEM, Period(logframe=logframe), dates))
    return {
        "logframe": logframe,
        "bare_result": Result.objects.create(logframe=logframe, level="1_impact", text_th="อยู่กับน้ำได้"),
        "bare_line": _bare_line(logframe, space, mark),
        "result": result,
        "logframe_line": line,
        "period": frozen,
        "over": actions.save_period(SYSTEM, Period(logframe=logframe), later),
        "frozen_value": FrozenValue.objects.get(period=frozen),
    }


def _bare_line(logframe: Logframe, space: Node, mark: str) -> Line:
    """A line added after the first period was frozen."""
    result = Result.objects.create(logframe=logframe, level="2_outcome", text_th="รู้ก่อนน้ำมา")
    values = {"name_th": f"บ้านที่ได้ยิน {mark}", "unit_th": "หลัง"}
    return Line.objects.create(result=result, indicator=save_indicator(SYSTEM, new_indicator(space), values))


def _logframe(space: Node, mark: str) -> Logframe:
    """Of a programme of its own, since each has one only; the node stands where the test wants it."""
    number = Programme.objects.count()
    code = f"X{ascii_uppercase[number // 26]}{ascii_uppercase[number % 26]}"
    values = {"slug": f"of-{code.lower()}", "name_th": f"โครงการ {mark}", "full_name_th": f"โครงการ {mark}"}
    programme = save_programme(
        SYSTEM, new_thing(Programme, Kind.PROGRAMME, space=None, ref=f"R-{code}"), values
    )
    made = new_thing(Logframe, Kind.LOGFRAME, space=programme.node)
    kept = actions.save_logframe(SYSTEM, made, {"programme": programme, "name_th": f"กรอบตรรกะ {mark}"})
    Node.objects.filter(pk=kept.pk).update(space=space)
    return Logframe.objects.select_related("node__space", "programme__node").get(pk=kept.pk)
