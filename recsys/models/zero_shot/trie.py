"""The titles of a catalogue as a tree of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

#: Token ids of a text.
Tokens = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Block:
    """Nodes that are read in one forward pass.

    Attributes:
        nodes: (b,) positions in the trie; a node comes after its ancestors, which are all here.
        sees: (b, b) bool, each node's ancestors and itself.
        rows: (c,) places in `nodes` whose state predicts one of the `children`.
        children: (c,) positions in the trie.
        done, total: inner nodes read once this block is, and in all.
    """

    nodes: np.ndarray
    sees: np.ndarray
    rows: np.ndarray
    children: np.ndarray
    done: int
    total: int


@dataclass(frozen=True, eq=False)
class TitleTrie:
    """Titles, each the path to a node; a beginning that titles share is there once.

    Nodes stand in depth-first order, so that the descendants of each follow it at once.

    Attributes:
        tokens: (m,) the token of each node.
        parents: (m,) the node before it, -1 for a first token.
        depths: (m,) how many tokens of the title precede it.
        paths: (n_titles, m) float32, 1 where a title passes a node; equal titles have equal rows.
    """

    tokens: np.ndarray
    parents: np.ndarray
    depths: np.ndarray
    paths: sp.csr_matrix

    @classmethod
    def of(cls, titles: Sequence[Tokens]) -> TitleTrie:
        """The trie of titles of at least one token each."""
        tokens: list[int] = []
        parents: list[int] = []
        path_of: dict[Tokens, list[int]] = {}
        before: Tokens = ()
        path: list[int] = []
        for title in sorted(set(titles)):  # titles that share a beginning are neighbours
            shared = next(
                (n for n, (a, b) in enumerate(zip(title, before, strict=False)) if a != b),
                min(len(title), len(before)),
            )
            path = path[:shared]
            for token in title[shared:]:
                parents.append(path[-1] if path else -1)
                path.append(len(tokens))
                tokens.append(token)
            path_of[title] = path
            before = title
        lengths = np.array([len(title) for title in titles])
        indices = np.concatenate([path_of[title] for title in titles])
        ones = np.ones(len(indices), dtype=np.float32)
        shape = (len(titles), len(tokens))
        paths = sp.csr_matrix((ones, indices, np.append(0, lengths.cumsum())), shape=shape)
        depths = np.zeros(len(tokens), dtype=np.int64)
        depths[paths.indices] = np.concatenate([np.arange(length) for length in lengths])
        return cls(np.array(tokens), np.array(parents), depths, paths)

    @property
    def n_nodes(self) -> int:
        return len(self.tokens)

    @property
    def firsts(self) -> np.ndarray:
        """Nodes that a title begins with."""
        return np.flatnonzero(self.parents < 0)

    @property
    def inner(self) -> np.ndarray:
        """Nodes that another follows: the last token of a title is predicted, but never read."""
        parents: np.ndarray = np.unique(self.parents)
        return parents[parents >= 0]

    def means(self, values: np.ndarray) -> np.ndarray:
        """For each title the mean over its nodes of `values`, (m,): (n_titles,) float32."""
        means: np.ndarray = self.paths @ values / self.paths.sum(1).A1
        return means.astype(np.float32)

    def blocks(self, size: int) -> Iterator[Block]:
        """The inner nodes, `size` at a time, each time with the ancestors of the first."""
        inner = self.inner
        by_parent = np.argsort(self.parents, kind="stable")
        sorted_parents = self.parents[by_parent]
        for start in range(0, len(inner), size):
            run = inner[start : start + size]
            lineage: list[int] = []
            node = self.parents[run[0]]
            while node >= 0:
                lineage.append(int(node))
                node = self.parents[node]
            # In depth-first order, ancestors of a later node of the run that lie before the run
            # are ancestors of its first node.
            nodes = np.concatenate([np.array(lineage[::-1], dtype=np.int64), run])
            place = {int(node): row for row, node in enumerate(nodes)}
            sees = np.eye(len(nodes), dtype=bool)
            for row, parent in enumerate(self.parents[nodes]):
                if parent >= 0:
                    sees[row] |= sees[place[int(parent)]]
            first, last = np.searchsorted(sorted_parents, [run[0], run[-1] + 1])
            children = by_parent[first:last]
            rows = np.searchsorted(run, self.parents[children]) + len(lineage)
            yield Block(nodes, sees, rows, children, start + len(run), len(inner))
