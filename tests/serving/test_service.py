"""A real service over HTTP: what it answers, what it refuses, and how it ends."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from recsys.cli import main
from recsys.runs import Run
from recsys.serving.service import Service
from tests.serving.support import Running, films, running, trained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained(films(), tmp_path_factory.mktemp("runs"), "films")


@pytest.fixture(scope="module")
def service(run: Run) -> Iterator[Running]:
    with running(run) as started:
        started.wait_until_ready()
        yield started


def error_of(answer: httpx.Response, status: int) -> str:
    """The one sentence of a refusal."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert list(said) == ["error"]
    assert "Traceback" not in said["error"]
    return str(said["error"])


def post(service: Running, path: str, body: object) -> httpx.Response:
    return service.client.post(f"/v1/{path}", json=body)


def test_it_lives_is_ready_and_counts(service: Running) -> None:
    assert service.client.get("/health").json() == {"status": "alive"}
    assert service.client.get("/ready").json()["made_by"]["run"] == "films"
    service.list_of(user_id="u1")
    told = service.client.get("/metrics").text
    assert 'promptrec_requests_total{path="/v1/recommend",status="200"}' in told
    assert "promptrec_request_seconds_bucket" in told


def test_an_event_counts_in_the_next_list_and_once(service: Running) -> None:
    before = service.list_of(user_id="u8")
    event = {"user_id": "u8", "item_id": before[0], "rating": 5}
    assert post(service, "events", {"events": [event]}).json()["new"] == 1
    after = service.list_of(user_id="u8")
    assert before[0] not in after
    assert post(service, "events", {"events": [event]}).json()["new"] == 0
    assert service.list_of(user_id="u8") == after


def test_events_make_somebody_known(service: Running) -> None:
    said = error_of(post(service, "recommend", {"user_id": "newcomer"}), 404)
    assert "newcomer" in said
    events = [{"user_id": "newcomer", "item_id": "i3"}, {"user_id": "newcomer", "item_id": "i5"}]
    assert post(service, "events", {"events": events}).json()["new"] == 2
    assert service.list_of(user_id="newcomer") == service.list_of(history=["i3", "i5"])


def test_events_are_kept_all_or_none(service: Running) -> None:
    events = [{"user_id": "half", "item_id": "i3"}, {"user_id": "half", "item_id": "no such"}]
    assert "no such" in error_of(post(service, "events", {"events": events}), 422)
    error_of(post(service, "recommend", {"user_id": "half"}), 404)


def test_a_new_item_is_recommended_at_once(service: Running) -> None:
    item = {
        "item_id": "n1",
        "title": "Laughing 99",
        "attributes": {"genres": ["Comedy"], "year": 2050},
    }
    answer = post(service, "items", item)
    assert answer.status_code == 201, answer.text
    assert all("Laughing" in title for title in answer.json()["like"][:2])
    assert "n1" in service.list_of(user_id="u1", k=100)
    assert service.list_of(user_id="u1", filters={"year": ["2050"]}) == ["n1"]
    assert "in the data already" in error_of(post(service, "items", item | {"item_id": "i1"}), 409)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "either a user_id or a history"),
        ({"user_id": "u1", "history": []}, "either a user_id or a history"),
        ({"user_id": 1}, "user_id"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": "u1", "k": 0}, "k"),
        ({"user_id": "u1", "k": 101}, "k"),
        ({"user_id": "u1", "k": "3"}, "k"),
        ({"user_id": "u1", "wish": "x" * 1001}, "wish"),
        ({"user_id": "u1", "whish": "funny"}, "whish"),
        ({"history": ["none"]}, 'no item "none"'),
        ({"history": [{"item_id": "i1", "rating": 9}]}, "scale of the data, 1 to 5"),
        ({"history": ["i1"] * 1001}, "history"),
        ({"user_id": "u1", "filters": {"colour": ["red"]}}, "no attribute colour"),
        ([{"user_id": "u1"}], "body"),
        ("u1", "body"),
        (None, "body"),
    ],
)
def test_what_is_not_allowed_is_said_in_a_sentence(
    service: Running, body: object, said: str
) -> None:
    assert said in error_of(post(service, "recommend", body), 422)


@pytest.mark.parametrize(
    "body", ["{", "", "{'user_id': 1}", "[" * 100_000, '{"k": ' + "9" * 10_000 + "}", b"\xff\xfe"]
)
def test_what_is_no_json_is_said(service: Running, body: str | bytes) -> None:
    answer = service.client.post(
        "/v1/recommend", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    error_of(answer, answer.status_code)


def test_a_long_body_is_refused_before_it_is_read(service: Running) -> None:
    megabyte = {"user_id": "u1", "wish": "x" * 1_000_000}
    assert "256 KiB" in error_of(post(service, "recommend", megabyte), 413)

    def parts() -> Iterator[bytes]:  # of no known length
        for _ in range(100):
            yield b" " * 10_000

    try:
        answer = service.client.post("/v1/recommend", content=parts())
    except httpx.WriteError:  # it does not wait for the rest
        return
    error_of(answer, 413)


def test_ten_thousand_histories_at_once_are_refused(service: Running) -> None:
    one = {"history": ["i1"]}
    said = error_of(post(service, "recommend/batch", {"requests": [one] * 10_000}), 422)
    assert "requests" in said
    answer = post(service, "recommend/batch", {"requests": [one, {"user_id": "u1"}]})
    assert [len(each["items"]) for each in answer.json()["lists"]] == [10, 10]


def test_other_paths_and_methods_get_a_sentence(service: Running) -> None:
    error_of(service.client.get("/v1/recommend"), 405)
    assert "openapi.json" in error_of(service.client.get("/nothing"), 404)


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"host": "evil.example:80"}, {"host": ""}]
)
def test_the_name_of_another_site_gets_nothing(service: Running, headers: dict[str, str]) -> None:
    error_of(service.client.get("/ready", headers=headers), 403)


def test_pages_of_other_sites_get_nothing(service: Running) -> None:
    for origin in ("http://evil.example", "null"):
        error_of(service.client.get("/health", headers={"origin": origin}), 403)
    own = str(service.client.base_url).rstrip("/")
    assert service.client.get("/health", headers={"origin": own}).status_code == 200


def test_a_token_is_asked_for_where_there_is_one(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-token-of-24-characters")
    with running(
        run, "--host", "0.0.0.0", "--token-file", str(file), token=file.read_text()
    ) as service:
        service.wait_until_ready()
        assert service.list_of(user_id="u1")
        with httpx.Client(base_url=service.client.base_url) as stranger:
            assert stranger.get("/health").status_code == 200
            for headers in (
                {},
                {"authorization": "Bearer no"},
                {"authorization": file.read_text()},
            ):
                answer = stranger.post("/v1/recommend", json={}, headers=headers)
                error_of(answer, 401)
                assert answer.headers["www-authenticate"] == "Bearer"


def test_another_run_takes_over_without_a_lost_request(run: Run) -> None:
    other = trained(films(40), run.folder.parent, "other")
    with running(run) as service:
        service.wait_until_ready()
        service.client.post("/v1/events", json={"events": [{"user_id": "me", "item_id": "i3"}]})
        answers: list[tuple[int, str]] = []
        done = threading.Event()

        def ask() -> None:
            with httpx.Client(base_url=service.client.base_url, timeout=60) as client:
                while not done.is_set():
                    answer = client.post("/v1/recommend", json={"user_id": "me"})
                    answers.append((answer.status_code, answer.json()["made_by"]["run"]))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        answer = service.client.post("/v1/admin/reload", json={"run": "other"})
        assert answer.json() == {"loading": "other"}
        service.wait_until_ready("other")
        time.sleep(0.3)
        done.set()
        for thread in threads:
            thread.join()
        assert {status for status, _run in answers} == {200}
        assert {name for _status, name in answers} == {"films", "other"}
        assert service.client.get("/ready").json()["made_by"]["data_hash"] == other.config.data_hash
        error_of(service.client.post("/v1/admin/reload", json={"run": "no-such-run"}), 422)


def test_a_hangup_reads_anew_what_the_name_leads_to(run: Run, tmp_path: Path) -> None:
    later = trained(films(35), run.folder.parent, "later")
    latest = tmp_path / "latest"
    latest.symlink_to(run.folder)
    with running(Run(latest)) as service:
        service.wait_until_ready("films")
        latest.unlink()
        latest.symlink_to(later.folder)
        service.process.send_signal(signal.SIGHUP)
        service.wait_until_ready("later")


def test_what_was_begun_is_answered_when_it_is_stopped(run: Run) -> None:
    with running(run) as service:
        service.wait_until_ready()
        statuses: list[int] = []
        batch = {"requests": [{"history": [f"i{n % 20}"]} for n in range(64)]}

        def ask() -> None:
            statuses.append(service.client.post("/v1/recommend/batch", json=batch).status_code)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.05)
        service.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert service.process.wait(timeout=30) == 0
        assert statuses == [200] * 3
        with pytest.raises(httpx.TransportError):
            service.client.get("/health")
    port = int(service.client.base_url.port or 0)
    assert Service.at(port, run.folder.parent).status().state == "finished"


def test_more_than_fits_in_the_queue_is_put_off(service: Running) -> None:
    batch = json.dumps({"requests": [{"history": [f"i{n % 20}"]} for n in range(64)]})
    answers: list[httpx.Response] = []

    def ask() -> None:
        headers = {"content-type": "application/json"}
        answers.append(service.client.post("/v1/recommend/batch", content=batch, headers=headers))

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [answer for answer in answers if answer.status_code != 200]
    assert len(answers) == 40
    for answer in refused:
        assert answer.headers["retry-after"] == "1"
        assert "Too many requests" in error_of(answer, 429)
    assert len(refused) < 40


def test_several_processes_share_what_was_sent(run: Run) -> None:
    with running(run, "--workers", "2") as service:
        service.wait_until_ready()
        event = {"user_id": "shared", "item_id": "i3"}
        assert post(service, "events", {"events": [event]}).status_code == 200
        item = {"item_id": "n2", "title": "Rain 98"}
        assert post(service, "items", item).status_code == 201
        for _ in range(20):  # a connection each, so that both answer
            with httpx.Client(base_url=service.client.base_url, timeout=60) as client:
                answer = client.post("/v1/recommend", json={"user_id": "shared", "k": 100})
                if answer.status_code == 503:  # the second one is not ready yet
                    time.sleep(0.5)
                    continue
                assert "n2" in {one["item_id"] for one in answer.json()["items"]}
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=30) == 0


def test_a_second_service_at_the_same_port_is_refused(
    service: Running, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECSYS_RUNS", str(run.folder.parent))
    port = str(service.client.base_url.port)
    assert main(["serve", "films", "--port", port]) == 2
    assert f"at the port {port} already" in capsys.readouterr().err


def test_elsewhere_than_here_it_asks_for_a_token(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", str(run.folder), "--host", "0.0.0.0"]) == 2
    assert "--token-file" in capsys.readouterr().err
