"""The day as two rows of bars on one axis of hours: what was planned, and what was recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from geo.audit.track_audit import TrackAudit
from geo.matching.match import SegmentKind
from server.reports.day_map import visit_key
from server.reports.day_report import WorkerDay
from server.reports.wording import VERDICTS, clock, clocks, date
from server.use_cases.day_plan import DayRoute

_HOUR_MS = 3_600_000
_DAY_HOURS = 24
_MOST_DATED_MARKS = 5
"""On an axis longer than a day, where each names its date too."""


@dataclass(frozen=True)
class AxisMark:
    """A time that the axis names.

    Parameters
    ----------
    percent
        Where on the axis.
    second
        Seconds from its start.
    clock
        What a wall clock shows then, for example ``08:00``.
    date
        ISO 8601, where the axis is longer than a day; empty otherwise.
    """

    percent: float
    second: int
    clock: str
    date: str


@dataclass(frozen=True)
class TimelineBar:
    """One bar.

    Parameters
    ----------
    left, width
        Percent of the axis.
    style
        ``travel``, ``break``, ``planned``, ``gap``, ``stay`` or the style of a verdict.
    text
        What stands inside; empty for none.
    label
        For people who point at it or hear it.
    key
        Of the visit that it belongs to; empty for none.
    """

    left: float
    width: float
    style: str
    text: str
    label: str
    key: str = ""


@dataclass(frozen=True)
class Timeline:
    """Two rows of bars.

    Parameters
    ----------
    start_ms, end_ms
        Unix milliseconds at the ends of the axis: full hours.
    marks
        Full hours, in order of time; not every one where there are many.
    planned, recorded
        Bars in order of time; `recorded` is empty before the day.
    """

    start_ms: int
    end_ms: int
    marks: tuple[AxisMark, ...]
    planned: tuple[TimelineBar, ...]
    recorded: tuple[TimelineBar, ...]


def draw_timeline(day: WorkerDay, zone: ZoneInfo, *, day_key: str) -> Timeline:
    """Draw one worker's day over time.

    Parameters
    ----------
    day
        The worker's day.
    zone
        Where its clocks are read.
    day_key
        Key of the day in the report.

    Returns
    -------
    Timeline
        The axis covers the shift, the route and the track.
    """
    times_ms = [day.route.shift.start_s * 1000, day.route.shift.end_s * 1000]
    if day.track is not None and len(day.track):
        times_ms += [int(day.track.time_ms.min()), int(day.track.time_ms.max())]
    start_ms = math.floor(min(times_ms) / _HOUR_MS) * _HOUR_MS
    end_ms = max(math.ceil(max(times_ms) / _HOUR_MS) * _HOUR_MS, start_ms + _HOUR_MS)
    axis = _Axis(start_ms, end_ms, zone)
    return Timeline(
        start_ms=axis.start_ms,
        end_ms=axis.end_ms,
        marks=tuple(_marks(axis)),
        planned=tuple(_planned_bars(day.route, axis, day_key)),
        recorded=() if day.audit is None else tuple(_recorded_bars(day.audit, axis, day_key)),
    )


@dataclass(frozen=True)
class _Axis:
    start_ms: int
    end_ms: int
    zone: ZoneInfo

    def percent(self, time_ms: float) -> float:
        return round((time_ms - self.start_ms) / (self.end_ms - self.start_ms) * 100, 3)

    def bar(self, span_ms: tuple[float, float], style: str, text: str, label: str, key: str = "") -> TimelineBar:
        start_ms, end_ms = span_ms
        left = self.percent(start_ms)
        times = clocks(start_ms, end_ms, self.zone)
        return TimelineBar(left, round(self.percent(end_ms) - left, 3), style, text, f"{times} {label}", key)


def _marks(axis: _Axis) -> Iterator[AxisMark]:
    hours = (axis.end_ms - axis.start_ms) // _HOUR_MS
    is_dated = hours > _DAY_HOURS
    step_ms = math.ceil((hours + 1) / _MOST_DATED_MARKS) * _HOUR_MS if is_dated else _HOUR_MS
    for time_ms in range(axis.start_ms, axis.end_ms + 1, step_ms):
        second, on = (time_ms - axis.start_ms) // 1000, date(time_ms, axis.zone) if is_dated else ""
        yield AxisMark(axis.percent(time_ms), second, clock(time_ms, axis.zone), on)


def _planned_bars(route: DayRoute, axis: _Axis, day_key: str) -> Iterator[TimelineBar]:
    if route.start_s is None or route.end_s is None:
        return
    yield axis.bar((route.start_s * 1000, route.end_s * 1000), "travel", "", "planned route")
    for pause in route.breaks:
        yield axis.bar((pause.start_s * 1000, (pause.start_s + pause.duration_s) * 1000), "break", "", "break")
    for reload in route.reloads:
        yield axis.bar((reload.arrival_s * 1000, reload.departure_s * 1000), "break", "", "reload at the depot")
    for index, stop in enumerate(route.stops):
        label = f"{index + 1}. {stop.visit_label or stop.visit_id}"
        span_ms = (stop.start_s * 1000, stop.departure_s * 1000)
        yield axis.bar(span_ms, "planned", str(index + 1), label, visit_key(day_key, index))


def _recorded_bars(audit: TrackAudit, axis: _Axis, day_key: str) -> Iterator[TimelineBar]:
    for segment in audit.match.segments:
        span_ms = (segment.start_ms, segment.end_ms)
        if segment.kind is SegmentKind.GAP:
            yield axis.bar(span_ms, "gap", "", "no data")
        elif segment.kind is not SegmentKind.STAY:
            yield axis.bar(span_ms, "travel", "", "on the way")
    visited = {visit.stay for visit in audit.visits}
    for stay in audit.stays:
        if stay not in visited:
            yield axis.bar((stay.start_ms, stay.end_ms), "stay", "", "stood still")
    for line, visit in enumerate(audit.visits):
        if visit.stay is not None:
            words = VERDICTS[visit.verdict]
            text = words.mark if visit.planned_position is None else str(visit.planned_position + 1)
            span_ms = (visit.stay.start_ms, visit.stay.end_ms)
            yield axis.bar(span_ms, words.style, text, words.label, visit_key(day_key, line))
