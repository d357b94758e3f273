"""What a question means after the answer before it."""

from __future__ import annotations

import pytest

from recsys.conversation import FollowUp, follow_up, is_question, speaks_of_items
from recsys.scenarios import SCENARIOS

LAST = ("Alien (1979)", "Jaws", "Shining, The (1980)", "Big")


def kind(question: str) -> str:
    return follow_up(question, LAST).kind


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Why the first one?", 0),
        ("why?", 0),
        ("But why that one?", 0),
        ("Why did you recommend the second?", 1),
        ("why number 3", 2),
        ("How come Jaws?", 1),
        ("Why The Shining?", 2),
        ("What makes the last one fit?", 3),
        ("为什么推荐第一个？", 0),
        ("为什么是第三部？", 2),
        ("为什么？", 0),
        ("推荐Jaws的理由是什么", 1),
    ],
)
def test_why(question: str, place: int) -> None:
    assert follow_up(question, LAST) == FollowUp("why", (place,))


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("Not that one, I've seen it", (0,)),
        ("not that one", (0,)),
        ("I've already seen it.", (0,)),
        ("seen it", (0,)),
        ("Already watched that", (0,)),
        ("I have seen the second", (1,)),
        ("I've seen the first and the third one", (0, 2)),
        ("I have seen Jaws, I've had enough of it", (1,)),
        ("No, not the last one", (3,)),
        ("skip the second", (1,)),
        ("I don't like the first", (0,)),
        ("I've seen all of them", (0, 1, 2, 3)),
        ("我看过了", (0,)),
        ("第一个看过了", (0,)),
        ("不要第二个", (1,)),
        ("这部我看过，换一个", (0,)),
        ("这些都看过了", (0, 1, 2, 3)),
        ("已经看过Jaws了", (1,)),
    ],
)
def test_not_that_one(question: str, places: tuple[int, ...]) -> None:
    said = follow_up(question, LAST)
    assert (said.kind, said.which, said.adds) == ("no", places, "")


def test_that_one_is_what_was_spoken_of() -> None:
    assert follow_up("not that one, I've seen it", LAST, focus=2).which == (2,)
    assert follow_up("why?", LAST[:2], focus=1).which == (1,)


@pytest.mark.parametrize(
    "question",
    [
        *("more", "More please!", "who else?", "What else?", "Anything else?", "another one"),
        *("show me more", "Next", "some others", "and others?", "something else", "Others please."),
        *("更多", "还有别的吗？", "换一个", "再来几个", "还有吗", "再推荐一些"),
    ],
)
def test_more(question: str) -> None:
    assert follow_up(question, LAST) == FollowUp("others")


@pytest.mark.parametrize(
    ("question", "adds"),
    [
        ("something scarier", "something scary"),
        ("Something a bit funnier?", "something funny"),
        ("darker", "something dark"),
        ("and a little sadder", "something sad"),
        ("anything stranger?", ""),
        ("something more romantic", "something romantic"),
        ("less violent", "nothing violent"),
        ("not so scary please", "nothing scary"),
        ("更恐怖的", "恐怖的"),
        ("再吓人一点的", "吓人的"),
        ("没那么暴力的", "不要暴力的"),
        ("搞笑一点的", "搞笑的"),
    ],
)
def test_more_or_less_of_something(question: str, adds: str) -> None:
    said = follow_up(question, LAST)
    assert said.adds == adds
    assert said.kind == ("goes on" if adds else said.kind)


def test_two_things_at_once() -> None:
    said = follow_up("Not the first, something funnier", LAST)
    assert said == FollowUp("no", (0,), "something funny")


@pytest.mark.parametrize(
    ("question", "newer"),
    [("something newer", 1), ("older ones", -1), ("更新的", 1), ("老一点的", -1)],
)
def test_newer_and_older(question: str, newer: int) -> None:
    assert follow_up(question, LAST) == FollowUp("goes on", newer=newer)


@pytest.mark.parametrize("question", ["And from the nineties?", "but without horror", "那科幻呢？"])
def test_going_on(question: str) -> None:
    assert follow_up(question, LAST) == FollowUp("goes on", adds=question)


@pytest.mark.parametrize(
    "question",
    [
        *("What is the capital of Peru?", "Who is the president of France?", "How old are you?"),
        *("What's the weather like tonight?", "2 + 2?", "What time is it?", "Tell me a joke"),
        *("Write a poem about the sea", "thanks!", "Hello", "How are you?", "Who are you?"),
        *("Translate this into French", "Why is the sky blue?", "Who directed Alien?"),
        *("How many people live in China?", "When did the war end?", "How do I boil an egg?"),
        *(
            "秘鲁的首都是哪里？",
            "今天天气怎么样？",
            "你是谁？",
            "谢谢",
            "讲个笑话",
            "谁导演了这部？",
        ),
        *("帮我写一首诗", "一加上一等于几？"),
    ],
)
def test_what_no_list_answers(question: str) -> None:
    assert kind(question) == "not about items"
    assert follow_up(question).kind == "not about items"


WISHES = [
    *("Is there a good horror film?", "What should I watch tonight?", "Surprise me", "Any comedy?"),
    *("I broke up with my girlfriend", "a film about the president of the United States"),
    *("Why not a comedy?", "something like Jaws", "I loved that, something similar", "thriller"),
    *("a good thriller", "a movie with my brother", "Who should I watch with my mother?"),
    *("I want something to read", "Can you recommend a western?", "How about a western?"),
    *("有什么好看的科幻片？", "随便推荐一个", "想看恐怖片", "为什么不来个喜剧", "孩子能看什么？"),
]


@pytest.mark.parametrize("wish", WISHES)
def test_wishes_are_wishes(wish: str) -> None:
    assert follow_up(wish).kind == "anew"
    assert kind(wish) in ("anew", "goes on", "others")


@pytest.mark.parametrize("key", SCENARIOS)
def test_the_examples_that_we_give_are_about_items(key: str) -> None:
    for preset in SCENARIOS[key].presets.values():
        for text in (*preset.intents, *preset.questions):
            assert follow_up(text).kind == "anew", text
            assert speaks_of_items(text) or not is_question(text), text
