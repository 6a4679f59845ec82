"""The first words of consent: a draft that nobody with knowledge of the law has confirmed."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import migrations

DAY = datetime.date(2026, 11, 22)
TAKE_BACK_TH = "ข้าพเจ้าเพิกถอนได้ทุกเมื่อ ที่หน้า “ข้อมูลของฉัน” หรือบอกคณะทำงานของเมือง"
TAKE_BACK_EN = (
    "I can take this back at any time, on the page “My data” or by telling the city's working group."
)
WORDS = {
    "help": (
        True,
        "ข้าพเจ้ายินยอมโดยชัดแจ้งให้คณะทำงาน{keeper} เก็บรวบรวม ใช้ และเปิดเผยข้อมูลสุขภาพและความพิการของข้าพเจ้า "
        "เพื่อการช่วยเหลือยามเกิดภัย เป็นเวลา ๒๔ เดือน",
        "I explicitly consent to the working group of {keeper} collecting, using and disclosing data on my health and "
        "disability so that I am helped when disaster strikes, for 24 months.",
    ),
    "plan": (
        False,
        "ข้าพเจ้ายินยอมให้คณะทำงาน{keeper} เก็บรวบรวมและใช้ข้อมูลของข้าพเจ้า เพื่อการจัดทำแผนโดยไม่ระบุตัวตน เป็นเวลา ๒๔ เดือน",
        "I consent to the working group of {keeper} collecting and using my data to make the plan, without saying who I "
        "am, for 24 months.",
    ),
    "pass_on": (
        True,
        "ข้าพเจ้ายินยอมโดยชัดแจ้งให้คณะทำงาน{keeper} ส่งต่อข้อมูลสุขภาพและความพิการของข้าพเจ้าให้หน่วยงานที่ช่วยเหลือได้ "
        "เป็นเวลา ๒๔ เดือน",
        "I explicitly consent to the working group of {keeper} passing data on my health and disability on to offices "
        "that can help, for 24 months.",
    ),
    "contact": (
        False,
        "ข้าพเจ้ายินยอมให้คณะทำงาน{keeper} เก็บชื่อและช่องทางติดต่อของข้าพเจ้า เพื่อแจ้งผลของสิ่งที่ข้าพเจ้าบอกไว้ เป็นเวลา ๒๔ เดือน",
        "I consent to the working group of {keeper} keeping my name and how to reach me, to tell me what came of what I "
        "said, for 24 months.",
    ),
}


def write(apps: Any, _editor: Any) -> None:
    made = apps.get_model("privacy", "ConsentText").objects
    for purpose, (sensitive, thai, english) in WORDS.items():
        words = {"th": f"{thai} {TAKE_BACK_TH}", "en": f"{english} {TAKE_BACK_EN}"}
        made.create(
            space=None,
            purpose=purpose,
            version=1,
            words=words,
            sensitive=sensitive,
            is_draft=True,
            valid_from=DAY,
        )


def take_away(apps: Any, _editor: Any) -> None:
    apps.get_model("privacy", "ConsentText").objects.filter(space=None, version=1, consents=None).delete()


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_what_the_law_asks")]
    operations = [migrations.RunPython(write, take_away)]
