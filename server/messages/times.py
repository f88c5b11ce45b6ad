"""Timestamps and durations. Planning reads whole seconds, tracks whole milliseconds; the rest is dropped."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph.v1 import TimeWindow

from server.use_cases.planning_request import TimeSpan


def timestamp_of_s(time_s: int) -> Timestamp:
    """Make a timestamp of Unix seconds."""
    return Timestamp(seconds=time_s)


def timestamp_of_ms(time_ms: int) -> Timestamp:
    """Make a timestamp of Unix milliseconds."""
    return Timestamp(seconds=time_ms // 1000, nanos=time_ms % 1000 * 1_000_000)


def ms_of_timestamp(timestamp: Timestamp) -> int:
    """Read Unix milliseconds."""
    return timestamp.seconds * 1000 + timestamp.nanos // 1_000_000


def duration_of_s(seconds: float) -> Duration:
    """Make a duration of seconds, exact to the millisecond."""
    milliseconds = round(seconds * 1000)
    return Duration(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)


def s_of_duration(duration: Duration) -> float:
    """Read seconds."""
    return duration.seconds + duration.nanos / 1e9


def span_of_window(window: TimeWindow) -> TimeSpan:
    """Read a time window in whole seconds; a missing end reads as 0."""
    return TimeSpan(window.start_time.seconds, window.end_time.seconds)


def window_of_span(span: TimeSpan) -> TimeWindow:
    """Write a time window."""
    return TimeWindow(start_time=timestamp_of_s(span.start_s), end_time=timestamp_of_s(span.end_s))
