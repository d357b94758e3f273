"""What a person says of what was understood, and how much it counts."""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.models import MODELS
from recsys.models.base import ClosedFormRecommender, Queries, Recommender
from recsys.recommend import has_all, recommend, scores, understand
from recsys.schema import ConfigError
from recsys.wishes.control.corrections import Corrections, Mark, corrected, parts, span_name
from recsys.wishes.control.strength import lift
from recsys.wishes.intent import Intent
from recsys.wishes.reader import WishReader
from recsys.wishes.reader_cache import reader_for
from recsys.wishes.years import Span

WISH = "a western from the nineties, no horror"
GENRES = ["Western", "Horror", "Comedy", "War"]
LIKE = "something like Alpha Dog"
MARKS = st.dictionaries(
    st.sampled_from([*GENRES, "1990-1999", "Alpha Dog", "nothing such"]), st.sampled_from(Mark)
)


@cache
def data() -> Dataset:
    """Sixteen films: each subset of four kinds once; the odd ones are of the nineties."""
    sets = [[kind for bit, kind in enumerate(GENRES) if film >> bit & 1] for film in range(16)]
    items = pd.DataFrame(
        {
            "item_id": [f"i{film:02d}" for film in range(16)],
            "title": ["Alpha Dog" if film == 5 else f"Film {film}" for film in range(16)],
            "genres": sets,
            "year": [1995.0 if film % 2 else 1971.0 for film in range(16)],
        }
    )
    rng = np.random.default_rng(0)
    events = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in range(20) for _ in range(4)],
            "item_id": [f"i{i:02d}" for _ in range(20) for i in rng.choice(16, 4, replace=False)],
        }
    )
    return Dataset.from_frames(events, items, name="kinds")


@cache
def ease() -> Recommender:
    model = cast(ClosedFormRecommender, MODELS["ease"]())
    model.fit(data())
    return model


def reader() -> WishReader:
    return reader_for(data())


def asked(text: str, said: dict[str, Mark] | None = None, strength: float = 1.0) -> Queries:
    return Queries(
        data(),
        np.arange(20),
        intent=text,
        corrections=Corrections(text, tuple((said or {}).items())),
        strength=strength,
    )


def order(queries: Queries) -> np.ndarray:
    """The items, best first: (n, n_items)."""
    return np.argsort(-scores(ease(), queries), axis=1, kind="stable")


def has(kind: str) -> np.ndarray:
    return np.array([kind in kinds for kinds in data().attribute_values("genres")])


def test_the_parts_of_a_wish_and_those_added() -> None:
    read = reader().read(WISH)
    shown = [(part.name, part.mark, part.read) for part in parts(read, {})]
    assert shown == [
        ("Western", "want", "want"),
        ("1990-1999", "want", "want"),
        ("Horror", "avoid", "avoid"),
    ]
    said = {"Horror": Mark.WANT, "Western": Mark.REMOVED, "War": Mark.TASTE, "Opera": Mark.WANT}
    assert [(part.name, part.mark, part.read) for part in parts(read, said)] == [
        ("1990-1999", "want", "want"),
        ("Horror", "want", "avoid"),
        ("War", "taste", None),
    ]


@pytest.mark.parametrize(
    ("span", "name"),
    [(Span(1990, 1999), "1990-1999"), (Span(None, 1969), "-1969"), (Span(2000, None), "2000-")],
)
def test_a_span_has_a_name(span: Span, name: str) -> None:
    assert span_name(span) == name


def test_a_must_comes_before_all_others_however_much_else_they_have() -> None:
    wish = "comedy and war film, a western"
    assert set(reader().read(wish).wanted) == {"Comedy", "War", "Western"}
    ranked = order(asked(wish, {"Western": Mark.MUST}))
    assert has("Western")[ranked[:, :8]].all() and not has("Western")[ranked[:, 8:]].any()
    weak = order(asked(wish, {"Western": Mark.MUST}, strength=0.01))
    assert has("Western")[weak[:, :8]].all()
    twice = order(asked(wish, {"Western": Mark.MUST, "War": Mark.MUST}))
    assert (has("Western") & has("War"))[twice[:, :4]].all()
    assert (has("Western") ^ has("War"))[twice[:, 4:12]].all()


def test_turned_round_removed_and_added() -> None:
    western, war = has("Western"), has("War")
    avoided = order(asked("a western", {"Western": Mark.AVOID}))
    assert western[avoided[:, 8:]].all() and not western[avoided[:, :8]].any()
    added = order(asked("a western", {"War": Mark.WANT}))
    assert (western & war)[added[:, :4]].all() and not (western | war)[added[:, 12:]].any()
    wanted = order(asked("nothing scary, no horror", {"Horror": Mark.WANT}))
    assert has("Horror")[wanted[:, :8]].all()


def test_a_taste_moves_a_list_and_is_no_rule() -> None:
    """Of the best eight, more are westerns than without the wish, and not all."""
    western = has("Western")
    plain, taste, rule = (
        western[order(queries)[:, :8]].sum()
        for queries in (asked(""), asked("a western", {"Western": Mark.TASTE}), asked("a western"))
    )
    assert plain < taste < rule == 160


def test_of_strangers_too_what_a_person_says_is_a_rule() -> None:
    """A wish in more words is weighed against these where nothing is known of who asks."""
    nobody = data().select(np.zeros(data().n_events, dtype=bool))
    wish = "a western in which a lonesome gunslinger rides into a town of cowards"
    assert reader().read(wish).says_more
    for mark, rest in ((Mark.MUST, slice(8)), (Mark.AVOID, slice(8, 16))):
        said = Corrections(wish, (("Western", mark),))
        queries = Queries(nobody, np.arange(1), intent=wish, corrections=said)
        assert has("Western")[order(queries)[:, rest]].all()


def test_years_can_be_turned_round() -> None:
    late = np.arange(16) % 2 == 1
    assert late[order(asked("from the nineties"))[:, :8]].all()
    turned = order(asked("from the nineties", {"1990-1999": Mark.AVOID}))
    assert not late[turned[:, :8]].any()
    sharpened = order(asked("a western from the nineties", {"1990-1999": Mark.MUST}))
    assert late[sharpened[:, :8]].all()


def test_a_title_takes_what_it_stands_for_with_it() -> None:
    read = reader().read(LIKE)
    assert read.like == ("Alpha Dog",) and read.wanted_sure.any()
    gone = corrected(read, {"Alpha Dog": Mark.REMOVED})
    assert not gone and not gone.changes_lists and gone.restated == ""
    np.testing.assert_array_equal(
        scores(ease(), asked(LIKE, {"Alpha Dog": Mark.REMOVED})), scores(ease(), asked(""))
    )
    unlike = corrected(read, {"Alpha Dog": Mark.AVOID})
    assert unlike.unlike == ("Alpha Dog",) and unlike.avoided_sure.any()
    taste = corrected(read, {"Alpha Dog": Mark.TASTE})
    assert taste.taste is not None and taste.taste.like == ("Alpha Dog",) and not taste.like


def test_what_is_left_is_what_models_read() -> None:
    read = reader().read("a western comedy")
    assert corrected(read, {"Comedy": Mark.REMOVED}).restated == "Western"
    assert corrected(read, {"Comedy": Mark.MUST}).restated is None
    assert corrected(read, {"War": Mark.AVOID}).restated is None


@given(said=MARKS)
@settings(max_examples=60)
def test_marks_are_what_is_asked_for_afterwards(said: dict[str, Mark]) -> None:
    """Each named value is in its place and in no other, and what was not marked stays."""
    read = reader().read(WISH)
    found = corrected(read, said)
    for kind in GENRES:
        mark = said.get(kind, {"Western": Mark.WANT, "Horror": Mark.AVOID}.get(kind))
        assert (kind in found.wanted) is (mark in (Mark.WANT, Mark.MUST))
        assert (kind in found.avoided) is (mark == Mark.AVOID)
        for mark_, aside in ((Mark.MUST, found.must), (Mark.TASTE, found.taste)):
            assert (aside is not None and kind in aside.wanted) is (mark == mark_)
    mark = said.get("1990-1999", Mark.WANT)
    span = (Span(1990, 1999),)
    assert (found.years == span) is (mark in (Mark.WANT, Mark.MUST))
    assert (found.not_years == span) is (mark == Mark.AVOID)


@given(said=MARKS)
@settings(max_examples=30)
def test_list_marks_and_reasons_agree(said: dict[str, Mark]) -> None:
    """Where anything has all of it, the item that comes first has."""
    queries = asked(WISH, said)
    found = understand(ease(), data(), WISH, queries.corrections)
    assert found is not None
    everything = has_all(data(), np.arange(16), found)
    if everything.any():
        assert everything[order(queries)[:, 0]].all()


@pytest.mark.parametrize(
    "stale",
    [
        Corrections("a war film", (("Western", Mark.AVOID),)),
        Corrections(WISH, (("Opera", Mark.MUST), ("2000-", Mark.AVOID), ("", Mark.REMOVED))),
        Corrections(WISH, (("Western", Mark.WANT), ("Horror", Mark.AVOID))),  # as it was read
    ],
)
def test_what_does_not_belong_changes_nothing(stale: Corrections) -> None:
    plain = Queries(data(), np.arange(20), intent=WISH)
    corrected_ = Queries(data(), np.arange(20), intent=WISH, corrections=stale)
    np.testing.assert_array_equal(scores(ease(), corrected_), scores(ease(), plain))
    assert understand(ease(), data(), WISH, stale) is reader().read(WISH)


def test_marks_replace_one_another() -> None:
    said = Corrections(WISH).marked("War", Mark.WANT).marked("War", Mark.MUST)
    assert said.of(WISH) == {"War": "must"} and said.of("other") == {}
    assert said.marked("War", None) == Corrections(WISH)


@given(
    wish=st.sampled_from(["a western", WISH, "comedy and war film", LIKE]),
    said=MARKS,
    strengths=st.tuples(*[st.floats(0, 1)] * 2).map(sorted),
)
@settings(max_examples=60)
def test_the_stronger_the_more_of_what_is_wanted(
    wish: str, said: dict[str, Mark], strengths: list[float]
) -> None:
    """For every threshold: a weaker wish has no more items in the top five that match so well."""
    found = corrected(reader().read(wish), said)
    if found.says_more:  # popularity and words come in as well
        return
    bonus = reader().bonus(found)
    weak, strong = (
        np.sort(bonus[order(asked(wish, said, strength))[:, :5]], axis=1) for strength in strengths
    )
    assert (weak <= strong + 1e-6).all()


def test_from_nothing_to_a_rule() -> None:
    for wish in ("a western", LIKE, "something old"):
        np.testing.assert_array_equal(
            scores(ease(), asked(wish, strength=0)), scores(ease(), asked(""))
        )
        plain = Queries(data(), np.arange(20), intent=wish)
        assert scores(ease(), plain).tobytes() == scores(ease(), asked(wish)).tobytes()
    assert lift(0) == 0 and lift(1) == 1


def test_lists_by_strength() -> None:
    shares = [
        has("Western")[data().items.positions(recommend(ease(), q, 5)["item_id"].tolist())].mean()
        for q in (asked("a western", strength=s) for s in (0, 0.25, 0.5, 0.75, 1))
    ]
    assert shares == sorted(shares) and shares[0] < shares[2] < shares[4]


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_lies_between_nothing_and_a_rule(strength: float) -> None:
    with pytest.raises(ConfigError, match="strength"):
        asked("a western", strength=strength)


def test_an_intent_written_down_can_be_corrected() -> None:
    values = np.array(["a", "b"], dtype=object)
    read = Intent(values, np.array([1, 0], np.float32), np.array([0, 1], np.float32))
    assert corrected(read, {"a": Mark.AVOID}).avoided == ("a", "b")
    assert read.wanted == ("a",)
