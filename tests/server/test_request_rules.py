"""Rules that hold for every request: what cannot be read, ids, days and pages. Each is named beside all others."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from odograph import v1

from server.messages.unreadable_fields import MOST_ENTRIES
from tests.server.generic_call import METHODS, answers_of
from tests.server.rich_errors import violations_of

UNKNOWN = 99
ZONES = {"coordinate_system": UNKNOWN}
NAMED = {
    "RoadNetworkService.GetRoadNetwork": ["road_network_id"],
    "RoadNetworkService.DeleteRoadNetwork": ["road_network_id"],
    "PlanningService.GetPlan": ["plan_id"],
    "PlanningService.ExplainPlan": ["plan_id"],
    "PlanningService.PublishPlan": ["plan_id"],
    "PlanningService.DiffPlans": ["old_plan_id", "new_plan_id"],
    "PlanningService.SuggestSlots": ["coordinate_system", "plan_id"],
    "TrackService.GetTrack": ["name.worker_id", "name.day"],
    "TrackService.DeleteTrack": ["name.worker_id", "name.day"],
    "AuditService.GetAudit": ["audit_id"],
    "OperationService.GetOperation": ["operation_id"],
    "OperationService.CancelOperation": ["operation_id"],
    "OperationService.WatchOperation": ["operation_id"],
}
"""What each of these methods cannot do without."""


async def refused_fields(channel: grpc.aio.Channel, method: str, *requests: dict[str, Any]) -> list[str]:
    """The fields that the refusal of a call names."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await answers_of(channel, method, list(requests))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    return [field for field, _ in violations_of(refused.value)]


@pytest.mark.parametrize("method", NAMED)
async def test_a_missing_id_is_a_broken_rule(channel: grpc.aio.Channel, method: str) -> None:
    """Nothing is sought under an empty name: the caller has forgotten to say what it asks for."""
    assert await refused_fields(channel, method, {}) == NAMED[method]


@pytest.mark.parametrize(
    ("method", "request_", "fields"),
    [
        ("PlanningService.GetPlan", ZONES, ["coordinate_system", "plan_id"]),
        ("AuditService.GetAudit", {**ZONES, "view": UNKNOWN}, ["view", "coordinate_system", "audit_id"]),
        ("TrackService.GetTrack", ZONES, ["coordinate_system", "name.worker_id", "name.day"]),
        (
            "OperationService.ListOperations",
            {"kind": UNKNOWN, "page_size": -1, "page_token": "x"},
            ["kind", "page_size", "page_token"],
        ),
        (
            "RoadNetworkService.SnapPositions",
            {**ZONES, "positions": [{"latitude_degrees": 91}]},
            ["coordinate_system", "road_network", "positions[0].latitude_degrees"],
        ),
        (
            "AuditService.AuditTrack",
            {"gap_policy": UNKNOWN, "claimed_distance_meters": -1, "label": "a\0"},
            ["gap_policy", "label", "worker_id", "track", "road_network", "claimed_distance_meters"],
        ),
        (
            "PlanningService.BuildPlan",
            {"engine": UNKNOWN, "seed": -1, "problem": {**ZONES, "time_zone": "no\nwhere"}},
            ["problem.coordinate_system", "problem.time_zone", "engine", "problem.workers", "problem.visits", "seed"],
        ),
        (
            "RoadNetworkService.ImportRoadNetwork",
            {"source_file": "a\0.osm", "profile": "rocket"},
            ["source_file", "profile"],
        ),
        ("RoadNetworkService.MatchTrack", {**ZONES, "points": {}}, ["coordinate_system", "points", "road_network"]),
    ],
)
async def test_what_cannot_be_read_is_named_beside_all_else(
    channel: grpc.aio.Channel, method: str, request_: dict[str, Any], fields: list[str]
) -> None:
    """A value of a later version, or a control character, hides no other broken rule, and is its field's only one."""
    assert sorted(await refused_fields(channel, method, request_)) == sorted(fields)


@pytest.mark.parametrize("character", ["\0", "\n", "\x1b", "\x7f", "\x85"])
async def test_control_characters_are_refused_wherever_they_stand(channel: grpc.aio.Channel, character: str) -> None:
    """Ids and labels are one line of text; each that is none is named."""
    bad = f"an{character}na"
    header = {"name": {"worker_id": bad, "day": "2026-03-02"}, "coordinate_system": "COORDINATE_SYSTEM_WGS84"}
    assert await refused_fields(channel, "TrackService.RecordTrack", {"header": header}) == [
        "header.name.worker_id",
        "header.working_hours",
    ]
    problem = {"label": bad, "visits": [{"id": "x"}, {"id": bad, "label": bad, "required_skills": ["a", bad]}]}
    fields = await refused_fields(channel, "PlanningService.CheckPlan", {"problem": problem})
    assert fields[:4] == [
        "problem.label",
        *(f"problem.visits[1].{name}" for name in ("id", "label", "required_skills[1]")),
    ]


async def test_texts_that_no_listing_could_carry_are_refused(channel: grpc.aio.Channel) -> None:
    """A label of a megabyte would be kept, and end every listing that shows it; each text too long is named."""
    problem = {"label": "x" * 1_000_000, "visits": [{"id": "a", "label": "y" * 1001}, {"id": "b", "label": "z" * 1000}]}
    fields = await refused_fields(channel, "PlanningService.BuildPlan", {"problem": problem})
    assert [field for field in fields if field.endswith("label")] == ["problem.label", "problem.visits[0].label"]


@pytest.mark.parametrize("method", ["PlanningService.ListPlans", "TrackService.ListTracks", "AuditService.ListAudits"])
async def test_a_listing_says_all_that_is_wrong_with_it(channel: grpc.aio.Channel, method: str) -> None:
    """A day that is none would list nothing, and a negative size everything: both are slips of the pen."""
    request: dict[str, Any] = {"day": "2026-13-02", "page_size": -5, "page_token": "nonsense"}
    wanted = ["page_size", "day", "page_token"]
    if method != "PlanningService.ListPlans":
        request["worker_id"], wanted = "w" * 201, ["page_size", "worker_id", "day", "page_token"]
    assert await refused_fields(channel, method, request) == wanted


async def test_a_watch_without_end_is_refused(channel: grpc.aio.Channel) -> None:
    """The time between two messages of a watch is positive, and not so long that nobody would see one."""
    request = {"operation_id": "x", "least_interval": "-5s"}
    assert await refused_fields(channel, "OperationService.WatchOperation", request) == ["least_interval"]


async def test_reading_many_positions_keeps_nobody_waiting(channel: grpc.aio.Channel) -> None:
    """While 190,000 origins are read and refused, the event loop of the service answers others."""
    many = v1.ComputeTravelMatrixRequest(origins=[v1.Position(latitude_degrees=1.0)] * 190_000)
    refusal = asyncio.ensure_future(_error_of(v1.RoadNetworkServiceStub(channel).ComputeTravelMatrix(many)))
    answered = 0
    while not refusal.done():
        await v1.TrackServiceStub(channel).ListTracks(v1.ListTracksRequest())
        answered += 1
    assert "origins" in [field for field, _ in violations_of(await refusal)]
    assert answered > 1


async def test_positions_are_counted_before_they_are_read(channel: grpc.aio.Channel) -> None:
    """Too many positions are one broken rule beside all others."""
    many = v1.SnapPositionsRequest(positions=[v1.Position(latitude_degrees=91.0)] * 180_000)
    error = await _error_of(v1.RoadNetworkServiceStub(channel).SnapPositions(many))
    found = violations_of(error)
    assert found[0] == ("positions", "must be at most 10000 (got 180000)")
    assert [field for field, _ in found] == ["positions", "coordinate_system", "road_network"]


async def _error_of(call: grpc.aio.UnaryUnaryCall[Any, Any]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value


async def test_entries_are_counted_before_they_are_read(channel: grpc.aio.Channel) -> None:
    """A message of four megabytes can hold two million empty visits. To read them would take gigabytes."""
    many = v1.CheckPlanRequest(problem=v1.Problem(visits=[v1.Visit()] * 2_000_000))
    error = await _error_of(v1.PlanningServiceStub(channel).CheckPlan(many))
    assert ("problem.visits", "must be at most 2000 (got 2000000)") in violations_of(error)
    groups = [v1.VisitGroup(visit_ids=["a"] * 1000)] * 400
    many = v1.CheckPlanRequest(problem=v1.Problem(same_worker_groups=groups))
    error = await _error_of(v1.PlanningServiceStub(channel).CheckPlan(many))
    ((field, rule),) = violations_of(error)
    assert field == "problem.same_worker_groups[299].visit_ids"
    assert str(MOST_ENTRIES) in rule


def test_no_request_holds_what_is_not_looked_at() -> None:
    """Maps and bytes would pass the rules for texts unseen; no request has any."""
    seen: set[str] = set()

    def look(descriptor: Descriptor) -> None:
        if descriptor.full_name in seen:
            return
        seen.add(descriptor.full_name)
        for field in descriptor.fields:
            assert field.type != FieldDescriptor.TYPE_BYTES, field.full_name
            if field.message_type is not None:
                assert not field.message_type.GetOptions().map_entry, field.full_name
                look(field.message_type)

    for method in METHODS.values():
        look(method.input_type)
