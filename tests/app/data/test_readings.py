"""Files on the Data page are read by other processes: shown, stopped, begun once, never the end."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks import hostile_files as hostile
from pages._ui.common import readings
from recsys.reading import process
from tests.app.support import Open, in_language, link, settle, words

#: Enough that reading it takes longer than the page waits before it shows a button to stop.
SLOW = b"user,item\n" + b"".join(b"u%d,i%d\n" % (n % 9999, n) for n in range(1_500_000))


@pytest.fixture
def _shown_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page goes on while the process is there, however quick the machine."""
    monkeypatch.setattr(readings, "_SOON_SECONDS", 0.1)


def begun(app: AppTest, content: bytes, kind: str = "interactions", name: str = "f.csv") -> AppTest:
    if kind == "interactions":
        app.button(key="choose-upload").click().run()
    return app.file_uploader(key=f"file-{kind}").upload(name, content).run()


def stop_buttons(app: AppTest) -> list[str]:
    return [str(b.key) for b in app.button if str(b.key).startswith(readings.STOP)]


def workers() -> list[psutil.Process]:
    return [c for c in psutil.Process().children() if "recsys.reading.worker" in c.cmdline()]


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


@pytest.mark.usefixtures("_shown_soon")
def test_a_rerun_goes_on_with_the_same_reading_and_a_stop_ends_it(open_app: Open) -> None:
    app = begun(open_app("data", lang="en"), SLOW)
    before = link(app, "data")
    assert len(stop_buttons(app)) == 1
    first = workers()
    assert len(first) == 1
    first[0].suspend()  # however long the pages take, it does not come to its end
    in_language(app, "zh")
    assert workers() == first
    assert "正在读取" in words(app) + "".join(str(p.proto.text) for p in app.get("progress"))
    in_language(app, "en")
    app.button(key=stop_buttons(app)[0]).click().run()
    app.run()
    assert not app.exception and not app.error
    assert "was stopped. Nothing was changed" in "".join(plain_infos(app))
    assert not workers()
    assert link(app, "data") == before
    again = next(b for b in app.button if str(b.key).startswith("again-"))
    again.click().run()
    assert len(workers()) == 1
    readings_left(app)


def plain_infos(app: AppTest) -> list[str]:
    return [str(info.value).replace("&#46;", ".") for info in app.info]


def readings_left(app: AppTest) -> None:
    for button in stop_buttons(app):
        app.button(key=button).click().run()


@pytest.mark.usefixtures("_shown_soon")
def test_another_file_ends_the_reading_of_the_one_before(open_app: Open) -> None:
    app = begun(open_app("data", lang="en"), SLOW)
    first = workers()
    settle(app.file_uploader(key="file-interactions").upload("g.csv", b"user,item\na,b\n").run())
    assert not [process for process in first if process.is_running()]
    assert "g&#46;csv" in words(app) and not stop_buttons(app)


@pytest.mark.usefixtures("_shown_soon")
def test_a_killed_process_is_one_sentence(open_app: Open) -> None:
    app = begun(open_app("data", lang="en"), SLOW)
    for worker in workers():
        worker.kill()
    settle(app)
    assert len(app.error) == 1 and "was ended by the system" in app.error[0].value
    assert not app.exception


def test_a_preparation_is_shown_goes_on_and_is_stopped(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = begun(open_app("data", lang="en"), SLOW)
    before = link(app, "data")
    settle(app)
    monkeypatch.setattr(readings, "_SOON_SECONDS", 0.1)
    app.button(key="prepare").click().run()
    assert stop_buttons(app) == [f"{readings.STOP}prepare"]
    assert "prepare" not in [b.key for b in app.button]
    in_language(app, "zh")
    assert len(workers()) == 1
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
