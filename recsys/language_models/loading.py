"""Weights and tokenizers, from a folder into memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.language_models.local import unreadable

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model, which neither cuts nor pads.

    Raises:
        LanguageModelError: if there is none, or it cannot be read.
    """
    # Not through transformers where that can be: its import takes seconds.
    from tokenizers import Tokenizer

    whole = folder / "tokenizer.json"
    try:
        if whole.is_file():
            tokenizer = Tokenizer.from_file(str(whole))
        else:  # older models keep its parts
            from transformers import AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False
            ).backend_tokenizer
    except Exception as error:  # tokenizers raises nothing narrower
        raise unreadable(folder, error) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_reader(folder: Path) -> Any:
    """The model that an `Encoder` reads with: our own code where it knows it, which loads at once.

    Raises:
        LanguageModelError: if it cannot be read, or lacks weights.
    """
    from safetensors import SafetensorError

    from recsys.language_models.bert import load_bert
    from recsys.language_models.universal import load_universal

    try:
        known = load_bert(folder) or load_universal(folder)
    except (OSError, ValueError, SafetensorError) as error:
        raise unreadable(folder, error) from error
    return load_transformer(folder) if known is None else known


def load_transformer(folder: Path, *, with_head: bool = False) -> PreTrainedModel:
    """The transformer of a model, in float32 and frozen; its output is `last_hidden_state`.

    Code that comes with a model is never run, and weights are read from safetensors alone.

    Args:
        with_head: of a causal model, the logits of the next token on top.

    Raises:
        LanguageModelError: if it cannot be read, or lacks weights.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModel, AutoModelForCausalLM

    quiet()
    kind = AutoModelForCausalLM if with_head else AutoModel
    try:
        found: Any = kind.from_pretrained(
            folder,
            dtype=torch.float32,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise unreadable(folder, error) from error
    model, report = found
    # A pooler is made for another task; sentence encoders come without one.
    missing = [key for key in report["missing_keys"] if "pooler" not in key]
    if missing:
        raise unreadable(folder, KeyError(f"{len(missing)} weights are missing: {missing[0]}, …"))
    module: PreTrainedModel = model.eval().requires_grad_(False)
    return module


def has_quick_bfloat16(device: str = "cpu") -> bool:
    """Whether a kind of device computes in bfloat16; to imitate it is slower than float32."""
    import torch

    if device != "cpu":
        return device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def quiet() -> None:
    """Keep transformers from writing over our own progress."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
