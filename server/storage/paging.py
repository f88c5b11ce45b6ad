"""Pages of a listing: each token names the last row of its page, so that rows added meanwhile shift nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from itertools import starmap
from typing import Any

from sqlalchemy import Column, Connection, Integer, Select, String, and_, or_

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
MAX_TOKEN_LENGTH = 4096
MAX_INTEGER = 2**63 - 1


class InvalidPageTokenError(ValueError):
    """A page token was not made by the listing that it was given to."""


def fetch_page(
    connection: Connection, query: Select[Any], *, order: Sequence[tuple[Column[Any], bool]], size: int, token: str
) -> tuple[list[dict[str, Any]], str]:
    """Fetch one page of a query.

    Parameters
    ----------
    connection
        Where to ask.
    query
        What to ask, without order; it selects every column of `order`.
    order
        Columns that together name a row, each with whether it is descending.
    size
        Rows on a page; 0 or less is the default, more than the cap is the cap.
    token
        Token of the page before; empty asks for the first.

    Returns
    -------
    tuple[list[dict[str, Any]], str]
        The rows, and the token of the next page (empty on the last).

    Raises
    ------
    InvalidPageTokenError
        Where the token cannot be read.
    """
    size = min(size if size > 0 else DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    if token:
        query = query.where(_follows(order, _read_token(token, [column for column, _ in order])))
    query = query.order_by(*(column.desc() if descending else column.asc() for column, descending in order))
    rows = [dict(row) for row in connection.execute(query.limit(size + 1)).mappings()]
    if len(rows) <= size:
        return rows, ""
    last = rows[size - 1]
    return rows[:size], _write_token([last[column.name] for column, _ in order])


def _follows(order: Sequence[tuple[Column[Any], bool]], values: list[Any]) -> Any:  # noqa: ANN401 - an SQL condition
    alternatives = []
    for position, ((column, descending), value) in enumerate(zip(order, values, strict=True)):
        ties = [earlier == tied for (earlier, _), tied in zip(order[:position], values[:position], strict=True)]
        alternatives.append(and_(*ties, column < value if descending else column > value))
    return or_(*alternatives)


def _write_token(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _read_token(token: str, columns: Sequence[Column[Any]]) -> list[Any]:
    """Read the values of a row: a token comes from outside, so nothing that a database could choke on passes."""
    try:
        values = json.loads(base64.b64decode(token[:MAX_TOKEN_LENGTH], altchars=b"-_", validate=True))
        # Another number of values than columns is a ValueError of `zip`.
        are_values = isinstance(values, list) and all(starmap(_is_value, zip(values, columns, strict=True)))
    except (ValueError, RecursionError):
        are_values = False
    if not are_values:
        message = "must be the next_page_token of the page before"
        raise InvalidPageTokenError(message)
    return list(values)


def _is_value(value: object, column: Column[Any]) -> bool:
    if isinstance(value, str):
        return isinstance(column.type, String) and "\0" not in value and _is_unicode(value)
    return type(value) is int and isinstance(column.type, Integer) and abs(value) <= MAX_INTEGER


def _is_unicode(value: str) -> bool:
    """Whether a text can be written at all: JSON can name halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
