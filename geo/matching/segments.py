"""Turns the segments that a kernel has cut into those of a match."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from geo.matching.laying_kernels import RoadParts
from geo.matching.match import MatchSegment, SegmentKind
from geo.matching.records import Records


class _Row(NamedTuple):
    """A row of `SEGMENT`."""

    kind: int
    start_ms: int
    end_ms: int
    first_point: int
    last_point: int
    first_part: int
    stop_part: int
    length_m: float
    confidence: float
    doubt_m: float
    link_count: int
    white_m: float


def match_segments(segments: Records, parts: RoadParts) -> tuple[MatchSegment, ...]:
    """Make the segments of a match.

    Parameters
    ----------
    segments
        ``(s,)`` `SEGMENT`.
    parts
        The parts of edges that they are made of.

    Returns
    -------
    tuple[MatchSegment, ...]
        In the same order.
    """
    rows: list[tuple[Any, ...]] = segments.tolist()
    return tuple(_segment(_Row(*row), parts) for row in rows)


def _segment(row: _Row, parts: RoadParts) -> MatchSegment:
    own = slice(row.first_part, row.stop_part)
    return MatchSegment(
        kind=SegmentKind(row.kind),
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        first_point=row.first_point,
        last_point=row.last_point,
        edges=parts.edge[own],
        edge_from_fraction=parts.from_fraction[own],
        edge_to_fraction=parts.to_fraction[own],
        edge_entry_ms=parts.entry_ms[own],
        length_m=row.length_m,
        confidence=row.confidence,
        forbidden_edges=np.flatnonzero(parts.is_forbidden[own]).astype(np.int32),
        doubt_m=row.doubt_m,
        link_count=row.link_count,
        white_m=row.white_m,
    )
