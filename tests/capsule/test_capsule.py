"""A run in one file: the same lists on another machine, and nothing from a file that lies."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recsys.capsule import open_capsule, pack_run
from recsys.dataset import Dataset
from recsys.lab.version_store import PromptStore
from recsys.models import Queries
from recsys.runs import Run
from recsys.runs.final import create_final
from recsys.schema import RecsysError, RunError
from recsys.storage import capsule_file
from tests.app.made_runs import made, tiny

ROOT = Path(__file__).parents[2]
Parts = dict[str, bytes]


@pytest.fixture
def run(runs_dir: Path) -> Run:
    return Run(made(runs_dir, "ease", name="mine").folder)


@pytest.fixture
def capsule(run: Run, tmp_path: Path) -> Path:
    file = tmp_path / "mine.promptrec"
    pack_run(run, file, view={"page": "recommend", "wish": "a comedy"})
    return file


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere"


def lists(run: Run) -> bytes:
    data = run.dataset()
    return run.model().score(Queries(data, np.arange(data.n_users))).tobytes()


@pytest.mark.parametrize("model", ["ease", "sasrec"])
def test_lists_are_the_same_to_the_byte(
    runs_dir: Path, tmp_path: Path, elsewhere: Path, model: str
) -> None:
    run = Run(made(runs_dir, model, name="mine").folder)
    pack_run(run, tmp_path / "one.promptrec")
    opened = open_capsule(tmp_path / "one.promptrec", elsewhere)
    assert opened.run.folder == elsewhere / "mine"
    assert lists(opened.run) == lists(run)
    assert opened.run.evaluation() == run.evaluation()
    assert opened.run.dataset().content_hash == run.dataset().content_hash
    assert opened.run.status().state == "finished"


def test_another_process_with_other_folders_prints_the_same_lists(run: Run, tmp_path: Path) -> None:
    def promptrec(home: str, *arguments: str) -> str:
        own = {
            f"RECSYS_{name}": str(tmp_path / home / name) for name in ("CACHE", "RUNS", "PROMPTS")
        }
        done = subprocess.run(
            [sys.executable, "-m", "recsys", *arguments],
            cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    file = str(tmp_path / "one.promptrec")
    promptrec("here", "capsule", str(run.folder), file)
    folder = promptrec("there", "capsule", file).strip()
    assert folder == str(tmp_path / "there" / "RUNS" / "mine")
    wanted = ("recommend", "--all-users", "--json")
    here = promptrec("here", *wanted, str(run.folder))
    assert here
    assert promptrec("there", *wanted, folder) == here


def test_the_same_run_gives_the_same_file(run: Run, capsule: Path, tmp_path: Path) -> None:
    pack_run(run, tmp_path / "b", view={"page": "recommend", "wish": "a comedy"})
    assert (tmp_path / "b").read_bytes() == capsule.read_bytes()


def test_opened_again_it_is_the_run_that_is_there(capsule: Path, elsewhere: Path) -> None:
    first, again = open_capsule(capsule, elsewhere), open_capsule(capsule, elsewhere)
    assert first.run == again.run
    assert first.view == {"page": "recommend", "wish": "a comedy"}
    assert [path.name for path in elsewhere.iterdir()] == ["mine"]


def test_another_run_of_its_name_stays(capsule: Path, elsewhere: Path) -> None:
    other = made(elsewhere, "popularity", name="mine")
    assert open_capsule(capsule, elsewhere).run.name == "mine-2"
    assert Run(other.folder).config.model == "popularity"


def test_nothing_of_the_machine_goes_in(run: Run, capsule: Path) -> None:
    with zipfile.ZipFile(capsule) as packed:
        told = b"".join(packed.read(name) for name in packed.namelist() if "parquet" not in name)
    host = run.status().host
    assert host is not None
    assert host.encode() not in told
    assert str(run.folder.parent).encode() not in told


def test_without_data_it_needs_that_of_whoever_opens_it(
    run: Run, tmp_path: Path, elsewhere: Path
) -> None:
    file = tmp_path / "without.promptrec"
    pack_run(run, file, with_data=False)
    with zipfile.ZipFile(file) as packed:
        assert not [name for name in packed.namelist() if name.startswith("data/")]
    with pytest.raises(RunError, match="holds no data"):
        open_capsule(file, elsewhere)
    assert left(elsewhere) == []
    other = tiny(shift=1)
    with pytest.raises(RunError, match="holds no data"):
        open_capsule(file, elsewhere, lambda wanted: other)
    opened = open_capsule(file, elsewhere, lambda wanted: tiny())
    assert lists(opened.run) == lists(run)


def test_prompts_come_along(
    run: Run, tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "here"))
    version = PromptStore.default().save("evening", "{{ history }} tonight", note="short")
    pack_run(run, tmp_path / "one", prompts=[version])
    monkeypatch.setenv("RECSYS_PROMPTS", str(tmp_path / "there"))
    assert open_capsule(tmp_path / "one", elsewhere).prompts == ("evening",)
    assert open_capsule(tmp_path / "one", elsewhere).prompts == ()  # there by now
    (kept,) = PromptStore.default().versions("evening")
    assert (kept.source, kept.note) == ("{{ history }} tonight", "short")


def test_a_run_on_all_events_brings_no_figures(
    runs_dir: Path, run: Run, tmp_path: Path, elsewhere: Path
) -> None:
    from recsys.runs import execute

    whole = create_final(run, runs_dir, name="whole")
    execute(whole)
    pack_run(Run(whole.folder), tmp_path / "one")
    opened = open_capsule(tmp_path / "one", elsewhere).run
    assert opened.config.final is not None
    assert not opened.has_results()
    assert lists(opened) == lists(Run(whole.folder))


# Hostile ones


def left(folder: Path) -> list[str]:
    """Everything in a folder."""
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def parts_of(capsule: Path) -> Parts:
    with zipfile.ZipFile(capsule) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def told_again(parts: Parts) -> Parts:
    """The parts with a manifest that names them all as they are."""
    said = json.loads(parts["manifest.json"])
    said["parts"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in parts.items()
        if name != "manifest.json"
    }
    return {**parts, "manifest.json": json.dumps(said).encode()}


def write(file: Path, parts: Parts) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def changed_json(name: str, /, **changes: object) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        return told_again(
            {**parts, name: json.dumps({**json.loads(parts[name]), **changes}).encode()}
        )

    return change


def with_part(name: str, content: bytes = b"{}") -> Callable[[Parts], Parts]:
    return lambda parts: told_again({**parts, name: content})


def without(name: str) -> Callable[[Parts], Parts]:
    return lambda parts: told_again({k: v for k, v in parts.items() if k != name})


def untold(name: str, content: bytes) -> Callable[[Parts], Parts]:
    """A part that is not the one that the manifest names."""
    return lambda parts: {**parts, name: content}


def of_manifest(**changes: object) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        said = {**json.loads(parts["manifest.json"]), **changes}
        return {**parts, "manifest.json": json.dumps(said).encode()}

    return change


def deep(parts: Parts) -> Parts:
    return told_again({**parts, "run/config.json": b'{"a":' * 90_000 + b"1" + b"}" * 90_000})


def huge_table(parts: Parts) -> Parts:
    """A hundred million rows in a few kilobytes."""
    out = io.BytesIO()
    schema = pa.schema([("user_id", pa.string()), ("item_id", pa.string())])
    column = pa.array(["a"] * 1_000_000)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for _ in range(60):
            writer.write_table(pa.table([column, column], schema=schema))
    return told_again({**parts, "data/interactions.parquet": out.getvalue()})


def bomb(parts: Parts) -> Parts:
    return told_again({**parts, "run/events.jsonl": b"\0" * 150_000_000})


HOSTILE: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "a path that leaves": (with_part("../outside.json"), "no capsule has"),
    "a path that leaves within": (with_part("run/../../outside.json"), "no capsule has"),
    "an absolute path": (with_part("/tmp/outside.json"), "no capsule has"),
    "a path of Windows": (with_part("run\\..\\..\\outside.json"), "no capsule has"),
    "a pickle": (with_part("run/model/model.pkl"), "no capsule has"),
    "code": (with_part("run/model/modeling.py"), "no capsule has"),
    "a part that is not told": (untold("prompts/001.j2", b"x"), "no capsule has"),
    "a changed part": (untold("run/model/config.json", b"{}"), "another checksum"),
    "a longer part": (untold("run/events.jsonl", b"x" * 100_000), "another checksum"),
    "a missing part": (without("run/model/model.safetensors"), "lacks a part"),
    "missing data": (without("data/items.parquet"), "lacks a part"),
    "no manifest": (lambda parts: {"run/config.json": b"{}"}, "no capsule"),
    "a manifest of another version": (of_manifest(version=2), "version 2"),
    "a manifest of another format": (of_manifest(format="pickle"), "no capsule"),
    "a manifest that is a list": (lambda p: {**p, "manifest.json": b"[]"}, "no capsule"),
    "a deep manifest": (lambda p: {**p, "manifest.json": b"[" * 200_000}, "no capsule"),
    "a manifest with a number for a name": (of_manifest(run=7), "no capsule"),
    "a view of a megabyte": (of_manifest(view={"wish": "x" * 900_000}), "no capsule"),
    "a deep config": (deep, "cannot be read"),
    "too many parts": (
        lambda p: told_again({**p, **{f"prompts/{n:03d}.j2": b"x" for n in range(600)}}),
        "no capsule",
    ),
    "a bomb": (bomb, "may hold"),
    "a table that unpacks": (huge_table, "more cells"),
    "a model that is code": (changed_json("run/config.json", model="os.system"), "brings no code"),
    "a language model in a folder": (
        changed_json("run/config.json", language_model="/etc"), "brings no code"),
    "a language model above": (
        changed_json("run/config.json", language_model="../model"), "brings no code"),
    "a name that leaves": (changed_json("run/config.json", name="../../x"), "not allowed|dot"),
    "other data": (changed_json("run/config.json", data_hash="0" * 16), "not the data"),
    "events of other data": (
        lambda p: told_again({**p, "data/items.parquet": p["data/users.parquet"]}),
        "not the data"),
    "a prompt that reads files": (
        with_part("prompts/000.j2", b"{% include '/etc/passwd' %}"), "include"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_capsule_is_refused_and_leaves_nothing(
    capsule: Path, elsewhere: Path, tmp_path: Path, kind: str
) -> None:
    change, words = HOSTILE[kind]
    file = tmp_path / "hostile.promptrec"
    write(file, change(parts_of(capsule)))
    before = left(tmp_path)
    with pytest.raises(RecsysError, match=words) as refused:
        open_capsule(file, elsewhere)
    assert "\n" not in str(refused.value)
    assert left(elsewhere) == []
    assert [name for name in left(tmp_path) if name not in (*before, "elsewhere")] == []
    assert not Path("/tmp/outside.json").exists()


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 200, b"{}" * 5_000])
def test_what_is_no_zip_is_refused(tmp_path: Path, elsewhere: Path, content: bytes) -> None:
    (tmp_path / "no.promptrec").write_bytes(content)
    with pytest.raises(RunError, match="no capsule"):
        open_capsule(tmp_path / "no.promptrec", elsewhere)
    assert left(elsewhere) == []


def test_a_link_in_it_is_refused(capsule: Path, elsewhere: Path, tmp_path: Path) -> None:
    file = tmp_path / "hostile.promptrec"
    parts = parts_of(capsule)
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name)
            if name == "run/config.json":
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(member, content)
    with pytest.raises(RunError, match="no capsule has"):
        open_capsule(file, elsewhere)
    assert left(elsewhere) == []


def test_every_byte_counts(capsule: Path, elsewhere: Path, tmp_path: Path) -> None:
    """Changed anywhere, it is refused, or opens as the same run: nothing else, and no crash."""
    content, file = capsule.read_bytes(), tmp_path / "changed.promptrec"
    before = lists(open_capsule(capsule, tmp_path / "as-it-is").run)
    for place in range(0, len(content), max(len(content) // 60, 1)):
        changed = bytearray(content)
        changed[place] ^= 0x55
        file.write_bytes(changed)
        try:
            opened = open_capsule(file, elsewhere / str(place))
        except RecsysError:
            assert left(elsewhere / str(place)) == []
        else:
            assert lists(opened.run) == before


def test_memory_that_it_asks_for_is_not_taken(capsule: Path, elsewhere: Path) -> None:
    content = bytearray(capsule.read_bytes())
    with zipfile.ZipFile(capsule) as packed:
        member = packed.getinfo("run/model/model.safetensors")
    place = member.header_offset + 30 + len(member.filename)
    struct.pack_into("<I", content, place + 5, 2**32 - 1)
    capsule.write_bytes(content)
    with pytest.raises(RunError, match="no capsule"):
        open_capsule(capsule, elsewhere)


def test_only_a_run_that_is_over_is_packed(runs_dir: Path, small: Dataset, tmp_path: Path) -> None:
    from recsys.runs import create_run

    waiting = create_run(runs_dir, small, model="ease")
    with pytest.raises(RunError, match="no model yet"):
        pack_run(waiting, tmp_path / "one")
    assert not (tmp_path / "one").exists()
    assert capsule_file.ENDING == ".promptrec"
