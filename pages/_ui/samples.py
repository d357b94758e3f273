"""How the things in a sample are spoken of."""

from __future__ import annotations

from recsys.schema import N_

#: What the items of a sample are called and what people do with them, by language.
NOUNS: dict[str, dict[str, tuple[str, str]]] = {
    "movielens": {"en": ("films", "watched"), "zh": ("电影", "看了")},
    "groceries": {"en": ("products", "bought"), "zh": ("商品", "购买了")},
    "attractions-zh": {"en": ("sights", "visited"), "zh": ("景点", "浏览了")},
}

#: A wish that someone might have, to show what can be typed.
WISHES: dict[str, str] = {
    "movielens": N_("something funny that makes me laugh"),
    "groceries": N_("something quick for dinner"),
    "attractions-zh": N_("a quiet old town by the water"),
}
