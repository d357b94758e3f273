"""Files of packages → safetensors: once, whole or not at all, and exact."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from recsys.language_models import (
    describe,
    folder_of,
    is_installed,
    load_tokenizer,
    load_transformer,
    needs_conversion,
)
from recsys.language_models.conversion import convert_gguf, converted
from recsys.schema import LanguageModelError

WORDS = ["<unk>", "<s>", "</s>", "▁a", "▁film", "a", "f", "i", "l", "m", "▁"]
DIM, HEADS, FEED = 32, 2, 64


def write_gguf(path: Path) -> dict[str, np.ndarray]:
    """A Llama of one layer, its largest matrix quantised; returns what it should be read as."""
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import dequantize, quantize

    rng = np.random.default_rng(0)
    writer = GGUFWriter(str(path), "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(DIM)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(WORDS))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(WORDS)
    writer.add_token_scores([-float(n) for n in range(len(WORDS))])
    writer.add_token_types([2, 3, 3, *[1] * (len(WORDS) - 3)])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    shapes = {
        "token_embd": (len(WORDS), DIM),
        "output": (len(WORDS), DIM),
        "output_norm": (DIM,),
        "blk.0.attn_norm": (DIM,),
        "blk.0.ffn_norm": (DIM,),
        **{f"blk.0.attn_{n}": (DIM, DIM) for n in ("q", "k", "v", "output")},
        "blk.0.ffn_gate": (FEED, DIM),
        "blk.0.ffn_up": (FEED, DIM),
        "blk.0.ffn_down": (DIM, FEED),
    }
    values = {k: rng.normal(size=shape).astype(np.float32) for k, shape in shapes.items()}
    kind = GGMLQuantizationType.Q4_1
    for name, value in values.items():
        if name == "blk.0.ffn_up":
            packed = quantize(value, kind)
            values[name] = dequantize(packed, kind)
            writer.add_tensor(f"{name}.weight", packed, raw_dtype=kind)
        else:
            writer.add_tensor(f"{name}.weight", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return values


def test_weights_and_words_are_those_of_the_file(tmp_path: Path) -> None:
    expected = write_gguf(tmp_path / "tiny.gguf")
    target = tmp_path / "out" / "tiny"
    folder = converted("tiny", lambda _, to: convert_gguf(tmp_path / "tiny.gguf", to), target)
    told = describe(str(folder))
    assert told.causal
    weights = load_transformer(folder, with_head=True).state_dict()
    for ours, theirs in {
        "model.embed_tokens.weight": "token_embd",
        "model.layers.0.mlp.up_proj.weight": "blk.0.ffn_up",
        "model.layers.0.self_attn.v_proj.weight": "blk.0.attn_v",
        "lm_head.weight": "output",
    }.items():
        np.testing.assert_allclose(weights[ours].numpy(), expected[theirs], rtol=1e-6, atol=1e-6)
    words = load_tokenizer(folder).encode("a film", add_special_tokens=False).tokens
    assert words == ["▁a", "▁", "f", "i", "l", "m"]  # a file without merges
    with torch.no_grad():
        assert load_transformer(folder)(torch.tensor([[3, 4]])).last_hidden_state.isfinite().all()
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["tiny"]


def test_it_is_done_once_by_whoever_is_first(tmp_path: Path) -> None:
    write_gguf(tmp_path / "tiny.gguf")
    located: list[Path] = []

    def convert(scratch: Path, folder: Path) -> None:
        located.append(scratch)
        convert_gguf(tmp_path / "tiny.gguf", folder)

    target = tmp_path / "out" / "tiny"
    threads = [threading.Thread(target=converted, args=("tiny", convert, target)) for _ in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(located) == 1 and (target / "model.safetensors").is_file()
    assert not located[0].exists()


def test_a_damaged_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + b"\0" * 40)
    bad, target = tmp_path / "bad.gguf", tmp_path / "out" / "bad"
    with pytest.raises(LanguageModelError, match="could not be prepared"):
        converted("bad", lambda _, to: convert_gguf(bad, to), target)
    assert not [path for path in (tmp_path / "out").iterdir() if path.is_dir()]


def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LanguageModelError, match="RECSYS_CACHE"):
        converted("tiny", convert_gguf, tmp_path / "file" / "tiny")


@pytest.mark.skipif(not is_installed("smollm2"), reason="SmolLM2 is not installed")
def test_smollm2_is_converted_once_and_then_completes_a_sentence() -> None:
    folder = folder_of("smollm2")
    assert not needs_conversion("smollm2")
    model, tokenizer = load_transformer(folder, with_head=True), load_tokenizer(folder)
    ids = tokenizer.encode("The capital of France is").ids
    with torch.no_grad():
        following = int(model(torch.tensor([ids])).logits[0, -1].argmax())
    assert tokenizer.decode([following]).strip() == "Paris"
