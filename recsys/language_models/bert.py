"""The encoder of BERT (Devlin et al. 2019) by torch's own layers.

The models that most texts are read with, MiniLM among them, are BERTs, and what transformers
imports for one (distributed training, compilers, symbolic algebra) takes longer than a command has
in all. The weights and what is computed from them are the same; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

#: Settings that have to be as here for the layers below to be the same as those of the model.
_EXPECTED = {
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
    "quantization_config": None,
}
#: Ours → theirs, within a layer.
_LAYER = {
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}


@dataclass(frozen=True)
class Hidden:
    """What the last layer says: (n, tokens, d); named as transformers names it."""

    last_hidden_state: torch.Tensor


class Bert(nn.Module):
    """Token ids → states, as `transformers.BertModel` without its pooler."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        size, eps = config["hidden_size"], config.get("layer_norm_eps", 1e-12)
        self.words = nn.Embedding(config["vocab_size"], size)
        self.places = nn.Embedding(config.get("max_position_embeddings", 512), size)
        self.kinds = nn.Embedding(config.get("type_vocab_size", 2), size)
        self.norm = nn.LayerNorm(size, eps=eps)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                size,
                config["num_attention_heads"],
                config["intermediate_size"],
                dropout=0.0,
                activation="gelu",
                layer_norm_eps=eps,
                batch_first=True,
            )
            for _ in range(config["num_hidden_layers"])
        )

    def get_input_embeddings(self) -> nn.Embedding:
        """The embeddings of token ids, named as transformers names it."""
        return self.words

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Hidden:
        """Read n texts.

        Args:
            input_ids, attention_mask: (n, tokens), 1 in the mask where there is a token.
        """
        places = torch.arange(input_ids.shape[1])
        states = self.words(input_ids) + self.places(places) + self.kinds.weight[0]
        states = self.norm(states)  # (n, tokens, d)
        absent = attention_mask == 0
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=absent)
        return Hidden(states)


def load_bert(folder: Path) -> Bert | None:
    """The encoder in a folder, in float32 and frozen; None where it is no such BERT.

    Raises what safetensors and json raise where files are damaged.
    """
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    files = sorted(folder.glob("*.safetensors"))
    if config.get("model_type") != "bert" or len(files) != 1:  # several come with an index
        return None
    if any((config.get(name) or wanted) != wanted for name, wanted in _EXPECTED.items()):
        return None
    theirs = {key.removeprefix("bert."): value for key, value in load_file(files[0]).items()}
    try:
        with torch.device("meta"):  # no weights are drawn, only to be replaced
            model = Bert(config)
        model.load_state_dict(_renamed(theirs, len(model.layers)), assign=True)
    except (KeyError, TypeError, AssertionError, RuntimeError):
        return None  # other settings, names or shapes: transformers may know them, or say why not
    return model.float().eval().requires_grad_(False)


def _renamed(theirs: Mapping[str, torch.Tensor], layers: int) -> dict[str, torch.Tensor]:
    """The tensors of a BERT by the names of `Bert`."""
    ours = {
        "words.weight": theirs["embeddings.word_embeddings.weight"],
        "places.weight": theirs["embeddings.position_embeddings.weight"],
        "kinds.weight": theirs["embeddings.token_type_embeddings.weight"],
        "norm.weight": theirs["embeddings.LayerNorm.weight"],
        "norm.bias": theirs["embeddings.LayerNorm.bias"],
    }
    for layer in range(layers):
        own, other = f"layers.{layer}", f"encoder.layer.{layer}"
        for kind in ("weight", "bias"):
            parts = [
                theirs[f"{other}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")
            ]
            ours[f"{own}.self_attn.in_proj_{kind}"] = torch.cat(parts)
            for mine, name in _LAYER.items():
                ours[f"{own}.{mine}.{kind}"] = theirs[f"{other}.{name}.{kind}"]
    return ours
