from __future__ import annotations

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

from khlong.record.kept import kept

register = template.Library()


class KeptNode(template.Node):
    """The part of a template between kept and endkept."""

    def __init__(self, nodelist: NodeList, names: list[FilterExpression]) -> None:
        self.nodelist, self.names = nodelist, names

    def render(self, context: Context) -> SafeString:
        name = "\n".join(str(expression.resolve(context)) for expression in self.names)
        return kept(context["request"], name, lambda: self.nodelist.render(context))


@register.tag("kept")
def do_kept(parser: Parser, token: Token) -> KeptNode:
    """{% kept "city" city.ref %} … {% endkept %}: rendered anew only after some action changed something.

    Names must tell apart all that the part shows. No form, no message, no person's name inside.
    """
    names = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    if not names:
        raise template.TemplateSyntaxError("kept needs a name")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, names)
