"""What `pip install .` brings: the command, and all that the app needs outside a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.local_server import free_port
from recsys import __version__
from recsys.bundle import APP, ASSETS
from recsys.cli import main

ROOT = Path(__file__).parents[2]
#: Only those who work on the code need them.
NOT_PACKED = {"screenshot.png", "architecture.svg", "update.py", "make.py"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What would lie in site-packages."""
    folder = tmp_path_factory.mktemp("site-packages")
    command = [sys.executable, "setup.py", "--quiet", "build_py", f"--build-lib={folder}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_command_of_the_package_is_the_command_line() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, function = scripts["promptrec"].partition(":")
    assert getattr(import_module(module), function) is main


def test_in_a_checkout_the_app_lies_beside_the_package() -> None:
    assert ROOT / "app.py" == APP
    assert ROOT / "assets" == ASSETS


def test_every_file_of_the_code_and_the_app_is_packed(installed: Path) -> None:
    code = {file for file in (ROOT / "recsys").rglob("*") if is_packed(file)}
    app = {file for top in ("pages", "assets") for file in (ROOT / top).rglob("*")}
    app = {file for file in app if is_packed(file)} | {APP, ROOT / ".streamlit/config.toml"}
    wanted = {str(file.relative_to(ROOT)) for file in code}
    wanted |= {f"recsys/studio/{file.relative_to(ROOT)}" for file in app}
    found = {str(file.relative_to(installed)) for file in installed.rglob("*") if file.is_file()}
    assert found - {"recsys/studio/setup.py"} == wanted


def test_it_starts_from_any_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()  # of somebody else
    (tmp_path / "pages" / "__init__.py").write_text("raise SystemExit('not the app')")
    port = free_port()
    command = [sys.executable, "-m", "recsys", "app", f"--server.port={port}"]
    app = subprocess.Popen(
        [*command, "--server.headless=true"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "RECSYS_RUNS": str(tmp_path / "runs")},
        stdout=subprocess.DEVNULL,
    )
    try:
        settings = answer(f"http://127.0.0.1:{port}/_stcore/host-config", app)
        assert settings
        address = f"http://localhost:{port}/"
        stranger = urllib.request.Request(address, headers={"Host": "elsewhere.example"})
        with pytest.raises(urllib.error.HTTPError):  # the guards of `app.py` are on duty
            urllib.request.urlopen(stranger)
    finally:
        app.terminate()
        app.wait(timeout=30)


def test_the_version_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"recsys {__version__}\n"


def is_packed(file: Path) -> bool:
    return file.is_file() and file.suffix != ".pyc" and file.name not in NOT_PACKED


def answer(url: str, app: subprocess.Popen[bytes]) -> bytes:
    """What the app says, as soon as it says anything."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert app.poll() is None
        try:
            with urllib.request.urlopen(url) as reply:
                return bytes(reply.read())
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError("it does not start")
