"""Every error has a status and the details that its caller needs, and the tree in the docstring is the real one."""

from __future__ import annotations

import re
from pathlib import Path

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from odograph import v1

import geo.errors
import optimizer.errors
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
    ViolationCode,
    WrongStateError,
)

VIOLATIONS = (
    FieldViolation("a", ViolationCode.MALFORMED, "is wrong"),
    FieldViolation("b[1]", ViolationCode.REQUIRED, "is missing"),
)


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
    assert FieldViolation("", ViolationCode.MALFORMED, "all of it").inside("part").field == "part"


@pytest.mark.parametrize("error", [InvalidRequestError(VIOLATIONS), NoPathError(VIOLATIONS)])
def test_the_details_hold_the_code_of_each_violation(error: OdographError) -> None:
    """The reason of a violation in a gRPC status is the stable name of its code."""
    (found,) = error.details()
    assert isinstance(found, BadRequest)
    assert [each.reason for each in found.field_violations] == ["MALFORMED", "REQUIRED"]


def test_codes_are_the_same_everywhere() -> None:
    """The API enumerates exactly the codes that there are, and what the packages below say has a code there."""
    known = {code.name for code in ViolationCode}
    assert {f"CODE_{name}" for name in known} | {"CODE_UNSPECIFIED"} == set(v1.FieldViolation.Code.keys())
    assert {code.name for code in optimizer.errors.ViolationCode} <= known
    assert {code.name for code in geo.errors.ViolationCode} <= known


def test_every_code_is_documented() -> None:
    """The table of codes in docs/api.md has one row for each, in the order of the API, with what it means."""
    document = Path(__file__).resolve().parents[2] / "docs" / "api.md"
    table = document.read_text(encoding="utf-8").split("| code | what is wrong |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(code.name, code.value) for code in ViolationCode]


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
