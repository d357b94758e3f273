"""What is wanted and what is to be avoided, told apart by grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.wishes.clauses import clauses


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a funny western", ["+a funny western"]),
        ("no horror", ["-horror"]),
        ("nothing scary", ["-scary"]),
        ("anything but comedies", ["-comedies"]),
        ("everything except action", ["-action"]),
        ("nothing but comedies", ["+comedies"]),
        ("a comedy without romance", ["+a comedy", "-romance"]),
        ("not a comedy but a drama", ["-a comedy", "+a drama"]),
        ("comedies, not dramas", ["+comedies", "-dramas"]),
        ("no horror, thrillers or westerns", ["-horror", "-thrillers or westerns"]),
        ("no horror, something funny", ["-horror", "+something funny"]),
        ("no horror and something funny", ["-horror", "+something funny"]),
        ("no war, no crime", ["-war", "-crime"]),
        ("I don't want a drama", ["-a drama"]),
        ("I'm tired of science fiction", ["+I'm", "-science fiction"]),
        ("horror is not for me", ["-horror"]),
        ("I love westerns. No musicals!", ["+I love westerns", "-musicals"]),
        ("action without too much violence", ["+action", "-violence"]),
        ("why not a comedy?", ["+a comedy"]),
        ("I don't mind", ["+I"]),
        ("you don't find out who did it", ["+find out who did it"]),
        ("you don't want war", ["-war"]),
        ("my wife says I never laugh", ["+my wife says         laugh"]),
        ("so tense I can't breathe", ["+so tense I       breathe"]),
        ("I can't stand musicals", ["-musicals"]),
        ("spare me the explosions", ["-explosions"]),
        ("romance bores me", ["-romance"]),
        ("keep dragons away from me", ["-keep dragons"]),
        ("nobody should sing", ["-sing"]),
        ("nobody sings", ["+sings"]),
        ("if it's not funny I'm blaming you", ["+funny I'm blaming you"]),
        (
            "drawn, not with actors, and really scary, ghosts and blood",
            ["+drawn", "-with actors", "+really scary", "+ghosts and blood"],
        ),
        ("singing puts me right off", ["-singing"]),
        ("if anyone sings I'm turning it off", ["-if anyone sings"]),
        ("不要恐怖片", ["-恐怖片"]),
        ("除了喜剧都可以", ["-喜剧"]),
        ("别太吓人", ["-吓人"]),
        ("不要恐怖片、战争片，想看喜剧", ["-恐怖片", "-战争片", "+想看喜剧"]),
        ("我想看科幻片，不要恐怖的", ["+看科幻片", "-恐怖的"]),
        ("要不要看喜剧", ["+看喜剧"]),
        ("有没有成龙那样的", ["+成龙那样的"]),
        ("枪战特别燃的，不要特别长", ["+枪战特别燃的", "-特别长"]),
        ("让人喘不过气的", ["+让人喘不过气的"]),
        ("不要让人喘不过气的", ["-让人喘不过气的"]),
        ("看完久久不能平静。没有鬼", ["+看完久久不能平静", "-鬼"]),
        ("\ue100", []),
        ("", []),
    ],
)
def test_clauses(text: str, found: list[str]) -> None:
    assert [("-" if one.avoided else "+") + one.text for one in clauses(text)] == found


@given(st.text(max_size=100))
def test_any_text_can_be_cut(text: str) -> None:
    for one in clauses(text):
        assert one.text and one.text == one.text.strip()


marks = st.sampled_from(
    "no not without but and or , . anything nothing except horror don't 不要 除了 都可以 、".split()
)


@given(st.lists(marks, max_size=12).map(" ".join))
def test_any_order_of_its_own_words_can_be_cut(text: str) -> None:
    clauses(text)


@pytest.mark.parametrize(
    ("english", "chinese", "avoided"),
    [
        ("no cartoons, nineties", "不要动画片，九十年代的", [True, False]),
        ("nineties, no cartoons", "九十年代的，不要动画片", [False, True]),
        ("no science fiction, after 2010", "不要科幻，2010年以后的", [True, False]),
        ("no horror or war", "不要恐怖片、战争片", [True]),
        ("no horror, war or crime", "不要恐怖片，战争片或犯罪片", [True, True]),
        ("no horror, something gentle", "不要恐怖片，温和一点的", [True, False]),
        ("no old films, a comedy", "不要老电影，要喜剧", [True, False]),
    ],
)
def test_chinese_turns_where_english_does(english: str, chinese: str, avoided: list[bool]) -> None:
    """What lists on after a comma in one language does so in the other."""
    for text in (english, chinese):
        found = [clause.avoided for clause in clauses(text)]
        merged = [flag for place, flag in enumerate(found) if not place or flag != found[place - 1]]
        expected = [f for place, f in enumerate(avoided) if not place or f != avoided[place - 1]]
        assert merged == expected, text
