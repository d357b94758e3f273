"""Where the words beside the points of a chart stand, so that they do not lie on each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: The assumed size of the chart in pixels: about as wide as on a laptop.
WIDTH, HEIGHT = 900.0, 315.0
#: Places that plotly knows, the preferred first; upwards is positive.
_PLACES = {
    f"{vertical} {horizontal}": (side, rise)
    for horizontal, side in (("right", 1), ("left", -1))
    for vertical, rise in (("bottom", -14.0), ("top", 14.0), ("middle", 0.0))
}
_PASSES = 4
_LINE, _LETTER, _CHINESE, _GAP, _POINT = 15.0, 7.0, 14.0, 9.0, 5.0


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    right: float
    bottom: float
    top: float

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(wide, 0.0) * max(high, 0.0)


def places(points: Sequence[tuple[float, float]], words: Sequence[str]) -> list[str]:
    """A text position for each point, where it covers least of points and other texts.

    Args:
        points: (x, y) as shares of the drawing's width and height, 0 to 1.
        words: what stands beside each.
    """
    at = [(x * WIDTH, y * HEIGHT) for x, y in points]
    marks = [Box(x - _POINT, x + _POINT, y - _POINT, y + _POINT) for x, y in at]
    chosen: dict[int, str] = {}
    # More than one pass: the first one places the first texts without knowing the last ones.
    for _pass in range(_PASSES):
        for i, (point, text) in enumerate(zip(at, words, strict=True)):
            others = [box(at[j], words[j], place) for j, place in chosen.items() if j != i]
            costs = {place: _cost(box(point, text, place), marks + others) for place in _PLACES}
            chosen[i] = min(costs, key=costs.__getitem__)
    return [chosen[i] for i in range(len(at))]


def box(point: tuple[float, float], text: str, place: str) -> Box:
    """What a text covers beside a point (pixels)."""
    side, rise = _PLACES[place]
    width = sum(_LETTER if letter.isascii() else _CHINESE for letter in text)
    near = point[0] + side * _GAP
    left, right = sorted((near, near + side * width))
    return Box(left, right, point[1] + rise - _LINE / 2, point[1] + rise + _LINE / 2)


def _cost(one: Box, taken: Sequence[Box]) -> float:
    outside = max(0.0, one.right - WIDTH) + max(0.0, -one.left)
    return sum(one.overlap(other) for other in taken) + 100.0 * outside
