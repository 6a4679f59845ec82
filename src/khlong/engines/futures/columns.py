"""What every column of every table of a run holds, in Thai and in English; it goes into the manifest.

Units: money is that of the model, `p10` and its kind are in the unit of the kind of impact, and of the total in money.
Shares are of futures, from 0 to 1.
"""

from __future__ import annotations

Said = dict[str, str]


def said(th: str, en: str) -> Said:
    return {"th": th, "en": en}


PACKAGE = {"package": said("หมายเลขชุดมาตรการ", "number of the package")}
CHANNEL = {
    "group": said("กลุ่มคน (ว่างคือยอดรวม)", "group; empty: the total"),
    "kind": said("ประเภทผลกระทบ (ว่างคือยอดรวม)", "kind of impact; empty: the total"),
}
MOST_OFF = said("ค่าคลาดเคลื่อนได้ไม่เกินเท่านี้ 0 คือค่าแท้", "the most by which it can be off; 0 is exact")
MONTE_CARLO = said("ความคลาดเคลื่อนของสัดส่วน", "Monte-Carlo error of the share")


def percentile(number: int) -> Said:
    return said(f"ค่าที่ร้อยละ {number} ของอนาคตไม่เกิน", f"value below which {number} % of futures lie")


COLUMNS: dict[str, dict[str, Said]] = {
    "packages": PACKAGE
    | {
        "measures": said("รหัสมาตรการในชุด", "keys of its measures"),
        "cost_mean": said("ค่ามาตรการเฉลี่ย", "cost, mean over futures"),
        "group_domain": said(
            "สัดส่วนอนาคตที่ทุกกลุ่มรับไหว", "share of futures in which every group is within its thresholds"
        ),
        "group_domain_error": MONTE_CARLO,
        "starr_domain": said("สัดส่วนอนาคตที่ทุกกลุ่มรับไหวและอยู่ในงบ", "the same, and within the money too"),
        "starr_domain_error": MONTE_CARLO,
        "total_mean": said("ยอดรวมเฉลี่ย (ค่ามาตรการกับภาระ)", "total of cost and burdens, mean"),
        "total_sd": said("ส่วนเบี่ยงเบนมาตรฐานของยอดรวม", "its standard deviation"),
        "total_lowest": said("ยอดรวมต่ำสุด", "its lowest"),
        "total_highest": said("ยอดรวมสูงสุด", "its highest"),
        "total_regret": said("เสียดายมากที่สุด", "largest regret of the total"),
    },
    "burdens": PACKAGE
    | CHANNEL
    | {
        "mean": said("ภาระเฉลี่ยต่อปี", "burden a year, mean over futures"),
        "sd": said("ส่วนเบี่ยงเบนมาตรฐาน", "its standard deviation"),
        "lowest": said("ภาระต่ำสุด", "its lowest"),
        "highest": said("ภาระสูงสุด", "its highest"),
        "regret": said("เสียดายมากที่สุด", "its largest regret"),
        "kept": said("สัดส่วนอนาคตที่ไม่เกินเกณฑ์", "share of futures within the threshold"),
    },
    "groups": PACKAGE
    | {
        "group": CHANNEL["group"],
        "kept": said(
            "สัดส่วนอนาคตที่กลุ่มนี้รับไหว", "share of futures in which the group is within all its thresholds"
        ),
        "worse_than_nothing": said(
            "สัดส่วนอนาคตที่แย่กว่าไม่ทำอะไรเลย", "share of futures in which it is worse off than with nothing done"
        ),
        "worse_than_base": said(
            "สัดส่วนอนาคตที่แย่กว่าสิ่งที่มีอยู่วันนี้",
            "share of futures in which it is worse off than with what exists today",
        ),
    },
    "measures": PACKAGE
    | {"measure": said("รหัสมาตรการ", "key of the measure")}
    | CHANNEL
    | {
        "shapley": said(
            "ส่วนที่มาตรการนี้เปลี่ยนภาระเฉลี่ย เมื่ออยู่ร่วมกับมาตรการอื่น (Shapley)",
            "what the measure adds to the mean burden in company of the others (Shapley value)",
        )
    },
    "tipping": PACKAGE
    | {
        "group": CHANNEL["group"],
        "p10": said("ปีที่หนึ่งในสิบของอนาคตรับไม่ไหวแล้ว (ค.ศ.)", "year by which a tenth of futures has tipped"),
        "p50": said("ปีที่ครึ่งหนึ่งของอนาคตรับไม่ไหวแล้ว (ค.ศ.)", "year by which half of them has"),
        "p90": said("ปีที่เก้าในสิบของอนาคตรับไม่ไหวแล้ว (ค.ศ.)", "year by which nine tenths have"),
        "already": said("จำนวนอนาคตที่ไม่ไหวตั้งแต่ปีแรก", "futures that have tipped from the start"),
        "never": said("จำนวนอนาคตที่ไหวตลอด", "futures that never tip"),
    },
    "quantiles": PACKAGE
    | CHANNEL
    | {"by": said("exact คือค่าแท้ sketch คือค่าประมาณ", "exact, or sketch: read from bins")}
    | {f"p{number}": percentile(number) for number in (10, 25, 50, 75, 90)}
    | {
        "regret_p90": said(
            "ความเสียดายที่เก้าในสิบของอนาคตไม่เกิน", "regret that is not passed in nine tenths of futures"
        ),
        "undesirable_deviations": said(
            "ครึ่งที่แย่กว่าของอนาคต ห่างจากค่ากลางเฉลี่ยเท่าใด", "mean of the worse half of futures, minus the median"
        ),
        "skew": said("ความเบ้ จาก -1 ถึง 1", "skew, from -1 to 1"),
        "peakedness": said("ความโด่ง (p90-p10)/(p75-p25)", "peakedness, (p90-p10)/(p75-p25)"),
        "error": MOST_OFF,
        "regret_error": MOST_OFF,
        "deviations_error": MOST_OFF,
        "skew_error": MOST_OFF,
        "peakedness_error": said(f"{MOST_OFF['th']} inf คือบอกไม่ได้", f"{MOST_OFF['en']}; inf: not known"),
    },
    "futures": {
        "future": said(
            "หมายเลขอนาคต คอลัมน์ที่เหลือคือค่าของแต่ละมิติ",
            "number of the future; the other columns are the dimensions",
        )
    },
}
COLUMNS["choices"] = {
    "why": said("เหตุที่ยกมา", "why it is spoken of"),
    "packages": said("หมายเลขชุดของแต่ละเขต", "numbers of the packages, by zone"),
    **{
        name: words
        for name, words in COLUMNS["packages"].items()
        if name not in {"package", "total_sd", "total_lowest", "total_highest"}
    },
    **{
        name: words
        for name, words in COLUMNS["quantiles"].items()
        if name not in {"package", "group", "kind", "by"} and not name.endswith("error")
    },
}
"""By table and column. A future's other columns are the dimensions of the model, which names them itself."""
