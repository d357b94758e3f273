"""Words that were made to be slow: fragments of what the readers look for, repeated."""

from __future__ import annotations

import time
from collections.abc import Callable

#: What wishes, years, titles and templates are told by, in English and Chinese, and odd characters.
FRAGMENTS = (
    *(
        " ",
        "\n",
        "\t",
        "a" + " " * 40,
        "ordinary words ",
        "a",
        "A ",
        "9",
        "1990, ",
        "1990 ",
        "'80s ",
    ),
    *("no, ", "no ", "not not ", "not only ", "you don't ", "anything but ", "nothing but ", "i "),
    *("but ", "and ", "or ", " - ", "– ", ", ", ": ", "; ", ". ", "...", "!", "? ", "…"),
    *("the ", "the early ", "nineteen-", "from the ", "nineties ", "between 1990 and ", "before "),
    *("1970-1985 ", "since ", "recent watch", "old films ", "20th century ", "something like "),
    *("like Alien, ", "like ", "Toy Story ", "Toy ", "comedy ", "no horror from 1990, ", "western"),
    *("user likes ", "he ", "is not for me ", "bores me ", "I'm turning it off ", "please show "),
    *(
        "九十年代",
        "上世纪",
        "20世纪",
        "一九九五年",
        "但是",
        "不要",
        "别再",
        "不要恐怖片、",
        "想看",
        "的",
    ),
    *("特别", "他喜欢", "用户", "像", "《", "》", "。", "，", "、", "！", "电影"),
    *('"', "“", "(", ")", "[", "{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "|", "\\", "$", "`"),
    *("😀", "e\u0301", "\u0301", "\u200b", "\u202e", "\u00a0", "\u3000", "\0", "\ud800", "\ue000"),
    *("\ue0000\ue001", "ÀÉ", "한국어", "ไทย", "İ", "ß", "’", "'s "),
)

#: Templates' own words.
TAGS = (
    *(
        "{{ x }}",
        "{{ history }}",
        "{{ history|last(1) }}",
        '{{ "a" }}',
        "{% if x %}",
        "{% endif %}",
    ),
    *("{% if x %}a{% endif %}", "{% for a in history %}", "{% elif x %}", "{% else %}", "|last(1)"),
    *("{{ soft(1) }}", "{# a #}", "{% raw %}", "{%- ", "-%}", "{{ '", '{{ "', "|join", "not ", "("),
    *("A. ", "A.\n", "{{ x.", "{{ x[", "{{ 1", "~ ", "{{ x|default('a') }}"),
)

#: Processor time that says nothing on a busy machine, in seconds.
FLOOR = 0.05
#: A text that is four times as long may take so many times as long: in proportion it takes 4, and
#: where every place is tried against every other, 16.
MOST = 9.0


def seconds(read: Callable[[str], object], text: str, tries: int) -> float:
    """The processor time of one reading, the least of several tries."""
    least = float("inf")
    for _ in range(tries):
        begun = time.thread_time()
        read(text)
        least = min(least, time.thread_time() - begun)
    return least


def slow(read: Callable[[str], object], fragments: tuple[str, ...], length: int) -> list[str]:
    """Fragments whose repetition takes more than in proportion to its length: what is found.

    Every one is repeated to `length` characters with an end that does not fit, so that what begins
    everywhere ends nowhere. What takes long is compared with a quarter of it, more than once.
    """
    found = []
    for fragment in fragments:
        long = fragment * (length // len(fragment)) + "x"
        short = fragment * (length // 4 // len(fragment)) + "x"
        if seconds(read, long, 1) <= FLOOR:
            continue
        for tries in (2, 6):
            quarter, whole = seconds(read, short, tries), seconds(read, long, tries)
            if whole <= max(MOST * quarter, FLOOR):
                break
        else:
            found.append(f"{fragment!r}: {quarter:.3f} s, of four times the length {whole:.3f} s")
    return found
