"""The table of a plan that people have changed: who visits whom in which order. ``docs/cli.md`` describes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.cli.cells import RowReader, check_columns
from server.cli.table_files import read_table
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.use_cases.check_plan import GivenRoute

ROUTE_COLUMNS: dict[str, tuple[str, ...]] = {
    "worker_id": ("worker", "员工编号"),
    "shift": ("班次",),
    "position": ("序号",),
    "visit_id": ("visit", "客户编号"),
}
"""Our name of each column, and the other names under which it is understood."""


@dataclass(frozen=True)
class RouteTable:
    """Routes, and where in the file each of their fields stands: ``routes[0].visit_ids[2]`` → ``row 4 of day.csv``."""

    routes: tuple[GivenRoute, ...]
    places: Mapping[str, str]


@dataclass(frozen=True)
class _Row:
    """One visit of somebody; the position is as it was typed, None where nothing was."""

    place: str
    worker_id: str
    shift_number: int
    position: int | None
    visit_id: str


def read_routes(path: Path) -> RouteTable:
    """Read who visits whom in which order.

    Parameters
    ----------
    path
        A CSV, XLSX or JSON file, such as `odograph plan` writes. Rows without a visit (reloads) and without a worker
        (visits that are not planned) are passed over.

    Returns
    -------
    RouteTable
        The routes in the order in which the table names them first.

    Raises
    ------
    InvalidRequestError
        With every cell that cannot be read, and every position that contradicts the order of the rows.
    """
    rows = read_table(path)
    check_columns(path, rows, required=("worker_id", "visit_id"), aliases=ROUTE_COLUMNS)
    violations: list[FieldViolation] = []
    read = [_row(row.place, RowReader(row, ROUTE_COLUMNS, violations)) for row in rows]
    routes: dict[tuple[str, int], list[_Row]] = {}
    for one in read:
        if one.worker_id and one.visit_id:
            routes.setdefault((one.worker_id, one.shift_number), []).append(one)
    violations += [found for stops in routes.values() for found in _order_violations(stops)]
    if violations:
        raise InvalidRequestError(tuple(violations))
    places: dict[str, str] = {}
    for index, stops in enumerate(routes.values()):
        places[f"routes[{index}].worker_id"] = places[f"routes[{index}].shift_number"] = stops[0].place
        places |= {f"routes[{index}].visit_ids[{number}]": stop.place for number, stop in enumerate(stops)}
    return RouteTable(
        tuple(
            GivenRoute(worker_id, tuple(stop.visit_id for stop in stops), shift_number)
            for (worker_id, shift_number), stops in routes.items()
        ),
        places,
    )


def _row(place: str, reader: RowReader) -> _Row:
    shift = reader.count("shift")
    if shift is not None and shift < 1:
        reader.refuse("shift", f"counts from 1 (got {shift})", ViolationCode.OUT_OF_RANGE)
    return _Row(place, reader.text("worker_id"), (shift or 1) - 1, reader.count("position"), reader.text("visit_id"))


def _order_violations(stops: Sequence[_Row]) -> Iterator[FieldViolation]:
    """Yield the positions that do not come after those above them: then nobody knows which order is meant."""
    last: int | None = None
    for stop in stops:
        if stop.position is None:
            continue
        if last is not None and stop.position <= last:
            rule = f"comes after position {last} of the same route in the table; mend the number, or empty the cell"
            yield FieldViolation(f"{stop.place}, position", ViolationCode.OUT_OF_ORDER, f"{stop.position} {rule}")
        last = stop.position
