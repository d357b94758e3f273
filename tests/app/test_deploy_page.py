"""The Deploy page: a service is started, tried and watched, takes another run, and is stopped."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys.runs import create_run, execute
from recsys.serving.client import ready_run
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings
from tests.app.made_runs import tiny
from tests.app.support import Open, in_language, words


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def made(runs_dir: Path, *names: str) -> None:
    for name in names:
        execute(create_run(runs_dir, tiny(), model="ease", name=name))


def until(app: AppTest, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, words(app)
        time.sleep(0.3)
        app.run()
        assert not app.exception


def test_without_a_model_it_leads_to_training(open_app: Open) -> None:
    app = open_app("deploy")
    assert "There is no trained model yet" in words(app)
    assert [button.key for button in app.button if button.key] == ["first-model-deploy"]


def test_from_the_start_to_the_end(open_app: Open, tmp_path: Path, port: int) -> None:
    runs_dir = tmp_path / "runs"
    made(runs_dir, "first", "second")
    app = open_app("deploy")
    app.selectbox(key="deploy-run").set_value("first").run()
    app.number_input[0].set_value(port).run()
    app.button(key="deploy-start").click().run()
    service = Service.at(port, runs_dir)
    try:
        until(app, lambda: "Answers with the run first." in words(app).replace("&#46;", "."))
        until(app, lambda: bool(app.text_input))
        app.text_input(key=f"try-user-{port}").set_value("u03")
        app.text_input(key=f"try-wish-{port}").set_value("a film")
        app.button(key=f"FormSubmitter:try-{port}-Send").click().run()
        assert "Film" in words(app)
        codes = "".join(str(code.value) for code in app.code)
        assert f"http://127.0.0.1:{port}/v1/recommend" in codes
        assert codes.count("u03") == codes.count("a film") == 3

        app.text_input(key=f"try-user-{port}").set_value("nobody")
        app.button(key=f"FormSubmitter:try-{port}-Send").click().run()
        assert any("nobody" in error.value for error in app.error)
        until(app, lambda: [metric.value for metric in app.metric][:2] == ["1", "1"])

        app.selectbox(key=f"take-over-{port}").set_value("second").run()
        app.button(key=f"reload-{port}").click().run()
        until(app, lambda: ready_run(service) == "second")

        app.button(key=f"stop-{port}").click().run()
        until(app, lambda: not service.status().active)
        app.run()
        assert service.status().state == "finished"
        assert not app.metric
    finally:
        service.request_stop()


def test_why_it_could_not_start_is_said(open_app: Open, tmp_path: Path) -> None:
    made(tmp_path / "runs", "first")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        service = Service.create(ServiceSettings("first", port=port), tmp_path / "runs")
        service.start()
        app = open_app("deploy")
        until(app, lambda: service.status().state == "failed")
    app.run()
    assert any("cannot be had" in error.value for error in app.error)


def test_it_speaks_chinese(open_app: Open, tmp_path: Path) -> None:
    made(tmp_path / "runs", "first")
    app = in_language(open_app("deploy"), "zh")
    assert app.title[0].value == "部署"
    assert app.button(key="deploy-start").label == "启动"
