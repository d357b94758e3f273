"""The encoder of BERT (Devlin et al. 2019), in torch alone.

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
import torch.nn.functional as F

#: Settings that a model has to have, or say nothing of, to be computed as it is here.
_EXPECTED = {
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
    "quantization_config": None,
}
#: Within a layer: ours → theirs.
_LAYER = {
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}

_Pair = tuple[torch.Tensor, torch.Tensor]  # weight and bias


@dataclass(frozen=True)
class Hidden:
    """The states of the last layer, 0 for padding: (n, tokens, d); named as in transformers."""

    last_hidden_state: torch.Tensor


class Bert:
    """Token ids → states, as `transformers.BertModel` without its pooler; frozen.

    Args:
        config: as in `config.json`.
        weights: by their names in transformers.

    Raises:
        KeyError: if some are missing.
    """

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> None:
        def pair(name: str) -> _Pair:
            return weights[f"{name}.weight"].float(), weights[f"{name}.bias"].float()

        self._heads = int(config["num_attention_heads"])
        self._eps = float(config.get("layer_norm_eps", 1e-12))
        words, places, kinds = (
            weights[f"embeddings.{name}_embeddings.weight"].float()
            for name in ("word", "position", "token_type")
        )
        self._words = torch.nn.Embedding.from_pretrained(words)
        self._places = places + kinds[0]  # (most tokens, d); all of a text is of the first kind
        self._norm = pair("embeddings.LayerNorm")
        self._layers: list[dict[str, _Pair]] = []
        for number in range(config["num_hidden_layers"]):
            begin = f"encoder.layer.{number}"
            parts = [pair(f"{begin}.attention.self.{part}") for part in ("query", "key", "value")]
            layer = {ours: pair(f"{begin}.{theirs}") for ours, theirs in _LAYER.items()}
            layer["query_key_value"] = (
                torch.cat([w for w, _ in parts]),
                torch.cat([b for _, b in parts]),
            )
            self._layers.append(layer)

    def get_input_embeddings(self) -> torch.nn.Embedding:
        """The embeddings of token ids, named as transformers names it."""
        return self._words

    def __call__(self, *, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Hidden:
        """Read n texts.

        Args:
            input_ids, attention_mask: (n, tokens), 1 in the mask where there is a token.
        """
        held = attention_mask.bool()  # (n, tokens)
        # Padding is left out wherever tokens do not see each other: short texts beside a long one
        # would take as long as that.
        places = held.flatten().nonzero().squeeze(1)  # of the tokens, text by text
        embedded = self._words(input_ids) + self._places[: input_ids.shape[1]]
        states = self._normed(embedded.flatten(0, 1)[places], self._norm)  # (held tokens, d)
        for layer in self._layers:
            states = self._read(states, held, places, layer)
        return Hidden(_padded(states, held, places))

    def _read(
        self,
        states: torch.Tensor,
        held: torch.Tensor,
        places: torch.Tensor,
        layer: Mapping[str, _Pair],
    ) -> torch.Tensor:
        """One layer: self-attention within each text, then the feed-forward network.

        Args:
            states: (held tokens, d), text by text.
            held: (n, tokens), where these stand.
            places: (held tokens,), the same in the flattened `held`.
        """
        projected = _padded(F.linear(states, *layer["query_key_value"]), held, places)
        query, key, value = projected.unflatten(-1, (3, self._heads, -1)).permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(  # (n, heads, tokens, d / heads)
            query, key, value, attn_mask=held[:, None, None]
        )
        found = F.linear(found.transpose(1, 2).flatten(2).flatten(0, 1)[places], *layer["attended"])
        states = self._normed(states + found, layer["attended_norm"])
        wide = F.gelu(F.linear(states, *layer["wide"]))
        return self._normed(states + F.linear(wide, *layer["narrow"]), layer["norm"])

    def _normed(self, states: torch.Tensor, norm: _Pair) -> torch.Tensor:
        return F.layer_norm(states, states.shape[-1:], *norm, eps=self._eps)


def _padded(states: torch.Tensor, held: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """States (held tokens, d) where they stand in the texts, 0 elsewhere: (n, tokens, d)."""
    empty = states.new_zeros(held.numel(), states.shape[-1])
    return empty.index_copy(0, places, states).unflatten(0, held.shape)


def load_bert(folder: Path) -> Bert | None:
    """The encoder in a folder, in float32; None where it is no such BERT.

    Raises what safetensors and json raise where files are damaged.
    """
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    files = sorted(folder.glob("*.safetensors"))
    if config.get("model_type") != "bert" or len(files) != 1:  # several come with an index
        return None
    if any((config.get(name) or wanted) != wanted for name, wanted in _EXPECTED.items()):
        return None
    weights = {key.removeprefix("bert."): value for key, value in load_file(files[0]).items()}
    try:
        return Bert(config, weights)
    except (KeyError, TypeError):
        return None  # other names or settings: transformers may know them, or say what is wrong
