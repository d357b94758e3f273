"""`Template`: a checked prompt template as a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from recsys.prompts.check import checked
from recsys.prompts.foreign import explained
from recsys.prompts.names import GENERIC
from recsys.prompts.nodes import Node, uses
from recsys.prompts.places import normalised
from recsys.prompts.plan import Piece, Soft, flattened
from recsys.prompts.render import SEPARATORS, RenderedPrompt, render
from recsys.prompts.syntax import parse_tree
from recsys.schema import TemplateError

_FRONT_MATTER = re.compile(r"\s*\{#-?(.*?)-?#\}", re.DOTALL)
_FRONT_MATTER_KEYS = ("title", "description", "language")
_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True)
class Template:
    """A prompt template that has been parsed and checked; made by :meth:`parse`.

    Attributes:
        source: the text as written, with `\\n` line breaks.
        name: what a person calls it; may be empty.
        title, description: from the front matter, a leading comment such as
            `{# title: Evenings; language: en #}`; the title falls back to the name.
        language: "en" or "zh", from the front matter, else zh where Chinese is written.
        body: the checked tree.
        variables: the data variables that it mentions, in order of first mention.
        pieces: the flattened plan, see :mod:`recsys.prompts.plan`.
    """

    source: str
    name: str
    title: str
    description: str
    language: str
    body: tuple[Node, ...] = field(repr=False)
    variables: tuple[str, ...]
    pieces: tuple[Piece, ...] = field(repr=False)

    @classmethod
    def parse(cls, source: str, name: str = "") -> Template:
        """Parse and check a template.

        Raises:
            TemplateError: for the first thing that cannot be read or is not allowed,
                with its line and column.
        """
        source = normalised(source)
        try:
            body = checked(parse_tree(source), source)
        except TemplateError as error:
            raise explained(source, error, GENERIC) from error
        facts = front_matter(source)
        guessed = "zh" if _CHINESE.search(source) else "en"
        language = facts.get("language", guessed)
        return cls(
            source=source,
            name=name,
            title=facts.get("title", name),
            description=facts.get("description", ""),
            language=language if language in SEPARATORS else guessed,
            body=body,
            variables=tuple(dict.fromkeys(use.name for use in uses(body))),
            pieces=flattened(body),
        )

    @property
    def soft_tokens(self) -> int:
        """How many trainable vectors the template has places for."""
        return sum(piece.n for piece in self.pieces if isinstance(piece, Soft))

    def render(self, values: Mapping[str, object]) -> RenderedPrompt:
        """The prompt for one user's values (texts, or lists of texts); missing ones are empty."""
        return render(self.body, values, self.language)


def front_matter(source: str) -> dict[str, str]:
    """`key: value; key: value` in a comment at the very beginning; {} where there is none."""
    match = _FRONT_MATTER.match(source)
    facts = {}
    for line in re.split(r"[;\n]", match.group(1)) if match else []:
        key, colon, value = line.partition(":")
        if colon and key.strip() in _FRONT_MATTER_KEYS and value.strip():
            facts[key.strip()] = value.strip()
    return facts
