"""Every error that the service raises on purpose, each with the gRPC status and the details that its caller gets.

The tree::

    OdographError                         status               details (google.rpc)
    ├── InvalidRequestError               INVALID_ARGUMENT     BadRequest with every broken rule
    ├── NotFoundError                     NOT_FOUND            ResourceInfo, BadRequest with the field that names it
    ├── AlreadyExistsError                ALREADY_EXISTS       ResourceInfo
    ├── NoPathError                       NOT_FOUND            BadRequest with the waypoints that have no path
    ├── WrongStateError                   FAILED_PRECONDITION  PreconditionFailure
    ├── SequenceGapError                  OUT_OF_RANGE         BadRequest, ErrorInfo with the expected sequence number
    ├── BusyError                         RESOURCE_EXHAUSTED   RetryInfo
    ├── SolverLostError                   UNAVAILABLE          RetryInfo
    ├── DeadlineTooShortError             DEADLINE_EXCEEDED    none
    ├── CancelledByCallerError            CANCELLED            none
    └── NotServedError                    UNIMPLEMENTED        none

`server.transport.call_guard` converts them, and turns everything else into INTERNAL with a request id. Messages never
hold coordinates: they go to logs, and a place is personal data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, ResourceInfo, RetryInfo

ERROR_DOMAIN = "odograph"
MOST_VIOLATIONS = 10_000
"""Kept in one error: a request of megabytes may break a rule at every entry, and a status has room for some fifty."""


class ViolationCode(Enum):
    """What kind of rule is broken: stable names for machines, those of `odograph.v1.FieldViolation.Code`.

    They are the `reason` of a ``google.rpc.BadRequest.FieldViolation``, too.
    """

    REQUIRED = "something that must be given is missing, or a list holds too few entries"
    OUT_OF_RANGE = "a number, a time or a text is smaller, larger or longer than allowed"
    LIMIT_EXCEEDED = "more than the service takes in one request: send less at a time"
    MALFORMED = "it cannot be read: not in the form that it must have"
    UNKNOWN_VALUE = "it is none of the values that there are"
    UNKNOWN_REFERENCE = "it names something that is not there, in the request or kept by the service"
    DUPLICATE = "the same is said or named twice"
    EMPTY_WINDOW = "a span of time ends before, or when, it starts"
    OUT_OF_ORDER = "times that must follow each other do not, or overlap"
    CONTRADICTION = "two rules of the request cannot both hold"
    NO_EFFECT = "it means nothing without another field"
    NOT_SUPPORTED = "it makes sense, but is not possible here, or not yet"
    NO_ROAD_NEARBY = "the place has no road within the radius"
    CUT_OFF = "the roads near the place are cut off from the roads of the other places"
    UNREACHABLE = "there is no way to the place, or none back"
    COORDINATES_SWAPPED = "latitude and longitude look exchanged"
    COORDINATE_SYSTEM_DOUBTFUL = "the places fit the roads in another coordinate system than the declared one"
    MORE_VIOLATIONS = "says how many more broken rules there are"


@dataclass(frozen=True)
class FieldViolation:
    """One broken rule of a request.

    Parameters
    ----------
    field
        Path of the request field, for example ``problem.visits[3].time_windows[0]``.
    code
        What kind of rule is broken.
    description
        What is wrong and what would be right, in one sentence without coordinates.
    """

    field: str
    code: ViolationCode
    description: str

    def inside(self, prefix: str) -> FieldViolation:
        """Return the same violation seen from the message that holds this one in field `prefix`."""
        return replace(self, field=f"{prefix}.{self.field}" if self.field else prefix)


class OdographError(Exception):
    """Root of every error that the service raises on purpose."""

    status: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN

    def details(self) -> tuple[Message, ...]:
        """Return the google.rpc messages that go with the status."""
        return ()


class InvalidRequestError(OdographError):
    """The request breaks one or more rules.

    Parameters
    ----------
    violations
        Every broken rule, not only the first; beyond ten thousand they are counted.
    """

    status = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, violations: tuple[FieldViolation, ...]) -> None:
        if len(violations) > MOST_VIOLATIONS:
            rest = f"{len(violations) - MOST_VIOLATIONS} more violations"
            more = FieldViolation("", ViolationCode.MORE_VIOLATIONS, rest)
            violations = (*violations[:MOST_VIOLATIONS], more)
        super().__init__("; ".join(f"{violation.field}: {violation.description}" for violation in violations))
        self.violations = violations

    def details(self) -> tuple[Message, ...]:
        """Return a BadRequest with every violation."""
        return (_bad_request(self.violations),)

    def inside(self, prefix: str) -> InvalidRequestError:
        """Return the same error seen from the message that holds the broken one in field `prefix`."""
        return InvalidRequestError(tuple(violation.inside(prefix) for violation in self.violations))


def refuse(unreadable: Iterable[FieldViolation], others: Iterable[FieldViolation] = ()) -> None:
    """Refuse a request that breaks any rule.

    Parameters
    ----------
    unreadable
        What cannot be read of it.
    others
        What else is wrong. A field that cannot be read breaks no other rule.

    Raises
    ------
    InvalidRequestError
        Where there is anything, with all of it.
    """
    violations = beside(unreadable, others)
    if violations:
        raise InvalidRequestError(violations)


def beside(unreadable: Iterable[FieldViolation], others: Iterable[FieldViolation]) -> tuple[FieldViolation, ...]:
    """Put together what cannot be read of a request and what else is wrong with it.

    Parameters
    ----------
    unreadable, others
        As in `refuse`.

    Returns
    -------
    tuple[FieldViolation, ...]
        All of them, but none of the others about a field that cannot be read.
    """
    first = tuple(unreadable)
    fields = {violation.field for violation in first}
    return (*first, *(violation for violation in others if violation.field not in fields))


class Resource(Enum):
    """What the service keeps, in the words of messages."""

    ROAD_NETWORK = "road network"
    MAP_FILE = "map file"
    PLAN = "plan"
    TRACK = "track"
    AUDIT = "audit"
    OPERATION = "operation"


class _ResourceError(OdographError):
    def __init__(self, resource: Resource, name: str, message: str) -> None:
        super().__init__(message)
        self.resource = resource
        self.name = name

    def details(self) -> tuple[Message, ...]:
        """Return the resource that the error is about."""
        return (ResourceInfo(resource_type=self.resource.value, resource_name=self.name, description=str(self)),)


class NotFoundError(_ResourceError):
    """A resource that the request names does not exist.

    Parameters
    ----------
    resource, name
        What is missing.
    field
        Path of the request field that names it; empty where there is none.
    """

    status = grpc.StatusCode.NOT_FOUND

    def __init__(self, resource: Resource, name: str, *, field: str = "") -> None:
        super().__init__(resource, name, f"there is no {resource.value} {name!r}")
        self.field = field

    def details(self) -> tuple[Message, ...]:
        """Return the resource, and the field that names it."""
        if not self.field:
            return super().details()
        return (
            *super().details(),
            _bad_request((FieldViolation(self.field, ViolationCode.UNKNOWN_REFERENCE, str(self)),)),
        )


class AlreadyExistsError(_ResourceError):
    """The id is taken by another resource."""

    status = grpc.StatusCode.ALREADY_EXISTS

    def __init__(self, resource: Resource, name: str) -> None:
        rule = f"another {resource.value} {name!r} exists already, of other content or kept by an earlier release"
        super().__init__(resource, name, f"{rule}: choose another id, or delete it first")


class NoPathError(OdographError):
    """The road network has no path between two places of the request."""

    status = grpc.StatusCode.NOT_FOUND

    def __init__(self, violations: tuple[FieldViolation, ...]) -> None:
        super().__init__("; ".join(f"{violation.field}: {violation.description}" for violation in violations))
        self.violations = violations

    def details(self) -> tuple[Message, ...]:
        """Return the fields that have no path between them."""
        return (_bad_request(self.violations),)


class WrongStateError(OdographError):
    """What is asked for cannot be done to the resource as it now is."""

    status = grpc.StatusCode.FAILED_PRECONDITION

    def __init__(self, resource: Resource, name: str, message: str) -> None:
        super().__init__(message)
        self.subject = f"{resource.value} {name!r}"

    def details(self) -> tuple[Message, ...]:
        """Return what stands in the way."""
        violation = PreconditionFailure.Violation(type="STATE", subject=self.subject, description=str(self))
        return (PreconditionFailure(violations=[violation]),)


class SequenceGapError(OdographError):
    """A part of a track starts after the sequence number that the track goes on from."""

    status = grpc.StatusCode.OUT_OF_RANGE

    def __init__(self, *, given: int, expected: int) -> None:
        super().__init__(f"part.first_sequence: must be at most {expected}, where the track goes on (got {given})")
        self.given = given
        self.expected = expected

    def details(self) -> tuple[Message, ...]:
        """Return the field, and the expected number for machines."""
        rule = f"must be at most {self.expected} (got {self.given})"
        violation = FieldViolation("part.first_sequence", ViolationCode.OUT_OF_ORDER, rule)
        info = ErrorInfo(
            reason="SEQUENCE_GAP", domain=ERROR_DOMAIN, metadata={"expected_first_sequence": str(self.expected)}
        )
        return (_bad_request((violation,)), info)


class _RetryError(OdographError):
    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    def details(self) -> tuple[Message, ...]:
        """Return when to try again."""
        delay = Duration()
        delay.FromMilliseconds(round(self.retry_after_s * 1000))
        return (RetryInfo(retry_delay=delay),)


class BusyError(_RetryError):
    """The service has as much to do as it takes on."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class SolverLostError(_RetryError):
    """The process that solved this problem died. Another has taken its place."""

    status = grpc.StatusCode.UNAVAILABLE


class DeadlineTooShortError(OdographError):
    """The deadline of the call leaves no time to begin."""

    status = grpc.StatusCode.DEADLINE_EXCEEDED


class CancelledByCallerError(OdographError):
    """The work was cancelled before there was anything to answer."""

    status = grpc.StatusCode.CANCELLED


class NotServedError(OdographError):
    """The method is specified, but this version of the service does not serve it."""

    status = grpc.StatusCode.UNIMPLEMENTED


def _bad_request(violations: tuple[FieldViolation, ...]) -> BadRequest:
    return BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field=each.field, reason=each.code.name, description=each.description)
            for each in violations
        ]
    )
