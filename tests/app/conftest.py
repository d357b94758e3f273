"""An app with folders of its own, run without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from pages._ui.common import store
from recsys.cleaning import CleaningReport
from recsys.language_models.cache import VECTORS_FILE
from recsys.runs import demo, list_runs
from recsys.schema import RecsysError
from tests.app.made_runs import tiny
from tests.app.support import ROOT, Open


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory, vectors: Path) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    (folder / VECTORS_FILE).symlink_to(vectors)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _scan_packages_once() -> Iterator[None]:
    """Keep what Streamlit finds in installed packages.

    A server looks once, but each AppTest anew: half a second of processor time, more than the
    page itself needs.
    """
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True, scope="session")
def _compile_pages_once() -> Iterator[None]:
    """Keep compiled pages, as a server does over all sessions; each run of an AppTest compiles
    them anew, a tenth of the processor time of all runs."""
    pages = ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: pages)
        yield


@pytest.fixture(autouse=True, scope="session")
def _wait_without_looking() -> Iterator[None]:
    """Wait for the thread of a page; AppTest reads all events so far a thousand times a second."""
    look = local_script_runner.require_widgets_deltas

    def wait(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
        assert runner._script_thread is not None
        runner._script_thread.join(timeout)
        try:
            look(runner, timeout=0.1)
        except RuntimeError as error:
            raise RuntimeError(f"The page was not drawn within {timeout} s") from error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture
def open_app(cache_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the app: `open_app("prompts", lang="zh", data="…")`; parameters are the URL's.

    The Recommend page shows runs of the chosen data alone, so it is opened on that of the latest
    run unless other data is asked for.
    """
    monkeypatch.setenv("RECSYS_CACHE", str(cache_folder))
    monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "prompts"))
    monkeypatch.setenv("RECSYS_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(demo, "FOLDER", tmp_path / "nothing ships")

    def opened(page: str = "data", **parameters: str) -> AppTest:
        if page == "recommend" and "data" not in parameters:
            parameters |= _data_of_latest(tmp_path / "runs")
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)  # pages have no deadline
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        if page != "home":
            app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        return app

    return opened


def _data_of_latest(folder: Path) -> dict[str, str]:
    """The latest run's data, kept as the app keeps data, as a parameter of the URL."""
    for run in list_runs(folder):
        try:
            data = run.dataset()
        except RecsysError:
            continue  # damaged on purpose
        store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")
        return {"data": data.content_hash}
    return {}


@pytest.fixture
def open_shipped(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the app as somebody finds it who has trained nothing: with the run that ships."""
    monkeypatch.setattr(demo, "FOLDER", ROOT / "assets" / "demo")
    return open_app


@pytest.fixture
def open_tiny(open_app: Open) -> Open:
    """Open the Prompts page on the tiny data of `made_runs`."""
    data = tiny()
    store.save(data, CleaningReport((), data.n_events, data.n_events), "upload")

    def opened(**parameters: str) -> AppTest:
        return open_app("prompts", data=data.content_hash, **parameters)

    return opened
