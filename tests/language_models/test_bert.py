"""Our BERT beside the one of transformers, and what a command imports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from recsys.language_models import folder_of
from recsys.language_models.bert import load_bert
from recsys.language_models.loading import load_reader, load_transformer
from recsys.schema import LanguageModelError
from tests.models.tiny import tiny_bert, tiny_gpt2

#: Three texts of different lengths; 0 in the mask is padding.
IDS = torch.tensor([[2, 30, 31, 32, 33, 3], [2, 40, 3, 0, 0, 0], [2, 3, 0, 0, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0]])


@pytest.mark.parametrize("folder", [tiny_bert, lambda: folder_of("minilm")], ids=["tiny", "minilm"])
def test_its_states_are_those_of_transformers(folder) -> None:  # type: ignore[no-untyped-def]
    ours = load_bert(folder())
    assert ours is not None
    with torch.no_grad():
        theirs = load_transformer(folder())(input_ids=IDS, attention_mask=MASK).last_hidden_state
        found = ours(input_ids=IDS, attention_mask=MASK).last_hidden_state
    torch.testing.assert_close(found[MASK.bool()], theirs[MASK.bool()], atol=1e-5, rtol=1e-5)


def test_loading_draws_no_random_numbers() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    load_bert(tiny_bert())
    assert torch.equal(torch.get_rng_state(), before)


def copy_of(tmp_path: Path, **settings: object) -> Path:
    folder = tmp_path / "bert"
    shutil.copytree(tiny_bert(), folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | settings), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "settings",
    [{"hidden_act": "relu"}, {"position_embedding_type": "relative_key"}, {"is_decoder": True}],
)
def test_another_kind_of_bert_is_left_to_transformers(tmp_path: Path, settings: dict) -> None:  # type: ignore[type-arg]
    assert load_bert(copy_of(tmp_path, **settings)) is None


def test_other_models_are_left_to_transformers() -> None:
    assert load_bert(tiny_gpt2()) is None


def test_weights_that_are_missing_are_said_to_be(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.0.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(LanguageModelError, match="missing"):
        load_reader(folder)


def test_damaged_weights_are_said_to_be(tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    (folder / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    with pytest.raises(LanguageModelError, match="cannot be read"):
        load_reader(folder)


def test_a_text_is_read_without_transformers(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from recsys.language_models import load_encoder\n"
        "load_encoder().encode(['words that nobody has read before'])\n"
        "told = {'transformers', 'sympy', 'torch._dynamo', 'torch.distributed.tensor'}\n"
        "print(sorted(told & set(sys.modules)))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={"RECSYS_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
