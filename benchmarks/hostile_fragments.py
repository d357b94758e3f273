"""Fragments of what the readers of words look for, to be repeated until they are hostile."""

from __future__ import annotations

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
