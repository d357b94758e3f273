"""Words beside points do not lie on each other."""

from __future__ import annotations

from itertools import combinations

from pages._ui.charts.label_places import HEIGHT, WIDTH, box, places

#: As the slow models of the family lie: almost on one spot, at the right edge.
POINTS = [(0.97, 0.28), (0.97, 0.25), (0.965, 0.265), (0.7, 0.27), (0.68, 0.275), (0.05, 0.16)]
WORDS = [
    "Full fine-tuning",
    "LoRA",
    "软提示",
    "Matrix factorisation",
    "Neural filtering",
    "Popular",
]


def test_no_words_lie_on_others_or_beyond_the_edge() -> None:
    chosen = places(POINTS, WORDS)
    boxes = [
        box((x * WIDTH, y * HEIGHT), text, place)
        for (x, y), text, place in zip(POINTS, WORDS, chosen, strict=True)
    ]
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes, 2))
    assert all(one.left >= 0 and one.right <= WIDTH for one in boxes)


def test_a_point_alone_has_its_words_at_the_preferred_place() -> None:
    assert places([(0.5, 0.5)], ["alone"]) == ["bottom right"]
