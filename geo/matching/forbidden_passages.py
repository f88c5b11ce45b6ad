"""Says where a matched path does what the map forbids: against one-ways, closed roads, turns, through barriers.

Matching does not bend a track onto legal roads (`geo.matching.road_graph`): what was driven is matched and counted.
Here it is listed, with time and place. Rules that hold at certain times only are judged at the local time of the
passage (`geo.matching.rules_at_times`): roads, turns and barriers that are open or shut at times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo.matching.match import MatchSegment
from geo.matching.rules_at_times import RulesAtTimes
from geo.roads.network import NodeFlag, RoadNetwork

_CENTIMETRES = 100.0


class ForbiddenKind(Enum):
    """What is forbidden."""

    AGAINST_ONE_WAY = "against_one_way"
    NO_ACCESS = "no_access"
    """A road that the profile may not use in either direction."""
    FORBIDDEN_TURN = "forbidden_turn"
    BARRIER = "barrier"


@dataclass(frozen=True)
class ForbiddenPassage:
    """A part of a path that the map forbids to the profile.

    Parameters
    ----------
    kind
        What is forbidden.
    first, last
        Places in `MatchSegment.edges` of its first and last edge: of a turn those from which and onto which was turned.
    start_ms, end_ms
        Unix milliseconds at which it was entered and left; the same for a turn or a barrier.
    length_m
        Metres of road; 0 for a turn or a barrier.
    node
        Node where it began; of a turn that of its last one.
    """

    kind: ForbiddenKind
    first: int
    last: int
    start_ms: int
    end_ms: int
    length_m: float
    node: int


def forbidden_passages(
    network: RoadNetwork, segment: MatchSegment, zone: ZoneInfo | None
) -> tuple[ForbiddenPassage, ...]:
    """List what a path does that the map forbids.

    Parameters
    ----------
    network
        The roads.
    segment
        A segment of a match on them; only matched ones have a path.
    zone
        Time zone of the roads; None, or UTC, where it is not known: then what has conditions is not listed.

    Returns
    -------
    tuple[ForbiddenPassage, ...]
        In order of the path. Neighbouring edges that are forbidden for the same reason are one passage.
    """
    rules = RulesAtTimes(network, zone)
    passages = [*_roads(network, segment, rules), *_barriers(network, segment), *_turns(network, segment, rules)]
    return tuple(sorted(passages, key=lambda passage: (passage.first, passage.last)))


def _roads(network: RoadNetwork, segment: MatchSegment, rules: RulesAtTimes) -> Iterator[ForbiddenPassage]:
    edges = segment.edges
    is_forbidden, is_closed_back = (
        rules.is_forbidden(directed, segment.edge_entry_ms, segment.end_ms)
        for directed in (edges, network.edge_reverse[edges])
    )
    kinds = np.where(is_forbidden, np.where(is_closed_back, 2, 1), 0)
    starts = np.flatnonzero(np.diff(kinds, prepend=0))
    stops = np.append(starts[1:], len(edges))[: len(starts)]
    entry_ms = np.append(segment.edge_entry_ms, segment.end_ms)
    share = segment.edge_to_fraction - segment.edge_from_fraction
    length_m = share * network.edge_length_cm[edges] / _CENTIMETRES
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        if kinds[start]:
            yield ForbiddenPassage(
                ForbiddenKind.AGAINST_ONE_WAY if kinds[start] == 1 else ForbiddenKind.NO_ACCESS,
                start,
                stop - 1,
                int(entry_ms[start]),
                int(entry_ms[stop]),
                float(length_m[start:stop].sum()),
                int(network.edge_tail[edges[start]]),
            )


def _barriers(network: RoadNetwork, segment: MatchSegment) -> Iterator[ForbiddenPassage]:
    """Yield the barriers that were passed: turning back before one, or ending at it, is no passage."""
    edges = segment.edges
    heads = network.edge_head[edges[:-1]]
    is_barrier = (network.node_flags[heads] & NodeFlag.BARRIER) != 0
    turns_back = network.edge_reverse[edges[:-1]] == edges[1:]
    for place in np.flatnonzero(_passes_node(network, segment) & is_barrier & ~turns_back).tolist():
        yield _at_node(network, segment, ForbiddenKind.BARRIER, place, place + 1)


def _turns(network: RoadNetwork, segment: MatchSegment, rules: RulesAtTimes) -> Iterator[ForbiddenPassage]:
    """Yield the forbidden paths over turns, and over barriers that are shut at times, wherever this one holds them."""
    edges, joined = segment.edges, _passes_node(network, segment)
    first = network.forbidden_path_first
    found: dict[tuple[int, int], ForbiddenKind] = {}
    for path in np.flatnonzero(np.isin(network.forbidden_path_edges[first[:-1]], edges)).tolist():
        turn = network.forbidden_path_edges[first[path] : first[path + 1]]
        kind = _kind_of_path(network, turn)
        if kind is None:
            continue
        for place in np.flatnonzero(edges == turn[0]).tolist():
            last = place + len(turn) - 1
            if np.array_equal(edges[place : last + 1], turn) and joined[place:last].all():
                passed_ms = int(segment.edge_entry_ms[last])
                if rules.holds(int(network.forbidden_path_condition[path]), passed_ms):
                    found[place, last] = kind
    for (place, last), found_kind in found.items():
        yield _at_node(network, segment, found_kind, place, last)


def _kind_of_path(network: RoadNetwork, turn: NDArray[np.int32]) -> ForbiddenKind | None:
    """Say what a forbidden path is; None where it only keeps routes from turning back before an open barrier."""
    if not network.node_flags[network.edge_head[turn[0]]] & NodeFlag.BARRIER_AT_TIMES:
        return ForbiddenKind.FORBIDDEN_TURN
    return ForbiddenKind.BARRIER if network.edge_reverse[turn[0]] != turn[-1] else None


def _passes_node(network: RoadNetwork, segment: MatchSegment) -> NDArray[np.bool_]:
    """Whether the path goes from each of its edges over that edge's end onto the next: not back in its middle."""
    edges = segment.edges
    is_whole = (segment.edge_to_fraction[:-1] >= 1.0) & (segment.edge_from_fraction[1:] <= 0.0)
    return np.asarray(is_whole & (network.edge_head[edges[:-1]] == network.edge_tail[edges[1:]]))


def _at_node(
    network: RoadNetwork, segment: MatchSegment, kind: ForbiddenKind, first: int, last: int
) -> ForbiddenPassage:
    passed_ms = int(segment.edge_entry_ms[last])
    node = int(network.edge_tail[segment.edges[last]])
    return ForbiddenPassage(kind, first, last, passed_ms, passed_ms, 0.0, node)
