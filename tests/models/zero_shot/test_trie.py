"""Titles as a tree of tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.models.zero_shot.trie import TitleTrie

titles = st.lists(
    st.lists(st.integers(0, 3), min_size=1, max_size=6).map(tuple), min_size=1, max_size=12
)


def prefix_of(trie: TitleTrie, node: int) -> tuple[int, ...]:
    parent = int(trie.parents[node])
    before = prefix_of(trie, parent) if parent >= 0 else ()
    return (*before, int(trie.tokens[node]))


def test_a_beginning_that_titles_share_is_there_once() -> None:
    trie = TitleTrie.of([(1, 2, 3), (1, 2), (1, 2, 4), (5,), (1, 2)])
    found = [prefix_of(trie, node) for node in range(trie.n_nodes)]
    assert found == [(1,), (1, 2), (1, 2, 3), (1, 2, 4), (5,)]
    assert trie.depths.tolist() == [0, 1, 2, 2, 0]
    assert trie.firsts.tolist() == [0, 4]
    assert trie.inner.tolist() == [0, 1]


def test_means_are_over_the_tokens_of_each_title() -> None:
    trie = TitleTrie.of([(1, 2, 3), (5,), (1, 2), (5,)])
    values = np.array([3.0, 6.0, 12.0, 5.0], dtype=np.float32)
    assert trie.means(values).tolist() == pytest.approx([7.0, 5.0, 4.5, 5.0])


@settings(deadline=None)
@given(titles)
def test_nodes_are_the_distinct_prefixes(titles: list[tuple[int, ...]]) -> None:
    trie = TitleTrie.of(titles)
    found = [prefix_of(trie, node) for node in range(trie.n_nodes)]
    prefixes = {title[:n] for title in titles for n in range(1, len(title) + 1)}
    assert len(found) == len(prefixes) and set(found) == prefixes
    assert trie.depths.tolist() == [len(prefix) - 1 for prefix in found]
    for row, title in enumerate(titles):
        path = [found[node] for node in trie.paths[row].indices]
        assert path == [title[:n] for n in range(1, len(title) + 1)]


@settings(deadline=None)
@given(titles, st.integers(1, 5))
def test_blocks_read_every_inner_node_with_its_ancestors(
    titles: list[tuple[int, ...]], size: int
) -> None:
    trie = TitleTrie.of(titles)
    found = [prefix_of(trie, node) for node in range(trie.n_nodes)]
    foretold: list[int] = []
    for block in trie.blocks(size):
        prefixes = [found[node] for node in block.nodes]
        assert len(block.nodes) <= size + int(trie.depths.max())
        for row, prefix in enumerate(prefixes):
            seen = {prefixes[place] for place in np.flatnonzero(block.sees[row])}
            assert seen == {prefix[:n] for n in range(1, len(prefix) + 1)}
        for row, child in zip(block.rows, block.children, strict=True):
            assert prefixes[row] == found[child][:-1]
        foretold += block.children.tolist()
    later = [node for node, prefix in enumerate(found) if len(prefix) > 1]
    assert sorted(foretold) == later
    if later:
        assert block.done == block.total == len(trie.inner)
