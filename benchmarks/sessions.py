"""How long a wish takes when many people wish at once.

    python -m benchmarks.sessions RUN [--sessions 1,12,30,50] [--seconds 40] [--json]

RUN is the folder of a finished run that reads prompts. For each number of sessions, an app with
folders of its own is started, and that many sessions (`StreamlitSession`: Streamlit's own messages,
no browser) open its Recommend page at once, each for a user of its own, and wish for things that
the language model has not read yet:

- `first`: one session alone opens the page, which loads the model;
- `open`: all of them open the page at once;
- `burst`: all type a wish at the same moment, three times;
- `steady`: each types a wish, and another one after a pause of 10 s on average (exponential).

A wish takes from the message that the field has changed to the end of the page's script; `list` is
the time until the list itself came. Reported are the 50th and 95th percentile and the most, in
seconds, what failed, the server's processor time for each wish, its peak memory and its most
threads, and the share of the whole machine that these clients took for themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving import running_server
from benchmarks.streamlit_session import Answer, StreamlitSession
from recsys.runs import open_run
from recsys.storage.folders import cache_folder

BURSTS = 3
THINK_SECONDS = 10.0
_ADJECTIVES = (
    *("funny", "dark", "slow", "quiet", "moving", "clever", "old", "strange", "short", "bitter"),
    *("warm", "loud", "lonely", "tense", "silly", "grand", "gentle", "brutal", "dreamy", "honest"),
)
_KINDS = (
    *("western", "comedy", "thriller", "drama", "musical", "war film", "romance", "mystery"),
    *("horror film", "cartoon", "documentary", "adventure", "film for kids", "film noir"),
)
_ABOUT = (
    *("robots", "a bank robbery", "two sisters", "the sea", "a lost dog", "chess", "a trial"),
    *("soldiers", "a wedding", "space", "a school", "ghosts", "a painter", "the desert", "trains"),
    *("a farm", "spies", "boxing", "the circus", "a long winter"),
)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("run", type=Path)
    arguments.add_argument("--sessions", default="1,12,30,50")
    arguments.add_argument("--seconds", type=float, default=40.0)
    arguments.add_argument("--json", action="store_true")
    chosen = arguments.parse_args()
    for count in map(int, chosen.sessions.split(",")):
        told = measure(chosen.run.resolve(), count, chosen.seconds)
        print(json.dumps(told) if chosen.json else _lines(told), flush=True)


def measure(run: Path, count: int, seconds: float) -> dict[str, Any]:
    """What `count` sessions at once meet; an app is started for them."""
    users = [str(user) for user in open_run(run.parent, run.name).dataset().users.ids]
    with tempfile.TemporaryDirectory() as temporary:
        folders = _folders(Path(temporary), run)
        with running_server(**folders) as (address, pid):
            return asyncio.run(_measure(address, pid, run.name, users, count, seconds))


def _folders(place: Path, run: Path) -> dict[str, str]:
    """Folders of the app's own: the run, and the vectors of texts that it was trained with."""
    shutil.copytree(run, place / "runs" / run.name)
    (place / "cache").mkdir()
    if (vectors := cache_folder() / "vectors.sqlite").exists():
        shutil.copy(vectors, place / "cache")
    return {f"RECSYS_{name.upper()}": str(place / name) for name in ("runs", "cache", "prompts")}


async def _measure(
    address: str, pid: int, run: str, users: list[str], count: int, seconds: float
) -> dict[str, Any]:
    wishes, rng = _wishes(), np.random.default_rng(0)
    server = _Server(pid)
    watching = asyncio.create_task(server.watch())
    told: dict[str, Any] = {"sessions": count, "load": round(os.getloadavg()[0], 2)}

    def session(place: int) -> StreamlitSession:
        user = users[place * 7 % len(users)]
        return StreamlitSession(address, "recommend", {"lang": "en", "run": run, "user": user})

    async def wish(one: StreamlitSession) -> Answer:
        text = next(wishes)
        return await one.type("wish", text, shows='class="pr-list"')

    async def steadily(one: StreamlitSession, end: float) -> list[Answer | BaseException]:
        answers: list[Answer | BaseException] = []
        while True:
            await asyncio.sleep(rng.exponential(THINK_SECONDS))
            if time.perf_counter() > end:
                return answers
            answers += await _all([wish(one)])

    first = session(0)
    told["first"] = _told(await _all([first.open()]))
    sessions = [session(place) for place in range(1, count + 1)]
    told["open"] = _told(await _all(one.open() for one in sessions))
    sessions = [one for one in sessions if one.ready("wish")]
    await _all(wish(one) for one in sessions[:1])  # the first wish loads the language model
    for name in ("burst", "steady"):
        used, own, begin = server.cpu_seconds(), time.process_time(), time.perf_counter()
        if name == "burst":
            answers = [
                answer
                for _ in range(BURSTS)
                for answer in await _all(wish(one) for one in sessions)
            ]
        else:
            end = begin + seconds
            each = await asyncio.gather(*(steadily(one, end) for one in sessions))
            answers = [answer for answers_of_one in each for answer in answers_of_one]
        cores = (time.perf_counter() - begin) * (os.cpu_count() or 1)
        told[name] = {
            **_told(answers),
            "cpu_seconds_per_wish": round((server.cpu_seconds() - used) / max(len(answers), 1), 3),
            "client_share": round((time.process_time() - own) / cores, 3),
        }
    watching.cancel()
    told |= {"peak_mb": server.peak_mb(), "most_threads": server.most_threads}
    await _all(one.close() for one in (first, *sessions))
    return told


async def _all(tasks: Iterable[Awaitable[Any]]) -> list[Any]:
    """The results of what runs at once; an error is a result."""
    return await asyncio.gather(*tasks, return_exceptions=True)


def _told(answers: list[Any]) -> dict[str, Any]:
    good = [answer for answer in answers if isinstance(answer, Answer)]
    bad = [answer for answer in answers if not isinstance(answer, Answer)]
    seconds = [answer.seconds for answer in good]
    lists = [answer.shown for answer in good if answer.shown is not None]
    told: dict[str, Any] = {"count": len(answers), "failed": len(bad)}
    for name, values in (("seconds", seconds), ("list", lists)):
        if values:
            p50, p95 = np.percentile(values, [50, 95])
            told[name] = {
                "p50": round(float(p50), 2),
                "p95": round(float(p95), 2),
                "max": round(max(values), 2),
            }
    if bad:
        told["errors"] = sorted({repr(error)[:200] for error in bad})
    return told


class _Server:
    """What a process takes of the machine, as Linux tells it."""

    def __init__(self, pid: int) -> None:
        self._place = Path(f"/proc/{pid}")
        self.most_threads = 0

    async def watch(self) -> None:
        while True:
            self.most_threads = max(self.most_threads, self._field("Threads"))
            await asyncio.sleep(0.1)

    def peak_mb(self) -> int:
        return self._field("VmHWM") // 1024

    def cpu_seconds(self) -> float:
        user, system = (self._place / "stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _field(self, name: str) -> int:
        for line in (self._place / "status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        return 0


def _wishes() -> Iterator[str]:
    """Wishes without end, none twice."""
    rng = np.random.default_rng(0)
    seen: set[str] = set()
    while True:
        wish = f"a {rng.choice(_ADJECTIVES)} {rng.choice(_KINDS)} about {rng.choice(_ABOUT)}"
        if wish not in seen:
            seen.add(wish)
            yield wish


def _lines(told: dict[str, Any]) -> str:
    rows = [
        f"{told['sessions']} sessions (load before: {told['load']}): "
        f"peak {told['peak_mb']} MB, {told['most_threads']} threads"
    ]
    for name in ("first", "open", "burst", "steady"):
        rows.append(f"  {name:7} {json.dumps(told[name])}")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
