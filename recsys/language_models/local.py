"""Language models in folders, a person's own or those that Hugging Face keeps."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from recsys.schema import N_, LanguageModelError

#: `model_type` of the multilingual Universal Sentence Encoder, see `universal.py`.
UNIVERSAL = "universal-sentence-encoder"
#: What a fingerprint reads of each file of weights: so many blocks of so many bytes.
_BLOCKS, _BLOCK = 256, 4096


def hub_folder(name: str) -> Path | None:
    """Where Hugging Face keeps a model that was downloaded before; without network access."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(name, "config.json")
    except HFValidationError:  # no such name can be
        return None
    return Path(config).parent if isinstance(config, str) else None


def hub_names() -> list[str]:
    """The ids of all models that Hugging Face keeps on this machine."""
    from huggingface_hub.constants import HF_HUB_CACHE

    kept = sorted(Path(HF_HUB_CACHE).glob("models--*"))
    return [folder.name.removeprefix("models--").replace("--", "/") for folder in kept]


def check_folder(folder: Path) -> None:
    """Make sure that a folder holds a language model that can be read safely.

    Raises:
        LanguageModelError: if not; says what is missing.
    """
    if not (folder / "config.json").is_file():
        raise LanguageModelError(
            N_(
                "There is no language model in {folder}. It has to hold a config.json, the weights "
                "and a tokenizer, as transformers saves them."
            ),
            folder=str(folder),
        )
    if not weight_files(folder):
        raise LanguageModelError(
            N_(
                "The folder {folder} holds no weights as safetensors. Other files (.bin, .pt) can "
                "run code when they are read and are not opened: save the model with "
                "save_pretrained of a current transformers."
            ),
            folder=str(folder),
        )
    config = _config(folder)
    kind = str(config.get("model_type", ""))
    two_parts = config.get("is_encoder_decoder") or "text_config" in config
    known = kind in ("bert", UNIVERSAL) or kind in set().union(*_kinds())
    if two_parts or not known:
        raise LanguageModelError(
            N_(
                "The language model in {folder} is of the kind {kind}. An encoder (as BERT) or a "
                "causal model (as GPT-2) is needed."
            ),
            folder=str(folder),
            kind=repr(kind[:40]),
        )


def weight_files(folder: Path) -> list[Path]:
    """The files with the weights."""
    return sorted(folder.glob("*.safetensors"))


def is_causal(folder: Path) -> bool:
    """Whether a model reads from left to right; some kinds can do both and then say which."""
    config = _config(folder)
    kind = config.get("model_type")
    if kind in ("bert", UNIVERSAL):  # to ask transformers takes a second, for its import
        return bool(config.get("is_decoder", False))
    causal, masked = _kinds()
    if kind in causal and kind in masked:
        return bool(config.get("is_decoder", False))
    return kind in causal


def is_tunable(folder: Path) -> bool:
    """Whether a model is a transformer, which gradients can train."""
    return _config(folder).get("model_type") != UNIVERSAL


def dimension(folder: Path) -> int:
    """How many numbers a state of the model is."""
    config = _config(folder)
    for name in ("hidden_size", "n_embd", "d_model", "dim"):  # as kinds of models call it
        if isinstance(config.get(name), int):
            return int(config[name])
    raise unreadable(folder, KeyError("hidden_size"))


def count_parameters(folder: Path) -> int:
    """How many weights there are, read from the files' headers."""
    from safetensors import SafetensorError, safe_open

    total = 0
    try:
        for path in weight_files(folder):
            with safe_open(path, "np") as weights:
                total += sum(math.prod(weights.get_slice(k).get_shape()) for k in weights.keys())  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise unreadable(folder, error) from error
    return total


def fingerprint(folder: Path) -> str:
    """A hash of a model's files, under which its vectors are cached: 16 hex digits.

    Of the weights a sample is read: training moves them all, and a gigabyte takes seconds.
    """
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    for path in weight_files(folder):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}".encode())
        with path.open("rb") as file:
            for block in range(_BLOCKS):
                file.seek(block * size // _BLOCKS)
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:16]


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(folder, error) from error
    return config if isinstance(config, dict) else {}


def unreadable(folder: Path, error: Exception) -> LanguageModelError:
    """The error for a model whose files are there but damaged."""
    return LanguageModelError(
        N_("The language model in {folder} cannot be read: {reason}"),
        folder=str(folder),
        reason=str(error)[:300],
    )


def _kinds() -> tuple[set[str], set[str]]:
    """The kinds of models (`model_type`) that transformers knows: causal ones, and encoders."""
    from transformers.models.auto import modeling_auto as auto

    return (
        set(auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES),
        set(auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES),
    )
