"""Words that can take the place of others: a sentence stays one, and keeps its meaning."""

from __future__ import annotations

from collections.abc import Mapping

#: A word or phrase → what can stand in its place: of the same meaning and form (number, tense, the
#: sound that "a" or "an" goes by). Not always the other way round: "selected" also stands where
#: "chosen" has to.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "the user": ("this person", "the person", "the customer"),
    "this user": ("this person", "this customer"),
    "likes": ("enjoys", "loves"),
    "enjoys": ("likes", "loves"),
    "liked": ("enjoyed", "loved"),
    "enjoyed": ("liked", "loved"),
    "prefers": ("favours",),
    "did not enjoy": ("did not like", "disliked"),
    "did not like": ("did not enjoy", "disliked"),
    "chose": ("picked", "selected"),
    "chosen": ("picked", "selected"),
    "choose": ("pick", "select"),
    "buys": ("purchases",),
    "bought": ("purchased",),
    "recommend": ("suggest", "propose"),
    "suggest": ("recommend", "propose"),
    "most recently": ("lately",),
    "lately": ("most recently",),
    "films": ("movies",),
    "movies": ("films",),
    "the film": ("the movie",),
    "the movie": ("the film",),
    "mostly": ("mainly",),
    "mainly": ("mostly",),
    "so far": ("until now",),
    "until now": ("so far",),
    "用户": ("使用者",),
    "喜欢": ("喜爱",),
    "喜爱": ("喜欢",),
    "选择了": ("挑选了",),
    "选择过": ("挑选过",),
    "会选择": ("会挑选",),
    "电影": ("影片",),
    "影片": ("电影",),
    "最近": ("近来",),
}
