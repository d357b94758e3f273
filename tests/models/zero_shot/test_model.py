"""What a zero-shot model says, with an encoder and with a causal model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.dataset import Dataset
from recsys.language_models import load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.models import Queries
from recsys.models.zero_shot import ZeroShot, ZeroShotConfig
from recsys.models.zero_shot.similarity import Similarity
from recsys.prompts import LIBRARY, Template
from tests.models.support import planted, split
from tests.models.tiny import tiny_bert, tiny_gpt2

USERS = np.arange(5)
TEMPLATE = '{{ soft(3) }}Met {{ history|last(2)|join("; ") }}.{{ soft(2) }} More?'


def made(folder: Path, prompt: str = TEMPLATE) -> ZeroShot:
    return ZeroShot(ZeroShotConfig(prompt=prompt, language_model=str(folder)))


@pytest.fixture(scope="module")
def causal() -> ZeroShot:
    model = made(tiny_gpt2())
    model.fit(split().train)
    return model


class TestPrompts:
    def test_are_the_template_in_words_with_nothing_where_it_is_soft(self) -> None:
        data = planted()
        (prompt,) = made(tiny_gpt2()).prompts(Queries(data, np.array([0])))
        assert prompt == "Met Film <c4>; Film <c5>. More?"

    def test_end_with_a_wish_that_the_template_has_no_place_for(self) -> None:
        data, users = planted(), np.array([0])
        model = made(tiny_gpt2())
        (prompt,) = model.prompts(Queries(data, users, intent=" a western "))
        assert prompt == "Met Film <c4>; Film <c5>. More?\na western"
        placed = Template.parse("Wants {{ intent }}.")
        (prompt,) = model.prompts(Queries(data, users, placed, "a western"))
        assert prompt == "Wants a western."


class TestCausal:
    def test_reads_the_prompt_and_the_wish(self, causal: ZeroShot) -> None:
        data = split().test.history
        plain = causal.score(Queries(data, USERS))
        assert plain.shape == (5, data.n_items) and plain.dtype == np.float32
        assert np.isfinite(plain).all()
        for other in (
            Queries(data, USERS, intent="a western"),
            Queries(data, USERS, LIBRARY["profile"]),
        ):
            assert not np.allclose(causal.score(other), plain, atol=1e-3)

    def test_is_the_same_after_saving(self, causal: ZeroShot, tmp_path: Path) -> None:
        data = split().test.history
        causal.save(tmp_path)
        again = ZeroShot.load(tmp_path, data)
        asked = Queries(data, USERS, intent="a western")
        assert np.array_equal(again.score(asked), causal.score(asked))
        assert again.item_vectors() is None

    def test_is_measured_on_as_many_users_as_time_allows(self, causal: ZeroShot) -> None:
        limit = causal.measured_users()
        assert limit is not None and limit > split().train.n_users  # a small catalogue: all


class TestEncoder:
    def test_says_how_far_it_has_read(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("RECSYS_CACHE", str(tmp_path))
        load_encoder.cache_clear()
        told: list[tuple[int, int]] = []
        made(tiny_bert()).fit(split().train, lambda done, total: told.append((done, total)))
        load_encoder.cache_clear()
        assert told and told[-1][0] == told[-1][1]

    def test_uses_no_events_but_to_tell_them(self) -> None:
        """With a prompt that tells no event, it is the same whoever met what."""
        data = split().train
        first, second = (made(tiny_bert(), "A film for {{ user_job }}.") for _ in range(2))
        first.fit(data)
        second.fit(shuffled(data))
        asked = Queries(data, USERS)
        np.testing.assert_array_equal(first.score(asked), second.score(asked))

    def test_the_text_of_an_item_is_most_like_that_item(self) -> None:
        texts = item_texts(split().train)
        similarity = Similarity(load_encoder(str(tiny_bert())))
        similarity.read(texts, texts, None)
        scores = similarity.score(texts)
        assert (scores.argmax(1) == np.arange(len(texts))).all()
        np.testing.assert_allclose(np.diagonal(scores), 1.0, atol=1e-5)


def shuffled(data: Dataset) -> Dataset:
    """The same users and items, who met whom changed."""
    events, items, users = data.to_frames()
    events = events.assign(item_id=np.roll(events["item_id"].to_numpy(), 5))
    return Dataset.from_frames(events, items, users, name="other", liked_from=3.0)
