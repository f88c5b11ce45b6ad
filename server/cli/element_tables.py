"""Tables of visits and workers: what was read of them, and what could not be, so that neither hides the other.

A cell that cannot be read spoils its row, not the table: the other rows are still checked by the planning, and whoever
mends the files hears of everything at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from server.cli.cells import RowReader, check_columns
from server.cli.table_files import read_table
from server.errors import FieldViolation, InvalidRequestError

Element = TypeVar("Element")
Other = TypeVar("Other")
_ELEMENT = re.compile(r"(?:problem\.)?(\w+\[\d+\])")


@dataclass(frozen=True)
class ElementTable(Generic[Element]):
    """What was read of a table.

    Parameters
    ----------
    elements
        One per row. Those of spoiled rows hold what could be read.
    places
        Where each stands: ``visits[3]`` → ``row 5 of visits.csv``.
    unreadable
        Every cell that cannot be read.
    spoiled
        The elements with such a cell, by the start of their field path.
    """

    elements: tuple[Element, ...]
    places: Mapping[str, str]
    unreadable: tuple[FieldViolation, ...] = ()
    spoiled: frozenset[str] = frozenset()


def read_elements(
    path: Path,
    name: str,
    columns: Mapping[str, tuple[str, ...]],
    required: tuple[str, ...],
    read: Callable[[RowReader], Element],
) -> ElementTable[Element]:
    """Read a table, one element per row.

    Parameters
    ----------
    path
        A CSV, XLSX or JSON file.
    name
        Field of the request that the elements are for.
    columns
        Our name of each column, and the other names under which it is understood.
    required
        Columns that the table must have.
    read
        Reads one row.

    Returns
    -------
    ElementTable[Element]
        In the order of the table.

    Raises
    ------
    InvalidRequestError
        Where the file is no table, or lacks whole columns.
    """
    rows = read_table(path)
    check_columns(path, rows, required=required, aliases=columns)
    elements: list[Element] = []
    unreadable: list[FieldViolation] = []
    spoiled: set[str] = set()
    for index, row in enumerate(rows):
        before = len(unreadable)
        elements.append(read(RowReader(row, columns, unreadable)))
        if len(unreadable) > before:
            spoiled.add(f"{name}[{index}]")
    places = {f"{name}[{index}]": row.place for index, row in enumerate(rows)}
    return ElementTable(tuple(elements), places, tuple(unreadable), frozenset(spoiled))


def read_both(
    read_first: Callable[[], ElementTable[Element]], read_second: Callable[[], ElementTable[Other]]
) -> tuple[ElementTable[Element], ElementTable[Other]]:
    """Read two tables, so that a file that is none does not hide what is wrong with the other.

    Parameters
    ----------
    read_first, read_second
        Read one table each.

    Returns
    -------
    tuple[ElementTable[Element], ElementTable[Other]]
        What they read.

    Raises
    ------
    InvalidRequestError
        Where one is no table; with what else is wrong with both.
    """
    try:
        first = read_first()
    except InvalidRequestError as error:
        raise InvalidRequestError((*error.violations, *_violations_of(read_second))) from error
    try:
        return first, read_second()
    except InvalidRequestError as error:
        raise InvalidRequestError((*first.unreadable, *error.violations)) from error


def _violations_of(read: Callable[[], ElementTable[Any]]) -> tuple[FieldViolation, ...]:
    try:
        return read().unreadable
    except InvalidRequestError as error:
        return error.violations


def without_spoiled(error: InvalidRequestError, *tables: ElementTable[Any]) -> InvalidRequestError:
    """Leave out of an error what follows only from cells that could not be read.

    Parameters
    ----------
    error
        What the planning says, unreadable cells among it.
    tables
        The tables that the request was read from.

    Returns
    -------
    InvalidRequestError
        The same, of spoiled rows with the unreadable cells only.
    """
    spoiled = frozenset[str]().union(*(table.spoiled for table in tables))

    def is_kept(violation: FieldViolation) -> bool:
        element = _ELEMENT.match(violation.field)
        return element is None or element[1] not in spoiled

    return InvalidRequestError(tuple(filter(is_kept, error.violations)))
