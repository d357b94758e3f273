"""Syntax of other template languages, and how the same is written here.

Somebody who knows Handlebars, Liquid, Go or Python writes `{{#each history}}` or `history[-3:]`.
The guard and the check refuse that with its place; here the error is replaced by one that
says how to correct it. The text that it offers has been parsed, so it can be pasted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from difflib import get_close_matches

from recsys.prompts.check import checked
from recsys.prompts.guard import BLOCKS, TAGS
from recsys.prompts.names import meant, simple
from recsys.prompts.nodes import Place
from recsys.prompts.places import offset_of, refuse
from recsys.prompts.rewriting import (
    COUNTING,
    rewritten_condition,
    rewritten_expression,
    rewritten_loop,
    straightened,
)
from recsys.prompts.syntax import parse_tree
from recsys.schema import N_, TemplateError

#: A tag as it was meant; one that ends otherwise than it began is found by `_MISMATCHED`.
TAG = re.compile(
    r"\{\{\{?[-+~]?(?P<out>[^{}]*?|.*?)[-~]?\}?\}\}|\{%[-+]?(?P<block>.*?)[-+]?%\}", re.DOTALL
)
_MISMATCHED = re.compile(
    r"\{\{(?P<out>[^{}%\n]*)(?:%\}|\}(?!\})|$)|\{%(?P<block>[^{}%\n]*)(?:\}+|%(?!\})|$)",
    re.MULTILINE,
)
#: What is longer is no typing error, and would not fit into a sentence.
_LONGEST_TAG = 200
_QUOTES = frozenset("“”„‟«»‘’‚‛「」『』＂＇`´")
_LIST = "history"
_EXAMPLE_LOOP = "{% for x in history %}{{ x }}, {% endfor %}"


def explained(source: str, error: TemplateError, known: Collection[str]) -> TemplateError:
    """The refusal in words that mend it; the same refusal where nothing better is known.

    Args:
        source: the template.
        error: why it was refused, and where.
        known: variables that names may stand for.
    """
    offset = offset_of(source, error.line, error.column)
    sign = source[offset : offset + 1]
    if sign and unicodedata.category(sign) in ("Cf", "Cc", "Co") and sign not in "\n\t":
        return _say(_INVISIBLE, error, f"U+{ord(sign):04X}")
    tag = tag_at(source, offset)
    if tag is None or len(tag.group()) > _LONGEST_TAG:
        return error
    if tag.re is _MISMATCHED:
        inside = tag["out"] if tag["out"] is not None else tag["block"]
        instead = _written("{{ %s }}" if tag["out"] is not None else "{%% %s %%}", inside)
        if not inside.strip() or (tag["out"] is not None and not parses(instead)):
            return error
        return _say(_CLOSED_OTHERWISE, error, tag.group(), instead=instead)
    if re.search(r"\b(?:for)?loop\.\w", tag.group()):
        return _say(_WRITE, error, tag.group(), instead='{{ history|join(", ") }}')
    loops = re.findall(r"\bfor\s+(\w+)\s+in\b", source)
    explain = _of_output if tag["out"] is not None else _of_block
    better = explain(tag, error, sign, (*known, *loops))
    if better is None and (sign in _QUOTES or _is_wide(sign)):
        instead = straightened(tag.group())
        if tag["out"] is None or parses(instead):  # a lone quote is none even when it is straight
            return _say(_sentence(error, sign), error, sign, instead=instead)
    return better or error


def tag_at(source: str, offset: int) -> re.Match[str] | None:
    """The tag in which an offset lies: as it was meant, though it ends otherwise than it began."""
    begin = max(source.rfind("{{", 0, offset + 2), source.rfind("{%", 0, offset + 2))
    if begin < 0:
        return None
    begin -= begin > 0 and source[begin - 1] == "{" and source.startswith("{{", begin)
    closed = TAG.match(source, begin)
    inside = "" if closed is None else closed["out"] or closed["block"] or ""
    outside_quotes = re.sub(r"\"[^\"]*\"|'[^']*'", "", inside)
    if closed is None or re.search(r"\{\{|\{%|%\}|\n\n|(?<!\{)\}", outside_quotes):
        return _MISMATCHED.match(source, begin)
    return closed if begin <= offset < closed.end() else None


def _of_output(
    tag: re.Match[str], error: TemplateError, sign: str, known: Collection[str]
) -> TemplateError | None:
    """What somebody meant by a `{{ … }}` that was refused."""
    inside = straightened(tag["out"]).strip()
    name = _namer(known)
    if parses(tag.group()):
        return None  # what is wrong is where it stands
    if re.match(r"(?:>|template\b|include\b|define\b|block\b|partial\b)", inside):
        return _say(_ONE_TEXT, error, tag.group())
    if COUNTING.search(inside) or (_is_filter(error) and _counts(error)):
        return _say(_NO_COUNTING, error, tag.group())
    for pattern, form in _SECTIONS:
        match = re.fullmatch(pattern, inside)
        if match:
            instead = form.replace("NAME", name(match[1]) if match.lastindex else _LIST)
            return _say(_WRITE, error, tag.group(), instead=instead)
    instead = _written("{{ %s }}", rewritten_expression(inside, name))
    if not parses(instead):
        return _of_words(inside, tag, error, known)
    return _say(_sentence(error, sign), error, _about(error, sign, tag), instead=instead)


def _of_words(
    inside: str, tag: re.Match[str], error: TemplateError, known: Collection[str]
) -> TemplateError | None:
    """Words put together, or chosen, in a tag: here they stand between tags."""
    name = _namer(known)
    quoted = r"(?:\"[^\"]*\"|'[^']*')"
    if re.fullmatch(rf"(?:{quoted}|\w+)(?:\s*[+~]\s*(?:{quoted}|\w+))+", inside):
        parts = re.findall(rf"{quoted}|\w+", inside)
        instead = "".join(p[1:-1] if p[0] in "\"'" else f"{{{{ {name(p)} }}}}" for p in parts)
    elif re.fullmatch(r"\w+([- ]\w+)+", inside) and simple(inside) in known:
        instead = f"{{{{ {simple(inside)} }}}}"
    elif not inside:
        instead = f"{{{{ {_LIST} }}}}"
    elif match := re.fullmatch(r"[fF]([\"'])(.*)\1", inside):
        instead = re.sub(r"\{(\w+)[^{}]*\}", lambda m: f"{{{{ {name(m[1])} }}}}", match[2])
    elif match := re.fullmatch(r"(\w+)\s+if\s+(\w+)", inside):
        instead = f"{{% if {name(match[2])} %}}{{{{ {name(match[1])} }}}}{{% endif %}}"
    elif match := re.fullmatch(r"(\w+)\s*\?[^?]+:.+|.+\sif\s+(\w+)\s+else\s.+", inside, re.DOTALL):
        test = name(match[1] or match[2])
        instead = f"{{% if {test} %}} … {{% else %}} … {{% endif %}}"
    else:
        return None
    return _say(_WRITE, error, tag.group(), instead=instead) if parses(instead) else None


def _of_block(
    tag: re.Match[str], error: TemplateError, sign: str, known: Collection[str]
) -> TemplateError | None:
    """What somebody meant by a `{% … %}` that was refused."""
    inside = straightened(tag["block"]).strip()
    word = re.match(r"[^\s(]*", inside).group()  # type: ignore[union-attr]  # matches anything
    rest, name = inside[len(word) :].strip(), _namer(known)
    if parses(tag.group() + "{% endif %}") or parses(tag.group() + "{% endfor %}"):
        return None  # what is wrong is where it stands
    if word in ("raw", "verbatim"):
        return _say(_RAW, error, word, left='{{ "{{" }}', right='{{ "}}" }}')
    if word in _OTHER_TEXTS:
        return _say(_ONE_TEXT, error, word)
    if word in _ASSIGNING:
        return _say(_NO_ASSIGNING, error, word)
    if word in ("for", "foreach", "each", "range"):
        instead = rewritten_loop(rest, name)
        whole = instead and f"{instead}{{% endfor %}}"
    elif word in ("if", "elif", "elsif", "elseif", "unless", "else", "when") and rest:
        if COUNTING.search(rest) and re.search(r"[2-9]|[<=]\s*\d|\d\d", rest):
            return _say(_NO_COUNTING, error, tag.group())
        test = re.sub(r"^if\s+", "", rest) if word == "else" else rest
        test = f"not {test}" if word == "unless" else test
        opening = "if" if word in ("if", "unless") else "elif"
        instead = rewritten_condition(test, opening, name)
        whole = instead and ("" if opening == "if" else "{% if x %}") + instead + "{% endif %}"
        whole = whole and (whole if "endif" not in str(instead) else instead)
    elif word in TAGS:
        return None
    else:
        instead = whole = _other_tag(word, rest, known)
        return _say(_TAG_INSTEAD, error, word, instead=instead) if instead else None
    if not instead or not parses(str(whole)) or instead.strip() == tag.group().strip():
        return None
    return _say(_sentence(error, sign), error, _about(error, sign, tag), instead=instead)


def _other_tag(word: str, rest: str, known: Collection[str]) -> str | None:
    """The tag that another one stands for; None where nothing is like it."""
    plain = word.lower().lstrip("/#")
    if word.startswith("/") or plain in ("end", "fi", "done"):
        loop = plain in ("for", "foreach", "each", "range")
        return "{% endfor %}" if loop else "{% endif %}"
    if plain in ("endforeach", "endeach", "endrange", "endwhile", "next", "end_for", "rof"):
        return "{% endfor %}"
    if plain in ("endunless", "end_if", "endcase", "endswitch", "endwhen"):
        return "{% endif %}"
    if plain in ("comment", "endcomment"):
        return "{# … #}"
    if plain in ("print", "echo", "filter") and rest:
        variable = re.match(r"\w+", rest)
        return f"{{{{ {variable.group() if variable else _LIST} }}}}"
    variable_meant = meant(plain, known, 0.8)
    near = get_close_matches(plain, [*TAGS, *BLOCKS], n=1, cutoff=0.7)
    if near and (variable_meant is None or rest):
        return f"{{% {near[0]}{' ' + rest if rest else ''} %}}"
    return f"{{{{ {variable_meant} }}}}" if variable_meant else None


def parses(template: str) -> bool:
    """Whether something can stand in a template as it is."""
    try:
        checked(parse_tree(template), template)
    except TemplateError:
        return False
    return True


def _namer(known: Collection[str]) -> Callable[[str], str]:
    def named(name: str) -> str:
        if name in ("this", "self", "it"):
            return _LIST
        return meant(name, known) or simple(name) or _LIST

    return named


def _written(form: str, inside: str) -> str:
    return form % " ".join(inside.split())


def _about(error: TemplateError, sign: str, tag: re.Match[str]) -> str:
    """What a sentence quotes: one sign, a filter, or the whole tag."""
    if sign in _QUOTES or _is_wide(sign):
        return sign
    return str(error.message.params["found"]) if _is_filter(error) else tag.group()


def _sentence(error: TemplateError, sign: str) -> str:
    if sign in _QUOTES:
        return _CURLY
    if _is_wide(sign):
        return _WIDE
    return _FILTER if _is_filter(error) else _WRITE


def _counts(error: TemplateError) -> bool:
    found = str(error.message.params["found"]).lower()
    return bool(get_close_matches(found, ["length", "count", "size", "wordcount"], n=1, cutoff=0.8))


def _is_filter(error: TemplateError) -> bool:
    return "filters" in error.message.params


def _is_wide(sign: str) -> bool:
    return bool(sign) and straightened(sign) != sign


def _say(template: str, error: TemplateError, found: str, **params: str) -> TemplateError:
    place = error.message.params["line"], error.message.params["column"]
    return refuse(template, Place(*place), " ".join(found.split()), **params)


#: Whole tags of other languages → how the same is written here; NAME is what stands in the group.
_SECTIONS: tuple[tuple[str, str], ...] = (
    (
        r"#\s*(?:each|for|foreach|list)\s+[\w.]*?(\w+)\b.*",
        "{% for x in NAME %}{{ x }}, {% endfor %}",
    ),
    (r"range\b.*?(\w+)", "{% for x in NAME %}{{ x }}, {% endfor %}"),
    (r"for\s+\w+\s+(?:in|of)\s+(\w+)", "{% for x in NAME %}{{ x }}, {% endfor %}"),
    (r"#?\s*(?:if|with)\s+[.$]*(\w+)", "{% if NAME %} … {% endif %}"),
    (r"#?\s*(?:if|unless)\s+not\s+[.$]*(\w+)", "{% if not NAME %} … {% endif %}"),
    (r"(?:#\s*unless|\^)\s*[.$]*(\w+)", "{% if not NAME %} … {% endif %}"),
    (r"#\s*[.$]*(\w+)", "{% if NAME %} … {% endif %}"),
    (r"/\s*(?:each|for|foreach|range|list)", "{% endfor %}"),
    (r"/\s*\w*", "{% endif %}"),
    (r"else\s+if\s+[.$]*(\w+)", "{% elif NAME %}"),
    (r"else|\^", "{% else %}"),
    (r"end\s*if", "{% endif %}"),
    (r"end\s*for", "{% endfor %}"),
    (r"!.*", "{# … #}"),
    (r"\.|@(?:index|key|first|last|root)\b.*|this(?:[./]\w+)+", _EXAMPLE_LOOP),
)
_OTHER_TEXTS = frozenset(
    "include import from extends block endblock embed render template partial use layout".split()
)
_ASSIGNING = frozenset("set assign let with capture var define macro call endset endmacro".split())

_WRITE = N_(
    "Line {line}, column {column}: “{found}” is written otherwise here. Write {instead} instead."
)
_CURLY = N_(
    "Line {line}, column {column}: the quotes here ({found}) are curly. "
    "Write straight ones: {instead}"
)
_WIDE = N_("Line {line}, column {column}: “{found}” is a full-width sign. Write {instead}")
_INVISIBLE = N_(
    "Line {line}, column {column}: an invisible character ({found}) stands here. Delete it."
)
_CLOSED_OTHERWISE = N_(
    "Line {line}, column {column}: “{found}” does not end as it begins. Write {instead}"
)
_ONE_TEXT = N_(
    "Line {line}, column {column}: “{found}” is not allowed in templates: a prompt is one text, "
    "and takes nothing from other files. Copy their words to this place."
)
_NO_ASSIGNING = N_(
    "Line {line}, column {column}: the tag “{found}” is not allowed in templates: they have no "
    "names of their own. Write what the name stands for where it is used."
)
_NO_COUNTING = N_(
    "Line {line}, column {column}: “{found}” counts, and templates do not count. A condition "
    "asks whether there is anything at all; last(5) takes at most five."
)
_RAW = N_(
    "Line {line}, column {column}: the tag “{found}” is not allowed in templates, nor is it "
    "needed: single braces are words as they stand. Two in a row are written {left} and {right}."
)
_TAG_INSTEAD = N_(
    "Line {line}, column {column}: the tag “{found}” is not allowed in templates. "
    "Write {instead} instead."
)
_FILTER = N_("Line {line}, column {column}: there is no filter “{found}”. Write {instead} instead.")
