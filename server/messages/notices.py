"""Notices of an answer."""

from __future__ import annotations

from collections.abc import Iterable

from odograph import v1

from server.use_cases.notices import Notice, NoticeCode


def notice_messages(notices: Iterable[Notice]) -> list[v1.Notice]:
    """Write notices."""
    return [
        v1.Notice(
            code=v1.Notice.Code.Value(f"CODE_{notice.code.name}"), field=notice.field, description=notice.description
        )
        for notice in notices
    ]


def notices_of_messages(messages: Iterable[v1.Notice]) -> tuple[Notice, ...]:
    """Read notices."""
    return tuple(
        Notice(NoticeCode[v1.Notice.Code.Name(message.code).removeprefix("CODE_")], message.field, message.description)
        for message in messages
    )
