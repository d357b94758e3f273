"""The baseline of the speed suite: peft's prompt tuning in a plain `transformers.Trainer`."""

from __future__ import annotations

import copy
import math
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from recsys.language_models import folder_of
from recsys.models.tuned import SoftPrompt
from recsys.models.tuned.language import FIRST_WORDS, TextModel
from recsys.models.tuned.packing import Tokens


class PlainSoftPrompt(nn.Module):
    """What a `Trainer` trains: peft's prompt tuning around the encoder, mean pooling, the head.

    The head begins as that of our own model, so that losses can be compared.
    """

    def __init__(self, model: SoftPrompt) -> None:
        from peft import PromptTuningConfig, get_peft_model

        super().__init__()
        lm = TextModel(folder_of(model.config.language_model))
        config = PromptTuningConfig(
            task_type="FEATURE_EXTRACTION",
            num_virtual_tokens=model.n_vectors(),
            prompt_tuning_init="TEXT",
            prompt_tuning_init_text=FIRST_WORDS,
            tokenizer_name_or_path=str(lm.folder),
        )
        self.language_model = get_peft_model(lm.module, config)
        self.head = copy.deepcopy(model.network)
        self.head.soft = None
        self.n_vectors = model.n_vectors()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor | None = None,
    ) -> dict[str, torch.Tensor]:
        hidden = self.language_model(input_ids, attention_mask).last_hidden_state  # (n, 8 + t, d)
        held = F.pad(attention_mask, (self.n_vectors, 0), value=1)[..., None]
        mean = (hidden * held).sum(1) / held.sum(1)
        states = F.normalize(mean, dim=-1) * math.sqrt(mean.shape[1])
        logits = self.head.queries(states) @ self.head.keys().T + self.head.bias
        if labels is None:
            return {"logits": logits}
        return {"loss": F.cross_entropy(logits, labels), "logits": logits}


def train_plain(
    plain: PlainSoftPrompt, ours: SoftPrompt, *, seed: int, warm_up_steps: int
) -> float:
    """Train for one epoch of the positions that `ours` draws; seconds after the warm-up."""
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    config = ours.config
    groups = ours.examples.draw(np.random.default_rng(seed), ours.template)
    rows = [
        _padded(prompt, config.max_tokens - ours.n_vectors()) | {"labels": item}
        for prompts, items in groups
        for prompt, item in zip(prompts, items, strict=True)
    ]
    clock: dict[str, float] = {}

    class Clock(TrainerCallback):
        def on_step_end(
            self, args: Any, state: Any, control: Any, **state_of_training: Any
        ) -> None:
            if state.global_step == warm_up_steps:
                clock["begin"] = time.perf_counter()

        def on_train_end(
            self, args: Any, state: Any, control: Any, **state_of_training: Any
        ) -> None:
            clock["end"] = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=config.batch_positions,
            learning_rate=ours.optimisation.learning_rate,
            lr_scheduler_type="constant",
            num_train_epochs=1,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
            seed=seed,
        )
        trainer = Trainer(model=plain, args=arguments, train_dataset=rows, callbacks=[Clock()])
        trainer.remove_callback(PrinterCallback)  # our own output stays readable by machines
        trainer.train()
    return clock["end"] - clock["begin"]


@torch.inference_mode()
def plain_losses(
    plain: PlainSoftPrompt, prompts: Sequence[Tokens], targets: torch.Tensor
) -> np.ndarray:
    """The loss at each prompt's target (n,), each prompt read by itself: (n,)."""
    plain.eval()
    losses = []
    for prompt, target in zip(prompts, targets, strict=True):
        words = torch.tensor([[token for token in prompt if token >= 0]])
        output = plain(words, torch.ones_like(words), target[None])
        losses.append(float(output["loss"]))
    return np.array(losses)


def _padded(prompt: Tokens, length: int) -> dict[str, Any]:
    """A prompt without our trained vectors, as a tokenizer pads it to a length."""
    words = [token for token in prompt if token >= 0][:length]
    rest = length - len(words)
    return {"input_ids": words + [0] * rest, "attention_mask": [1] * len(words) + [0] * rest}
