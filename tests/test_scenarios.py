"""The contract of every scenario: data, prompts and wishes are there, and fit each other."""

from __future__ import annotations

import pytest

from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.prompts import GENERIC_TEMPLATES, LIBRARY, Verbaliser, lint
from recsys.scenarios import SCENARIOS, item_words, preset_of
from recsys.sources import SOURCES

PRESETS = [(key, told) for key, scenario in SCENARIOS.items() for told in scenario.presets]
#: Users whose prompts are read.
LOOKED_AT = 40
_opened: dict[str, Dataset] = {}


def opened(sample: str) -> Dataset:
    if sample not in _opened:
        _opened[sample] = prepare(sample)[0]
    return _opened[sample]


@pytest.mark.parametrize("key", SCENARIOS)
def test_is_there_in_both_languages(key: str) -> None:
    scenario = SCENARIOS[key]
    assert scenario.key == key
    assert scenario.title and scenario.description and scenario.icon
    assert set(scenario.presets) == {"en", "zh"}


def test_what_was_asked_for_is_there() -> None:
    wanted = "films groceries attractions news music courses questions".split()
    assert list(SCENARIOS) == wanted
    asked = SCENARIOS["questions"].presets["en"].questions
    assert "What should I watch with my kids tonight?" in asked


def test_every_template_of_a_scenario_has_one() -> None:
    used = {preset.template for s in SCENARIOS.values() for preset in s.presets.values()}
    assert used == set(LIBRARY) - set(GENERIC_TEMPLATES)


@pytest.mark.parametrize(("key", "told"), PRESETS)
class TestPreset:
    def test_names_what_exists(self, key: str, told: str) -> None:
        preset = SCENARIOS[key].presets[told]
        assert preset.sample in SOURCES
        assert preset.noun and preset.verb
        assert LIBRARY[preset.template].language == told
        for wishes in (preset.intents, preset.questions):
            assert 3 <= len(set(wishes)) == len(wishes) <= 6
            assert all(any(c > "\u3400" for c in wish) == (told == "zh") for wish in wishes)

    def test_its_prompt_tells_attributes_that_the_data_has(self, key: str, told: str) -> None:
        scenario = SCENARIOS[key]
        preset = scenario.presets[told]
        data = opened(preset.sample)
        assert set(scenario.attributes) <= set(data.item_attributes)
        assert set(scenario.attributes) <= set(LIBRARY[preset.template].variables)

    def test_its_prompt_reads_well_for_most_users(self, key: str, told: str) -> None:
        preset = SCENARIOS[key].presets[told]
        verbaliser = Verbaliser(opened(preset.sample))
        template = LIBRARY[preset.template]
        clean, prompts = 0, set()
        for user in range(LOOKED_AT):
            values = verbaliser.values(user, intent=preset.intents[0], language=told)
            clean += not lint(template.source, values)
            text = template.render(values).text
            prompts.add(text)
            assert preset.intents[0] in text and "\n\n" not in text
            assert not any(mark in text for mark in ("{", "}", ": .", "：。", "  "))
        assert clean > 0.9 * LOOKED_AT
        assert len(prompts) > 0.9 * LOOKED_AT


def test_presets_are_found_by_their_data() -> None:
    films, in_chinese = preset_of("movielens", "en"), preset_of("movielens", "zh")
    assert films is SCENARIOS["films"].presets["en"]
    assert in_chinese is SCENARIOS["films"].presets["zh"]
    assert preset_of("movielens", "en", "questions") is SCENARIOS["questions"].presets["en"]
    assert preset_of("movielens", "en", "sequential") is films
    assert preset_of("news-zh", "en") is SCENARIOS["news"].presets["zh"]  # there is no other
    assert preset_of("my.csv", "en") is None and preset_of(None, "en") is None


def test_items_are_called_by_their_names_in_either_language() -> None:
    assert item_words("attractions", "zh") == ("景点", "浏览了")
    assert item_words("attractions-zh", "en") == ("sights", "visited")
    assert item_words("upload", "en") == (None, None)
