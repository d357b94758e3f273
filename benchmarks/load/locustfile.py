"""What people ask of a service under load; `benchmarks/load/measure.py` starts it with locust.

Of a hundred requests 10 have a wish in words that were hardly ever put together before, 10 the
history of a stranger, 5 tell an event, and the others ask for the list of a user.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from locust import FastHttpUser, constant_throughput, task

#: Ids of users and items, as `measure.py` writes them.
IDS = json.loads(Path(os.environ["LOAD_IDS"]).read_text("utf-8"))
RATE = float(os.environ["LOAD_RATE_OF_ONE"])
_HOW = "funny sad quiet loud clever silly dark warm slow tense odd classic tender wild".split()
_WHAT = "western comedy drama thriller romance musical horror war crime fantasy mystery".split()
_ABOUT = "a dog,two brothers,a heist,the sea,a lost letter,school,robots,a family,space".split(",")
_NOT = "blood,songs,war,a sad end,violence,kissing,aliens,ghosts,lawyers,sports".split(",")


class Person(FastHttpUser):
    """Asks at a steady rate."""

    wait_time = constant_throughput(RATE)

    @task(75)
    def known(self) -> None:
        self._ask("known", user_id=random.choice(IDS["users"]))  # noqa: S311

    @task(10)
    def wish(self) -> None:
        how, what, about, without = map(random.choice, (_HOW, _WHAT, _ABOUT, _NOT))
        decade = random.choice(range(1930, 2011, 10))  # noqa: S311
        words = f"a {how} {what} about {about}, from the {decade}s, without {without}"
        self._ask("wish", user_id=random.choice(IDS["users"]), wish=words)  # noqa: S311

    @task(10)
    def stranger(self) -> None:
        self._ask("stranger", history=random.sample(IDS["items"], random.randint(1, 40)))  # noqa: S311

    @task(5)
    def event(self) -> None:
        event = {
            "user_id": random.choice(IDS["users"]),  # noqa: S311
            "item_id": random.choice(IDS["items"]),  # noqa: S311
        }
        self.client.post("/v1/events", json={"events": [event]}, name="event")

    def _ask(self, name: str, **asked: object) -> None:
        with self.client.post(
            "/v1/recommend", json=asked, name=name, catch_response=True
        ) as answer:
            if answer.status_code == 200 and not answer.json()["items"]:
                answer.failure("an empty list")
