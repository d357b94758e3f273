"""From the files of a package to a folder that loads in a second: safetensors and a tokenizer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from recsys.schema import N_, LanguageModelError


def converted(name: str, convert: Callable[[Path, Path], None], target: Path) -> Path:
    """The folder `target` with a model's weights and its tokenizer.

    Made where it is missing: by one process while others wait, whole or not at all.

    Args:
        name: what a person calls the model.
        convert: makes the second folder it gets; the first one is there for the while.

    Raises:
        LanguageModelError: if the file is damaged, or the disk is full.
    """
    from filelock import FileLock

    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(f"{target.name}.lock")):
            if not target.is_dir():  # by now, since others may have been at it
                with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
                    whole = Path(scratch) / "whole"
                    convert(Path(scratch), whole)
                    os.replace(whole, target)
    except (OSError, ValueError) as error:
        raise LanguageModelError(
            N_(
                "The language model {name} could not be prepared in {folder}: {reason}. It needs "
                "about 2 GB of room there; the variable RECSYS_CACHE names another folder."
            ),
            name=name,
            folder=str(target.parent),
            reason=str(error)[:300],
        ) from error
    return target


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Read a GGUF file, whose weights are quantised, and save what it holds as transformers does.

    The weights are kept in float32, which is exact, and which a process maps instead of copying.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    from recsys.language_models.loading import quiet

    quiet()
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    read = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
    )
    config = read.config
    vars(config).pop("quantization_config", None)  # nothing is quantised any more
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(read.state_dict())
    plain.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
