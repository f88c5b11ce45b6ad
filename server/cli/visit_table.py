"""The table of visits: which columns it has and what they mean. ``docs/cli.md`` describes them for people."""

from __future__ import annotations

from pathlib import Path

from server.cli.cells import RowReader
from server.cli.element_tables import ElementTable, read_elements
from server.errors import ViolationCode
from server.use_cases.planning_request import PinEvent, PinRequest, VisitRequest
from server.working_day import WorkingDay

DEFAULT_PRIORITY = 3

VISIT_COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("visit_id", "编号", "客户编号"),
    "label": ("name", "名称", "客户名称"),
    "latitude_degrees": ("latitude", "lat", "纬度"),
    "longitude_degrees": ("longitude", "lon", "lng", "经度"),
    "duration_minutes": ("service_minutes", "服务分钟"),
    "time_windows": ("time_window", "时间窗", "营业时间"),
    "required_skills": ("skills", "技能"),
    "unserved_cost": ("penalty", "未服务成本"),
    "priority": ("优先级",),
    "load": ("载量",),
    "setup_minutes": ("准备分钟",),
    "zone": ("区域",),
    "allowed_workers": ("可服务员工",),
    "forbidden_workers": ("不可服务员工",),
    "preferred_workers": ("偏好员工",),
    "not_preferred_cost": ("非偏好成本",),
    "pinned_worker": ("指定员工",),
    "pinned_start": ("指定时间",),
    "pinned_event": ("指定状态",),
    "soft_time_windows": ("preferred_time", "偏好时间"),
    "cost_per_hour_early": ("每小时提前成本",),
    "cost_per_hour_late": ("每小时延迟成本",),
    "required_skill_levels": ("技能等级要求",),
    "same_worker_group": ("同一员工组",),
    "different_worker_group": ("不同员工组",),
    "separate_group": ("分开组",),
    "sequence": ("顺序",),
    "direct_sequence": ("连续顺序",),
    "waits_for": ("等待",),
    "picked_up_at": ("取货点",),
    "delivery_load": ("送货量",),
}
"""Our name of each column, and the other names under which it is understood."""


def read_visits(path: Path, day: WorkingDay) -> ElementTable[VisitRequest]:
    """Read a table of visits.

    Parameters
    ----------
    path
        A CSV, XLSX or JSON file.
    day
        The day that the wall-clock times are on.

    Returns
    -------
    ElementTable[VisitRequest]
        In the order of the table. Rules beyond the form of a cell are checked by the planning itself.

    Raises
    ------
    InvalidRequestError
        Where the file is no table, or lacks whole columns.
    """
    return read_elements(
        path, "visits", VISIT_COLUMNS, ("id", "latitude_degrees", "longitude_degrees"), lambda row: _visit(row, day)
    )


def _visit(row: RowReader, day: WorkingDay) -> VisitRequest:
    priority = row.count("priority")
    return VisitRequest(
        id=row.required_text("id"),
        position=row.place(required=True),
        label=row.text("label"),
        duration_s=row.minutes_as_s("duration_minutes") or 0,
        time_windows=row.spans("time_windows", day),
        required_skills=row.words("required_skills"),
        unserved_cost=row.number("unserved_cost"),
        priority=DEFAULT_PRIORITY if priority is None else priority,
        load=row.count("load") or 0,
        setup_s=row.minutes_as_s("setup_minutes") or 0,
        zone=row.text("zone"),
        allowed_worker_ids=row.words("allowed_workers"),
        forbidden_worker_ids=row.words("forbidden_workers"),
        preferred_worker_ids=row.words("preferred_workers"),
        not_preferred_cost=row.number("not_preferred_cost") or 0.0,
        pin=_pin(row, day),
        required_skill_levels=row.levels("required_skill_levels"),
        soft_time_windows=row.spans("soft_time_windows", day),
        cost_per_hour_early=row.number("cost_per_hour_early") or 0.0,
        cost_per_hour_late=row.number("cost_per_hour_late") or 0.0,
    )


def _pin(row: RowReader, day: WorkingDay) -> PinRequest | None:
    worker_id, start_s = row.text("pinned_worker"), row.clock("pinned_start", day)
    if start_s is not None and not worker_id:
        row.refuse("pinned_start", "needs a pinned_worker beside it", ViolationCode.NO_EFFECT)
    word = row.text("pinned_event")
    event = next((event for event in PinEvent if event.value == word), None)
    if word and event is None:
        known = " or ".join(event.value for event in PinEvent)
        row.refuse("pinned_event", f"must be {known} (got {word!r})", ViolationCode.UNKNOWN_VALUE)
    if word and not worker_id:
        row.refuse("pinned_event", "needs a pinned_worker beside it", ViolationCode.NO_EFFECT)
    return PinRequest(worker_id, start_s, event) if worker_id else None
