"""Makes the users and events of the made-up samples; their items are written by hand.

    python assets/samples/make.py [FOLDER]

writes `FOLDER/<sample>/interactions.csv`, `users.csv` and `users-zh.csv`; FOLDER is the one of
this file by default, whose files are these very ones. The same seed makes the same files.

Who chooses what: a person has two interests, kinds such as a genre, and one shade of the items,
such as a mood, that they like wherever it occurs. Half-way one of the interests gives way to
another. An item is chosen in proportion to how well known it is (few are, most are not) and to how
well it suits; it also counts that it goes on from the last one, that news are fresh, and that
nobody takes an advanced course before a beginner's one. One event in eight follows no taste.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SEED = 20250101
USERS = 360
#: Events of a user, at least and at most.
EVENTS = (8, 12)
#: The share of events that follow no taste.
NOISE = 1 / 8
#: How often the item known best is met beside the median one is about the number of items to this.
SKEW = 0.45
#: By how much an item is more likely that is of an interest, has the shade, shares more than its
#: kind with the item before.
INTEREST, SHADE, GOES_ON = 40.0, 3.0, 3.0
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Plan:
    """How a sample is made.

    Attributes:
        letter: what user ids begin with.
        kind, shade: columns of its items; a shade may have several values, with bars between.
        first, last: the days between which people begin.
        gap: days from one event to the next, about.
        drawn: occupation → the kind that it is drawn to.
    """

    letter: str
    kind: str
    shade: str
    first: str
    last: str
    gap: float
    drawn: dict[str, str]


PLANS = {
    "news": Plan("R", "category", "topics", "2025-02-10", "2025-06-20", 3.0, {
        "teacher": "Culture", "nurse": "Health", "engineer": "Technology", "farmer": "Environment",
        "shop owner": "Business", "student": "Science", "driver": "Sport", "clerk": "Politics",
    }),
    "music": Plan("L", "genre", "mood", "2024-09-01", "2025-04-30", 4.0, {
        "teacher": "Folk", "nurse": "Soul", "engineer": "Electronic", "farmer": "Country",
        "shop owner": "Pop", "student": "Hip-hop", "driver": "Rock", "clerk": "Classical",
    }),
    "courses": Plan("S", "subject", "level", "2023-09-01", "2024-08-31", 24.0, {
        "teacher": "Languages", "nurse": "Health", "engineer": "Programming", "farmer": "Cooking",
        "shop owner": "Business", "student": "Mathematics", "driver": "Music", "clerk": "Writing",
    }),
}  # fmt: skip
CHINESE = {
    "teacher": "教师", "nurse": "护士", "engineer": "工程师", "farmer": "农民",
    "shop owner": "店主", "student": "学生", "driver": "司机", "clerk": "职员",
}  # fmt: skip
LEVELS = ("Beginner", "Intermediate", "Advanced")


def main(folder: Path) -> None:
    """Write the files of every sample."""
    for number, (name, plan) in enumerate(PLANS.items()):
        rng = np.random.default_rng([SEED, number])
        with (HERE / name / "items.csv").open(encoding="utf-8", newline="") as file:
            items = Items(list(csv.DictReader(file)), plan)
        users, events = [], []
        for place in range(USERS):
            user_id = f"{plan.letter}{place + 1:03d}"
            occupation = str(rng.choice(list(plan.drawn)))
            age = int(rng.integers(19, 27) if occupation == "student" else rng.integers(24, 71))
            users.append((user_id, age, occupation))
            chosen = items.chosen_by(plan.drawn[occupation], rng)
            events += [(user_id, items.ids[item], moment) for item, moment in chosen]
        events.sort(key=lambda event: event[2])
        written = [(user, item, str(moment).replace("T", " ")) for user, item, moment in events]
        into = folder / name
        write(into / "interactions.csv", ("user_id", "item_id", "timestamp"), written)
        header = ("user_id", "age", "occupation")
        write(into / "users.csv", header, users)
        write(into / "users-zh.csv", header, [(u, age, CHINESE[o]) for u, age, o in users])


class Items:
    """The catalogue of a sample, and how people choose from it."""

    def __init__(self, rows: list[dict[str, str]], plan: Plan) -> None:
        self.ids = [row["item_id"] for row in rows]
        self._plan = plan
        self._kinds = [frozenset(row[plan.kind].split("|")) for row in rows]
        self._shades = [frozenset(row[plan.shade].split("|")) for row in rows]
        self._level = np.array(
            [LEVELS.index(row["level"]) if "level" in row else 0 for row in rows]
        )
        self._published = np.array([row.get("published", "1970-01-01") for row in rows], "M8[D]")
        self._all_kinds = sorted(frozenset().union(*self._kinds))
        self._all_shades = sorted(frozenset().union(*self._shades))
        rank = np.random.default_rng(SEED).permutation(len(rows))
        self._known = (1.0 + rank) ** -SKEW

    def chosen_by(self, drawn_to: str, rng: np.random.Generator) -> list[tuple[int, np.datetime64]]:
        """What one person chooses: item positions and moments, in order, no item twice."""
        interests = [drawn_to if rng.random() < 0.6 else self._any_kind(rng), self._any_kind(rng)]
        shade = str(rng.choice(self._all_shades))
        count = int(rng.integers(EVENTS[0], EVENTS[1] + 1))
        begins, ends = np.datetime64(self._plan.first, "m"), np.datetime64(self._plan.last, "m")
        moment = begins + (ends - begins) * rng.random()
        chosen: list[tuple[int, np.datetime64]] = []
        for step in range(count):
            if step == count // 2:
                interests[int(rng.integers(2))] = self._any_kind(rng)
            weights = self._known * self._possible([item for item, _ in chosen], moment)
            if rng.random() >= NOISE:
                weights = weights * self._suits(interests, shade, chosen[-1][0] if chosen else None)
            item = int(rng.choice(len(weights), p=weights / weights.sum()))
            chosen.append((item, moment))
            days = rng.exponential(self._plan.gap) + 0.05
            evening = np.timedelta64(int(rng.integers(-90, 90)), "m")
            moment = moment + np.timedelta64(int(days * 24 * 60), "m") + evening
            moment = max(moment, chosen[-1][1] + np.timedelta64(20, "m"))
        return chosen

    def _any_kind(self, rng: np.random.Generator) -> str:
        return str(rng.choice(self._all_kinds))

    def _suits(self, interests: list[str], shade: str, before: int | None) -> np.ndarray:
        weights = np.ones(len(self.ids))
        for item, (kinds, shades) in enumerate(zip(self._kinds, self._shades, strict=True)):
            weights[item] *= INTEREST if kinds & frozenset(interests) else 1.0
            weights[item] *= SHADE if shade in shades else 1.0
            if before is not None and kinds & self._kinds[before] and shades & self._shades[before]:
                weights[item] *= GOES_ON
        return weights

    def _possible(self, met: list[int], moment: np.datetime64) -> np.ndarray:
        weights = np.ones(len(self.ids))
        if (self._published > np.datetime64("1970-01-01")).any():
            age = (moment.astype("M8[D]") - self._published) / DAY
            weights = np.where(age >= 0, np.exp(-np.maximum(age, 0) / 25), 0.0)
        for item, kinds in enumerate(self._kinds):
            highest = max((self._level[m] for m in met if kinds & self._kinds[m]), default=-1)
            step = self._level[item] - highest
            weights[item] *= {2: 0.1, 3: 0.02}.get(int(step), 1.0)
        weights[met] = 0.0
        return weights


def write(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A CSV file in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
