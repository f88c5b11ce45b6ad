"""The HTML report: one file with everything inside, which opens from a disk without internet.

Nothing in the file asks for anything outside it, and its content security policy forbids that it could. All text goes
through the template's escaping; the numbers that the script plays back are JSON without a closing tag in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from geo.roads.network import RoadNetwork
from server.reports.day_report import DayReport
from server.reports.local_plane import Frame, LocalPlane
from server.reports.road_background import STYLES, RoadBackground, road_background
from server.reports.team_map import draw_team
from server.reports.wording import UNPLANNED_REASONS
from server.reports.worker_page import WorkerPage, worker_page

CREDIT = "Roads and places © OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)"

_TEMPLATES = Path(__file__).parent / "templates"
_BACKGROUND_MARGIN_M = 400.0
_ENVIRONMENT = Environment(
    loader=PackageLoader("server.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class _UnplannedRow:
    name: str
    reason: str
    explanation: str


def html_report(report: DayReport) -> str:
    """Write a report.

    Parameters
    ----------
    report
        What it is about.

    Returns
    -------
    str
        One HTML document.
    """
    plane = _plane(report)
    pages = [
        worker_page(day, plane, report.time_zone, key=f"day-{number}") for number, day in enumerate(report.days, 1)
    ]
    backgrounds, background_of_page = _backgrounds(report, pages, plane)
    return _ENVIRONMENT.get_template("report.html.j2").render(
        report=report,
        pages=list(zip(pages, background_of_page, strict=True)),
        backgrounds=backgrounds,
        road_styles=STYLES,
        team_map=draw_team(pages) if report.is_team else None,
        unplanned=_unplanned_rows(report),
        style_sheet=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=(_TEMPLATES / "report.js").read_text(encoding="utf-8"),
        playback=_playback_json(pages),
        credit=CREDIT,
    )


def _plane(report: DayReport) -> LocalPlane:
    """Put the origin of the plane at the first place of the report, so that coordinates are short."""
    for day in report.days:
        if day.route.legs:
            leg = day.route.legs[0]
            return LocalPlane(float(leg.latitude_degrees[0]), float(leg.longitude_degrees[0]))
    network = report.days[0].network
    return LocalPlane(float(network.node_latitude_degrees[0]), float(network.node_longitude_degrees[0]))


def _backgrounds(
    report: DayReport, pages: list[WorkerPage], plane: LocalPlane
) -> tuple[list[RoadBackground], list[int]]:
    """Draw each network once, as far as any of its days reaches; return also which one each page stands on."""
    networks: list[RoadNetwork] = []
    corners: list[list[tuple[float, float]]] = []
    background_of_page = []
    for day, page in zip(report.days, pages, strict=True):
        number = next((index for index, network in enumerate(networks) if network is day.network), len(networks))
        if number == len(networks):
            networks.append(day.network)
            corners.append([])
        frame = page.day_map.frame
        corners[number] += [(frame.left, frame.top), (frame.left + frame.width, frame.top + frame.height)]
        background_of_page.append(number)
    frames = [Frame.around(np.array(box), margin_m=_BACKGROUND_MARGIN_M, least_m=0.0) for box in corners]
    drawn = [road_background(network, plane, frame) for network, frame in zip(networks, frames, strict=True)]
    return drawn, background_of_page


def _unplanned_rows(report: DayReport) -> list[_UnplannedRow]:
    if not report.is_team:
        return []
    return [
        _UnplannedRow(visit.visit_label or visit.visit_id, UNPLANNED_REASONS[visit.reason], visit.explanation)
        for visit in report.plan.unplanned
    ]


def _playback_json(pages: list[WorkerPage]) -> str:
    """Write where each worker was when: seconds from the start of the axis, and metres on the plane."""
    ways = {}
    for page in pages:
        if page.day_map.way:
            time_ms = np.concatenate([line.time_ms for line in page.day_map.way])
            points = np.vstack([line.points for line in page.day_map.way])
            ways[page.key] = {
                "seconds": np.round((time_ms - page.timeline.start_ms) / 1000).astype(int).tolist(),
                "x": np.round(points[:, 0], 1).tolist(),
                "y": np.round(points[:, 1], 1).tolist(),
            }
    return json.dumps(ways, separators=(",", ":")).replace("<", "\\u003c")
