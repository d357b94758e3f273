"""Automatic search for a better prompt: evaluate, change, evaluate again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from recsys.evaluation.metrics import ndcg
from recsys.evaluation.protocol import rank
from recsys.lab.copied import Copied, Copies
from recsys.lab.effect import Effect, K, PromptLab, check_reads_prompts
from recsys.lab.explanation import Attempt, Explanation, explained
from recsys.lab.readings import WHOLE, ReadingMode, mode_called
from recsys.lab.search_steps import Found, Round
from recsys.lab.variants import readable, variants
from recsys.lab.wording import reworded, swapped
from recsys.models.base import Queries, Recommender
from recsys.models.protocols import ExchangesWords
from recsys.prompts import Template
from recsys.schema import N_, ConfigError
from recsys.splitting import Holdout, Split
from recsys.storage.files import append_line, fsync_file, read_lines

_T = TypeVar("_T")
_METRIC = f"ndcg@{K}"

#: The share of users whose targets the search may look at; the others confirm the winner.
SEARCHED = 2 / 3
#: Users that every candidate is measured on at first; twice as many in every following round.
FIRST_ROUND = 64
#: Candidates of one generation at most.
MOST_CANDIDATES = 24
#: Of them, those with a word exchanged as the gradient says, and those reworded, at most each.
MOST_WORDINGS = 4
#: Generations without a better prompt after which a search ends.
PATIENCE = 2


@dataclass
class PromptSearch:
    """Successive halving over variants of a prompt (Jamieson & Talwalkar 2016), again and again.

    Every generation makes variants of the best prompt so far: words exchanged for synonyms, as the
    gradient of the loss says or by chance, lines left out, moved, exchanged and added, lists made
    longer and shorter. All of them consist of whole sentences; what copies a title or a phrase of
    the training is refused. The others are measured on a few validation users, the better half on
    twice as many, until few are left and all users asked. Then the best of them is the beginning
    of the next generation, if it is better.

    Args:
        model: one that reads prompts.
        start: the prompt to begin with.
        budget: how many lists may be made at most, a list being one prompt for one user.
        target: ends the search once the mean NDCG@10 on all its users reaches this.
        seed: parts the users, and draws candidates.
        mode: how the model is read, one of the `modes_of` it.
        kept: a file that measured values are added to; a search that goes on reads them again.
        should_stop: asked between two prompts, where it may also wait.
    """

    model: Recommender
    split: Split
    start: Template
    budget: int = 20_000
    target: float | None = None
    seed: int = 0
    mode: ReadingMode = WHOLE
    kept: Path | None = None
    should_stop: Callable[[], bool] = lambda: False
    spent: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        check_reads_prompts(self.model)
        if self.budget < 1:
            raise ConfigError(N_("The budget is {value} lists. It has to be at least 1."),
                              value=self.budget)  # fmt: skip
        mode_called(self.mode.key, self.model)
        self._rng = np.random.default_rng(self.seed)
        order = self._rng.permutation(len(self.split.validation.users))
        self._searched = order[: max(1, round(SEARCHED * len(order)))]
        seen = self.split.validation.users[self._searched]
        self._others = np.flatnonzero(~np.isin(self.split.test.users, seen))
        self._copies = Copies(self.split.test.history, self.start)
        self._refused: dict[str, Copied] = {}  # a source → what it copies
        self._tried: dict[tuple[str, str], str] = {}  # names of variant and parent → what was done
        self._path: list[tuple[str, str]] = []  # those of them that the search went on from
        self._values: dict[str, list[float]] = {}
        self._exhausted = False  # once candidates are left out since they cannot be paid for
        if self.kept is not None:
            for line in read_lines(self.kept)[0]:
                # Earlier versions knew one way to read a model.
                facts = (line.get("seed"), line.get("model"), line.get("reading", WHOLE.key))
                if facts == (self.seed, self.model.name, self.mode.key):
                    self._values[line["prompt"]] = line["values"]

    def run(self) -> Iterator[Round | Found]:
        """Search; ends with `Found`."""
        best, reason, idle, generation = self.start, "patience", 0, 0
        while idle < PATIENCE:
            if self.should_stop():
                reason = "stopped"
                break
            generation += 1
            winner = best
            for step in self._halve(best, self._candidates(best), generation):
                yield step
                winner = step.best if step.gain > 0 else best
            over = self._over(winner)
            idle = 0 if winner is not best else idle + 1
            if winner is not best:
                self._path.append((_name(winner), _name(best)))
            best = winner
            if over:
                reason = over
                break
        lab = PromptLab(self.model, self.split.test.select(self._others))
        confirmed = lab.compare(best, self.start, mode=self.mode)
        whole = None if self.mode is WHOLE else lab.compare(best, self.start)
        yield Found(
            self.start,
            best,
            reason,
            self.spent,
            confirmed,
            self._explained(confirmed),
            self.mode,
            whole,
        )

    def _explained(self, confirmed: Effect) -> Explanation:
        everybody = PromptLab(self.model, self.split.test)
        before = everybody.measure(self.start, mode=self.mode).per_user[_METRIC]
        attempts = []
        for pair, done in self._tried.items():
            both = np.array(list(zip(*(self._values[name] for name in pair), strict=False)))
            attempts.append(Attempt(done, both[:, 0] - both[:, 1], kept=pair in self._path))
        return explained(
            (everybody.holdout, before),
            (confirmed.holdout, confirmed.a.per_user[_METRIC], confirmed.b.per_user[_METRIC]),
            self.split.validation.select(self._searched),
            attempts,
            Counter(self._refused.values()),
        )

    def _candidates(self, parent: Template) -> list[tuple[str, Template]]:
        """Words exchanged for synonyms, and lines changed; nothing that copies."""
        asked = self.split.validation.select(self._searched[:FIRST_ROUND])
        queries = self._queries(asked, asked.users, parent)
        swaps = []
        if isinstance(self.model, ExchangesWords):
            swaps = self.model.word_swaps(queries, asked.targets.toarray().argmax(1))
        words = [("swap", source) for source in swapped(parent, swaps, MOST_WORDINGS)]
        others = self._drawn([("reword", source) for source in reworded(parent)], MOST_WORDINGS)
        made = self._own(readable(parent, [*words, *others]))
        lines = self._own(variants(parent))
        return [*made, *self._drawn(lines, MOST_CANDIDATES - len(made))]

    def _queries(self, holdout: Holdout, users: np.ndarray, template: Template) -> Queries:
        weight = self.mode.history_weight
        return Queries(holdout.history, users, template, history_weight=weight)

    def _drawn(self, some: list[_T], most: int) -> list[_T]:
        places = self._rng.permutation(len(some))[:most]
        return [some[place] for place in places]

    def _own(self, made: list[tuple[str, Template]]) -> list[tuple[str, Template]]:
        """Those that copy nothing; the others are counted as refused."""
        kept = []
        for done, one in made:
            copied = self._copies.found(one.source)
            if copied is None:
                kept.append((done, one))
            else:
                self._refused[one.source] = copied
        return kept

    def _halve(
        self, parent: Template, made: list[tuple[str, Template]], generation: int
    ) -> Iterator[Round]:
        """The rounds of one generation; what the budget does not pay for is not measured."""
        alive, users = made, min(FIRST_ROUND, len(self._searched))
        while not self._over(None) and (alive := self._affordable(parent, alive, users)):
            base = self._measure(parent, users)
            gains = []
            for done, one in alive:
                if self.should_stop():  # what was measured of this round is kept
                    return
                gains.append(float((self._measure(one, users) - base).mean()))
                self._tried[_name(one), _name(parent)] = done
            order = np.argsort(-np.array(gains), kind="stable")
            last = users == len(self._searched)
            left = [alive[place] for place in order[: 1 if last else (len(alive) + 1) // 2]]
            done, leader = left[0]
            yield Round(generation, users, len(left), leader, done, gains[order[0]], self.spent,
                        self.budget)  # fmt: skip
            if last:
                return
            alive, users = left, min(2 * users, len(self._searched))

    def _affordable(
        self, parent: Template, alive: list[tuple[str, Template]], users: int
    ) -> list[tuple[str, Template]]:
        """The first of some candidates, as many as the budget pays for beside their parent."""
        left = self.budget - self.spent - self._missing(parent, users)
        costs = np.cumsum([self._missing(one, users) for _, one in alive])
        paid = alive[: int(np.searchsorted(costs, left, side="right"))] if left >= 0 else []
        self._exhausted |= len(paid) < len(alive)
        return paid

    def _missing(self, template: Template, users: int) -> int:
        """Lists that are still to be made to know a prompt on the first so many users."""
        return max(users - len(self._values.get(_name(template), [])), 0)

    def _over(self, winner: Template | None) -> str:
        """Why the search has to end now, or ""."""
        if self.should_stop():
            return "stopped"
        if self._exhausted or self.spent >= self.budget:
            return "budget"
        if self.target is None or winner is None:
            return ""
        known = self._values.get(_name(winner), [])
        whole = len(known) == len(self._searched)
        return "target" if whole and float(np.mean(known)) >= self.target else ""

    def _measure(self, template: Template, users: int) -> np.ndarray:
        """NDCG@10 of the first so many users of the search: (users,)."""
        name = _name(template)
        known = self._values.get(name, [])
        if len(known) < users:
            fresh = self.split.validation.select(self._searched[len(known) : users])
            lists = rank(
                lambda asked: self.model.score(self._queries(fresh, asked, template)), fresh, K
            )
            known = [*known, *ndcg(lists, fresh.targets).tolist()]
            self.spent += len(lists)
            self._values[name] = known
            if self.kept is not None:
                facts = {"seed": self.seed, "model": self.model.name, "reading": self.mode.key,
                         "prompt": name}  # fmt: skip
                append_line(self.kept, {**facts, "values": known})
                fsync_file(self.kept)
        return np.array(known[:users])


def _name(template: Template) -> str:
    return hashlib.sha256(template.source.strip().encode()).hexdigest()[:16]
