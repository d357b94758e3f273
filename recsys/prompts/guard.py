"""The guard: refuses every token that no allowed template can hold, exactly where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recsys.prompts.nodes import Place
from recsys.prompts.places import never_closed, place_of, refuse
from recsys.schema import N_

#: How deep `if`, `for` and parentheses may be nested.
MAX_DEPTH = 8

#: Tags that begin a block, and those that end it.
BLOCKS = {"if": "endif", "for": "endfor"}
#: Every tag, with a sentence for whoever is about to write one; what ends a block comes first.
TAGS: dict[str, str] = {
    "endif": N_("Ends what “if” began."),
    "endfor": N_("Ends what “for” repeats."),
    "elif": N_("Other words, where another variable has something to say."),
    "else": N_("Other words, where nothing above applies."),
    "if": N_("Words that stand only where a variable has something to say."),
    "for": N_("Words that are repeated for each entry of a list."),
}
_DELIMITERS = {"{{": "}}", "{%": "%}"}
_OPERATORS = frozenset("|(),")
_BEGINNINGS = ("variable_begin", "block_begin")
_ENDINGS = ("variable_end", "block_end")
_UNJUDGED = ("whitespace", "data", "comment_begin", "comment", "comment_end")

RawToken = tuple[int, str, str]  # offset in the source, type, text


def guarded(source: str, tokens: Iterator[RawToken]) -> Iterator[RawToken]:
    """Pass tokens on, refusing each that can have no part in an allowed template."""
    opened: tuple[int, str] | None = None  # the delimiter we are inside of
    blocks: list[tuple[int, str]] = []  # open `if` and `for`
    words: list[str] = []  # tokens since the delimiter
    depth = 0  # open parentheses
    for offset, kind, text in tokens:
        place = place_of(source, offset)
        if kind in _BEGINNINGS:
            opened, words, depth = (offset, text[:2]), [], 0
        elif kind in _ENDINGS:
            opened = None
        elif kind == "raw_begin":
            raise refuse(_TAG_REFUSED, place_of(source, _word_at(source, offset)), "raw")
        elif kind not in _UNJUDGED:
            in_block = opened is not None and opened[1] == "{%"
            if in_block and not words:
                _guard_tag(place, kind, text)
                _balance(blocks, source, offset, text)
            else:
                _guard_token(source, offset, kind, text, words)
            words.append(text)
            depth += (text == "(") - (text == ")")
            if depth > MAX_DEPTH:
                raise refuse(_TOO_DEEP, place, text, limit=MAX_DEPTH)
        yield offset, kind, text
    if opened is not None:
        raise never_closed(source, *opened, _DELIMITERS[opened[1]])
    if blocks:
        offset, tag = blocks[-1]
        raise never_closed(source, offset, tag, f"{{% {BLOCKS[tag]} %}}")


def _guard_tag(place: Place, kind: str, text: str) -> None:
    """The first token of a `{% … %}` must be one of the few tags."""
    if kind == "name" and text not in TAGS:
        raise refuse(_TAG_REFUSED, place, text)


def _guard_token(source: str, offset: int, kind: str, text: str, words: list[str]) -> None:
    """Any later token: refused if no allowed expression can hold it. `words` precede it."""
    place = place_of(source, offset)
    tag = words[0] if words else ""
    if kind == "float" or (kind == "integer" and len(text) > 6):
        raise refuse(_NUMBER_REFUSED, place, text)
    if kind == "operator" and text not in _OPERATORS:
        if text == ".":
            attribute = re.compile(r"\.\s*\w*").match(source, offset)
            raise refuse(_ATTRIBUTE_REFUSED, place, attribute.group() if attribute else text)
        if text in "[]{}:":
            raise refuse(_BRACKET_REFUSED, place, text)
        raise refuse(_OPERATOR_SENTENCES.get(text, _CALCULATION_REFUSED), place, text)
    if kind != "name" or words[-1:] == ["|"]:
        return
    if text in ("and", "or", "is"):
        raise refuse(_CONDITION_REFUSED, place, text)
    if text == "not" and words not in (["if"], ["elif"]):
        raise refuse(_CONDITION_REFUSED, place, text)
    if text == "in" and (tag != "for" or "in" in words):
        raise refuse(_CONDITION_REFUSED, place, text)
    if text in ("if", "else") or (text == "recursive" and tag == "for" and words[-1] != "in"):
        raise refuse(_INLINE_REFUSED, place, text)


def _balance(blocks: list[tuple[int, str]], source: str, offset: int, tag: str) -> None:
    """Keep track of open blocks; refuse a tag that does not belong to the innermost one."""
    place = place_of(source, offset)
    inner = blocks[-1][1] if blocks else ""
    if tag in BLOCKS:
        blocks.append((offset, tag))
        if len(blocks) > MAX_DEPTH:
            raise refuse(_TOO_DEEP, place, tag, limit=MAX_DEPTH)
    elif tag in ("elif", "else"):
        if inner == "for":
            raise refuse(
                N_(
                    "Line {line}, column {column}: “{found}” cannot stand in a “for”. "
                    "Put an “if” around the loop instead."
                ),
                place,
                tag,
            )
        if not inner:
            raise refuse(_CLOSES_NOTHING, place, tag)
    elif tag in BLOCKS.values():
        if not inner:
            raise refuse(_CLOSES_NOTHING, place, tag)
        if BLOCKS[inner] != tag:
            instead = f"{{% {BLOCKS[inner]} %}}"
            raise refuse(_CLOSES_ANOTHER, place, tag, inner=inner, instead=instead)
        blocks.pop()


def _word_at(source: str, offset: int) -> int:
    """The offset of the first letter of the tag that begins at `offset`."""
    match = re.compile(r"\{%[-+]?\s*").match(source, offset)
    return match.end() if match else offset


_TAG_REFUSED = N_(
    "Line {line}, column {column}: the tag “{found}” is not allowed in templates. "
    "Only “if” and “for” are."
)
_ATTRIBUTE_REFUSED = N_(
    "Line {line}, column {column}: the attribute “{found}” is not allowed in templates. "
    "Use a variable from the list as it is."
)
_BRACKET_REFUSED = N_(
    "Line {line}, column {column}: “{found}” is not allowed in templates. "
    "To pick entries of a list, write last(5) or first(5)."
)
_CONDITION_REFUSED = N_(
    "Line {line}, column {column}: the operator “{found}” is not allowed in templates. "
    "A condition is one variable, or “not” and one variable."
)
_CALCULATION_REFUSED = N_(
    "Line {line}, column {column}: the operator “{found}” is not allowed in templates. "
    "A template puts words together and calculates nothing."
)
_NAMED_ARGUMENT_REFUSED = N_(
    "Line {line}, column {column}: “{found}” is not allowed in templates. "
    "Write the value alone, as in last(5)."
)
_OPERATOR_SENTENCES = {
    "=": _NAMED_ARGUMENT_REFUSED,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _CONDITION_REFUSED),
}
_INLINE_REFUSED = N_(
    "Line {line}, column {column}: “{found}” cannot stand here. "
    "Write {{% if variable %}} … {{% endif %}} around the words."
)
_NUMBER_REFUSED = N_(
    "Line {line}, column {column}: the number “{found}” is not allowed in templates."
)
_TOO_DEEP = N_(
    "Line {line}, column {column}: “{found}” is nested more than {limit} deep. "
    "Flatten the template."
)
_CLOSES_NOTHING = N_(
    "Line {line}, column {column}: “{found}” belongs to nothing that is open here."
)
_CLOSES_ANOTHER = N_(
    "Line {line}, column {column}: “{found}” does not end “{inner}”. Write {instead} first."
)
