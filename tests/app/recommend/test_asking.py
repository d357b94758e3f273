"""The Recommend page as a conversation: questions, answers in words, and what goes on from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.recommend.asking import sentence
from recsys.conversation import Conversation
from recsys.conversation.answer import Answer, Named
from recsys.wishes.intent import Intent
from tests.app.made_runs import made
from tests.app.support import Open, html_of, in_language, link, words
from tests.intents import intent_of


def ask(app: AppTest, question: str) -> AppTest:
    return app.chat_input(key="question").set_value(question).run()


def said(app: AppTest) -> list[str]:
    return [message.markdown[0].value for message in app.chat_message]


def test_a_question_is_answered_in_words_with_a_list(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03", view="ask")
    assert not app.exception and not app.chat_message
    ask(app, "Is there a good comedy?")
    assert not app.exception and not app.error
    question, told = said(app)
    assert question == "Is there a good comedy?"
    assert "Understood: Comedy" in told
    assert any('<ol class="pr-list"' in body for body in html_of(app))
    ask(app, "What else?")
    assert len(app.chat_message) == 4


def test_it_is_asked_in_chinese_too(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="zh", user="u03", view="ask")
    assert not app.exception and "为用户 u03 提问" in words(app).replace("\u2060", "")


def test_kinds_are_in_the_language_of_the_reader(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03", view="ask")
    ask(app, "Is there a good comedy?")
    ask(app, "Why the first one?")
    assert "(Comedy)" in said(app)[3]
    in_language(app, "zh")
    (listed,) = (body for body in html_of(app) if '<ol class="pr-list"' in body)
    assert "喜剧" in listed and "Comedy" not in listed
    assert "（喜剧）" in said(app)[3]


def test_talk_is_kept_for_each_user_and_the_link_brings_the_view_back(
    open_app: Open, runs_dir: Path
) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = open_app("recommend", lang="en", user="u03")
    assert not app.chat_input
    app.segmented_control(key="recommend-view").set_value("ask").run()
    assert link(app, "view") == "ask"
    ask(app, "a war film, please")
    box = next(b for b in app.selectbox if str(b.key).startswith("recommend-user"))
    box.set_value("u05").run()
    assert not app.chat_message
    box = next(b for b in app.selectbox if str(b.key).startswith("recommend-user"))
    box.set_value("u03").run()
    assert len(app.chat_message) == 2


def test_a_question_that_names_nothing_says_so(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = ask(open_app("recommend", lang="en", user="u03", view="ask"), "I broke my leg")
    assert "names nothing that this data knows" in said(app)[1]


def test_a_talk_goes_on_from_the_last_answer(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = ask(open_app("recommend", lang="en", user="u03", view="ask"), "Is there a good comedy?")
    ask(app, "Why the first one?")
    assert "is number 1 because it is what was asked for (Comedy)" in said(app)[3]
    ask(app, "Not that one, I've seen it")
    assert "Left out from now on: " in said(app)[5] and "Understood: Comedy" in said(app)[5]
    ask(app, "What is the capital of Peru?")
    assert "I can only answer which items to pick" in said(app)[7]
    assert len([body for body in html_of(app) if '<ol class="pr-list"' in body]) == 2
    ask(app, "more")
    assert not app.exception and not app.error


def test_whoever_sits_before_the_screen_may_ask_and_rate(open_app: Open, runs_dir: Path) -> None:
    run = made(runs_dir, "prompt-fusion", name="fusion")
    data = run.dataset()
    comedies = [i for i, kinds in enumerate(data.attribute_values("genres")) if "Comedy" in kinds]
    known = comedies[:3]
    said_of_them = "-".join(f"{item}.0" for item in known)  # seen, and no more
    app = open_app("recommend", lang="en", who="you", view="ask", said=said_of_them)
    assert not app.exception and "Ask for yourself" in words(app)
    assert app.text_input(key="title-search")  # rating stands beside the talk
    ask(app, "Is there a good comedy?")
    assert "For you I would begin with" in said(app)[1]
    (listed,) = (body for body in html_of(app) if '<ol class="pr-list"' in body)
    assert not any(f">{data.titles[item]}<" in listed for item in known)


def test_questions_are_words_and_nothing_else(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-fusion", name="fusion")
    app = ask(
        open_app("recommend", lang="en", user="u03", view="ask"), "**bold** <b> [x](http://y) {z}"
    )
    assert not app.exception
    assert "**" not in said(app)[0] and "<b>" not in said(app)[0] and "](" not in said(app)[0]


def test_a_model_that_reads_no_prompts_answers_too(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="ease")
    app = open_app("recommend", lang="en", user="u03", view="ask")
    ask(app, "Is there a good comedy?")
    assert not app.exception and "Understood: Comedy" in said(app)[1]


ITEM = Named(0, "Heat *1*", (), ())


@pytest.mark.parametrize(
    ("understood", "items", "told"),
    [
        (None, (ITEM,), "does not say what it made of it"),
        (intent_of(), (ITEM,), "names nothing"),
        (intent_of(("War",)), (ITEM,), "Nothing of the kind is left"),
        (intent_of(("War",)), (), "Nothing is left"),
        (intent_of(avoided=("War",)), (ITEM,), "not War. For user u 1 I would begin with **Heat"),
    ],
)
def test_what_is_said(understood: Intent | None, items: tuple[Named, ...], told: str) -> None:
    told_ = sentence(Answer("?", "items", understood, items, Conversation()), "user u 1", "films")
    assert told in told_.replace("\u2060", "") and "*1*" not in told_
