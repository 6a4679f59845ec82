"""Words and data for the page of components: long, real Thai, so that every part is seen under strain."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khlong.thai.dates import Span
from khlong.thai.digits import to_arabic
from khlong.ui.canal import Canal, Link, Stage, Strand, canal_of
from khlong.ui.course import Box, Column, Course, Dry
from khlong.ui.figures import FigureRow, MapCity, Moment, Stream
from khlong.ui.forms import FigureField, KhlongForm, SpanField


class SpecimenForm(KhlongForm):
    """A form with every kind of field; it is checked for real and keeps nothing."""

    where = forms.CharField(
        label=_("What should change, and where"),
        help_text=_("Write as you speak. You need not say your name."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    phone = forms.CharField(label=_("Telephone number for the answer"), required=False)
    seen = SpanField(
        label=_("When did you see it"),
        help_text=_("A day, a month, a year or a range, as you would write it: 3-4 Sept 2022."),
        required=False,
    )
    depth = FigureField(label=_("How deep was the water (centimetres)"), min_value=0, required=False)
    zone = forms.ChoiceField(
        label=_("In which zone"),
        choices=[("", _("I would rather not say")), ("market", "หลังตลาด"), ("mouth", "ปากคลอง")],
        required=False,
    )
    answer = forms.ChoiceField(
        label=_("How should the answer reach you"),
        choices=[("code", _("I look it up with the code")), ("phone", _("By telephone")), ("line", "LINE")],
        widget=forms.RadioSelect,
        initial="code",
    )
    consent = forms.BooleanField(
        label=_("My words may be published, without my name"),
        required=False,
    )

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"])
        digits = "".join(char for char in to_arabic(typed) if char.isdigit())
        if typed and len(digits) != 10:
            message = _("The telephone number has %(n)s digits; it needs 10, for example 081 234 5678.")
            raise ValidationError(message, code="length", params={"n": len(digits)})
        return typed


STAGES = (
    Stage("หลักฐาน", 71, unit="ชิ้น"),
    Stage("ข้อค้นพบ", 38, unit="ข้อ"),
    Stage("มาตรการ", 21, unit="มาตรการ"),
    Stage("ข้อเสนอแนะ", 31, unit="ข้อ"),
    Stage("แผนและนำร่อง", 11, unit="เรื่อง"),
    Stage("ตัวชี้วัด", 9, unit="ตัว"),
)


def _link(up: int, count: int, missing: str = "", mend: str = "") -> Link:
    return Link(up, up + 1, count, missing=missing, mend=mend, url="" if count else "#dry")


def _links(*counts: int, dry: dict[int, tuple[str, str]] | None = None) -> tuple[Link, ...]:
    words = dry or {}
    return tuple(_link(up, count, *words.get(up, ("", ""))) for up, count in enumerate(counts))


CITY_CANAL = Canal(
    "คลองของเมืองสาธิต",
    STAGES,
    (
        Strand("น้ำท่วมและน้ำหลาก", _links(34, 22, 15, 9, 5), "น้ำท่วม", drop=True),
        Strand(
            "บ้านและที่ดิน",
            _links(21, 12, 6, 0, 0, dry={3: ("ยังไม่มีคำตอบ", "ทวงถาม 6 ข้อเสนอ"), 4: ("ยังไม่มีตัวเลข", "")}),
            "บ้าน",
        ),
        Strand("สุขภาพและการเดินทาง", _links(16, 11, 7, 4, 4), "สุขภาพ"),
        Strand(
            "ความร้อน",
            _links(
                0,
                5,
                3,
                0,
                0,
                dry={
                    0: ("ไม่มีหลักฐาน", "เพิ่มหลักฐาน"),
                    3: ("ยังไม่ได้เสนอใคร", "ร่างข้อเสนอ"),
                    4: ("ยังไม่มีตัวเลข", ""),
                },
            ),
            "ร้อน",
        ),
    ),
    "วงเล็กที่ปลายเส้นคือเรื่องที่หยุดอยู่ตรงประตูนั้น เส้นประบนพื้นทรายคือช่วงที่แห้ง ข้อมูลตัวอย่าง ณ 20 พ.ย. 2569",
)

HATCHED_CANAL = canal_of(
    (Stage(stage.label, state="unpublished") for stage in STAGES),
    (),
    "คลองของเมืองพะตง ทุกช่วงยังไม่เผยแพร่",
    "ผู้ตัดสินใจเผยแพร่คือคณะทำงานเมืองพะตง",
)

GREAT_CANAL = canal_of(
    STAGES[:4],
    _links(184, 92, 61),
    "คลองของโครงการทั้งหกเมือง (ข้อมูลตัวอย่าง)",
)

COURSE = Course(
    (
        Column(
            (
                Box("1", "คำตอบของครัวเรือน", "H-STT-0041", "“มันย้อนขึ้นจากท่อหลังบ้าน”", "#thing"),
                Box("2", "เหตุการณ์", "E-STT-0002", "น้ำท่วมเดือนธันวาคม 2568", "#thing"),
            ),
            more=12,
            url="#thing",
        ),
        Column((Box("3", "ข้อค้นพบ", "F-STT-0012", "38 หลัง น้ำเข้าก่อนคลองล้นตลิ่ง", "#thing"),)),
        Column((Box("4", "มาตรการ", "M-STT-0002", "เปิดคลองไส้ไก่หลังตลาดให้น้ำเดินได้อีกครั้ง", here=True),)),
        Column(
            (
                Box("5", "ข้อเสนอ", "P-STT-0007", "เปิดคลองไส้ไก่ แผนเทศบาล หน้า 12 ลำดับที่ 3", "#thing"),
                Box(
                    "6",
                    "โครงการนำร่อง",
                    "L-STT-0002",
                    "ขุดเปิด 120 เมตร ตุลาคม 2569",
                    "#thing",
                    further="และอีก 3 เรื่องปลายน้ำ",
                    further_url="#thing",
                ),
            )
        ),
    ),
    2,
    frozenset({("1", "3"), ("2", "3"), ("3", "4"), ("4", "5"), ("4", "6")}),
    dry_down=(Dry("สำนักงานชลประทานสาธิตยังไม่ตอบ 41 วัน", "ทวงถาม", "#thing"),),
)

FIGURES = (
    FigureRow(33, "คน", "ศูนย์ภาวะวิกฤต (ชื่อตามข่าว)", when=Span.from_iso("2025-11-26")),
    FigureRow(25, "คน", "กรมป้องกันและบรรเทาสาธารณภัย", when=Span.from_iso("2025-11-27")),
    FigureRow(110, "คน", "The Straits Times", "จังหวัดสงขลา", Span.from_iso("2025-11-28")),
    FigureRow(145, "คน", "The Straits Times", "ภาคใต้", Span.from_iso("2025-11-28")),
    FigureRow(87, "คน", "สำนักข่าว newsmoco", when_text="ปลาย พ.ย. 2568"),
)

MOMENTS = (
    Moment(
        Span.from_iso("2021-02-24"),
        "เวทีเรียนรู้ร่วมกัน “SLD เมืองพะตง” 13.00–16.00 น. มีผู้แทนชุมชน กลุ่มเกษตรอินทรีย์ อสม. สภาองค์กรชุมชน เทศบาล "
        "ผู้แทนโรงงาน ศูนย์เด็กเล็ก และผู้บริหารโรงเรียน",
        "มูลนิธิชุมชนสงขลา",
    ),
    Moment(Span.from_iso("2022-09-03/2022-09-04"), "ร่างแผนยุทธศาสตร์เมือง ร่วมกับอีกห้าเมืองภาคใต้", "มูลนิธิชุมชนสงขลา"),
    Moment(
        Span.from_iso("2025-03-17/2025-09-30"),
        "กองทุนสุขภาพตำบลหนุนการรับส่งผู้ทุพพลภาพ รหัสโครงการ 68-L7890-08-001 โดยกองสาธารณสุข เทศบาลตำบลพะตง",
        "กองทุนหลักประกันสุขภาพท้องถิ่น L7890",
    ),
    Moment(None, "คนรุ่นปู่ขุดคลองไส้ไก่หลังตลาดไว้ให้เรือข้าวเข้าได้", "คำบอกเล่าในเวที"),
)

GROUPS = tuple(
    Stream(name, "ไม่ทราบจำนวน") for name in ("คนดั้งเดิม", "แรงงานข้ามชาติ", "คนต่างถิ่น", "ครัวเรือนบนที่ดินรถไฟ")
)

CITIES = (
    MapCity("la-ngu", "ละงู", "#map", True),
    MapCity("phatong", "พะตง", "#map", True),
    MapCity("bo-yang", "บ่อยาง", "#map", True),
    MapCity("khuan-lang", "ควนลัง", "#map"),
    MapCity("padang-besar", "ปาดังเบซาร์", "#map"),
    MapCity("tanot-duan", "โตนดด้วน", "#map"),
)

VISION = "ละงูเมืองแห่งการร่วมมือร่วมใจ อนุรักษ์สายน้ำมีชีวิต บนฐานความหลากหลายทางชีวภาพและพหุวัฒนธรรม"

PASSAGES = (
    (
        "1.1",
        "บ้านริมคลองทุกหลังได้รับคำเตือนด้วยเสียงและภาษาที่เข้าใจ ก่อนน้ำถึงธรณีประตูอย่างน้อยหกชั่วโมง รวมถึงบ้านที่ไม่มีชื่อในทะเบียน",
        5,
        2,
    ),
    (
        "1.3",
        "ยกพื้นศูนย์เด็กเล็ก และย้ายตู้ไฟของสูบน้ำขึ้นเหนือระดับน้ำปี 2568 เผื่ออีกหนึ่งเมตรสำหรับฝนที่ยังไม่เคยเห็น",
        4,
        2,
    ),
    (
        "1.6",
        "ประกาศเตือนเป็นสี่ภาษา ไทย มลายู เมียนมา และเขมร อ่านออกเสียงโดยคนในชุมชนนั้นเอง ไม่ใช้เสียงสังเคราะห์",
        17,
        6,
    ),
)

MIX = {"structural": 4, "social": 4, "ecosystem": 2, "institutional": 2}
