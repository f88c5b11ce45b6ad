"""The team's map: every worker's planned and driven way in a colour of its own, on the plane of the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from server.reports.local_plane import Frame
from server.reports.worker_page import WorkerPage

TONES = ("#0072b2", "#d55e00", "#008060", "#b04a87", "#8a6d00", "#3d8fbf", "#6d3fa0", "#44525b")
"""Colours that also people who see red and green alike can tell apart; more workers than colours share them."""


@dataclass(frozen=True)
class TeamMember:
    """One worker on the team's map: the page of the day, and the colour."""

    page: WorkerPage
    tone: str


@dataclass(frozen=True)
class TeamMap:
    """What the team's map shows.

    Parameters
    ----------
    frame
        What is in sight at first: every day whole.
    members
        The workers, in the order of the report.
    is_audited
        Whether any of them has a driven way.
    """

    frame: Frame
    members: tuple[TeamMember, ...]
    is_audited: bool


def draw_team(pages: list[WorkerPage]) -> TeamMap:
    """Lay all days of a report on one map.

    Parameters
    ----------
    pages
        At least one worker's page.

    Returns
    -------
    TeamMap
        The map.
    """
    frames = [page.day_map.frame for page in pages]
    corners = [(frame.left, frame.top) for frame in frames]
    corners += [(frame.left + frame.width, frame.top + frame.height) for frame in frames]
    return TeamMap(
        frame=Frame.around(np.array(corners), margin_m=0.0, least_m=0.0),
        members=tuple(TeamMember(page, TONES[number % len(TONES)]) for number, page in enumerate(pages)),
        is_audited=any(page.is_audited for page in pages),
    )
