"""Parts of a prompt: what they are, and what leaving one out does."""

from __future__ import annotations

import numpy as np

from recsys.evaluation.protocol import rank
from recsys.lab.ablation import ablate, parts
from recsys.lab.effect import PromptLab
from recsys.lab.readings import WHOLE, WORDS, modes_of
from recsys.models import Queries
from recsys.prompts import LIBRARY, Soft, Template, Variable
from tests.models.support import shared, split

NESTED = Template.parse(
    "{{ soft(2) }} One. {% if liked %}Liked {{ liked|last(2) }}{% elif history %}Met "
    "{% for title in history %}{{ title }}, {% endfor %}{% else %}Nobody{% endif %} !"
)


def test_every_part_is_named_in_order() -> None:
    assert [(part.kind, part.text) for part in parts(NESTED)] == [
        ("soft", ""),
        ("words", "One."),
        ("words", "Liked"),
        ("variable", "liked"),
        ("words", "Met"),
        ("variable", "history"),
        ("words", "Nobody"),
    ]


def test_a_part_is_missing_and_all_others_are_there() -> None:
    values = {"liked": ["A", "B"], "history": ["C"]}
    shown = [part.without.render(values).text for part in parts(NESTED)]
    assert shown[1] == "Liked A, B !"
    assert shown[2] == "One. A, B !"
    assert shown[3] == "One. Liked !"
    assert {shown[0], shown[4], shown[5], shown[6]} == {NESTED.render(values).text}
    soft, *_ = parts(NESTED)
    assert not any(isinstance(piece, Soft) for piece in soft.without.pieces)
    liked = parts(NESTED)[3].without
    assert "liked" not in [piece.name for piece in liked.pieces if isinstance(piece, Variable)]


def test_what_a_part_is_worth_is_what_is_lost_without_it() -> None:
    lab = PromptLab(shared("prompt-fusion")[0], split().test)
    template = LIBRARY["sequential"]
    counts: list[tuple[int, int]] = []
    found = ablate(lab, template, lambda *count: counts.append(count))
    assert [one.part for one in found] == parts(template)
    assert counts[-1] == (len(found), len(found))
    whole = lab.measure(template).per_user["ndcg@10"]
    for one in found:
        without = lab.measure(one.part.without).per_user["ndcg@10"]
        np.testing.assert_allclose(one.without.gains, whole - without, atol=1e-9)


def test_of_the_words_alone_the_history_is_worth_more() -> None:
    """All that is known has the history beside the prompt."""
    lab = PromptLab(shared("prompt-fusion")[0], split().test)
    template = Template.parse("{{ soft(2) }} {{ history }}.")
    worth = {}
    for mode in modes_of(lab.model):
        _soft, history = ablate(lab, template, mode=mode)
        worth[mode] = history.without.gains.mean()
        assert history.permuted is not None
        assert history.permuted.b is lab.measure(template, exchanged="history", mode=mode)
    assert worth[WORDS] > worth[WHOLE] + 0.05


def test_what_a_value_is_worth_is_what_is_lost_with_that_of_somebody_else() -> None:
    model, holdout = shared("prompt-fusion")[0], split().test
    lab = PromptLab(model, holdout)
    template = Template.parse("{{ soft(2) }} Likes {{ history }}. Is {{ user_age }}. {{ intent }}")
    words, history, _, age, wish = ablate(lab, template)[1:]
    assert words.permuted is None and wish.permuted is None
    assert history.permuted is not None and age.permuted is not None
    partners = lab.partners("history")
    assert partners is not None
    asked = Queries(holdout.history, holdout.users, template, exchanged={"history": partners})
    lists = rank(lambda users: model.score(asked), holdout, 10, len(holdout.users))
    np.testing.assert_array_equal(history.permuted.b.lists, lists)
    np.testing.assert_array_equal(history.permuted.a.lists, lab.measure(template).lists)
    assert history.permuted.moved().any()
    # Kept apart from the others, and told as a program reads it.
    assert lab.measure(template).exchanged is None
    assert lab.measure(template, exchanged="history") is history.permuted.b
    told = history.to_dict("ndcg@10")
    assert told["exchanged"]["delta"] == history.permuted.gains.mean()
    assert words.to_dict("ndcg@10")["exchanged"] is None


def test_nobody_keeps_their_own_value_and_only_those_who_have_one_take_part() -> None:
    lab = PromptLab(shared("prompt-fusion")[0], split().test)
    n = split().test.history.n_users
    for variable, holders in {
        "history": np.arange(n),
        "user_age": np.flatnonzero(np.arange(n) % 3),
        "intent": None,
        "nobody_knows": None,
    }.items():
        partners = lab.partners(variable)
        if holders is None:
            assert partners is None
            continue
        assert partners is not None
        own = split().test.history.users.positions([f"u{number}" for number in holders])
        assert np.sort(partners).tolist() == list(range(n))
        assert (partners[own] != own).all()
        others = np.setdiff1d(np.arange(n), own)
        assert np.array_equal(partners[others], others)
        assert np.array_equal(partners, PromptLab(lab.model, lab.holdout).partners(variable))
