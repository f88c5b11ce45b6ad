"""Coordinate systems: reads the declared one, and lets a finished answer speak another.

Answers are written in WGS-84. `speak` then converts every position inside, wherever it stands, because the messages
say by their type which fields are positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableSequence
from functools import cache

import numpy as np
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from odograph import v1

from geo.coordinates import CoordinateSystem, convert
from server.use_cases.planning_request import Place

_SYSTEMS = {
    v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84: CoordinateSystem.WGS84,
    v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02: CoordinateSystem.GCJ02,
    v1.CoordinateSystem.COORDINATE_SYSTEM_BD09: CoordinateSystem.BD09,
}
_VALUES = {system: value for value, system in _SYSTEMS.items()}
_COLUMN_MESSAGES = ("odograph.v1.Polyline", "odograph.v1.MatchedPoints", "odograph.v1.TrackPoints")


def declared_system(value: int) -> CoordinateSystem | None:
    """Read the coordinate system that a request declares; None where it declares none that is known."""
    return _SYSTEMS.get(v1.CoordinateSystem.ValueType(value))


def asked_system(value: int) -> CoordinateSystem:
    """Read the coordinate system that an answer shall speak: WGS-84 where nothing is asked."""
    return declared_system(value) or CoordinateSystem.WGS84


def value_of_system(system: CoordinateSystem) -> v1.CoordinateSystem.ValueType:
    """Write a coordinate system."""
    return _VALUES[system]


def place_of_position(position: v1.Position) -> Place:
    """Read a position."""
    return Place(position.latitude_degrees, position.longitude_degrees)


def position_of_place(place: Place) -> v1.Position:
    """Write a position."""
    return v1.Position(latitude_degrees=place.latitude_degrees, longitude_degrees=place.longitude_degrees)


def speak(message: Message, system: CoordinateSystem) -> None:
    """Convert every position inside a WGS-84 message, in place, and set its field `coordinate_system` where it has one.

    Parameters
    ----------
    message
        The answer.
    system
        What it shall speak.
    """
    if system is not CoordinateSystem.WGS84:
        positions = [found for found in _parts(message, _is_position) if isinstance(found, v1.Position)]
        latitude = [position.latitude_degrees for position in positions]
        longitude = [position.longitude_degrees for position in positions]
        converted = convert(latitude, longitude, source=CoordinateSystem.WGS84, target=system)
        for position, (new_latitude, new_longitude) in zip(positions, np.column_stack(converted).tolist(), strict=True):
            position.latitude_degrees, position.longitude_degrees = new_latitude, new_longitude
        for columns in _parts(message, _is_columns):
            if isinstance(columns, v1.Polyline | v1.MatchedPoints | v1.TrackPoints):
                _convert_columns(columns.latitude_degrees, columns.longitude_degrees, system)
    for part in _parts(message, _names_system):
        if "coordinate_system" in part.DESCRIPTOR.fields_by_name:
            setattr(part, "coordinate_system", value_of_system(system))  # noqa: B010 - of messages of many types


def _convert_columns(
    latitude: MutableSequence[float], longitude: MutableSequence[float], system: CoordinateSystem
) -> None:
    converted = convert(np.array(latitude), np.array(longitude), source=CoordinateSystem.WGS84, target=system)
    latitude[:] = converted[0].tolist()
    longitude[:] = converted[1].tolist()


def _names_system(kind: Descriptor) -> bool:
    return "coordinate_system" in kind.fields_by_name


def _is_position(kind: Descriptor) -> bool:
    return kind is v1.Position.DESCRIPTOR


def _is_columns(kind: Descriptor) -> bool:
    return kind.full_name in _COLUMN_MESSAGES


def _parts(message: Message, is_wanted: Callable[[Descriptor], bool]) -> Iterator[Message]:
    """Yield the message and every message inside it in which something wanted may lie: a plan has thousands more."""
    yield message
    for name, is_repeated in _fields_that_lead_to(message.DESCRIPTOR, is_wanted):
        value = getattr(message, name)
        if is_repeated:
            for part in value:
                yield from _parts(part, is_wanted)
        elif message.HasField(name):
            yield from _parts(value, is_wanted)


@cache
def _fields_that_lead_to(kind: Descriptor, is_wanted: Callable[[Descriptor], bool]) -> tuple[tuple[str, bool], ...]:
    """Name the fields of a kind of message that may hold a wanted one, at any depth, and say which are repeated."""
    return tuple(
        (field.name, field.is_repeated)
        for field in kind.fields
        if field.message_type is not None and _leads_to(field.message_type, is_wanted, frozenset())
    )


def _leads_to(kind: Descriptor, is_wanted: Callable[[Descriptor], bool], above: frozenset[str]) -> bool:
    if kind.full_name in above or kind.GetOptions().map_entry:
        return False
    below = above | {kind.full_name}
    return is_wanted(kind) or any(
        _leads_to(field.message_type, is_wanted, below) for field in kind.fields if field.message_type is not None
    )
