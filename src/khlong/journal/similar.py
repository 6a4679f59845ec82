"""What is related to what: reports and topics compared by their words and cities, once, when one is saved.

Words are those of the Thai dictionary with the house's terms; long terms count with the words they are made of.
A word weighs (1 + ln n) · ln((N + 1) / d): n times in the text, in d of N texts (TF-IDF). The score is the cosine of
two texts, and up to 0.15 for the cities they share.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import Any
from uuid import UUID

from django.db.models import Count

from khlong.chain.models import Kind, Node, Visibility
from khlong.journal.models import Related, Report, Topic, Word
from khlong.journal.prose import plain
from khlong.places.models import Fact
from khlong.thai.words import segment, word_parts

KINDS = (Kind.REPORT, Kind.TOPIC)
MOST_WORDS = 120
"""Words kept of a text: those that stand in it most often."""
NEAREST = 40
LEAST = 0.06
FOR_CITIES = 0.15
SAID = 5
_WORD = re.compile(r"[\u0e01-\u0e4e]{2,}|[A-Za-z][A-Za-z-]{2,}")
Vector = dict[str, float]


def texts_of(node: Node) -> list[str]:
    """All that is compared of a report or a topic."""
    if node.kind == Kind.TOPIC:
        topic = Topic.objects.filter(pk=node.pk).first()
        public = Fact.objects.filter(about=node, node__visibility=Visibility.PUBLIC)
        facts = public.values_list("statement_th", flat=True)
        return [topic.name_th if topic else "", topic.name_th if topic else "", *facts]
    report = Report.objects.filter(pk=node.pk).first()
    if report is None:
        return []
    said = [str(photo.get("alt_th", "")) for photo in report.photos]
    return [report.name_th, report.name_th, report.place_th, plain(report.text_th), *said]


def counted(texts: Iterable[str]) -> Counter[str]:
    """The words of some texts that say what they are about, with how often they stand there."""
    found: Counter[str] = Counter()
    for text in texts:
        for token in segment(text):
            for word in {token, *word_parts(token)}:
                if _WORD.fullmatch(word) and word not in _common():
                    found[word.lower()[:80]] += 1
    return Counter(dict(found.most_common(MOST_WORDS)))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Words that say nothing of what a text is about."""
    from pythainlp.corpus import thai_stopwords

    return frozenset(thai_stopwords()) | COMMON


_LITTLE = """
ครั้งที่ จังหวัด อำเภอ ตำบล นาย นาง นางสาว คน แห่ง พื้นที่ ประชุม ดำเนินการ โครงการ เดือน ปี วันที่ เวลา เริ่ม กลาง ทีม ระบบ ระดับ พัฒนา
บริการ ร่วม เรื่อง หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
the and for with from that this are was were have has
"""
COMMON = frozenset(_LITTLE.split())


def warm() -> None:
    """Load the dictionary before a transaction begins, so that nobody waits for it with a lock."""
    segment("คลอง")
    _common()


def compare(node: Node) -> None:
    """Compare a saved report or topic with all others and keep what is near, in both directions."""
    count_anew(node)
    write_near(node)


def count_anew(node: Node) -> None:
    """Keep the words of a node as its text has them now."""
    words = counted(texts_of(node))
    Word.objects.filter(node=node).delete()
    Word.objects.bulk_create(Word(node=node, word=word, count=n) for word, n in words.items())


def write_near(node: Node) -> None:
    """Keep what is near a node by the words that are kept."""
    words = dict(Word.objects.filter(node=node).values_list("word", "count"))
    _write(node, sorted(_near(node, words), key=lambda one: -one.score)[:NEAREST])


@dataclass(frozen=True)
class Near:
    """Another node, how near it is, and what both share."""

    other: UUID
    score: float
    words: list[str]
    cities: list[list[str]]


def _near(node: Node, words: Mapping[str, int]) -> Iterable[Near]:
    total = Word.objects.values("node").distinct().count()
    rows = Word.objects.filter(word__in=list(words)).exclude(node=node)
    shared: dict[UUID, dict[str, int]] = defaultdict(dict)
    for other, word, count in rows.values_list("node_id", "word", "count"):
        shared[other][word] = count
    nearest = sorted(shared, key=lambda other: (-len(shared[other]), other))[: 5 * NEAREST]
    full: dict[UUID, dict[str, int]] = defaultdict(dict)
    for other, word, count in Word.objects.filter(node__in=nearest).values_list("node_id", "word", "count"):
        full[other][word] = count
    every = set(words).union(*full.values()) if full else set(words)
    texts = Word.objects.filter(word__in=every).values_list("word").annotate(n=Count("pk"))
    rare = {word: log((total + 1) / n) for word, n in texts}
    mine, cities = _weighed(words, rare), _cities([node.pk, *nearest])
    for other in nearest:
        found = _compared(
            other, mine, _weighed(full[other], rare), cities.get(node.pk, {}), cities.get(other, {})
        )
        if found is not None:
            yield found


def _weighed(words: Mapping[str, int], rare: Mapping[str, float]) -> Vector:
    weights = {word: (1 + log(count)) * rare[word] for word, count in words.items()}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _compared(
    other: UUID, mine: Vector, theirs: Vector, here: Mapping[Any, list[str]], there: Mapping[Any, list[str]]
) -> Near | None:
    parts = {word: weight * theirs[word] for word, weight in mine.items() if word in theirs}
    cosine = sum(parts.values())
    both = [here[key] for key in here if key in there]
    score = cosine + FOR_CITIES * len(both) / max(1, len(here.keys() | there.keys()))
    said = _said(sorted((word for word in parts if parts[word] > 0), key=lambda word: -parts[word]))
    return Near(other, score, said, both) if cosine >= LEAST and said else None


def _said(words: list[str]) -> list[str]:
    """The words to name as shared: no word that another of them holds already."""
    chosen: list[str] = []
    for word in words:
        if not any(word in other for other in chosen):
            chosen = [other for other in chosen if other not in word] + [word]
        if len(chosen) == SAID:
            break
    return chosen


def _cities(nodes: Iterable[UUID]) -> dict[UUID, dict[Any, list[str]]]:
    through: Any = Report.cities.through
    found: dict[UUID, dict[Any, list[str]]] = defaultdict(dict)
    rows = through.objects.filter(report__in=list(nodes)).order_by("city__sort_key")
    for node, city, th, en in rows.values_list("report_id", "city_id", "city__name_th", "city__name_en"):
        found[node][city] = [th, en]
    return found


def _write(node: Node, near: list[Near]) -> None:
    """Keep both directions. What was set by hand keeps its place and learns why it is near."""
    by_hand = set(Related.objects.filter(node=node).exclude(order=None).values_list("other_id", flat=True))
    keys = [one.other for one in near]
    Related.objects.filter(node=node, order=None).exclude(other__in=keys).delete()
    Related.objects.filter(other=node, order=None).exclude(node__in=keys).delete()
    rows = [Related(node=node, other_id=one.other, **_why(one)) for one in near]
    rows += [Related(node_id=one.other, other=node, **_why(one)) for one in near]
    Related.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["node", "other"],
        update_fields=["score", "words", "cities"],
    )
    gone = by_hand - set(keys)
    Related.objects.filter(node=node, other__in=gone).update(score=0, words=[], cities=[])


def _why(one: Near) -> dict[str, Any]:
    return {"score": one.score, "words": one.words, "cities": one.cities}


def set_by_hand(node: Node, others: list[Node]) -> bool:
    """Write the order that somebody set; whether anything changed."""
    wanted = [other.pk for other in dict.fromkeys(others) if other.pk != node.pk]
    rows = Related.objects.filter(node=node).exclude(order=None).order_by("order")
    if list(rows.values_list("other_id", flat=True)) == wanted:
        return False
    Related.objects.filter(node=node, order__isnull=False, score=0).exclude(other__in=wanted).delete()
    Related.objects.filter(node=node).exclude(other__in=wanted).update(order=None)
    made = [Related(node=node, other_id=other, order=at) for at, other in enumerate(wanted, 1)]
    Related.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["node", "other"], update_fields=["order"]
    )
    return True


def compare_all() -> int:
    """Count and compare everything anew, after a load; how many."""
    nodes = list(Node.objects.filter(kind__in=KINDS).order_by("ref"))
    for work in (count_anew, write_near):
        for node in nodes:
            work(node)
    return len(nodes)
