"""Tables of visits and workers as people write them."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from server.cli.table_files import MAX_UNPACKED_BYTES, read_table
from server.cli.visit_groups import read_visit_groups
from server.cli.visit_table import read_visits
from server.cli.worker_table import read_workers
from server.errors import FieldViolation, InvalidRequestError
from server.use_cases.planning_request import (
    BreakRequest,
    DrivingRestRequest,
    PinEvent,
    PinRequest,
    Place,
    ReloadRequest,
    SkillLevelRequest,
    SoftLimitsRequest,
    TimeSpan,
    VisitRequest,
)
from server.working_day import WorkingDay

DAY = WorkingDay(date(2026, 9, 15), ZoneInfo("Asia/Shanghai"))
MIDNIGHT_S = 1_789_401_600

VISITS = [
    ["id", "name", "lat", "lon", "duration_minutes", "time_windows", "skills", "unserved_cost", "priority"],
    ["c1", "一号店", "31.2", "121.5", "15", "09:00-12:00;14:00-17:30", "repair;audit", "40", "1"],
    ["c2", "", "31.25", "121.48", "", "", "", "", ""],
]
EXPECTED = (
    VisitRequest(
        id="c1",
        position=Place(31.2, 121.5),
        label="一号店",
        duration_s=900,
        time_windows=(
            TimeSpan(MIDNIGHT_S + 9 * 3600, MIDNIGHT_S + 12 * 3600),
            TimeSpan(MIDNIGHT_S + 14 * 3600, MIDNIGHT_S + 17 * 3600 + 1800),
        ),
        required_skills=("repair", "audit"),
        unserved_cost=40.0,
        priority=1,
    ),
    VisitRequest(id="c2", position=Place(31.25, 121.48)),
)


def write_csv(path: Path, rows: list[list[str]], *, separator: str = ",", encoding: str = "utf-8") -> Path:
    """Write rows as a CSV file."""
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding=encoding)
    return path


def violations_of(error: InvalidRequestError) -> list[str]:
    """One ``field: description`` per violation."""
    return sentences(error.violations)


def sentences(violations: tuple[FieldViolation, ...]) -> list[str]:
    """Field and description of every violation."""
    return [f"{violation.field}: {violation.description}" for violation in violations]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_visits_are_read_from_csv_in_the_encodings_of_spreadsheets(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    """A CSV table gives the same visits in UTF-8, with a mark, and in GB 18030, whatever the separator."""
    path = write_csv(tmp_path / "visits.csv", VISITS, separator=separator, encoding=encoding)
    assert read_visits(path, DAY).elements == EXPECTED


def test_visits_are_read_from_a_workbook(tmp_path: Path) -> None:
    """An XLSX table gives the same visits, its numbers typed as numbers."""
    book = Workbook()
    for row in VISITS:
        book.active.append([float(cell) if cell.replace(".", "").isdecimal() else cell for cell in row])
    book.save(tmp_path / "visits.xlsx")
    assert read_visits(tmp_path / "visits.xlsx", DAY).elements == EXPECTED


def test_visits_are_read_from_json(tmp_path: Path) -> None:
    """A JSON list of objects gives the same visits; lists need no separators."""
    objects: list[dict[str, object]] = [dict(zip(VISITS[0], row, strict=True)) for row in VISITS[1:]]
    objects[0]["skills"] = ["repair", "audit"]
    objects[1]["lat"] = 31.25
    (tmp_path / "visits.json").write_text(json.dumps(objects), encoding="utf-8")
    assert read_visits(tmp_path / "visits.json", DAY).elements == EXPECTED


def test_chinese_column_names_are_understood(tmp_path: Path) -> None:
    """The columns of a Chinese table mean the same as ours."""
    rows = [["客户编号", "客户名称", "纬度", "经度"], ["c2", "", "31.25", "121.48"]]
    assert read_visits(write_csv(tmp_path / "拜访.csv", rows), DAY).elements == EXPECTED[1:]


def test_every_bad_cell_is_named_with_its_row_and_column(tmp_path: Path) -> None:
    """All cells that cannot be read are listed at once, by row and column."""
    rows = [*VISITS[:2], ["", "", "north", "", "x", "9-12", "", "nan", "1.5"]]
    unreadable = read_visits(write_csv(tmp_path / "visits.csv", rows), DAY).unreadable
    assert sentences(unreadable) == [
        "row 3 of visits.csv, priority: must be a whole number (got '1.5')",
        "row 3 of visits.csv, id: is missing",
        "row 3 of visits.csv, longitude_degrees: is missing",
        "row 3 of visits.csv, latitude_degrees: must be a number of degrees such as 31.2304",
        "row 3 of visits.csv, duration_minutes: must be a number of minutes, below 1,000,000 (got 'x')",
        "row 3 of visits.csv, time_windows: must be a span such as 09:00-12:30 (got '9-12')",
        "row 3 of visits.csv, unserved_cost: must be a number (got 'nan')",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("visits.csv", b"", "is empty; the first row must name the columns"),
        ("visits.csv", b"id,lat,lon\n", "holds no rows of data"),
        ("visits.csv", b'id,lat\n"a,1\n', "is not a CSV file: unexpected end of data"),
        ("visits.csv", b"\xff\xfe\x00\x81", "must be text in UTF-8 or GB 18030"),
        ("visits.xlsx", b"PK, but no workbook", "is not an XLSX workbook, or is damaged"),
        ("visits.json", b"[1, 2", "is not JSON: Expecting ',' delimiter in line 1"),
        ("visits.json", b"[1, 2]", "must be a JSON list of objects"),
        ("visits.ods", b"", "must end in one of .csv, .json, .tsv, .txt, .xlsx (got '.ods')"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    """A file that is not what its name says is refused with the file's name and the reason."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidRequestError) as caught:
        read_visits(tmp_path / name, DAY)
    assert violations_of(caught.value) == [f"{name}: {message}"]


def test_workers_are_read_with_units_in_the_column_names(tmp_path: Path) -> None:
    """Kilometres, minutes and breaks become the metres, seconds and spans of the request."""
    rows = [
        ["id", "shift", "start_lat", "start_lon", "max_distance_km", "max_duration_minutes", "breaks", "cost_per_hour"],
        ["w1", "08:30-17:00", "31.2", "121.5", "60", "480", "11:30-13:00/30", "0"],
    ]
    (worker,) = read_workers(write_csv(tmp_path / "workers.csv", rows), DAY).elements
    assert worker.shift == TimeSpan(MIDNIGHT_S + 8 * 3600 + 1800, MIDNIGHT_S + 17 * 3600)
    assert (worker.start_position, worker.end_position) == (Place(31.2, 121.5), None)
    assert (worker.max_distance_m, worker.max_duration_s, worker.cost_per_hour) == (60_000.0, 28_800, 0.0)
    assert worker.breaks == (BreakRequest(MIDNIGHT_S + 11 * 3600 + 1800, MIDNIGHT_S + 13 * 3600, 1800),)


def test_bad_shifts_breaks_and_half_positions_are_all_named(tmp_path: Path) -> None:
    """A missing shift, a break without minutes and half a position are each an error of their own."""
    rows = [["id", "shift", "start_lat", "breaks"], ["w1", "", "31.2", "12:00-13:00"], ["w2", "08:00-12:00", "", ""]]
    unreadable = read_workers(write_csv(tmp_path / "workers.csv", rows), DAY).unreadable
    assert sentences(unreadable) == [
        "row 2 of workers.csv, shift: is missing",
        "row 2 of workers.csv, start_longitude_degrees: is missing",
        (
            "row 2 of workers.csv, breaks: must be such as 11:30-13:00/30, where the last number is minutes "
            "(got '12:00-13:00')"
        ),
    ]


def test_numbers_and_clocks_beyond_any_day_are_named(tmp_path: Path) -> None:
    """Minutes that no second counts and clocks of the day after tomorrow are bad cells, not faults of the program."""
    rows = [["id", "lat", "lon", "duration_minutes", "time_windows"], ["c1", "31", "121", "1e308", "99:00-99:30"]]
    unreadable = read_visits(write_csv(tmp_path / "visits.csv", rows), DAY).unreadable
    assert sentences(unreadable) == [
        "row 2 of visits.csv, duration_minutes: must be a number of minutes, below 1,000,000 (got '1e308')",
        "row 2 of visits.csv, time_windows: must be a span such as 09:00-12:30 (got '99:00-99:30')",
    ]
    rows = [["id", "shift", "regular_end", "breaks"], ["w", "22:00-30:00", "48:00", "23:00-24:00/" + "9" * 5000]]
    unreadable = read_workers(write_csv(tmp_path / "workers.csv", rows), DAY).unreadable
    assert [violation.field for violation in unreadable] == [
        "row 2 of workers.csv, breaks",
        "row 2 of workers.csv, regular_end",
    ]


def test_a_missing_column_is_named_once(tmp_path: Path) -> None:
    """A table without a column that every row needs says so once, with the names that would be understood."""
    rows = [["id", "lat", "east"], ["c1", "31.2", "121.5"], ["c2", "31.2", "121.5"]]
    with pytest.raises(InvalidRequestError) as caught:
        read_visits(write_csv(tmp_path / "visits.csv", rows), DAY)
    assert violations_of(caught.value) == [
        (
            "visits.csv, longitude_degrees: there is no such column (also understood: longitude, lon, lng, 经度); "
            "the columns are id, lat, east"
        )
    ]


def test_clocks_are_read_in_the_zone_across_a_change_of_clocks() -> None:
    """On the day the clocks change, a wall-clock time means what the wall's clock shows."""
    day = WorkingDay(date(2026, 3, 29), ZoneInfo("Europe/Helsinki"))
    assert day.unix_s(9, 0) - day.unix_s(0, 0) == 8 * 3600
    assert day.unix_s(24, 30) - day.unix_s(23, 30) == 3600


def test_wishes_about_people_and_prices_are_read(tmp_path: Path) -> None:
    """Every rarer column of the two tables reaches its field of the request."""
    visit_rows = [
        ["id", "lat", "lon", "setup_minutes", "zone", "allowed_workers", "forbidden_workers", "preferred_workers"],
        ["v", "31.2", "121.4", "2.5", "north", "anna;bo", "cleo", "bo"],
    ]
    visit_rows[0] += ["not_preferred_cost", "pinned_worker", "pinned_start", "pinned_event"]
    visit_rows[1] += ["7.5", "bo", "10:30", "arrived"]
    (visit,) = read_visits(write_csv(tmp_path / "visits.csv", visit_rows, separator=","), DAY).elements
    assert (visit.setup_s, visit.zone, visit.not_preferred_cost) == (150, "north", 7.5)
    assert (visit.allowed_worker_ids, visit.forbidden_worker_ids) == (("anna", "bo"), ("cleo",))
    assert (visit.preferred_worker_ids, visit.pin) == (("bo",), PinRequest("bo", DAY.unix_s(10, 30), PinEvent.ARRIVED))
    worker_rows = [
        ["id", "shift", "zones", "travel_factor", "service_factor", "max_travel_minutes", "regular_end"],
        ["anna", "08:00-18:00", "north;south", "1.2", "0.8", "240", "17:00"],
    ]
    worker_rows[0] += ["overtime_cost_per_hour", "soft_max_visits", "cost_per_extra_visit"]
    worker_rows[1] += ["90", "8", "3"]
    (worker,) = read_workers(write_csv(tmp_path / "workers.csv", worker_rows, separator=","), DAY).elements
    assert (worker.zones, worker.travel_factor, worker.service_factor) == (("north", "south"), 1.2, 0.8)
    assert (worker.max_travel_s, worker.regular_end_s) == (14_400, DAY.unix_s(17, 0))
    assert worker.overtime_cost_per_hour == 90.0
    assert worker.soft_limits == SoftLimitsRequest(max_visits=8, cost_per_extra_visit=3.0)


def test_a_pin_without_a_worker_or_a_clock_is_refused(tmp_path: Path) -> None:
    """A pinned time needs its worker, and must be a time."""
    rows = [
        ["id", "lat", "lon", "pinned_worker", "pinned_start", "pinned_event"],
        ["v", "1", "1", "", "10:30", ""],
        ["w", "1", "1", "bo", "x", "gone"],
    ]
    unreadable = read_visits(write_csv(tmp_path / "visits.csv", rows, separator=","), DAY).unreadable
    assert sentences(unreadable) == [
        "row 2 of visits.csv, pinned_start: needs a pinned_worker beside it",
        "row 3 of visits.csv, pinned_start: must be a time such as 17:30 (got 'x')",
        "row 3 of visits.csv, pinned_event: must be arrived or under_way (got 'gone')",
    ]


def test_a_workbook_damaged_in_the_middle_is_refused(tmp_path: Path) -> None:
    """A sheet whose text breaks off is named as damage, not read as a shorter table."""
    path, damaged = tmp_path / "whole.xlsx", tmp_path / "visits.xlsx"
    book = Workbook()
    book.active.append(["id", "lat", "lon"])
    book.active.append(["a", 60.1, 24.9])
    book.save(path)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as broken:
        for part in whole.infolist():
            content = whole.read(part)
            broken.writestr(part.filename, content[:-40] if part.filename.endswith("sheet1.xml") else content)
    assert len(read_table(path)) == 1
    with pytest.raises(InvalidRequestError, match=r"visits\.xlsx: is not an XLSX workbook, or is damaged"):
        read_table(damaged)


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """A file whose own table of contents names more than a gigabyte is no table; the rest of it is not looked at."""
    path = tmp_path / "visits.xlsx"
    with zipfile.ZipFile(path, "w") as bomb:
        bomb.writestr("sheet1.xml", b"")
        bomb.infolist()[0].file_size = MAX_UNPACKED_BYTES + 1
    with pytest.raises(InvalidRequestError, match=r"visits\.xlsx: must unpack to at most 1024 MiB"):
        read_table(path)


def test_a_cell_is_one_line_of_text(tmp_path: Path) -> None:
    """Lines inside a cell are read as one; any other control character is named with its cell."""
    rows = [["id", "label", "lat", "lon"], ["a", '"two\nlines"', "1", "1"], ["b", "be\x07ll", "1", "1"]]
    table = read_visits(write_csv(tmp_path / "visits.csv", rows, separator=","), DAY)
    assert table.elements[0].label == "two lines"
    assert sentences(table.unreadable) == [
        "row 3 of visits.csv, label: must be one line of text, without control characters"
    ]
    assert table.spoiled == {"visits[1]"}


def test_shifts_rests_and_soft_windows_are_read(tmp_path: Path) -> None:
    """Breaks and the end of regular hours go to the shift in which they lie."""
    worker_rows = [
        ["id", "shift", "breaks", "regular_end", "driving_rest", "skill_levels"],
        ["anna", "08:00-12:00; 14:00-18:00", "09:30-10:30/15; 15:00-16:00/20", "17:00", "270/45", "gas/3;key/1"],
    ]
    (worker,) = read_workers(write_csv(tmp_path / "workers.csv", worker_rows, separator=","), DAY).elements
    (later,) = worker.further_shifts
    assert (worker.shift.end_s, later.window.start_s) == (DAY.unix_s(12, 0), DAY.unix_s(14, 0))
    assert [pause.duration_s for pause in worker.breaks] == [900]
    assert [pause.duration_s for pause in later.breaks] == [1200]
    assert (worker.regular_end_s, later.regular_end_s) == (None, DAY.unix_s(17, 0))
    assert worker.driving_rest == DrivingRestRequest(270 * 60, 45 * 60)
    assert worker.skill_levels == (SkillLevelRequest("gas", 3), SkillLevelRequest("key", 1))
    visit_rows = [
        ["id", "lat", "lon", "soft_time_windows", "cost_per_hour_early", "cost_per_hour_late", "required_skill_levels"],
        ["v", "31.2", "121.4", "09:00-10:00;15:00-16:00", "5", "10", "gas/2"],
    ]
    (visit,) = read_visits(write_csv(tmp_path / "visits.csv", visit_rows, separator=","), DAY).elements
    assert [one.start_s for one in visit.soft_time_windows] == [DAY.unix_s(9, 0), DAY.unix_s(15, 0)]
    assert (visit.cost_per_hour_early, visit.cost_per_hour_late) == (5.0, 10.0)
    assert visit.required_skill_levels == (SkillLevelRequest("gas", 2),)


def test_reloads_are_read(tmp_path: Path) -> None:
    """Where, for how long and how often a worker loads anew; nothing said is never, and a place of its own is read."""
    rows = [
        ["id", "shift", "capacity", "reload_minutes", "max_reloads", "reload_cost", "reload_lat", "reload_lon"],
        ["anna", "08:00-12:00", "5", "20", "2", "7.5", "31.2", "121.4"],
        ["bo", "08:00-12:00", "5", "", "1", "", "", ""],
        ["cy", "08:00-12:00", "5", "", "", "", "", ""],
    ]
    workers = read_workers(write_csv(tmp_path / "workers.csv", rows, separator=","), DAY).elements
    assert [worker.reload for worker in workers] == [
        ReloadRequest(Place(31.2, 121.4), 1200, 2, 7.5),
        ReloadRequest(None, 0, 1),
        None,
    ]


def test_cells_of_rests_and_levels_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A rest without its two numbers, and a skill without its level."""
    rows = [["id", "shift", "driving_rest", "skill_levels"], ["anna", "08:00-12:00", "45", "gas"]]
    table = read_workers(write_csv(tmp_path / "workers.csv", rows, separator=","), DAY)
    assert sentences(table.unreadable) == [
        "row 2 of workers.csv, driving_rest: must be such as 270/45: minutes on the road, minutes of rest (got '45')",
        "row 2 of workers.csv, skill_levels: must be such as gas/2, a skill and its level (got 'gas')",
    ]


@pytest.mark.parametrize("digits", [7, 5000])
def test_numbers_of_too_many_digits_are_named(tmp_path: Path, digits: int) -> None:
    """No number inside a cell is too long to be refused as any other, even where Python itself would not read it."""
    long = "9" * digits
    worker_rows = [
        ["id", "shift", "driving_rest", "skill_levels", "breaks"],
        ["anna", "08:00-12:00", f"{long}/45", f"gas/{long}", f"09:00-10:00/{long}"],
        ["bo", "08:00-12:00", f"270/{long}", "", ""],
    ]
    workers = read_workers(write_csv(tmp_path / "workers.csv", worker_rows, separator=","), DAY)
    assert [one.split(":")[0] for one in sentences(workers.unreadable)] == [
        "row 2 of workers.csv, breaks",
        "row 2 of workers.csv, driving_rest",
        "row 2 of workers.csv, skill_levels",
        "row 3 of workers.csv, driving_rest",
    ]
    visit_rows = [
        ["id", "lat", "lon", "required_skill_levels", "sequence", "direct_sequence", "waits_for"],
        ["a", "1", "1", f"gas/{long}", f"tour/{long}", f"run/{long}", f"b/{long}"],
    ]
    path = write_csv(tmp_path / "visits.csv", visit_rows, separator=",")
    assert [one.split(":")[0] for one in sentences(read_visits(path, DAY).unreadable)] == [
        "row 2 of visits.csv, required_skill_levels"
    ]
    assert [one.split(":")[0] for one in sentences(read_visit_groups(path).unreadable)] == [
        "row 2 of visits.csv, sequence",
        "row 2 of visits.csv, direct_sequence",
        "row 2 of visits.csv, waits_for",
    ]
