"""Expressions, conditions and loops of other template languages, in the words of this one.

Each is a chain of substitutions on the text between two delimiters; whoever calls parses the result
before it is offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from recsys.prompts.filters import FILTERS

_QUOTED = r"(?:\"[^\"]*\"|'[^']*')"
#: Quotes, brackets and marks of word processors and of Chinese keyboards → those of templates.
_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』＂", '"'),
        **dict.fromkeys("‘’‚‛＇`´", "'"),
        **dict(zip("（），｜：；．！［］｛｝％＝＞＜－＿　", "(),|:;.![]{}%=><-_ ", strict=True)),
        **{chr(ord("０") + n): str(n) for n in range(10)},
        "、": ",",
        "。": ".",
        "\u00a0": " ",
    }
)
#: Something that counts, which templates cannot.
COUNTING = re.compile(
    r"\|\s*(?:length|count|size|wordcount|len|sum)\b"
    r"|\.(?:length|size|count|len)\b(?!\()|\.(?:size|count|length)\(\)|\b(?:len|length|count)[\s(]+\.?\w"
)
#: What filters are called elsewhere.
_FILTER_NAMES = {
    called: name
    for name, words in {
        "lower": "downcase lowercase tolower tolowercase lcase casefold",
        "upper": "upcase uppercase toupper touppercase ucase",
        "title": "capitalize capitalise capfirst titlecase startcase ucfirst ucwords titleize",
        "unique": "uniq distinct dedupe deduplicate nub set",
        "reverse": "reversed rev",
        "first": "limit take head slice top firstn",
        "last": "tail takelast latest lastn recent",
        "join": "concat implode joined joinlist join_list",
        "default": "d default_if_none fallback otherwise coalesce",
        "truncate_tokens": "truncate truncatewords truncate_words truncatechars truncate_chars "
        "shorten abbreviate max_tokens tokens ellipsis trunc",
    }.items()
    for called in words.split()
}
#: Filters that do nothing here: nothing is escaped, and the order is that of time.
_NEEDLESS = frozenset(
    "safe e escape h string str trim strip list tojson json to_json raw striptags strip_html nl2br "
    "urlencode escapejs noescape force_escape forceescape indent wordwrap int float round sort "
    "sorted sort_natural dictsort map pluck compact pprint to_s tostring strip_newlines".split()
)

Namer = Callable[[str], str]


def straightened(text: str) -> str:
    """Text with straight quotes and half-width marks; what stands in quotes stays as it is."""
    text = re.sub(r"[“”„‟«»「『＂]([^\"\n]*?)[“”‟«»」』＂]", r'"\1"', text)
    text = re.sub(r"[‘’‚‛＇`´]([^'\n]*?)[‘’‛＇`´]", r"'\1'", text)
    parts = re.split(rf"({_QUOTED})", text)
    return "".join(p if n % 2 else p.translate(_STRAIGHT) for n, p in enumerate(parts))


def rewritten_expression(inside: str, name: Namer) -> str:
    """What stands in `{{ … }}`, with the ways of other languages turned into filters.

    Texts in quotes are put aside meanwhile, so that nothing is changed in them.

    Args:
        inside: the text between the braces, `straightened`.
        name: the variable that a name stands for.
    """
    aside: list[str] = []

    def put_aside(quoted: re.Match[str]) -> str:
        aside.append(quoted.group()[1:-1])
        return f"{quoted.group()[0]}\ue000{len(aside) - 1}\ue001{quoted.group()[0]}"

    inside = re.sub(r"\[\s*[\"'](\w+)[\"']\s*\]", r".\1", inside.strip())
    text = _rewritten(re.sub(_QUOTED, put_aside, inside), name)

    def put_back(stands: re.Match[str]) -> str:
        place = int(stands[1])
        return aside[place] if place < len(aside) else stands.group()  # it stood there before

    return re.sub("\ue000(\\d{1,6})\ue001", put_back, text)


def _rewritten(text: str, name: Namer) -> str:
    text = re.sub(r"[;?]+\s*$", "", text)
    text = re.sub(r"^\{\s*|\s*\}$", "", text)  # the third brace of {{{ x }}}
    text = re.sub(r"^[&=~:*@$#%.]+\s*(?=\w)", "", text)
    text = re.sub(r"^%|%$", "", text)
    text = re.sub(r"\(([^()|]*)(?=\||$)", r"(\1)", text)  # a parenthesis that was not closed
    text = re.sub(r"(?<![\"'\w])\$(?=\w)", "", text)
    text = re.sub(r"\?\.(?=[\w\[])|->(?=\w)", ".", text)
    text = re.sub(r"!(?:r|s|a)\b", "", text)
    text = re.sub(r"^(\w+)\s*:[-+<>^]?[\d.,]*[a-z%]?$", r"\1", text)  # a format of f-strings
    text = re.sub(rf"^({_QUOTED})\s*\.\s*join\(\s*(\w+)\s*\)", r"\2|join(\1)", text)
    text = _subscripts(text)
    text = re.sub(r"\.(first|last|reverse)\b(?!\()", r"|\1", text)
    text = re.sub(r"(?<=\))\.\w+\b(?!\()", "", text)
    text = re.sub(r"\.(\w+)\(\s*([^()]*)\)", r"|\1(\2)", text)
    text = re.sub(r"^(\w+)\(\s*(\w+)\s*(?:,\s*)?([^()]*)\)", _called, text)
    text = re.sub(
        rf"\|\s*(\w+)\s*:\s*((?:{_QUOTED}|\d+)(?:\s*,\s*(?:{_QUOTED}|\d+))*)", r"|\1(\2)", text
    )
    text = re.sub(rf"\|\s*(\w+)\s+({_QUOTED}|\d+)", r"|\1(\2)", text)
    text = re.sub(rf"\s*(?:\|\||\?\?|\?:|\bor\b)\s*({_QUOTED})", r"|default(\1)", text)
    text = re.sub(rf"^(\w+)\s+if\s+\1\s+else\s+({_QUOTED})$", r"\1|default(\2)", text)
    text = re.sub(
        rf"^(\w+)\s+({'|'.join(FILTERS)})\s*\(?\s*({_QUOTED}|\d+)\s*\)?$", r"\1|\2(\3)", text
    )
    text = re.sub(r"^soft\s*[:=\[(]?\s*(\d+)\s*[\])]?$", r"soft(\1)", text)
    text = re.sub(r"\(\s*\w+\s*=\s*", "(", text)  # the name of an argument
    text = re.sub(r"^(\w+)\(\)", r"\1", text)
    text = re.sub(rf"^(?=(?:{'|'.join(FILTERS)})\()", "history|", text)
    text = re.sub(r"^(\w+)((?:\.\w+)+)", lambda match: _attribute(match, name), text)
    text = re.sub(r"\s*\|\s*(\w+)\s*(\([^()]*\))?", _filter, text)
    return re.sub(r"^\w+", lambda match: name(match.group()), text)


def rewritten_condition(test: str, opening: str, name: Namer) -> str | None:
    """`{% if … %} … {% endif %}` for a condition written otherwise; None for what cannot be said.

    Args:
        test: what stands behind "if", `straightened`.
        opening: "if" or "elif".
        name: the variable that a name stands for.
    """
    test = re.sub(r"\s*:\s*$", "", test.strip())
    test = re.sub(r"\s*(?:&&|\band\b)\s*", " and ", test)
    test = re.sub(r"\s*(?:\|\||\bor\b)\s*", " or ", test)
    parts = [_one_condition(part, name) for part in re.split(r" and | or ", test)]
    if None in parts or len(parts) > 4:
        return None
    if len(parts) == 1:
        ending = " … {% endif %}" if opening == "if" else ""
        return f"{{% {opening} {parts[0]} %}}{ending}"
    if opening != "if" or (" and " in test and " or " in test):
        return None
    if " or " in test:
        first, *others = parts
        written = f"{{% if {first} %}} … " + "".join(f"{{% elif {one} %}} … " for one in others)
        return written + "{% endif %}"
    return "".join(f"{{% if {one} %}}" for one in parts) + " … " + "{% endif %}" * len(parts)


def rewritten_loop(rest: str, name: Namer) -> str | None:
    """`{% for x in … %}` for a loop written otherwise; None for what cannot be said."""
    rest = re.sub(r"\s*:\s*$", "", re.sub(r"^\((.*)\)$", r"\1", rest.strip()))
    match = re.fullmatch(
        r"(?:var |let |const )?(?P<x>\$?\w+)(?:\s*,\s*(?P<y>\$?\w+))?"
        r"\s+(?:in|of|:=\s*range)\s+(?P<what>.+)",
        rest,
    ) or re.fullmatch(r"(?P<what>[\w$.]+)\s+as\s+(?:\$?\w+\s*=>\s*)?(?P<x>\$?\w+)(?P<y>)", rest)
    if match is None:
        return (
            f"{{% for x in {name(rest.strip('.$ '))} %}}"
            if re.fullmatch(r"[.$]*\w+", rest)
            else None
        )
    what = re.sub(r"\s+(?:if|recursive)\b.*$", "", match["what"])
    what = re.sub(
        r"^(?:enumerate|list|sorted)\((.*)\)$|^(\w+)\.(?:items|values|keys)\(\)$", r"\1\2", what
    )
    what = re.sub(r"^reversed\((.*)\)$", r"\1|reverse", what)
    what = re.sub(
        r"^range\(\s*(?:\d+\s*,\s*)?(\d+)\s*\)$|^\(?\d+\.\.(\d+)\)?$", _first_of_history, what
    )
    what = re.sub(r"\s+limit:\s*(\d+)", r"|first(\1)", what)
    what = re.sub(r"\s+reversed$", "|reverse", what)
    x = (match["y"] or match["x"]).lstrip("$")
    return f"{{% for {x} in {rewritten_expression(what, name)} %}}"


def _one_condition(part: str, name: Namer) -> str | None:
    """A variable, or "not" and a variable, for one comparison with nothing."""
    part = re.sub(r"^\(\s*(.*?)\s*\)$", r"\1", part.strip())
    part, negations = re.subn(r"^(?:!|not\b)\s*", "", part)
    part = (
        COUNTING.sub("", part)
        if "(" not in part
        else re.sub(r"(?:len|length|count)\(|\)", "", part)
    )
    part, gone = re.subn(
        r"\s*(?:={2,3}\s*(?:0|\"\"|''|\[\]|none|null|nil|None|undefined|empty|blank|false)"
        r"|\bis (?:none|None|null|empty|undefined|blank|not defined)|<\s*1)$",
        "",
        part,
    )
    part = re.sub(
        r"\s*(?:!==?\s*(?:0|\"\"|''|\[\]|none|null|nil|None|undefined|empty|blank|false)"
        r"|\bis (?:not (?:none|None|null|empty|undefined|blank)|defined)|>\s*0|>=\s*1"
        r"|={2,3}\s*[tT]rue)$",
        "",
        part,
    )
    part = re.sub(r"\|.*$", "", part).strip().strip(".$")
    part = re.sub(r"^(\w+)((?:\.\w+)+)$", lambda match: _attribute(match, name), part)
    if not re.fullmatch(r"[^\W\d]\w*", part):
        return None
    return ("not " if (negations + gone) % 2 else "") + name(part)


def _subscripts(text: str) -> str:
    text = re.sub(
        r"\.slice\(\s*-(\d+)\s*\)|\[\s*-(\d+)\s*:\s*\]", lambda m: f"|last({m[1] or m[2]})", text
    )
    text = re.sub(
        r"\.slice\(\s*0\s*,\s*(\d+)\s*\)|\[\s*0?\s*:\s*(\d+)\s*\]",
        lambda m: f"|first({m[1] or m[2]})",
        text,
    )
    text = re.sub(r"\[\s*::\s*-\s*1\s*\]", "|reverse", text)
    text = re.sub(r"\[\s*(\d{1,4})\s*:\s*(\d{1,4})\s*\]", _between, text)
    text = re.sub(r"\[\s*:\s*\]|\[\s*\]|\[\*\]", "", text)
    text = re.sub(
        r"\[\s*-(\d+)\s*\]", lambda m: f"|last({m[1]})" + ("|first(1)" if m[1] != "1" else ""), text
    )
    return re.sub(r"\[\s*(\d+)\s*\]|\.(\d+)\b", _nth, text)


def _between(match: re.Match[str]) -> str:
    first, end = int(match[1]), int(match[2])
    return f"|first({end})|last({end - first})" if first < end else match.group()


def _nth(match: re.Match[str]) -> str:
    nth = int((match[1] or match[2])[:6])
    return "|first(1)" if nth == 0 else f"|first({nth + 1})|last(1)"


def _called(match: re.Match[str]) -> str:
    """`join(history, ", ")` as a filter; any other call stays."""
    called, first, rest = match.groups()
    known = called in FILTERS or called.lower() in _FILTER_NAMES or called in _NEEDLESS
    if not known or first.isdigit():
        return match.group()
    return f"{first}|{called}" + (f"({rest})" if rest else "")


def _attribute(match: re.Match[str], name: Namer) -> str:
    """`user.age` is `user_age`; of what has no parts, the thing itself."""
    base, parts = match[1], match[2][1:].split(".")
    if base.lower() in ("user", "profile", "person", "customer"):
        inner = name(parts[0])
        return inner if inner != parts[0].lower() else f"user_{parts[0].lower()}"
    if base.lower() in (
        "data",
        "context",
        "ctx",
        "input",
        "inputs",
        "vars",
        "variables",
        "model",
        "self",
        "params",
    ):
        return parts[0]
    return base


def _filter(match: re.Match[str]) -> str:
    """A filter as it is called here, with what fits in its parentheses."""
    called, argument = match[1], match[2] or ""
    plain = called.lower()
    if called in FILTERS and _fits(called, argument):
        return f"|{called}{argument}"
    if plain in _NEEDLESS:
        return ""
    known = plain if plain in FILTERS else _FILTER_NAMES.get(plain)
    if known is None:
        near = get_close_matches(plain, [*FILTERS, *_FILTER_NAMES], n=1, cutoff=0.75)
        known = _FILTER_NAMES.get(near[0], near[0]) if near else None
    if known is None:
        return match.group()
    of = FILTERS[known]
    if of.argument is None:
        return f"|{known}"
    wanted = r"\d+" if of.argument == "count" else _QUOTED
    given = re.search(wanted, argument)
    if given and not re.fullmatch(r"0+", given.group()):
        return f"|{known}({given.group()})"
    return (
        f"|{known}({of.example})"
        if of.required or argument or plain in _FILTER_NAMES
        else f"|{known}"
    )


def _fits(name: str, argument: str) -> bool:
    of = FILTERS[name]
    if not argument:
        return not of.required
    wanted = {"count": r"\(\s*[1-9]\d{0,2}\s*\)", "text": rf"\(\s*{_QUOTED}\s*\)", None: r"(?!)"}[
        of.argument
    ]
    return bool(re.fullmatch(wanted, argument))


def _first_of_history(match: re.Match[str]) -> str:
    return f"history|first({match[1] or match[2]})"
