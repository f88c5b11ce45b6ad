"""The table of workers: which columns it has and what they mean. ``docs/cli.md`` describes them for people."""

from __future__ import annotations

from pathlib import Path

from server.cli.cells import FEW_DIGITS, RowReader
from server.cli.element_tables import ElementTable, read_elements
from server.use_cases.planning_request import (
    DEFAULT_COST_PER_HOUR,
    DEFAULT_COST_PER_KILOMETER,
    BreakRequest,
    DrivingRestRequest,
    FurtherShiftRequest,
    ReloadRequest,
    SoftLimitsRequest,
    TimeSpan,
    WorkerRequest,
)
from server.working_day import WorkingDay

WORKER_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("worker_id", "编号", "员工编号"),
    "label": ("name", "姓名"),
    "shift": ("working_hours", "班次", "工作时间"),
    "road_network": ("network", "路网"),
    "start_latitude_degrees": ("start_latitude", "start_lat", "起点纬度"),
    "start_longitude_degrees": ("start_longitude", "start_lon", "start_lng", "起点经度"),
    "end_latitude_degrees": ("end_latitude", "end_lat", "终点纬度"),
    "end_longitude_degrees": ("end_longitude", "end_lon", "end_lng", "终点经度"),
    "skills": ("技能",),
    "max_visits": ("最多拜访数",),
    "max_distance_km": ("最大里程公里",),
    "max_duration_minutes": ("最长时间分钟",),
    "capacity": ("载量",),
    "breaks": ("lunch", "休息"),
    "fixed_cost": ("固定成本",),
    "cost_per_hour": ("每小时成本",),
    "cost_per_kilometer": ("每公里成本",),
    "zones": ("服务区域",),
    "driving_rest": ("驾驶休息",),
    "reload_minutes": ("装货分钟",),
    "max_reloads": ("最多装货次数",),
    "reload_cost": ("装货成本",),
    "reload_latitude_degrees": ("reload_latitude", "reload_lat", "装货点纬度"),
    "reload_longitude_degrees": ("reload_longitude", "reload_lon", "装货点经度"),
    "area_center_latitude_degrees": ("area_center_latitude", "area_center_lat", "区域中心纬度"),
    "area_center_longitude_degrees": ("area_center_longitude", "area_center_lon", "区域中心经度"),
    "cost_per_kilometer_from_center": ("离中心每公里成本",),
    "skill_levels": ("技能等级",),
    "travel_factor": ("行驶系数",),
    "service_factor": ("服务系数",),
    "max_travel_minutes": ("最长行驶分钟",),
    "regular_end": ("下班时间",),
    "overtime_cost_per_hour": ("每小时加班成本",),
    "soft_max_visits": ("建议拜访数",),
    "cost_per_extra_visit": ("超出每访成本",),
    "soft_max_distance_km": ("建议里程公里",),
    "cost_per_extra_kilometer": ("超出每公里成本",),
    "soft_max_duration_minutes": ("建议时长分钟",),
    "cost_per_extra_hour": ("超出每小时成本",),
    "soft_max_travel_minutes": ("建议行驶分钟",),
    "cost_per_extra_travel_hour": ("超出每小时行驶成本",),
}
"""Our name of each column, and the other names under which it is understood."""


def read_workers(path: Path, day: WorkingDay) -> ElementTable[WorkerRequest]:
    """Read a table of workers.

    Parameters
    ----------
    path
        A CSV, XLSX or JSON file.
    day
        The day that the wall-clock times are on.

    Returns
    -------
    ElementTable[WorkerRequest]
        In the order of the table. Rules beyond the form of a cell are checked by the planning itself.

    Raises
    ------
    InvalidRequestError
        Where the file is no table, or lacks whole columns.
    """
    return read_elements(path, "workers", WORKER_COLUMNS, ("id", "shift"), lambda row: _worker(row, day))


def _worker(row: RowReader, day: WorkingDay) -> WorkerRequest:
    cost_per_hour, cost_per_kilometer = row.number("cost_per_hour"), row.number("cost_per_kilometer")
    worker_id, shifts = row.required_text("id"), _shifts(row, day)
    start, end = row.place("start_"), row.place("end_")
    breaks, regular_end_s = _breaks(row, day), row.clock("regular_end", day)
    in_further_shift = any(_inside(span, regular_end_s) for span in shifts[1:])
    return WorkerRequest(
        id=worker_id,
        shift=shifts[0],
        label=row.text("label"),
        road_network=row.text("road_network"),
        start_position=start,
        end_position=end,
        skills=row.words("skills"),
        max_visits=row.count("max_visits"),
        max_distance_m=_metres(row.number("max_distance_km")),
        max_duration_s=row.minutes_as_s("max_duration_minutes"),
        capacity=row.count("capacity"),
        breaks=_breaks_of(shifts, 0, breaks),
        fixed_cost=row.number("fixed_cost") or 0.0,
        cost_per_hour=DEFAULT_COST_PER_HOUR if cost_per_hour is None else cost_per_hour,
        cost_per_kilometer=DEFAULT_COST_PER_KILOMETER if cost_per_kilometer is None else cost_per_kilometer,
        zones=row.words("zones"),
        driving_rest=_driving_rest(row),
        reload=_reload(row),
        area_center_position=row.place("area_center_"),
        cost_per_kilometer_from_center=row.number("cost_per_kilometer_from_center") or 0.0,
        skill_levels=row.levels("skill_levels"),
        travel_factor=_or_one(row.number("travel_factor")),
        service_factor=_or_one(row.number("service_factor")),
        max_travel_s=row.minutes_as_s("max_travel_minutes"),
        soft_limits=_soft_limits(row),
        regular_end_s=None if in_further_shift else regular_end_s,
        overtime_cost_per_hour=row.number("overtime_cost_per_hour") or 0.0,
        further_shifts=tuple(
            FurtherShiftRequest(span, _breaks_of(shifts, number, breaks), _inside(span, regular_end_s))
            for number, span in enumerate(shifts[1:], start=1)
        ),
    )


def _soft_limits(row: RowReader) -> SoftLimitsRequest:
    return SoftLimitsRequest(
        max_visits=row.count("soft_max_visits"),
        cost_per_extra_visit=row.number("cost_per_extra_visit") or 0.0,
        max_distance_m=_metres(row.number("soft_max_distance_km")),
        cost_per_extra_kilometer=row.number("cost_per_extra_kilometer") or 0.0,
        max_duration_s=row.minutes_as_s("soft_max_duration_minutes"),
        cost_per_extra_hour=row.number("cost_per_extra_hour") or 0.0,
        max_travel_s=row.minutes_as_s("soft_max_travel_minutes"),
        cost_per_extra_travel_hour=row.number("cost_per_extra_travel_hour") or 0.0,
    )


def _metres(kilometres: float | None) -> float | None:
    return None if kilometres is None else kilometres * 1000


def _or_one(factor: float | None) -> float:
    return 1.0 if factor is None else factor


def _shifts(row: RowReader, day: WorkingDay) -> tuple[TimeSpan, ...]:
    row.required_text("shift")
    return row.spans("shift", day) or (TimeSpan(0, 0),)


def _inside(span: TimeSpan, moment_s: int | None) -> int | None:
    return moment_s if moment_s is not None and span.start_s <= moment_s <= span.end_s else None


def _breaks_of(spans: tuple[TimeSpan, ...], number: int, breaks: tuple[BreakRequest, ...]) -> tuple[BreakRequest, ...]:
    """Pick the breaks of one shift: each belongs to the last one that begins before the break may."""
    last = len(spans) - 1
    return tuple(
        one
        for one in breaks
        if (number == 0 or one.earliest_start_s >= spans[number].start_s)
        and (number == last or one.earliest_start_s < spans[number + 1].start_s)
    )


def _driving_rest(row: RowReader) -> DrivingRestRequest | None:
    """Read a cell such as ``270/45``: 45 minutes of rest after at most 270 on the road."""
    text = row.text("driving_rest")
    if not text:
        return None
    driving, _, rest = (part.strip() for part in text.partition("/"))
    if not (FEW_DIGITS.fullmatch(driving) and FEW_DIGITS.fullmatch(rest)):
        row.refuse("driving_rest", f"must be such as 270/45: minutes on the road, minutes of rest (got {text!r})")
        return None
    return DrivingRestRequest(int(driving) * 60, int(rest) * 60)


def _reload(row: RowReader) -> ReloadRequest | None:
    """Read where and how often the worker loads anew: not at all where all these cells are empty."""
    reload = ReloadRequest(
        row.place("reload_"),
        row.minutes_as_s("reload_minutes") or 0,
        max_reloads=row.count("max_reloads"),
        cost=row.number("reload_cost") or 0.0,
    )
    is_asked = reload.position is not None or row.text("reload_minutes") or row.text("reload_cost")
    return reload if is_asked or reload.max_reloads is not None else None


def _breaks(row: RowReader, day: WorkingDay) -> tuple[BreakRequest, ...]:
    """Read the breaks of a cell such as ``11:30-13:00/30``: 30 minutes that start between the two times."""
    breaks = []
    for word in row.words("breaks"):
        span_text, _, minutes = word.partition("/")
        if not FEW_DIGITS.fullmatch(minutes.strip()):
            row.refuse("breaks", f"must be such as 11:30-13:00/30, where the last number is minutes (got {word!r})")
            continue
        span = row.span("breaks", span_text, day)
        if span is not None:
            breaks.append(BreakRequest(span.start_s, span.end_s, int(minutes) * 60))
    return tuple(breaks)
