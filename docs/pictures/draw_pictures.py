"""Draws the pictures of the documents: ``python docs/pictures/draw_pictures.py``, from the root of the project.

Everything in them is computed by the code that they explain, from a made-up day on a made-up street; the same seed
gives the same picture, and a test compares the committed files with what this script draws.
"""
# ruff: noqa: INP001 - a script beside its pictures, not a package

from __future__ import annotations

from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from geo.audit.cell_corridor import build_corridor, densified
from geo.geodesy import METRES_PER_DEGREE, chord_lengths_m, places_at

FloatArray = NDArray[np.float64]
Line = list[tuple[float, float]]
"""Corners in metres east and north of the origin."""

ORIGIN = (60.17, 24.94)
FOLDER = Path(__file__).parent
MARGIN_M = 95.0
FONT = 'font-family="sans-serif" font-size="24"'

ROAD: Line = [(0, 0), (420, 0), (420, 180), (700, 180)]
THROUGH_THE_GAP: Line = [(700, 180), (700, 40), (1000, 40), (1000, 180)]
OFF_ROAD: Line = [(1000, 180), (1060, 240), (1180, 250)]
OTHER_ROADS: list[Line] = [[(420, 0), (700, 0), (700, 40)], [(700, 180), (700, 330)], [(200, 0), (200, 330)]]

PLANNED: Line = [(0, 0), (400, 0), (400, 200), (900, 200)]
DETOUR: Line = [(0, 0), (400, 0), (720, 0), (720, 340), (540, 340), (540, 200), (900, 200)]
LEFT, REJOINED = (400, 0), (540, 200)
REPLACED: Line = [LEFT, (400, 200), REJOINED]


class Picture:
    """An SVG whose coordinates are metres."""

    def __init__(self, width_m: float, height_m: float, title: str) -> None:
        self.height_m = height_m
        size = f'viewBox="0 0 {width_m:.0f} {height_m:.0f}" width="{width_m * 0.7:.0f}"'
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<title>{title}</title>"]
        self.parts.append('<rect width="100%" height="100%" fill="#ffffff"/>')

    def at(self, place: tuple[float, float]) -> str:
        """Place in the picture."""
        return f"{place[0] + MARGIN_M:.1f},{self.height_m - MARGIN_M - place[1]:.1f}"

    def line(self, corners: Line, style: str) -> None:
        """Draw a line."""
        self.parts.append(f'<polyline fill="none" points="{" ".join(map(self.at, corners))}" {style}/>')

    def areas(self, areas: list[Line], style: str) -> None:
        """Draw areas of one style, to the metre."""
        outlines = ("M" + "L".join(self._whole(corner) for corner in corners) + "Z" for corners in areas)
        self.parts.append(f'<path d="{"".join(outlines)}" {style}/>')

    def _whole(self, place: tuple[float, float]) -> str:
        return f"{place[0] + MARGIN_M:.0f} {self.height_m - MARGIN_M - place[1]:.0f}"

    def dots(self, places: Line, colour: str) -> None:
        """Draw fixes."""
        for x, y in (self.at(place).split(",") for place in places):
            self.parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')

    def text(self, place: tuple[float, float], words: str, colour: str = "#333333") -> None:
        """Write words."""
        x, y = self.at(place).split(",")
        self.parts.append(f'<text x="{x}" y="{y}" fill="{colour}" {FONT}>{words}</text>')

    def svg(self) -> str:
        """Finish the picture."""
        return "\n".join([*self.parts, "</svg>", ""])


def length_m(corners: Line) -> float:
    """Length of a line in metres."""
    east_m, north_m = np.array(corners, dtype=float).T
    return float(chord_lengths_m(*places_at(*ORIGIN, east_m=east_m, north_m=north_m)).sum())


def fixes_along(corners: Line, step_m: float, noise_m: float, random: np.random.Generator) -> Line:
    """Noisy fixes along a line."""
    east_m, north_m = np.array(corners, dtype=float).T
    latitude, longitude = densified(*places_at(*ORIGIN, east_m=east_m, north_m=north_m), step_m)
    return _noisy(*_metres(latitude, longitude), noise_m, random)


def _metres(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    per_degree_m = METRES_PER_DEGREE * np.cos(np.radians(ORIGIN[0]))
    return (longitude - ORIGIN[1]) * per_degree_m, (latitude - ORIGIN[0]) * METRES_PER_DEGREE


def _noisy(east_m: FloatArray, north_m: FloatArray, noise_m: float, random: np.random.Generator) -> Line:
    noise = random.normal(0.0, noise_m, (2, len(east_m)))
    return list(zip((east_m + noise[0]).tolist(), (north_m + noise[1]).tolist(), strict=True))


def draw_mileage() -> str:
    """Draw what counts as mileage: roads, a stay, a gap, a way off the road."""
    random = np.random.default_rng(5)
    arriving = fixes_along(ROAD[:3], 30.0, 9.0, random)
    standing = _noisy(np.full(90, 420.0), np.full(90, 180.0), 14.0, random)
    leaving = fixes_along(ROAD[2:], 30.0, 9.0, random)
    after = fixes_along(OFF_ROAD, 30.0, 9.0, random)
    picture = Picture(1400, 520, "What counts as mileage")
    for road in (ROAD, THROUGH_THE_GAP, *OTHER_ROADS):
        picture.line(road, 'stroke="#dddddd" stroke-width="22" stroke-linejoin="round"')
    picture.line(arriving + standing + leaving, 'stroke="#bbbbbb" stroke-width="1.5"')
    picture.line(after, 'stroke="#bbbbbb" stroke-width="1.5"')
    picture.line(ROAD, 'stroke="#1f6fb2" stroke-width="7" stroke-linejoin="round"')
    picture.line(THROUGH_THE_GAP, 'stroke="#8a4fbf" stroke-width="5" stroke-dasharray="16 10"')
    picture.line([THROUGH_THE_GAP[0], THROUGH_THE_GAP[-1]], 'stroke="#8a4fbf" stroke-width="3" stroke-dasharray="3 8"')
    picture.line(OFF_ROAD, 'stroke="#d9822b" stroke-width="6"')
    picture.dots([*arriving, *standing, *leaving, *after], "#444444")
    chords_m = length_m(standing)
    picture.text((20, 20), f"matched: {length_m(ROAD):.0f} m", "#1f6fb2")
    picture.text((470, 255), "a stay: 0 m", "#333333")
    picture.text((470, 225), f"(its chords: {chords_m:.0f} m)", "#777777")
    picture.text((720, 195), f"gap, straight: {length_m([(700, 180), (1000, 180)]):.0f} m", "#8a4fbf")
    picture.text((720, 55), f"gap, by road: {length_m(THROUGH_THE_GAP):.0f} m", "#8a4fbf")
    picture.text((1020, 285), f"off the road: {length_m(OFF_ROAD):.0f} m", "#d9822b")
    return picture.svg()


def draw_corridor() -> str:
    """Draw a planned way with its corridor, and a detour that leaves it."""
    east_m, north_m = np.array(PLANNED, dtype=float).T
    corridor = build_corridor(*places_at(*ORIGIN, east_m=east_m, north_m=north_m))
    picture = Picture(1120, 530, "The corridor around the planned way, and a detour")
    outlines = [np.array(h3.cell_to_boundary(cell)).T for cell in corridor.cells]
    areas = [list(zip(*(axis.tolist() for axis in _metres(*outline)), strict=True)) for outline in outlines]
    picture.areas(areas, 'fill="#e4f0e2" stroke="#b9d6b4" stroke-width="1"')
    picture.line(PLANNED, 'stroke="#3c8d40" stroke-width="5"')
    picture.line(DETOUR, 'stroke="#1f6fb2" stroke-width="5" stroke-dasharray="14 8"')
    off_plan = DETOUR[DETOUR.index(LEFT) : DETOUR.index(REJOINED) + 1]
    picture.line(off_plan, 'stroke="#c23b3b" stroke-width="6" stroke-dasharray="14 8"')
    picture.dots(fixes_along(DETOUR, 45.0, 9.0, np.random.default_rng(3)), "#444444")
    picture.text((60, 120), "planned way in its corridor", "#3c8d40")
    picture.text((760, 110), f"deviation: {length_m(off_plan):.0f} m,", "#c23b3b")
    picture.text((760, 80), f"replaces {length_m(REPLACED):.0f} m:", "#c23b3b")
    picture.text((760, 50), f"{length_m(off_plan) - length_m(REPLACED):.0f} m extra", "#c23b3b")
    return picture.svg()


PICTURES = {"mileage.svg": draw_mileage, "corridor.svg": draw_corridor}


if __name__ == "__main__":
    for name, draw in PICTURES.items():
        FOLDER.joinpath(name).write_text(draw(), encoding="utf-8")
