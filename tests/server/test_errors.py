"""Every error has a status and the details that its caller needs, and the tree in the docstring is the real one."""

from __future__ import annotations

import re

import grpc
import pytest

from server import errors
from server.errors import (
    AlreadyExistsError,
    BusyError,
    FieldViolation,
    InvalidRequestError,
    NoPathError,
    NotFoundError,
    OdographError,
    Resource,
    SequenceGapError,
    SolverLostError,
    WrongStateError,
)

VIOLATIONS = (FieldViolation("a", "is wrong"), FieldViolation("b[1]", "is missing"))


@pytest.mark.parametrize(
    ("error", "status", "details"),
    [
        (InvalidRequestError(VIOLATIONS), "INVALID_ARGUMENT", ["BadRequest"]),
        (NoPathError(VIOLATIONS), "NOT_FOUND", ["BadRequest"]),
        (NotFoundError(Resource.PLAN, "p"), "NOT_FOUND", ["ResourceInfo"]),
        (NotFoundError(Resource.PLAN, "p", field="plan_id"), "NOT_FOUND", ["ResourceInfo", "BadRequest"]),
        (AlreadyExistsError(Resource.ROAD_NETWORK, "n"), "ALREADY_EXISTS", ["ResourceInfo"]),
        (WrongStateError(Resource.TRACK, "t", "no"), "FAILED_PRECONDITION", ["PreconditionFailure"]),
        (SequenceGapError(given=9, expected=4), "OUT_OF_RANGE", ["BadRequest", "ErrorInfo"]),
        (BusyError("busy", retry_after_s=2.5), "RESOURCE_EXHAUSTED", ["RetryInfo"]),
        (SolverLostError("lost", retry_after_s=1), "UNAVAILABLE", ["RetryInfo"]),
    ],
)
def test_an_error_carries_its_status_and_details(error: OdographError, status: str, details: list[str]) -> None:
    """Each class declares its gRPC status and the google.rpc messages that go with it."""
    assert error.status is grpc.StatusCode[status]
    assert [detail.DESCRIPTOR.name for detail in error.details()] == details


def test_a_violation_can_be_seen_from_outside() -> None:
    """The path of a field grows by the field that holds its message."""
    inner = InvalidRequestError(VIOLATIONS)
    assert [violation.field for violation in inner.inside("part").violations] == ["part.a", "part.b[1]"]
    assert FieldViolation("", "all of it").inside("part").field == "part"


def test_the_tree_in_the_docstring_is_complete() -> None:
    """Every public error stands in the drawn tree with its own status, and nothing else does."""
    drawn = dict(re.findall(r"── (\w+)\s+([A-Z_]+)", errors.__doc__ or ""))
    real = {
        name: each.status.name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, OdographError) and each is not OdographError
        if not name.startswith("_")
    }
    assert drawn == real
