"""What one row of each table holds. Times are Unix milliseconds; places are WGS-84 unless a field says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from server.storage.track_codec import PointColumns

Record = TypeVar("Record")


@dataclass(frozen=True)
class RoadNetworkRecord:
    """One imported road network; its arrays lie in the folder of that id.

    Parameters
    ----------
    id, profile, fingerprint, source, import_ms
        Id, way of travelling, hash of the content, what it was made from, and when.
    node_count, edge_count, road_length_m
        Its size.
    south_degrees, west_degrees, north_degrees, east_degrees
        Rectangle around it.
    import_counts
        What its import counted, by `geo.roads.import_findings`, as a JSON object.
    """

    id: str
    profile: str
    fingerprint: str
    source: str
    import_ms: int
    node_count: int
    edge_count: int
    road_length_m: float
    south_degrees: float
    west_degrees: float
    north_degrees: float
    east_degrees: float
    import_counts: str = "{}"


@dataclass(frozen=True)
class PlanRecord:
    """One plan.

    Parameters
    ----------
    id, day, create_ms
        Id, calendar date (ISO 8601) and time of creation.
    summary, content
        The serialized plan without its routes, and whole.
    problem
        The serialized problem that it answers.
    """

    id: str
    day: str
    create_ms: int
    summary: bytes
    content: bytes
    problem: bytes


@dataclass(frozen=True)
class AuditRecord:
    """One audit: id, whose day, on which plan, and the serialized audit without its lists, and whole."""

    id: str
    worker_id: str
    day: str
    plan_id: str
    create_ms: int
    summary: bytes
    content: bytes


@dataclass(frozen=True, eq=False)
class TrackRecord:
    """One worker's recorded day.

    Parameters
    ----------
    worker_id, day
        Which track this is.
    coordinate_system
        Value of the `geo.coordinates.CoordinateSystem` in which the points are.
    create_ms, update_ms
        When the first and the last part were accepted.
    working_hours
        ``(start_ms, end_ms)`` of each span, in order of time.
    last_ms
        Time of the last point that was accepted, stored or not.
    outside_count
        Number of points that lay outside the working hours.
    point_count
        Number of stored points.
    points
        The stored points; None where only the rest was asked for.
    """

    worker_id: str
    day: str
    coordinate_system: str
    create_ms: int
    update_ms: int
    working_hours: tuple[tuple[int, int], ...]
    last_ms: int
    outside_count: int
    point_count: int
    points: PointColumns | None

    @property
    def next_sequence(self) -> int:
        """The sequence number that the next point must have."""
        return self.point_count + self.outside_count


@dataclass(frozen=True)
class OperationRecord:
    """Long work: see `server.use_cases.operations`.

    Parameters
    ----------
    id, kind, state, label
        Id, kind and state by name, and the caller's label.
    create_ms, update_ms, end_ms
        When it was asked for, last changed, and ended (None while it has not).
    progress, stage
        Share in [0, 1], and what is being done, for people.
    result_id
        Id of the resource that it made; empty where there is none.
    error
        How it failed, as JSON; empty where it did not.
    """

    id: str
    kind: str
    state: str
    label: str
    create_ms: int
    update_ms: int
    end_ms: int | None
    progress: float
    stage: str
    result_id: str
    error: str


@dataclass(frozen=True)
class Page(Generic[Record]):
    """Some records, and the token that asks for those that follow; empty on the last page."""

    records: tuple[Record, ...]
    next_token: str
