"""Tables: reads CSV, XLSX and JSON files into rows of text, and remembers where each row stood.

The first row of a CSV or XLSX file names the columns; a JSON file is a list of objects. Column names may be written in
any case, with spaces or hyphens for underscores. CSV files may be UTF-8 (with or without a mark) or GB 18030, which
is what Chinese spreadsheets write; the separator may be a comma, a semicolon or a tab.
"""

from __future__ import annotations

import csv
import json
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from server.errors import FieldViolation, InvalidRequestError, ViolationCode

MAX_UNPACKED_BYTES = 1 << 30
"""What the fullest sheet needs: 1,048,576 rows of ten cells, at a hundred bytes each."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, ParseError, LookupError, ValueError, TypeError, AttributeError, EOFError)
"""What openpyxl raises in the middle of a file that is not as its own table of contents says."""


@dataclass(frozen=True)
class TableRow:
    """One row of a table.

    Parameters
    ----------
    place
        Where the row stands, for people: ``row 3 of visits.csv``.
    cells
        Text of each cell that is not empty, by column name.
    columns
        Names of all columns of the row, those of empty cells among them.
    """

    place: str
    cells: dict[str, str]
    columns: tuple[str, ...]


def read_table(path: Path) -> tuple[TableRow, ...]:
    """Read a table of any supported kind.

    Parameters
    ----------
    path
        A file that ends in ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.json``.

    Returns
    -------
    tuple[TableRow, ...]
        The rows that are not empty, in order.

    Raises
    ------
    InvalidRequestError
        Where the file cannot be read as the kind that its name says, or has no rows.
    """
    readers = {".csv": _csv_rows, ".tsv": _csv_rows, ".txt": _csv_rows, ".xlsx": _xlsx_rows, ".json": _json_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise invalid_file(path, f"must end in one of {', '.join(sorted(readers))} (got {path.suffix!r})")
    rows = tuple(row for row in reader(path) if row.cells)
    if not rows:
        raise invalid_file(path, "holds no rows of data")
    return rows


def invalid_file(path: Path, description: str) -> InvalidRequestError:
    """Make the error about a file as a whole.

    Parameters
    ----------
    path, description
        The file, and what is wrong with it.

    Returns
    -------
    InvalidRequestError
        To be raised by the caller.
    """
    return _invalid(path.name, description)


def read_text(path: Path) -> str:
    """Read a text file that is UTF-8 or GB 18030.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        Its text without a byte order mark.

    Raises
    ------
    InvalidRequestError
        Where the file is neither.
    """
    return _decoded(path.read_bytes(), path.name)


def read_json(path: Path) -> object:
    """Read a JSON document.

    Parameters
    ----------
    path
        The file; UTF-8 or GB 18030.

    Returns
    -------
    object
        What it holds.

    Raises
    ------
    InvalidRequestError
        Where the file is no JSON, is nested hundreds of times, or holds a number of thousands of digits.
    """
    return decoded_json(path.read_bytes(), path.name)


def decoded_json(content: bytes, name: str) -> object:
    """Read a JSON document that is in memory already.

    Parameters
    ----------
    content
        UTF-8 or GB 18030.
    name
        Of the document, for messages.

    Returns
    -------
    object
        What it holds.

    Raises
    ------
    InvalidRequestError
        As in `read_json`.
    """
    try:
        document: object = json.loads(_decoded(content, name))
    except json.JSONDecodeError as error:
        raise _invalid(name, f"is not JSON: {error.msg} in line {error.lineno}") from error
    except (ValueError, RecursionError) as error:
        raise _invalid(name, "is JSON beyond what can be read: nested too deeply, or a number too long") from error
    return document


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _invalid(name, "must be text in UTF-8 or GB 18030")


def _invalid(name: str, description: str) -> InvalidRequestError:
    return InvalidRequestError((FieldViolation(name, ViolationCode.MALFORMED, description),))


def _csv_rows(path: Path) -> list[TableRow]:
    text = read_text(path)
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    try:
        lines = list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise invalid_file(path, f"is not a CSV file: {error}") from error
    return _rows_below_header(path, lines)


def _xlsx_rows(path: Path) -> list[TableRow]:
    _refuse_bomb(path)
    try:
        with closing(load_workbook(path, read_only=True, data_only=True)) as book:
            lines = [[_cell_text(value) for value in line] for line in book.worksheets[0].values]
    except _DAMAGED as error:
        raise invalid_file(path, "is not an XLSX workbook, or is damaged") from error
    return _rows_below_header(path, lines)


def _refuse_bomb(path: Path) -> None:
    """Refuse a workbook that says of itself that it unpacks to more than any table needs."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked_bytes = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise invalid_file(path, "is not an XLSX workbook, or is damaged") from error
    if unpacked_bytes > MAX_UNPACKED_BYTES:
        raise invalid_file(path, f"must unpack to at most {MAX_UNPACKED_BYTES >> 20} MiB (got {unpacked_bytes >> 20})")


def _json_rows(path: Path) -> list[TableRow]:
    objects = read_json(path)
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise invalid_file(path, "must be a JSON list of objects")
    return [
        _row(path, number, item.keys(), [_cell_text(value) for value in item.values()])
        for number, item in enumerate(objects, 1)
    ]


def _rows_below_header(path: Path, lines: list[list[str]]) -> list[TableRow]:
    if not lines:
        raise invalid_file(path, "is empty; the first row must name the columns")
    header, *body = lines
    return [_row(path, number, header, line) for number, line in enumerate(body, 2)]


def _row(path: Path, number: int, names: Iterable[str], values: Sequence[str]) -> TableRow:
    columns = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in names]
    # A cell may hold several lines; what is read of it is one.
    texts = (" ".join(value.split()) for value in values)
    cells = {name: text for name, text in zip(columns, texts, strict=False) if name and text}
    return TableRow(f"row {number} of {path.name}", cells, tuple(filter(None, columns)))


def _cell_text(value: object) -> str:
    """Text of a cell as a person would have typed it; lists become ``a;b``."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(_cell_text(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
