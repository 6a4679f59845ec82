from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from khlong.people.actor import Actor, Role
from khlong.people.policy import Policy, Verb, register
from khlong.record.filed import PUBLIC, File

READERS = (Role.OWNER, Role.MEMBER, Role.OBSERVER)
WRITERS = (Role.OWNER, Role.MEMBER)


@register
class FilePolicy(Policy[File]):
    """A file follows the rule of its space: the public reads what is public, those who work there what is theirs.

    USE is to get the bytes as they were given, with whatever a camera wrote into them.
    """

    model = File
    verbs = (Verb.VIEW, Verb.ADD, Verb.CHANGE, Verb.USE)

    def can(self, actor: Actor, verb: Verb, obj: File) -> bool:
        if actor.is_system or actor.is_steward:
            return True
        if verb is Verb.VIEW and obj.visibility == PUBLIC:
            return True
        if verb is Verb.USE and obj.visibility == PUBLIC and not obj.is_picture:
            return True
        return obj.space in _spaces(actor, verb)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[File]) -> QuerySet[File]:
        if actor.is_system or actor.is_steward:
            return queryset
        mine = Q(space__in=_spaces(actor, verb))
        if verb is Verb.VIEW:
            return queryset.filter(mine | Q(visibility=PUBLIC))
        if verb is Verb.USE:
            return queryset.filter(mine | Q(visibility=PUBLIC) & ~Q(blob__media_type__startswith="image/"))
        return queryset.filter(mine)


def _spaces(actor: Actor, verb: Verb) -> frozenset[UUID]:
    if verb is Verb.VIEW:
        return actor.spaces(*READERS) | actor.read_by_link
    return actor.spaces(*WRITERS)
