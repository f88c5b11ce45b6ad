"""Cells: turns the text of one row into numbers, times and lists, and collects what is wrong instead of stopping."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from server.cli.table_files import TableRow
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.use_cases.identity import text_violations
from server.use_cases.planning_request import Place, SkillLevelRequest, TimeSpan
from server.working_day import WorkingDay

Value = TypeVar("Value")

# People type several kinds of dash and separator, full-width ones among them.
_LIST_SEPARATORS = re.compile("\\s*[;|\uff1b\u3001]\\s*")
_SPAN = re.compile("(\\d{1,2}):([0-5]\\d)(?::00)?\\s*[-~\u2013\u2014\uff5e\u81f3]\\s*(\\d{1,2}):([0-5]\\d)(?::00)?")
_CLOCK = re.compile("(\\d{1,2}):([0-5]\\d)(?::00)?")
MOST_HOURS = 48
"""A clock may run on into the next day, as in a shift of 22:00-30:00."""
MOST_MINUTES = 1_000_000
FEW_DIGITS = re.compile(r"\d{1,6}")
"""A whole number inside a cell of several parts: more digits are a slip, and `int` refuses thousands of them."""
LONGEST_CELL = 32_767
"""Characters, as in a cell of a workbook; a list may need many."""


def check_columns(
    path: Path, rows: Iterable[TableRow], *, required: Iterable[str], aliases: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse a table that lacks whole columns, once per column instead of once per row.

    Parameters
    ----------
    path, rows
        The file and what was read from it.
    required
        Our names of the columns that every row needs.
    aliases
        Other names under which a column is understood, by our name of it.

    Raises
    ------
    InvalidRequestError
        With every column that is missing.
    """
    there = dict.fromkeys(name for row in rows for name in row.columns)
    missing = [column for column in required if there.keys().isdisjoint((column, *aliases[column]))]
    if missing:
        raise InvalidRequestError(
            tuple(
                FieldViolation(
                    f"{path.name}, {column}",
                    ViolationCode.REQUIRED,
                    f"there is no such column (also understood: {', '.join(aliases[column])}); "
                    f"the columns are {', '.join(there)}",
                )
                for column in missing
            )
        )


class RowReader:
    """Reads the cells of one row.

    Parameters
    ----------
    row
        The row.
    aliases
        Other names under which a column is understood, by our name of it.
    violations
        Every broken rule is added here.
    """

    def __init__(self, row: TableRow, aliases: Mapping[str, tuple[str, ...]], violations: list[FieldViolation]) -> None:
        self._row = row
        self._aliases = aliases
        self._violations = violations
        for column, text in row.cells.items():
            violations.extend(text_violations(text, f"{row.place}, {column}", most=LONGEST_CELL))

    def refuse(self, column: str, description: str, code: ViolationCode = ViolationCode.MALFORMED) -> None:
        """Note that a cell breaks a rule; of the form that it must have, unless said otherwise."""
        self._violations.append(FieldViolation(f"{self._row.place}, {column}", code, description))

    def text(self, column: str) -> str:
        """Return the text of a cell; empty where there is none."""
        names = (column, *self._aliases.get(column, ()))
        return next((self._row.cells[name] for name in names if name in self._row.cells), "")

    def required_text(self, column: str) -> str:
        """Return the text of a cell that must not be empty."""
        value = self.text(column)
        if not value:
            self.refuse(column, "is missing", ViolationCode.REQUIRED)
        return value

    def number(self, column: str) -> float | None:
        """Return the number in a cell; None where it is empty or refused."""
        return self._converted(column, _finite_number, "must be a number")

    def minutes_as_s(self, column: str) -> int | None:
        """Return the seconds of the minutes in a cell; None where it is empty or refused."""
        return self._converted(column, _seconds, f"must be a number of minutes, below {MOST_MINUTES:,}")

    def count(self, column: str) -> int | None:
        """Return the whole number in a cell; None where it is empty or refused."""
        return self._converted(column, int, "must be a whole number")

    def words(self, column: str) -> tuple[str, ...]:
        """Return the words of a cell such as ``repair;audit``."""
        return tuple(word for word in _LIST_SEPARATORS.split(self.text(column)) if word)

    def levels(self, column: str) -> tuple[SkillLevelRequest, ...]:
        """Return the levels of a cell such as ``gas/2;key/1``."""
        levels = []
        for word in self.words(column):
            skill, _, level = word.rpartition("/")
            if not skill or not FEW_DIGITS.fullmatch(level.strip()):
                self.refuse(column, f"must be such as gas/2, a skill and its level (got {word!r})")
                continue
            levels.append(SkillLevelRequest(skill.strip(), int(level)))
        return tuple(levels)

    def place(self, prefix: str = "", *, required: bool = False) -> Place | None:
        """Return the position of a row; None where it is empty or refused."""
        names = f"{prefix}latitude_degrees", f"{prefix}longitude_degrees"
        missing = [name for name in names if not self.text(name)]
        if len(missing) == 1 or required:
            for name in missing:
                self.refuse(name, "is missing", ViolationCode.REQUIRED)
        # What was typed there is a place, though written wrong: no message repeats it.
        latitude, longitude = (
            self._converted(name, _finite_number, "must be a number of degrees such as 31.2304", is_private=True)
            for name in names
        )
        return None if latitude is None or longitude is None else Place(latitude, longitude)

    def spans(self, column: str, day: WorkingDay) -> tuple[TimeSpan, ...]:
        """Return the spans of a cell such as ``09:00-12:00;14:00-17:30``."""
        spans = [self.span(column, word, day) for word in self.words(column)]
        return tuple(span for span in spans if span is not None)

    def span(self, column: str, word: str, day: WorkingDay) -> TimeSpan | None:
        """Return one span such as ``09:00-12:00`` that stands in a cell; None where it is refused."""
        form = _SPAN.fullmatch(word.strip())
        if form is None or max(int(form[1]), int(form[3])) >= MOST_HOURS:
            self.refuse(column, f"must be a span such as 09:00-12:30 (got {word!r})")
            return None
        hours, minutes, end_hours, end_minutes = (int(part) for part in form.groups())
        return TimeSpan(day.unix_s(hours, minutes), day.unix_s(end_hours, end_minutes))

    def clock(self, column: str, day: WorkingDay) -> int | None:
        """Return the Unix seconds of a cell such as ``17:30``; None where it is empty or refused."""
        value = self.text(column)
        if not value:
            return None
        form = _CLOCK.fullmatch(value)
        if form is None or int(form[1]) >= MOST_HOURS:
            self.refuse(column, f"must be a time such as 17:30 (got {value!r})")
            return None
        return day.unix_s(int(form[1]), int(form[2]))

    def _converted(
        self, column: str, convert: Callable[[str], Value], rule: str, *, is_private: bool = False
    ) -> Value | None:
        value = self.text(column)
        if not value:
            return None
        try:
            return convert(value)
        except ValueError:
            self.refuse(column, rule if is_private else f"{rule} (got {value!r})")
            return None


def _finite_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _seconds(minutes: str) -> int:
    value = float(minutes)
    if not abs(value) < MOST_MINUTES:
        raise ValueError(minutes)
    return round(value * 60)
