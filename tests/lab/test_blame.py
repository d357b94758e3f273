"""Parts of a prompt: what they are, and what leaving one out does."""

from __future__ import annotations

import numpy as np

from recsys.lab.blame import blame, parts
from recsys.lab.effect import PromptLab
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
    effects = blame(lab, template, lambda *count: counts.append(count))
    assert len(effects) == len(parts(template)) == counts[-1][0] == counts[-1][1]
    whole = lab.measure(template).per_user["ndcg@10"]
    for part, effect in zip(parts(template), effects, strict=True):
        without = lab.measure(part.without).per_user["ndcg@10"]
        np.testing.assert_allclose(effect.gains, whole - without)
