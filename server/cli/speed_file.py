"""Files of speeds by road class and hour: the `SpeedProfile` of the API as JSON."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.json_format import Parse, ParseError
from odograph import v1

from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.messages.departures import speeds_of_message
from server.use_cases.departure import ClassSpeeds, speed_violations


def read_speeds(path: Path) -> tuple[ClassSpeeds, ...]:
    """Read a file of speeds.

    Parameters
    ----------
    path
        Written by ``odograph roads learn-speeds``, or by hand.

    Returns
    -------
    tuple[ClassSpeeds, ...]
        The speeds.

    Raises
    ------
    InvalidRequestError
        Where the file is no `SpeedProfile`, or with every broken rule in it.
    """
    try:
        message = Parse(path.read_text(encoding="utf-8"), v1.SpeedProfile())
    except (ParseError, UnicodeDecodeError) as error:
        sentence = 'is no JSON such as {"classes": [{"road_class": "primary", "factors": [0.8]}]}'
        raise InvalidRequestError((FieldViolation(path.name, ViolationCode.MALFORMED, sentence),)) from error
    speeds = speeds_of_message(message)
    violations = tuple(violation.inside(path.name) for violation in speed_violations(speeds))
    if violations:
        raise InvalidRequestError(violations)
    return speeds
