"""What was driven although the map forbids it, in words: for the report and for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo.matching.forbidden_passages import ForbiddenKind, forbidden_passages
from geo.matching.match import Match
from geo.roads.network import RoadNetwork
from server.reports.wording import metres, moment

_WORDS = {
    ForbiddenKind.AGAINST_ONE_WAY: "against a one-way road",
    ForbiddenKind.NO_ACCESS: "on a road where it may not go",
    ForbiddenKind.FORBIDDEN_TURN: "a forbidden turn",
    ForbiddenKind.BARRIER: "through a barrier",
}
_MOST_ROADS = 3


@dataclass(frozen=True)
class ForbiddenRow:
    """One passage: when it began, how far it led (a dash for a turn or a barrier), what is forbidden, and where."""

    time: str
    length: str
    what: str
    where: str


def forbidden_rows(network: RoadNetwork, match: Match, zone: ZoneInfo) -> tuple[ForbiddenRow, ...]:
    """Put the forbidden passages of a match into words.

    Parameters
    ----------
    network, match
        The match, and the roads that it lies on.
    zone
        Where clocks are read.

    Returns
    -------
    tuple[ForbiddenRow, ...]
        In order of time.
    """
    return tuple(
        ForbiddenRow(
            time=moment(passage.start_ms, zone),
            length=metres(passage.length_m) if passage.length_m else "—",
            what=_WORDS[passage.kind],
            where=_roads(network, segment.edges[passage.first : passage.last + 1]),
        )
        for segment in match.segments
        for passage in forbidden_passages(network, segment, zone)
    )


def _roads(network: RoadNetwork, edges: NDArray[np.integer[Any]]) -> str:
    """Name the roads of some edges: by their names and OSM ids, the first few."""
    ways = dict.fromkeys(zip(network.edge_way_id[edges].tolist(), network.edge_name[edges].tolist(), strict=True))
    texts = [f"{network.names[name]} (way {way})" if name else f"way {way}" for way, name in ways]
    more = f" and {len(texts) - _MOST_ROADS} more" if len(texts) > _MOST_ROADS else ""
    return ", ".join(texts[:_MOST_ROADS]) + more
