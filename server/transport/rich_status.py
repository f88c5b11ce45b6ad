"""Writes an error as a status that every gRPC client can read.

A status travels in the trailers of a call, and clients refuse trailers of more than 8 KiB: they would see
RESOURCE_EXHAUSTED instead of the error. So a status is cut to what fits, and says how much was left out.
"""

from __future__ import annotations

from urllib.parse import quote

from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

from server.errors import OdographError, ViolationCode

# The trailers hold the message once percent-encoded and once more, with the details, in base64 (four bytes for three):
# 1000 + (1000 + 3600 + types) * 4/3 stays below 8 KiB.
MAX_MESSAGE_BYTES = 1000
MAX_DETAILS_BYTES = 3600
MAX_DESCRIPTION_LENGTH = 300
ENTRY_OVERHEAD_BYTES = 3
LEFT_OUT_BYTES = 100
READABLE = " ;:,'()[]{}"
"""What gRPC leaves as it is, beside letters, digits and what `quote` never changes."""
CUT = "…"


def rich_status(error: OdographError) -> Status:
    """Write an error as a status.

    Parameters
    ----------
    error
        What happened.

    Returns
    -------
    Status
        Its code, its message, and its details as far as they fit.
    """
    status = Status(code=error.status.value[0], message=_cut_message(str(error)))
    room = MAX_DETAILS_BYTES
    for detail in error.details():
        fitting = _fitting_violations(detail, room) if isinstance(detail, BadRequest) else detail
        if fitting.ByteSize() <= room:
            room -= fitting.ByteSize()
            packed = AnyMessage()
            packed.Pack(fitting)
            status.details.append(packed)
    return status


def _cut_message(text: str) -> str:
    """Return the beginning of a text that stays within the limit when it is percent-encoded."""
    if len(text) <= MAX_MESSAGE_BYTES and len(quote(text, safe=READABLE)) <= MAX_MESSAGE_BYTES:
        return text
    kept, room = [], MAX_MESSAGE_BYTES - len(quote(CUT))
    for character in text[:MAX_MESSAGE_BYTES]:
        room -= len(quote(character, safe=READABLE))
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + CUT


def _fitting_violations(bad_request: BadRequest, room: int) -> BadRequest:
    """Return the first violations, as many as fit, and how many more there are."""
    fitting = BadRequest()
    used = 0
    for number, violation in enumerate(bad_request.field_violations):
        description = violation.description
        if len(description) > MAX_DESCRIPTION_LENGTH:
            description = description[:MAX_DESCRIPTION_LENGTH] + CUT
        entry = BadRequest.FieldViolation(
            field=violation.field[:MAX_DESCRIPTION_LENGTH], reason=violation.reason, description=description
        )
        used += entry.ByteSize() + ENTRY_OVERHEAD_BYTES
        if used > room - LEFT_OUT_BYTES:
            left_out = len(bad_request.field_violations) - number
            rest = f"{left_out} more violations: a status has no room for them"
            fitting.field_violations.add(reason=ViolationCode.MORE_VIOLATIONS.name, description=rest)
            break
        fitting.field_violations.append(entry)
    return fitting
