"""Files on the Data page are read by other processes: shown, stopped, begun once, never the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks import hostile_files as hostile
from pages._ui.common import readings
from recsys.reading import fork_server, process
from tests.app.support import Open, in_language, link, settle, words

#: Enough that reading it has not ended before it can be suspended.
SLOW = b"user,item\n" + b"".join(b"u%d,i%d\n" % (n % 9999, n) for n in range(500_000))


@pytest.fixture
def hold_next(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Suspends the next process as it starts: however quick the machine, it is at work."""

    def hold() -> None:
        start = fork_server.start

        def held(folder: Path) -> fork_server.Process:
            process = start(folder)
            psutil.Process(process.pid).suspend()
            monkeypatch.setattr(fork_server, "start", start)
            return process

        monkeypatch.setattr(fork_server, "start", held)

    return hold


def begun(app: AppTest, content: bytes, kind: str = "interactions", name: str = "f.csv") -> AppTest:
    if kind == "interactions":
        app.button(key="choose-upload").click().run()
    return app.file_uploader(key=f"file-{kind}").upload(name, content).run()


def stop_buttons(app: AppTest) -> list[str]:
    return [str(b.key) for b in app.button if str(b.key).startswith(readings.STOP)]


def workers() -> list[psutil.Process]:
    """The processes at work: those that the server of readings has forked."""
    children = psutil.Process().children()
    servers = [child for child in children if "recsys.reading.forking" in child.cmdline()]
    return [worker for server in servers for worker in server.children()]


def one_worker() -> psutil.Process:
    """The process at work; the first one waits until the server has imported what it needs."""
    end = time.monotonic() + 60
    while not (found := workers()):
        assert time.monotonic() < end
        time.sleep(0.05)
    (worker,) = found
    return worker


@pytest.mark.parametrize(
    ("kind", "said", "chinese"),
    [
        ("far-corner", "Delete what lies far", "请删除远离表格的内容"),
        ("shared-string", "MB of text", "中的文字超过"),
        ("nested-zip", "archives within archives", "层层嵌套的压缩包"),
    ],
)
def test_a_hostile_file_is_one_sentence(open_app: Open, kind: str, said: str, chinese: str) -> None:
    data = hostile.KINDS[kind][0]()
    app = open_app("data", lang="en")
    before = link(app, "data")
    settle(begun(app, data, name="<b>*f*.xlsx"))
    assert not app.exception
    assert [said in error.value for error in app.error] == [True]
    assert "<b>" not in app.error[0].value
    assert link(app, "data") == before
    in_language(app, "zh")
    settle(app)
    assert [chinese in error.value for error in app.error] == [True]


def test_a_rerun_goes_on_with_the_same_reading_and_a_stop_ends_it(
    open_app: Open, hold_next: Callable[[], None]
) -> None:
    hold_next()
    app = begun(open_app("data", lang="en"), SLOW)
    before = link(app, "data")
    assert len(stop_buttons(app)) == 1
    first = one_worker()
    in_language(app, "zh")
    assert one_worker() == first
    assert "正在读取" in words(app) + "".join(str(p.proto.text) for p in app.get("progress"))
    in_language(app, "en")
    app.button(key=stop_buttons(app)[0]).click().run()
    app.run()
    assert not app.exception and not app.error
    assert "was stopped. Nothing was changed" in "".join(plain_infos(app))
    assert not workers()
    assert link(app, "data") == before
    hold_next()
    again = next(b for b in app.button if str(b.key).startswith("again-"))
    again.click().run()
    one_worker()
    readings_left(app)


def plain_infos(app: AppTest) -> list[str]:
    return [str(info.value).replace("&#46;", ".") for info in app.info]


def readings_left(app: AppTest) -> None:
    for button in stop_buttons(app):
        app.button(key=button).click().run()


def test_another_file_ends_the_reading_of_the_one_before(
    open_app: Open, hold_next: Callable[[], None]
) -> None:
    hold_next()
    app = begun(open_app("data", lang="en"), SLOW)
    first = one_worker()
    settle(app.file_uploader(key="file-interactions").upload("g.csv", b"user,item\na,b\n").run())
    assert not first.is_running()
    assert "g&#46;csv" in words(app) and not stop_buttons(app)


def test_a_killed_process_is_one_sentence(open_app: Open, hold_next: Callable[[], None]) -> None:
    hold_next()
    app = begun(open_app("data", lang="en"), SLOW)
    one_worker().kill()
    settle(app)
    assert len(app.error) == 1 and "was ended by the system" in app.error[0].value
    assert not app.exception


def test_a_preparation_is_shown_goes_on_and_is_stopped(
    open_app: Open, hold_next: Callable[[], None]
) -> None:
    app = begun(open_app("data", lang="en"), SLOW)
    before = link(app, "data")
    settle(app)
    hold_next()
    app.button(key="prepare").click().run()
    assert stop_buttons(app) == [f"{readings.STOP}prepare"]
    assert "prepare" not in [b.key for b in app.button]
    in_language(app, "zh")
    one_worker()
    app.button(key=stop_buttons(app)[0]).click().run()
    app.run()
    assert not app.exception and not workers()
    assert link(app, "data") == before
    assert "prepare" in [b.key for b in app.button]  # and it can be pressed again


def test_nothing_of_a_file_stays_but_the_data(open_app: Open) -> None:
    app = open_app("data", lang="en")
    before = kept()
    settle(begun(app, b"user,item\na,x\nb,y\n"))
    (folder,) = kept() - before
    assert not (folder / process.UPLOAD).exists()
    settle(app.button(key="prepare").click().run())
    assert not app.error
    assert [m.value for m in app.metric][:2] == ["2", "2"]
    assert kept() - before == {folder}  # that of the preparation is gone


def kept() -> set[Path]:
    folder = process.readings_folder()
    return set(folder.iterdir()) if folder.exists() else set()


def test_a_preparation_that_ends_while_the_page_is_drawn_is_kept(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "_FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(readings, "_progress", lambda reading, doing: reading.wait())
    app = settle(begun(open_app("data", lang="en"), b"user,item\n1,a\n1,b\n2,a\n", name="f.csv"))
    before = link(app, "data")
    settle(app.button(key="prepare").click().run())
    assert not app.exception and not app.error
    assert link(app, "data") != before
