"""Pages of a listing: each token names the last row of its page, so that rows added meanwhile shift nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, or_

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


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
        query = query.where(_follows(order, _read_token(token, len(order))))
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


def _read_token(token: str, count: int) -> list[Any]:
    try:
        values = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        message = "must be the next_page_token of the page before"
        raise InvalidPageTokenError(message) from error
    if not isinstance(values, list) or len(values) != count or not all(isinstance(v, int | str) for v in values):
        message = "must be the next_page_token of the page before"
        raise InvalidPageTokenError(message)
    return values
