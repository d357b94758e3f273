"""The words that a tokenizer knows as one token each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CHINESE = re.compile("[\u3400-\u9fff]+")


def whole_words(tokenizer: Tokenizer) -> dict[str, int]:
    """Latin and Chinese words that are one token each within a text: word → token id.

    Latin ones in small letters: another spelling of a word is no other word.
    """
    tokens = range(tokenizer.get_vocab_size())
    texts = [text.strip() for text in tokenizer.decode_batch([[n] for n in tokens])]
    words = [word for word in dict.fromkeys(texts) if _is_word(word)]
    # Where words are marked by the space before them, without it they are parts of others.
    inside = [word if _CHINESE.fullmatch(word) else f" {word}" for word in words]
    read = tokenizer.encode_batch(inside, add_special_tokens=False)
    return {word: of.ids[0] for word, of in zip(words, read, strict=True) if len(of.ids) == 1}


def _is_word(text: str) -> bool:
    latin = text.isascii() and text.isalpha() and text.islower() and len(text) > 1
    return latin or _CHINESE.fullmatch(text) is not None
