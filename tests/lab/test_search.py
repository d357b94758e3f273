"""The search for a better prompt: on a small model, from a prompt with a line that harms."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from recsys.lab.effect import PromptLab
from recsys.lab.readings import WHOLE, WORDS
from recsys.lab.search import MOST_CANDIDATES, PromptSearch
from recsys.lab.search_steps import Found, Round
from recsys.lab.variants import blocks_of, variants
from recsys.models import Recommender
from recsys.prompts import LIBRARY, Template
from recsys.schema import ConfigError
from recsys.splitting import leave_last_out
from recsys.storage.files import append_line, read_lines
from tests.models.support import planted, shared, small_model, split

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
        for template in LIBRARY.values():
            sources = [one.source.strip() for _, one in variants(template)]
            assert len(set(sources)) == len(sources) > 10
            assert template.source.strip() not in sources
            assert {one.language for _, one in variants(template)} <= {"en", "zh"}

    def test_a_condition_over_several_lines_stays_whole(self) -> None:
        whole = "{% if liked %}\nLiked: {{ liked }}\n{% endif %}"
        found = [one.source for _, one in variants(Template.parse(f"{whole}\nOne.\nTwo."))]
        assert all(whole in source or "Liked" not in source for source in found)
        assert "One.\nTwo." in found

    def test_a_sentence_over_several_lines_stays_whole(self) -> None:
        whole = "The user likes\n{# of late #}{{ interests }},\nand {{ liked }}."
        assert blocks_of(f"{whole}\nRecommend.") == [*whole.split("\n", 1), "Recommend."]

    def test_a_list_gets_longer_and_shorter(self) -> None:
        template = Template.parse("Chose {{ history|last(5)|join(', ') }}.")
        amounts = [one.source for done, one in variants(template) if done == "amount"]
        assert amounts == [f"Chose {{{{ history|last({n})|join(', ') }}}}." for n in (3, 10, 20)]

    def test_no_line_is_taken_that_leans_on_another(self) -> None:
        added = [one.source for done, one in variants(START) if done in ("add", "exchange")]
        leaning = ("They ", "Otherwise", "other one")
        assert added and not any(word in one for one in added for word in leaning)

    def test_lines_are_in_the_language_of_the_prompt(self) -> None:
        assert not any("The user" in one.source for _, one in variants(LIBRARY["profile-zh"]))


class TestSearch:
    def test_a_harmful_line_is_left_out(self) -> None:
        _, rounds, end = long_search()
        assert HARMFUL not in end.leader.source
        assert max(told.gain for told in rounds) > 0.05
        change = end.confirmed.metrics["ndcg@10"]
        assert change.comparison.delta > 0.05
        assert end.holds == change.comparison.distinguishable

    def test_what_was_found_out_is_told(self) -> None:
        search, _, end = long_search()
        assert end.winner is (end.leader if end.holds else START)
        assert sum(tried.variants for tried in end.explanation.tried) == len(search._tried) > 20
        helped = {tried.done for tried in end.explanation.tried if tried.helped}
        assert helped & {"drop", "exchange"} and "move" not in helped
        steps = end.explanation.steps
        assert [(one.variants, one.done in helped) for one in steps[:1]] == [(1, True)]
        gained = sum(step.best.delta for step in steps)
        searched = split().validation.select(search._searched)
        change = PromptLab(model(), searched).compare(end.leader, START).metrics["ndcg@10"]
        assert gained == pytest.approx(change.comparison.delta)

    def test_where_nothing_holds_the_prompt_stays(self) -> None:
        """Of the harmless prompt every line helps."""
        start = Template.parse("{{ history|join('; ') }}")
        _, end = ended(PromptSearch(model(), split(), start, budget=500))
        assert not end.holds and end.winner is start
        assert end.to_dict()["source"] == start.source

    def test_a_variant_that_copies_is_refused_and_counted(self) -> None:
        titled = planted().item_frame.copy()
        line = "Recommend what suits this user best."  # of the library
        titled.loc[0, "title"] = line
        data = replace(planted(), item_frame=titled)
        parts = leave_last_out(data)
        search = PromptSearch(model(), parts, START, budget=900)
        made = [one.source for _ in range(9) for _, one in search._candidates(START)]
        assert made and not any(line in source for source in made)
        plain = PromptSearch(model(), split(), START)
        assert any(line in one.source for _ in range(9) for _, one in plain._candidates(START))
        _, end = ended(search)
        assert end.explanation.refused == {"title": len(search._refused)}
        assert all(line in source for source in search._refused) and search._refused

    def test_candidates_are_of_every_kind(self) -> None:
        search = PromptSearch(model(), split(), START)
        made = search._candidates(START)
        kinds = {done for done, _ in made}
        assert {"reword", "drop", "exchange", "add"} <= kinds
        assert kinds <= {"swap", "reword", "drop", "move", "exchange", "add", "amount"}
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

    def test_it_scores_what_the_words_say(self) -> None:
        search = PromptSearch(model(), split(), START, budget=300, mode=WORDS)
        rounds, end = ended(search)
        asked = split().validation.select(search._searched[: rounds[0].users])
        change = PromptLab(model(), asked).compare(rounds[0].best, START, mode=WORDS)
        assert rounds[0].gain == pytest.approx(change.metrics["ndcg@10"].comparison.delta)
        lab = PromptLab(model(), end.confirmed.holdout)
        assert end.whole is not None
        for found, mode in ((end.confirmed, WORDS), (end.whole, WHOLE)):
            alone = lab.compare(end.leader, START, mode=mode).metrics["ndcg@10"]
            assert found.metrics["ndcg@10"].a == pytest.approx(alone.a)
            assert found.metrics["ndcg@10"].b == pytest.approx(alone.b)
        assert end.to_dict()["reading"] == "words"

    def test_what_was_measured_in_one_reading_is_not_taken_for_the_other(
        self, tmp_path: Path
    ) -> None:
        kept = tmp_path / "search.jsonl"
        search = PromptSearch(model(), split(), START, budget=100, mode=WORDS, kept=kept)
        ended(search)
        assert search._values and not replace(search, mode=WHOLE)._values
        whole = PromptSearch(model(), split(), START, budget=100, kept=kept)
        ended(whole)
        lines = read_lines(kept)[0]
        assert {line["reading"] for line in lines} == {"words", "whole"}
        old = [{k: v for k, v in line.items() if k != "reading"} for line in lines
               if line["reading"] == "whole"]  # fmt: skip
        kept.unlink()
        for line in old:  # as earlier versions wrote them
            append_line(kept, line)
        assert replace(whole)._values == whole._values
        assert not replace(search)._values

    def test_what_cannot_be_searched_is_said(self) -> None:
        with pytest.raises(ConfigError, match="zero-shot cannot be read as “words”"):
            PromptSearch(shared("zero-shot")[0], split(), START, mode=WORDS)
        with pytest.raises(ConfigError, match="sasrec reads no prompts"):
            PromptSearch(small_model("sasrec"), split(), START)
        with pytest.raises(ConfigError, match="budget is 0"):
            PromptSearch(model(), split(), START, budget=0)
