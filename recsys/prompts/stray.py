"""Words of a template that look like variables of other template languages.

`The user liked {liked}.` is a template that can be read, and says "{liked}" of everybody. So words
that name a variable between the signs of f-strings, shells, ERB and the like are warned of. JSON in
a prompt is words: `{…}` gets a warning only where it names a variable that exists.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from recsys.prompts.findings import Finding, finding
from recsys.prompts.foreign import parses
from recsys.prompts.names import meant, simple
from recsys.prompts.places import place_of
from recsys.prompts.rewriting import rewritten_expression, straightened
from recsys.schema import N_

_CLOSING = {"{#": "#}", "{{": "}}", "{%": "%}"}
#: What f-strings, accessors and filters put behind a name.
_MORE = (
    r"(?:\.\w{1,60}|\[[-:\w\"']{0,60}\]|\(\)){0,4}"
    r"(?:\s?[|｜][^{}\n]{0,80}?)?(?:![rsa])?(?::[-+<>^]?[\d.,]{0,6}\w?)?"
)


def _any_of(*forms: str) -> re.Pattern[str]:
    """One pattern of several forms, in each of which NAME is a name and what stands behind it."""
    parts = r"(?P<name%d>[^\W\d]\w{0,60})(?P<more%d>" + _MORE + ")"
    numbered = enumerate(forms)
    return re.compile("|".join(f.replace("NAME", parts.replace("%d", str(n))) for n, f in numbered))


#: Between signs that words never stand in: any name is meant as a variable.
_SURE = _any_of(
    r"[$#@!%]\{\{?\s{0,3}NAME\s{0,3}\}\}?",
    r"\{\$NAME\}",
    r"｛｛?\s{0,3}NAME\s{0,3}｝?｝",
    r"\{\s{1,3}\{\s{0,3}NAME\s{0,3}\}\s{0,3}\}",
    r"%\(NAME\)[sdrf]",
    r"<%[-=]?\s{0,3}@?NAME\s{0,3}-?%>",
    r"<\?(?:php|=)?\s{0,3}(?:echo\s{1,3})?\$?NAME;?\s*\?>",
    r"\[%\s{0,3}NAME\s{0,3}%\]",
    r"\\\(NAME\)",
)
#: Between signs that words do stand in: a variable is meant where there is one of that name.
_PERHAPS = _any_of(
    r"(?<![A-Za-z0-9_{])\\?\{\\?\{?\s{0,3}NAME\s{0,3}\\?\}(?!\})\\?\}?",
    r"\[\[\s{0,3}NAME\s{0,3}\]\]",
    r"<<\s{0,3}NAME\s{0,3}>>|«\s?(?P<quoted>\w{1,60})\s?»",
    r"<\s{0,3}NAME\s{0,3}/?>",
    r"(?<![A-Za-z0-9_\]!])\[\s{0,3}NAME\s{0,3}\](?![(\[:])",
    r"(?<!\w)__NAME__(?!\w)",
    r"(?<![\w%])%NAME%(?!\w)",
    r"(?<![\w$\\])\$NAME",
    r"(?<![\w.@])@(?:Model\.)?NAME(?!\w)",
)
#: Places that are filled by their order, and so have no name.
_BY_ORDER = re.compile(
    r"(?<![\w%])%(?:\d+\$)?[sdr](?!\w)"
    r"|(?<![\w\\\]).}\d]) ?\{\d\}(?![\d}])"
    r"|(?<=[ （(])\{\}(?=[ .,;!?。，；！？]|$)",
    re.MULTILINE,
)
#: Loops and conditions of Smarty, FreeMarker, Velocity, ERB and PHP.
_STATEMENT = re.compile(
    r"\{/?(?:foreach|section|/foreach|/if)\b[^{}\n]{0,80}\}|\{/if\}|\{if\s{1,3}[$!][^{}\n]{0,80}\}"
    r"|</?#(?:list|if|else|elseif|assign)\b[^>\n]{0,80}>"
    r"|(?<!\w)#(?:foreach|if|elseif|set)\s{0,3}\([^)\n]{0,80}\)"
    r"|<%-?\s{0,3}(?:for|if|end|else|\w+\.each)\b[^\n]{0,80}?%>|<\?php\b[^\n]{0,80}?\?>"
)


def stray_variables(source: str, known: Collection[str]) -> Iterator[Finding]:
    """A warning for each place in the words of a template that was meant as a variable.

    Args:
        source: the template, `normalised`.
        known: the variables that there are.
    """
    words = _without_tags(source)
    spoken: set[int] = set()

    found: dict[tuple[str, str], str | None] = {}  # a name is looked up once

    def variable_of(name: str, more: str, likeness: float) -> str | None:
        if (name, more) not in found:
            found[name, more] = _variable(name, more, known, likeness)
        return found[name, more]

    def is_new(match: re.Match[str]) -> bool:
        places = range(*match.span())
        new = spoken.isdisjoint(places)
        spoken.update(places)
        return new

    for match in filter(is_new, _STATEMENT.finditer(words)):
        place = place_of(source, match.start())
        yield finding("warning", _LOOPS, place, found=match.group()[:60], **_EXAMPLES)
    for match in filter(is_new, _SURE.finditer(words)):
        name, more = _parts(match)
        variable = variable_of(name, more, 0.6)
        yield _by_name(source, match, name, more, variable)
    found.clear()
    for match in _PERHAPS.finditer(words):
        name, more = _parts(match)
        variable = variable_of(name, more, 0.8)
        if _is_meant(match.group(), name, more, variable, words, known) and is_new(match):
            yield _by_name(source, match, name, more, variable)
    for match in filter(is_new, _BY_ORDER.finditer(words)):
        yield _by_no_name(source, match)


def _without_tags(source: str) -> str:
    """The words of a template at their places; tags and comments are blanked out."""
    words, end = [], 0
    for begin in re.finditer(r"\{[{%#]", source):
        if begin.start() < end:
            continue
        close = source.find(_CLOSING[begin.group()], begin.end())
        if close < 0:
            close = (source + "\n").index("\n", begin.end()) - 2
        words += [
            source[end : begin.start()],
            re.sub(r"[^\n]", "\0", source[begin.start() : close + 2]),
        ]
        end = close + 2
    return "".join([*words, source[end:]])


def _by_name(
    source: str, match: re.Match[str], name: str, more: str, variable: str | None
) -> Finding:
    """A remark about a place for a variable."""
    if variable is None:
        return _by_no_name(source, match)
    return finding(
        "warning",
        _AS_IT_STANDS,
        place_of(source, match.start()),
        found=match.group()[:60],
        instead=_instead(name, more, variable),
    )


def _by_no_name(source: str, match: re.Match[str]) -> Finding:
    """A remark about a place for what no variable is called."""
    at = match.end() - len(match.group().lstrip())
    found = match.group().strip()[:60]
    return finding("warning", _NO_ORDER, place_of(source, at), found=found, example="{{ history }}")


def _parts(match: re.Match[str]) -> tuple[str, str]:
    """The name and what stands behind it, of whichever form matched."""
    groups = match.groupdict()
    name = next(v for k, v in groups.items() if k in ("quoted",) or k.startswith("name") if v)
    more = next((v for k, v in groups.items() if k.startswith("more") and v), "")
    return name, more


def _variable(name: str, more: str, known: Collection[str], likeness: float) -> str | None:
    attribute = re.match(r"\.(\w+)", more)
    if attribute is not None and name.lower() in ("user", "profile", "person"):
        return meant(f"user_{attribute[1]}", known, 0.9) or meant(attribute[1], known, likeness)
    return meant(name, known, likeness)


def _is_meant(
    form: str, name: str, more: str, variable: str | None, words: str, known: Collection[str]
) -> bool:
    """Whether words between signs that words do stand in are meant as a variable."""
    if form.startswith("{") and re.match(r"\.\w|\[|[|｜]|!", more):
        return True  # neither JSON nor prose holds {user.name}
    if variable is None:
        return False
    if form.startswith("<") and not form.startswith("<<"):
        if simple(name) not in known:
            return False
        # A pair of tags around words is a heading that models read well.
        return not re.search(rf"</\s*{re.escape(name)}\s*>", words)
    if form.startswith(("[", "@", "%", "_")) and not form.startswith("[["):
        return name in known
    return True


def _instead(name: str, more: str, variable: str) -> str:
    rest = "" if name.lower() in ("user", "profile", "person") else straightened(more)
    instead = f"{{{{ {rewritten_expression(variable + rest, lambda _name: variable)} }}}}"
    return instead if parses(instead) else f"{{{{ {variable} }}}}"


#: What loops and variables look like here.
_EXAMPLES = {
    "loop": "{% for x in history %}{{ x }}, {% endfor %}",
    "condition": "{% if liked %} … {% endif %}",
}
_AS_IT_STANDS = N_(
    "Line {line}, column {column}: “{found}” is no variable here and is read as it stands. "
    "Write {instead}"
)
_NO_ORDER = N_(
    "Line {line}, column {column}: nothing is put in the place of “{found}”. "
    "Name a variable in two braces, such as {example}"
)
_LOOPS = N_(
    "Line {line}, column {column}: “{found}” does nothing here and is read as it stands. "
    "A loop is {loop}; a condition is {condition}"
)
