"""From the text of a template to jinja2's tree, with exact places.

jinja2's parser copies the `lineno` of tokens into nodes and errors without ever looking at it.
So its tokens are numbered here by their *offset in the source* instead of by line, and every node
and every error then knows its line and its column.

On its way to the parser each token passes :mod:`recsys.prompts.guard`, where the place is exact;
:mod:`recsys.prompts.check` then judges the whole tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from recsys.prompts.guard import RawToken, guarded
from recsys.prompts.places import never_closed, place_of, refuse, unreadable
from recsys.schema import N_

#: The longest template, in characters.
MAX_SOURCE = 20_000


def parse_tree(source: str) -> nodes.Template:
    """jinja2's tree of a `normalised` source; `lineno` of its nodes is an offset.

    Raises:
        TemplateError: where the text is not a template, or a token is refused.
    """
    if len(source) > MAX_SOURCE:
        raise refuse(
            N_("The template has {length} characters; at most {limit} are allowed. Shorten it."),
            place_of(source, MAX_SOURCE),
            length=len(source),
            limit=MAX_SOURCE,
        )
    broken = re.search("[\ud800-\udfff]", source)
    if broken:
        raise unreadable(source, broken.start())
    try:
        return Parser(_ENVIRONMENT, source).parse()
    except TemplateSyntaxError as error:
        raise unreadable(source, error.lineno) from error


class _OffsetEnvironment(Environment):
    """An environment whose tokens carry offsets where jinja2 expects line numbers."""

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        tokens = guarded(source, self._located(source))
        return TokenStream(self.lexer.wrap(tokens, name, filename), name, filename)

    def _located(self, source: str) -> Iterator[RawToken]:
        """Raw tokens with their offsets; they cover the source but for trimmed whitespace."""
        end = 0
        offset = 0
        kind = ""
        try:
            for _, kind, text in self.lexer.tokeniter(source, None):
                offset = source.index(text, end)
                end = offset + len(text)
                yield offset, kind, text
        except TemplateSyntaxError as error:
            if kind == "comment_begin":
                raise never_closed(source, offset, "{#", "#}") from error
            raise unreadable(source, end) from error


_ENVIRONMENT = _OffsetEnvironment(keep_trailing_newline=True)
