"""Prompt fusion as a whole: odd templates, odd data, and no look into the future."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender
from recsys.models.prompt_side.tokens import IntentTexts, Tokeniser
from recsys.models.sequences import last_windows
from recsys.prompts import LIBRARY, Template
from recsys.prompts.contexts.reading import PromptReader
from recsys.training import OBJECTIVES
from recsys.wishes.facets import Facets
from recsys.wishes.intent import Intent
from recsys.wishes.reader import WishReader
from tests.models.support import found, planted, shared, split

SMALL = PromptFusionConfig(dimension=16, layers=1, batch_positions=64)

ODD = {
    "words only": "Recommend something.",
    "soft prompt only": "{{ soft(3) }}",
    "longer soft prompt than trained with": "{{ soft(40) }} {{ history }}",
    "a list only": "{{ history|join }}",
    "a number": "{{ year }}",
    "a user column": "{{ user_age }}",
    "unknown": "{{ nobody_knows }}",
    "knowledge and time": "{{ knowledge }} {{ now }}",
    "nothing that is there": "{% if knowledge %}Good to know.{% endif %}",
    "empty": "",
    "the same thrice": "Good. {{ history }} Good. {{ history }} Good.",
}


def trained() -> PromptFusionRecommender:
    model = shared("prompt-fusion")[0]
    assert isinstance(model, PromptFusionRecommender)
    return model


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_any_template_can_be_read(source: str) -> None:
    data = split().test.history
    data = data.select(data.user != 1)  # somebody without a history
    for intent in ("", "a comedy"):
        asked = Queries(data, np.array([0, 1, 2]), Template.parse(source), intent)
        assert np.isfinite(trained().score(asked)).all()


@pytest.mark.parametrize("intent", ["\ud800", "?" * 10_000, "故宫", "\0", "{{ x }}"], ids=ascii)
def test_any_wish_can_be_read(intent: str) -> None:
    assert np.isfinite(trained().score(Queries(split().train, np.arange(2), intent=intent))).all()


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_any_template_can_be_trained_and_saved(source: str, tmp_path: Path) -> None:
    model = PromptFusionRecommender(replace(SMALL, prompt=source, other_prompt_share=0.0))
    data = split().train
    model.prepare(data, seed=0)
    for batch in model.batches(np.random.default_rng(0)):
        loss = OBJECTIVES["full-softmax"](model.forward(batch), torch.Generator())
        loss.backward()
        assert torch.isfinite(loss)
    model.save(tmp_path)
    again = PromptFusionRecommender.load(tmp_path, data)
    asked = Queries(data, np.arange(4))
    assert np.array_equal(again.score(asked), model.score(asked))


@pytest.mark.parametrize("attributes", [{}, {"year": [1990, 1991, 1992]}, {"plot": list("xyz")}])
def test_data_without_shared_attributes_trains(attributes: dict[str, list[object]]) -> None:
    events = pd.DataFrame({"user_id": list("uuuvvv"), "item_id": list("abcbca")})
    items = pd.DataFrame({"item_id": list("abc"), **attributes})
    data = Dataset.from_frames(events, items, name="bare")
    model = PromptFusionRecommender(SMALL)
    model.prepare(data, seed=0)
    for batch in model.batches(np.random.default_rng(0)):
        model.forward(batch).queries.sum().backward()
    for intent in ("", "a comedy"):
        assert np.isfinite(model.score(Queries(data, np.array([0, 1]), intent=intent))).all()


def test_a_prompt_of_its_own_survives_saving(tmp_path: Path) -> None:
    model = PromptFusionRecommender(replace(SMALL, prompt="{{ soft(2) }} Wähle: {{ history }}"))
    model.prepare(split().train, seed=0)
    model.save(tmp_path)
    again = PromptFusionRecommender.load(tmp_path, split().train)
    assert again.template == model.template
    assert again.template.soft_tokens == 2


def test_the_prompt_is_read_from_what_was_known_at_each_moment() -> None:
    """Events after a moment, changed, leave the query of that moment as it was."""
    early, late = _unlike_after(3)
    queries = []
    for data in (early, late):
        config = replace(SMALL, intent_share=0.0)  # a wish is drawn from the target, and so may it
        model = PromptFusionRecommender(config)
        model.prepare(data, seed=0)
        model.network.eval()
        _shake(model.network)
        rng = np.random.default_rng(5)
        batches = [
            model.forward(batch).queries[: len(batch.events)].detach()
            for batch in model.batches(rng)
        ]
        queries.append(torch.cat(batches).numpy().reshape(6, 6, -1))  # users × events
    np.testing.assert_allclose(queries[0][:, :4], queries[1][:, :4], atol=1e-6)
    changed = np.abs(queries[0] - queries[1]).max((0, 2))
    assert (changed[4:] > 1e-4).all()


def test_a_history_is_read_once_for_all_prompts_and_again_by_other_weights(
    tmp_path: Path,
) -> None:
    trained().save(tmp_path)
    model = PromptFusionRecommender.load(tmp_path, split().train)
    history = split().test.history
    read: list[int] = []
    model.network.encoder.register_forward_hook(lambda *_: read.append(1))
    users = np.arange(4)

    first = model.score(Queries(history, users))
    once = len(read)
    model.score(Queries(history, users, Template.parse("Only comedies.")))
    assert once == len(read) > 0
    # Kept states serve gradients too, which what is made for scores alone could not.
    model.word_swaps(Queries(history, users, Template.parse("A film.")), np.arange(4))
    assert once == len(read)

    model.score(Queries(history, users[::-1].copy()))
    model.score(Queries(split().train, users))
    assert len(read) == 3 * once
    _shake(model.network)
    model.network.load_state_dict(model.network.state_dict())
    assert not np.allclose(model.score(Queries(history, users)), first)
    assert len(read) == 4 * once


def _unlike_after(event: int) -> tuple[Dataset, Dataset]:
    """Two data sets that are alike before position `event` of every history."""
    rows = [(f"u{u}", f"i{(u + e) % 12}", 5 - e % 3) for u in range(6) for e in range(6)]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])
    genres = [["Comedy"] if n % 2 else ["Drama"] for n in range(12)]
    items = pd.DataFrame({"item_id": [f"i{n}" for n in range(12)], "genres": genres})
    data = Dataset.from_frames(events, items, name="unlike", liked_from=4.0)
    place = np.tile(np.arange(6), 6)
    moved = np.where(place >= event, (data.item + 6) % 12, data.item)
    assert data.rating is not None
    rating = np.where(place >= event, 6 - data.rating, data.rating).astype(np.float32)
    return data, replace(data, item=moved, rating=rating)


def _shake(network: torch.nn.Module) -> None:
    """Give weights to layers that start at zero, so that the prompt is heard."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)


class TestWishes:
    @pytest.mark.parametrize(("wish", "kind"), [("Only comedy, please.", "c"), ("western", "w")])
    def test_are_followed(self, wish: str, kind: str) -> None:
        data = split().test.history
        asked = Queries(data, np.arange(data.n_users), intent=wish)
        of_kind = data.items.positions([f"{kind}{n}" for n in range(8)])
        gain = trained().score(asked) - trained().score(replace(asked, intent=""))
        others = np.setdiff1d(np.arange(data.n_items), of_kind)
        assert (gain[:, of_kind].mean(1) > gain[:, others].mean(1)).all()

    def test_are_heard_where_the_template_has_no_place_for_them(self) -> None:
        deaf = Template.parse("Recommend something.")
        asked = Queries(split().test.history, np.arange(3), deaf)
        plain = trained().score(asked)
        assert not np.allclose(trained().score(replace(asked, intent="western")), plain)

    def test_the_history_counts(self) -> None:
        """Without events, the target is found less often than with them."""
        holdout = split().test
        nothing = holdout.history.select(np.zeros(holdout.history.n_events, dtype=bool))
        model = trained()
        assert found(model, replace(holdout, history=nothing)) < found(model, holdout)


class TestTokens:
    """From a reading to tensors: what is not there may not be heard."""

    def tokeniser(self, genre: str = "") -> tuple[PromptFusionRecommender, Tokeniser]:
        """Of the planted data; with `genre`, westerns are called that."""
        model, data = PromptFusionRecommender(SMALL), planted()
        if genre:
            told = [
                [genre if g == "Western" else g for g in cell] for cell in data.item_frame["genres"]
            ]
            data = replace(data, item_frame=data.item_frame.assign(genres=told))
        model.prepare(data, seed=0)
        model.network.eval()
        _shake(model.network)
        return model, model._side.tokeniser

    def test_places(self) -> None:
        model, tokeniser = self.tokeniser()
        data = planted()
        data = data.select(data.user != 1)  # somebody without a history
        users = np.arange(3)
        template = Template.parse(
            "{{ soft(2) }}Words."
            "{% if history %} Seen {{ history|last(2) }}.{% endif %} {{ intent }}"
        )
        reading = PromptReader(data).read(
            template, users, data.offsets[users + 1], has_intent=np.array([True, True, False])
        )
        wishes = ("a western", "a comedy")
        keys = model.network.keys()
        tokens = tokeniser.tokens(reading, IntentTexts(wishes, np.array([1, 0, -1])), keys)
        assert tokens.soft.shape == (3, 8) and tokens.soft[:, :2].all()
        assert not tokens.soft[:, 2:].any()
        # wishes come first, then the sentences "Words." and "Seen"
        assert tokens.sentences.shape == (4, 16)
        assert tokens.sentence_of.tolist() == [[1, 2, 3], [0, 2, -1], [-1, 2, 3]]
        assert tokens.lists.shape == (3, 1, 16)
        assert tokens.lists_there.tolist() == [[True], [False], [True]]
        for user in (0, 2):
            mean = keys[torch.from_numpy(data.history(user)[-2:])].mean(0)
            expected = mean + model.network.prompt.kinds[0]
            torch.testing.assert_close(tokens.lists[user, 0], expected)

    def test_attribute_values_are_averaged_over_the_items(self) -> None:
        model, tokeniser = self.tokeniser()
        data, facets = planted(), Facets.of(planted())
        reading = PromptReader(data).read(
            Template.parse("{{ genres }}"),
            np.array([1]),
            data.offsets[[2]],
            has_intent=np.array([False]),
        )
        nothing = IntentTexts((), np.array([-1]))
        tokens = tokeniser.tokens(reading, nothing, model.network.keys())
        scaled = torch.from_numpy(model._side._meanings * np.float32(np.sqrt(384)))
        told = model.network.prompt.words(scaled)  # (n_values, d)
        of_items = [told[facets.held[item].indices].mean(0) for item in data.history(1)]
        expected = torch.stack(of_items).mean(0) + model.network.prompt.kinds[3]
        torch.testing.assert_close(tokens.lists[0, 0], expected)

    def test_what_is_masked_is_not_heard(self) -> None:
        model, tokeniser = self.tokeniser()
        data = split().train
        nobody = data.select(data.user != 1)
        users = np.arange(4)
        reading = PromptReader(nobody).read(
            LIBRARY["profile"],
            users,
            nobody.offsets[users + 1],
            has_intent=np.array([True, False, False, True]),
        )
        intents = IntentTexts(("a western",), np.array([0, -1, -1, 0]))
        keys = model.network.keys()
        tokens = tokeniser.tokens(reading, intents, keys)
        windows = last_windows(nobody, users, 8)
        state = model.network.states(keys, windows.items)[:, -1]
        before = model.network.prompt(state, tokens)
        assert not tokens.lists_there.all() and not tokens.soft[:, 8:].any()
        noise = torch.where(tokens.lists_there[..., None], tokens.lists, 99.0)
        torch.testing.assert_close(
            model.network.prompt(state, replace(tokens, lists=noise)), before
        )
        # the wish of others: moving it moves those who made it, and nobody else
        moved = tokens.sentences.clone()
        moved[0] += torch.randn(16)
        after = model.network.prompt(state, replace(tokens, sentences=moved))
        torch.testing.assert_close(after[1:3], before[1:3])
        assert not torch.allclose(after[0], before[0])
        assert not torch.allclose(after[3], before[3])

    def named(
        self, source: str, wishes: tuple[str, ...] = (), of: int = -1, *, genre: str = ""
    ) -> dict[str, float]:
        """What the words of a template and a wish name for the first user."""
        model, tokeniser = self.tokeniser(genre)
        data = planted()
        reading = PromptReader(data).read(
            Template.parse(source),
            np.array([0]),
            data.offsets[[1]],
            has_intent=np.array([of >= 0]),
        )
        tokens = tokeniser.tokens(
            reading, IntentTexts(wishes, np.array([of])), model.network.keys()
        )
        assert tokens.named.shape == (1, model._side.facets.n_values)
        told = zip(model._side.facets.values, tokens.named[0].tolist(), strict=True)
        return {value: weight for value, weight in told if weight}

    def test_a_wish_names_values_for_those_who_made_it(self) -> None:
        wishes = ("a comedy", "a western")
        assert self.named("{{ intent }}", wishes, 0) == {"Comedy": 1}
        assert self.named("{{ intent }}", wishes, 1) == {"Western": 1}
        assert self.named("{{ intent }}", wishes) == {}

    def test_words_of_an_edited_template_ask_too(self) -> None:
        assert self.named("Recommend comedy films only.") == {"Comedy": 1}

    def test_what_may_mean_something_is_no_wish_of_everybody(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """ "A quiet Friday evening" is a little like a comedy: a wish, but no order of a prompt."""
        model, _ = self.tokeniser()
        values = model._side.facets.values
        nothing = np.zeros(len(values), dtype=np.float32)
        wish = Intent(values, nothing.copy(), nothing)
        wish.wanted_sure[0] = 0.6
        monkeypatch.setattr(WishReader, "read_all", lambda self, texts: [wish] * len(texts))
        value = str(values[0])
        assert self.named("A quiet Friday evening.") == {}
        assert self.named("{{ intent }}", ("a quiet evening",), 0) == {value: pytest.approx(0.6)}

    @pytest.mark.parametrize(
        "source",
        [
            "Westerns that were watched: {{ history }}",
            "Recently: {{ history }}",
            "Old films the user saw: {{ history }}",
            "最近看过的western：{{ history }}",
        ],
    )
    def test_words_before_a_list_describe_it(self, source: str) -> None:
        _model, tokeniser = self.tokeniser()
        assert self.named(source) == {}
        reading = PromptReader(planted()).read_now(Template.parse(source), np.arange(2), wish="")
        assert tokeniser.bonus(reading) is None
        order = Template.parse("Recommend westerns only.")
        reading = PromptReader(planted()).read_now(order, np.arange(2), wish="")
        assert tokeniser.bonus(reading) is not None

    def test_what_is_known_about_a_user_asks_for_nothing(self) -> None:
        """Somebody whose job is "pilot" does not ask for films of the genre "Pilot"."""
        for source in ("{{ about }}", "{{ user_job }}"):
            assert self.named(source, genre="Pilot") == {}
        assert self.named("{{ about }} Only pilot.", genre="Pilot") == {"Pilot": 1}

    @pytest.mark.parametrize(
        ("genre", "name"),
        [("Other", "rating-question"), ("New", "cold-start"), ("内容", "profile-zh")],
    )
    def test_words_of_the_library_ask_for_nothing(self, genre: str, name: str) -> None:
        assert genre.lower() in LIBRARY[name].source.lower()
        assert self.named(LIBRARY[name].source, genre=genre) == {}
