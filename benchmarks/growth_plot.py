"""Draws how costs grow with size: an SVG with logarithmic axes, every cost relative to that at the smallest size."""

from __future__ import annotations

import math
from collections.abc import Callable

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 210, 20, 50
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#b9770e")
TEXT = 'font-family="sans-serif" font-size="13"'
GAP = 16


def growth_svg(
    rows: list[dict[str, float]], exponents: dict[str, float], *, size: str = "edges", of: str = "the road network"
) -> str:
    """Draw the rows.

    Parameters
    ----------
    rows
        One per size, ascending: the size and every cost.
    exponents
        Exponent of each cost, written beside its line.
    size
        Which entry of a row is the size.
    of
        What grows, for the title.

    Returns
    -------
    str
        The picture.
    """
    ratios = [row[size] / rows[0][size] for row in rows]
    costs = {key: [row[key] / rows[0][key] for row in rows] for key in rows[0] if key != size}
    highest = max(ratios[-1], *(max(values) for values in costs.values()))
    lowest = min(1.0, *(min(values) for values in costs.values()))

    def at(ratio: float, cost: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * math.log(ratio) / math.log(ratios[-1])
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(cost / lowest) / math.log(highest / lowest)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}">',
        f"<title>Cost against size of {of}, both relative to the smallest</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *_axes(rows, ratios, highest, at, size),
        f'<polyline points="{at(1, 1)} {at(ratios[-1], ratios[-1])}" stroke="#888888" stroke-dasharray="5 4"/>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" fill="#888888" {TEXT}>dashed: linear</text>',
    ]
    labels = sorted((float(at(ratios[-1], values[-1]).split(",")[1]), key) for key, values in costs.items())
    y = 0.0
    for wanted, key in labels:
        colour = COLOURS[list(costs).index(key) % len(COLOURS)]
        line = " ".join(at(*point) for point in zip(ratios, costs[key], strict=True))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = max(wanted, y + GAP)
        parts.append(
            f'<text x="{WIDTH - RIGHT + 8}" y="{y + 4:.1f}" fill="{colour}" {TEXT}>{key}: n^{exponents[key]:.2f}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _axes(
    rows: list[dict[str, float]], ratios: list[float], highest: float, at: Callable[[float, float], str], size: str
) -> list[str]:
    """Draw both axes with their ticks."""
    floor = HEIGHT - BOTTOM
    parts = [
        f'<path d="M{LEFT},{TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="#333333"/>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle" {TEXT}>{size}</text>',
    ]
    for row, ratio in zip(rows, ratios, strict=True):
        x = at(ratio, 1.0).split(",")[0]
        parts.append(f'<text x="{x}" y="{floor + 18}" text-anchor="middle" {TEXT}>{row[size]:,.0f}</text>')
    for power in range(math.floor(math.log2(highest)) + 1):
        y = float(at(1.0, 2.0**power).split(",")[1])
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {TEXT}>{2**power} x</text>')
    return parts
