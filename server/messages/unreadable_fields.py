"""Finds what cannot be read of a request, whichever it is: the message itself says which fields it has.

Found are values of enumerations that this version does not know, and texts that are too long or hold control
characters: each is one more broken rule of the request, named beside all others. Before anything is read, the entries
of lists are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from server.errors import MOST_VIOLATIONS, FieldViolation, InvalidRequestError, ViolationCode
from server.use_cases.identity import text_violations

Request = TypeVar("Request", bound=Message)
Content = TypeVar("Content")

NO_LIMITS: Mapping[str, int] = {}
MOST_ENTRIES = 300_000
"""Of all lists of one request together. An entry may take two bytes of a message, and a thousand times that once read.
The longest that is served is a travel matrix of 250,000 rows and one column."""
NOT_KNOWN = "is none that this version of the service knows"


def read_request(
    request: Request, read: Callable[[Request], Content], most: Mapping[str, int] = NO_LIMITS
) -> tuple[Content, tuple[FieldViolation, ...]]:
    """Read a request, and say what cannot be read of it. A long one belongs into a thread beside the event loop.

    Parameters
    ----------
    request, read
        The message, and what reads it.
    most
        As in `unreadable_fields`.

    Returns
    -------
    tuple[Content, tuple[FieldViolation, ...]]
        What was read, and every field that cannot be.

    Raises
    ------
    InvalidRequestError
        As `unreadable_fields`; then nothing is read.
    """
    unreadable = unreadable_fields(request, most)
    return read(request), unreadable


def unreadable_fields(request: Message, most: Mapping[str, int] = NO_LIMITS) -> tuple[FieldViolation, ...]:
    """Say which fields of a request cannot be read.

    Parameters
    ----------
    request
        The message. A list that is too long is emptied: what is refused for its size is not worth looking through.
    most
        How many entries a list may have, by the full name of its field.

    Returns
    -------
    tuple[FieldViolation, ...]
        In the order of the fields; the first ten thousand.

    Raises
    ------
    InvalidRequestError
        Where all lists of the request together hold too many entries.
    """
    return tuple(islice(_Walk(most).violations(request, ""), MOST_VIOLATIONS))


class _Walk:
    """One walk through a message; counts the entries of lists."""

    def __init__(self, most: Mapping[str, int]) -> None:
        self._most = most
        self._entries = 0

    def violations(self, message: Message, prefix: str) -> Iterator[FieldViolation]:
        wanted = _fields_to_look_at(message.DESCRIPTOR)
        for field, value in message.ListFields():
            if field.number not in wanted:
                continue
            path = f"{prefix}{field.name}"
            if not field.is_repeated:
                yield from self._value_violations(field, value, path)
                continue
            most = self._most.get(field.full_name, len(value))
            if len(value) > most:
                yield FieldViolation(path, ViolationCode.LIMIT_EXCEEDED, f"must be at most {most} (got {len(value)})")
                del value[:]
            self._count(len(value), path)
            if _is_to_look_into(field):
                for index, each in enumerate(value):
                    yield from self._value_violations(field, each, f"{path}[{index}]")

    def _count(self, entries: int, path: str) -> None:
        self._entries += entries
        if self._entries > MOST_ENTRIES:
            rule = f"is too long: all lists of a request may hold {MOST_ENTRIES} entries together (got {entries} here)"
            raise InvalidRequestError((FieldViolation(path, ViolationCode.LIMIT_EXCEEDED, rule),))

    def _value_violations(
        self,
        field: FieldDescriptor,
        value: Any,  # noqa: ANN401 - of any field
        path: str,
    ) -> Iterator[FieldViolation]:
        if field.enum_type is not None:
            if value not in field.enum_type.values_by_number:
                yield FieldViolation(path, ViolationCode.UNKNOWN_VALUE, f"{NOT_KNOWN} (got {value})")
        elif field.message_type is not None:
            yield from self.violations(value, f"{path}.")
        else:
            yield from text_violations(value, path)


@cache
def _fields_to_look_at(descriptor: Descriptor) -> frozenset[int]:
    """Numbers of fields that may be unreadable, or hold what may be; numbers are left to the rules about them."""
    return frozenset(field.number for field in descriptor.fields if _is_list(field) or _is_to_look_into(field))


def _is_list(field: FieldDescriptor) -> bool:
    """Whether it holds entries that take much more room once they are read; columns of numbers do not."""
    return field.is_repeated and (field.message_type is not None or field.cpp_type == FieldDescriptor.CPPTYPE_STRING)


def _is_to_look_into(field: FieldDescriptor) -> bool:
    if field.message_type is not None:
        return bool(_fields_to_look_at(field.message_type))
    return field.enum_type is not None or field.cpp_type == FieldDescriptor.CPPTYPE_STRING
