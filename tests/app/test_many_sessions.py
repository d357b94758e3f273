"""Several sessions of a running app wish at once: each gets its list, and none an error."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from benchmarks.serving import running_server
from benchmarks.streamlit_session import Answer, StreamlitSession
from tests.app.made_runs import made

SESSIONS = 5


async def wishes_at_once(address: str) -> list[Answer]:
    sessions = [
        StreamlitSession(address, "recommend", {"lang": "en", "run": "fusion", "user": f"u{u:02d}"})
        for u in range(SESSIONS)
    ]
    await asyncio.gather(*(one.open() for one in sessions))
    answers = await asyncio.gather(
        *(
            one.type("wish", f"a comedy, the {place}th", shows='class="pr-list"')
            for place, one in enumerate(sessions)
        )
    )
    await asyncio.gather(*(one.close() for one in sessions))
    return answers


def test_each_session_gets_its_list(tmp_path: Path) -> None:
    made(tmp_path / "runs", "prompt-fusion", name="fusion")
    folders = {
        "RECSYS_RUNS": str(tmp_path / "runs"),
        "RECSYS_CACHE": os.environ["RECSYS_CACHE"],  # with the vectors of its texts
        "RECSYS_PROMPTS": str(tmp_path / "prompts"),
    }
    with running_server(**folders) as (address, _pid):
        answers = asyncio.run(wishes_at_once(address))
    assert [answer.shown is not None for answer in answers] == [True] * SESSIONS
