"""Sentence vectors from the middle layers of a causal language model."""

from __future__ import annotations

from typing import Any

import torch

#: Everyday sentences about many things, whose mean and spread stand for those of any text.
REFERENCE = (
    "The train to the coast leaves at half past nine.",
    "A young doctor moves to a village and finds an old friend.",
    "Fresh bread, butter and a jar of honey.",
    "They fought for three days before the city fell.",
    "The team won the match in the last minute.",
    "How much does it cost to repair the roof?",
    "I would like something quiet for the evening.",
    "The museum shows paintings from four centuries.",
    "Scientists have discovered a planet with two suns.",
    "Please recommend a good book for my daughter.",
    "The song begins softly and ends with a choir.",
    "Nobody knew who had opened the door that night.",
    "开往海边的火车九点半出发。",
    "一位年轻医生搬到村里，遇见了老朋友。",
    "新鲜的面包、黄油和一罐蜂蜜。",
    "他们打了三天仗，城才被攻下。",
    "球队在最后一分钟赢得了比赛。",
    "修屋顶要花多少钱？",
    "我想要一个安静的晚上。",
    "博物馆展出四个世纪的绘画。",
    "科学家发现了一颗有两个太阳的行星。",
    "请给我的女儿推荐一本好书。",
    "这首歌轻轻开始，以合唱结束。",
    "没有人知道那天晚上是谁开的门。",
)


def middle_states(
    model: Any, ids: torch.Tensor, mask: torch.Tensor, words: torch.Tensor
) -> torch.Tensor:
    """The mean over a text's tokens of the layers from two thirds up to the last but one.

    The last layer of a causal model is about the next word, and the meaning of what was read lies
    below it (Liu et al. 2019, "Linguistic knowledge and transferability of contextual
    representations"). With Gemma 3, 36 paraphrases of 12 Chinese film genres are nearest to their
    own genre in 11 % of cases by the last layer, in 61 % by these (an English encoder: 14 %). The
    layers were chosen on those paraphrases, so others may fare worse.

    Args:
        ids, mask: (n, tokens) the texts, and 1 where there is a token.
        words: (n, tokens) 1 where it counts: a begin mark attends to no word.

    Returns:
        (layers, n, d)
    """
    output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True, use_cache=False)
    depth = len(output.hidden_states) - 1  # the first are the words themselves
    held = words[..., None].float()  # (n, tokens, 1)
    layers = range(2 * depth // 3, depth) if depth > 1 else range(1)
    return torch.stack([(output.hidden_states[k] * held).sum(1) / held.sum(1) for k in layers])


class Standard:
    """Puts every layer and dimension on the scale that the reference sentences have there.

    A few dimensions of a causal model are thousands of times larger than the others and alike for
    all texts (Timkey & van Schijndel 2021, "All bark and no bite"); without this, all texts would
    look the same.

    Args:
        reference: (layers, n, d) the states of `REFERENCE`.
    """

    def __init__(self, reference: torch.Tensor) -> None:
        self._mean = reference.mean(1, keepdim=True)  # (layers, 1, d)
        self._spread = reference.std(1, keepdim=True) + 1e-6

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """One vector a text, (n, d), from the states of its layers, (layers, n, d)."""
        return ((states - self._mean) / self._spread).mean(0)
