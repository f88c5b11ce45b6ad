"""What a request names and the service does not keep, as broken rules beside the others.

Alone, a thing that is not there ends a call with NOT_FOUND. Beside other broken rules it must not be kept back: whoever
mends the request would hear of it only at the next try.
"""

from __future__ import annotations

from collections.abc import Awaitable

from server.errors import FieldViolation, InvalidRequestError, NotFoundError, Resource, ViolationCode
from server.use_cases.read_plans import get_plan
from server.use_cases.read_tracks import get_track
from server.use_cases.recorded_track import GivenTrack, TrackName
from server.use_cases.workshop import Workshop


async def beside_not_there(
    workshop: Workshop,
    violations: tuple[FieldViolation, ...],
    *,
    road_network: str,
    source: GivenTrack | TrackName | None,
    plan_id: str = "",
) -> tuple[FieldViolation, ...]:
    """Add to the broken rules of a request what it names and is not there.

    Parameters
    ----------
    workshop
        The service's tools.
    violations
        The broken rules. A name that is among them is not looked up.
    road_network
        Id; empty where the request names none.
    source
        The track: its name, or one that the request brings along.
    plan_id
        As `road_network`.

    Returns
    -------
    tuple[FieldViolation, ...]
        The broken rules, then one per thing that is not there; none where no rule is broken: the call itself then
        says NOT_FOUND.
    """
    if not violations:
        return ()
    broken = {violation.field.partition(".")[0] for violation in violations}
    found: list[FieldViolation] = []
    if plan_id and "plan_id" not in broken:
        found += await _violations_of(get_plan(workshop, plan_id))
    if isinstance(source, TrackName) and "stored_track" not in broken:
        found += await _violations_of(get_track(workshop, source, with_points=False, path="stored_track"))
    if road_network and "road_network" not in broken:
        found += await _violations_of(_get_network(workshop, road_network))
    return (*violations, *found)


async def _violations_of(reading: Awaitable[object]) -> tuple[FieldViolation, ...]:
    try:
        await reading
    except NotFoundError as error:
        return (FieldViolation(error.field, ViolationCode.UNKNOWN_REFERENCE, str(error)),)
    except InvalidRequestError as error:
        return error.violations
    return ()


async def _get_network(workshop: Workshop, network_id: str) -> None:
    if await workshop.threads.store(workshop.store.road_networks.get, network_id) is None:
        raise NotFoundError(Resource.ROAD_NETWORK, network_id, field="road_network")
