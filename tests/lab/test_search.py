"""The search for a better prompt: on a small model, from a prompt with a line that harms."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from recsys.lab.effect import PromptLab
from recsys.lab.search import MOST_CANDIDATES, Found, PromptSearch, Round
from recsys.lab.variants import variants
from recsys.models import Recommender
from recsys.prompts import LIBRARY, Template
from recsys.schema import ConfigError
from tests.models.support import shared, small_model, split

HARMFUL = "Recommend westerns only."
START = Template.parse(f"{{{{ soft(2) }}}}\n{HARMFUL}\n{{{{ history|join('; ') }}}}", "start")


def model() -> Recommender:
    return shared("prompt-fusion")[0]


def ended(search: PromptSearch) -> tuple[list[Round], Found]:
    *rounds, end = list(search.run())
    assert isinstance(end, Found)
    assert all(isinstance(told, Round) for told in rounds)
    return [told for told in rounds if isinstance(told, Round)], end


@cache
def long_search() -> tuple[PromptSearch, list[Round], Found]:
    search = PromptSearch(model(), split(), START, budget=4000)
    return search, *ended(search)


class TestVariants:
    def test_one_line_is_different(self) -> None:
        found = variants(START)
        lines = START.source.split("\n")
        by_kind: dict[str, list[str]] = {}
        for done, template in found:
            by_kind.setdefault(done, []).append(template.source)
        assert by_kind["drop"] == ["\n".join(lines[:n] + lines[n + 1 :]) for n in range(3)]
        assert by_kind["move"] == [
            "\n".join([lines[1], lines[0], lines[2]]),
            "\n".join([lines[0], lines[2], lines[1]]),
        ]
        assert any("The user enjoyed" in source for source in by_kind["add"])
        assert any(HARMFUL not in source for source in by_kind["exchange"])

    def test_all_are_different_and_can_be_read(self) -> None:
        # A language model rewords every line: not of all the library, but of each language.
        for template in list(LIBRARY.values())[::4]:
            sources = [one.source.strip() for _, one in variants(template)]
            assert len(set(sources)) == len(sources) > 10
            assert template.source.strip() not in sources
            assert {one.language for _, one in variants(template)} <= {"en", "zh"}

    def test_half_an_if_is_no_template(self) -> None:
        long = Template.parse("{% if liked %}\nLiked: {{ liked }}\n{% endif %}")
        for _, template in variants(long):
            assert template.source.count("{% if") >= template.source.count("{% endif")

    def test_lines_are_in_the_language_of_the_prompt(self) -> None:
        assert not any("The user" in one.source for _, one in variants(LIBRARY["profile-zh"]))


class TestSearch:
    def test_a_harmful_line_is_left_out(self) -> None:
        _, rounds, end = long_search()
        assert HARMFUL not in end.best.source
        assert max(told.gain for told in rounds) > 0.05
        change = end.confirmed.metrics["ndcg@10"]
        assert change.comparison.delta > 0.05
        assert end.holds == change.comparison.distinguishable

    def test_candidates_are_of_every_kind(self) -> None:
        search = PromptSearch(model(), split(), START)
        made = search._candidates(START)
        kinds = {done for done, _ in made}
        assert {"swap", "reword"} < kinds <= {"swap", "reword", "drop", "move", "exchange", "add"}
        assert len(made) <= MOST_CANDIDATES
        sources = [template.source for _, template in made]
        assert len(set(sources)) == len(sources)

    def test_the_others_were_never_seen(self) -> None:
        search = PromptSearch(model(), split(), START, budget=300)
        _, end = ended(search)
        searched = split().validation.users[search._searched]
        confirmed = end.confirmed.holdout.users
        assert not set(searched) & set(confirmed)
        assert len(searched) + len(confirmed) == len(split().test.users)

    def test_halving(self) -> None:
        rounds, _ = ended(PromptSearch(model(), split(), START, budget=900))
        first = [told for told in rounds if told.generation == 1]
        assert first[-1].candidates == 1
        for before, after in pairwise(first):
            assert after.users == min(2 * before.users, 32)
            assert after.candidates <= (before.candidates + 1) // 2

    @pytest.mark.parametrize("budget", [1, 40, 100, 500])
    def test_the_budget_ends_it_and_is_never_overdrawn(self, budget: int) -> None:
        search = PromptSearch(model(), split(), START, budget=budget)
        rounds, end = ended(search)
        users = len(search._searched)
        assert end.reason == "budget"
        assert budget - 2 * users < end.spent <= budget  # what is left pays for no candidate
        assert all(told.spent <= budget for told in rounds)
        assert bool(rounds) == (budget >= 2 * users)  # the prompt itself, and one beside it

    def test_it_ends_with_budget_left_where_nothing_better_comes(self) -> None:
        _, end = ended(PromptSearch(model(), split(), START, budget=2000))
        assert end.reason == "patience" and end.spent <= 2000

    def test_the_target_ends_it(self) -> None:
        rounds, end = ended(PromptSearch(model(), split(), START, budget=10_000, target=0.01))
        assert end.reason == "target"
        assert {told.generation for told in rounds} == {1}

    def test_it_stops_when_asked(self) -> None:
        asked = iter([False, False, True])
        search = PromptSearch(
            model(), split(), START, budget=10_000, should_stop=lambda: next(asked, True)
        )
        assert ended(search)[1].reason == "stopped"

    def test_it_goes_on_from_what_was_measured(self, tmp_path: Path) -> None:
        search = PromptSearch(model(), split(), START, budget=900, kept=tmp_path / "search.jsonl")
        rounds, first = ended(search)
        again = replace(search)
        assert len(again._values) == len(search._values) > 0
        rounds_again, second = ended(again)
        # What was measured costs nothing now, so that the same budget reaches further.
        assert first.reason == "budget" and rounds_again[0].spent == 0
        assert len(rounds_again) > len(rounds)
        for before, after in zip(rounds, rounds_again[: len(rounds)], strict=True):
            assert (before.best.source, before.gain) == (after.best.source, after.gain)
        assert second.spent <= 900

    def test_gains_are_those_of_the_users_asked(self) -> None:
        """Measured anew, over the first users that are searched."""
        search, rounds, _ = long_search()
        first = [told for told in rounds if told.generation == 1]
        assert [told.users for told in first] == sorted({told.users for told in first})
        assert any(told.gain for told in first)
        for told in first:
            asked = split().validation.select(search._searched[: told.users])
            change = PromptLab(model(), asked).compare(told.best, START).metrics["ndcg@10"]
            assert told.gain == pytest.approx(change.comparison.delta)

    def test_what_cannot_be_searched_is_said(self) -> None:
        with pytest.raises(ConfigError, match="sasrec reads no prompts"):
            PromptSearch(small_model("sasrec"), split(), START)
        with pytest.raises(ConfigError, match="budget is 0"):
            PromptSearch(model(), split(), START, budget=0)
