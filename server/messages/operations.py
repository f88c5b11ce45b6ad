"""Operations."""

from __future__ import annotations

from odograph import v1

from server.errors import FieldViolation
from server.messages.road_networks import road_network_message
from server.messages.times import timestamp_of_ms
from server.storage.records import OperationRecord, PlanRecord, RoadNetworkRecord
from server.use_cases.operations import OperationFailure, OperationKind

_KINDS = {v1.Operation.Kind.Value(f"KIND_{kind.name}"): kind for kind in OperationKind}


def operation_message(record: OperationRecord, result: RoadNetworkRecord | PlanRecord | None = None) -> v1.Operation:
    """Write an operation, with what it has made where that is given."""
    message = v1.Operation(
        id=record.id,
        kind=v1.Operation.Kind.Value(f"KIND_{record.kind.upper()}"),
        state=v1.Operation.State.Value(f"STATE_{record.state.upper()}"),
        label=record.label,
        create_time=timestamp_of_ms(record.create_ms),
        update_time=timestamp_of_ms(record.update_ms),
        end_time=None if record.end_ms is None else timestamp_of_ms(record.end_ms),
        progress=record.progress,
        stage=record.stage,
    )
    if isinstance(result, RoadNetworkRecord):
        message.road_network.CopyFrom(road_network_message(result))
    if isinstance(result, PlanRecord):
        message.plan.ParseFromString(result.content)
    if record.error:
        failure = OperationFailure.from_json(record.error)
        violations = violation_messages(failure.violations)
        message.error.CopyFrom(v1.OperationError(code=failure.code, message=failure.message, violations=violations))
    return message


def operation_kind_of_value(value: int) -> OperationKind | None:
    """Read a kind of operation; None where none is named that this version knows."""
    return _KINDS.get(v1.Operation.Kind.ValueType(value))


def violation_messages(violations: tuple[FieldViolation, ...]) -> list[v1.FieldViolation]:
    """Write the broken rules of a request."""
    return [
        v1.FieldViolation(
            field=each.field, code=v1.FieldViolation.Code.Value(f"CODE_{each.code.name}"), description=each.description
        )
        for each in violations
    ]
