"""Matches and audits over a real channel say where a road was shut at the local time at which it was driven."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
from odograph import v1

from server.settings import Settings
from tests.server.conftest import import_and_wait
from tests.server.planning import EIGHT_S, HOUR_S, WGS84, build, problem, visit, window, worker
from tests.server.town import crossing, write_school_street

EIGHT_IN_HELSINKI_S = EIGHT_S - 2 * HOUR_S


def school_street(start_s: int) -> v1.TrackPoints:
    """A drive along Street 2, of which motor vehicles are kept out on school mornings."""
    latitude, longitude = zip(*(crossing(column, 2) for column in np.linspace(0.1, 3.9, 24)), strict=True)
    times = [1000 * (start_s + 5 * number) for number in range(24)]
    return v1.TrackPoints(unix_milliseconds=times, latitude_degrees=latitude, longitude_degrees=longitude)


@pytest.fixture
async def school(channel: grpc.aio.Channel, settings: Settings) -> grpc.aio.Channel:
    """A channel to a service that knows the town with its school street."""
    write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    return channel


async def test_a_match_is_judged_by_the_clocks_that_its_request_names(school: grpc.aio.Channel) -> None:
    """Shut at eight in Helsinki, open at noon; not judged without a time zone, nor in UTC, which is no place."""
    stub = v1.RoadNetworkServiceStub(school)
    for start_s, time_zone, is_listed in (
        (EIGHT_IN_HELSINKI_S, "Europe/Helsinki", True),
        (EIGHT_IN_HELSINKI_S + 4 * HOUR_S, "Europe/Helsinki", False),
        (EIGHT_S, "UTC", False),
        (EIGHT_S, "", False),
    ):
        match = await stub.MatchTrack(
            v1.MatchTrackRequest(
                road_network="school-car",
                points=school_street(start_s),
                coordinate_system=WGS84,
                time_zone=time_zone,
            )
        )
        kinds = [passage.kind for passage in match.forbidden_passages]
        assert kinds == [v1.ForbiddenPassage.KIND_NO_ACCESS] * is_listed
        assert [segment.forbidden_piece_count for segment in match.segments] == [4 * is_listed]


async def test_an_audit_is_judged_by_the_clocks_of_its_plan(school: grpc.aio.Channel) -> None:
    """The plan's time zone decides; a plan that names none is one of UTC, and nothing is said of the street."""
    for time_zone, is_listed in (("Europe/Helsinki", True), ("", False)):
        asked = problem(
            road_network="school-car",
            time_zone=time_zone,
            workers=[worker("anna", shift=window(-3, 6))],
            visits=[visit("v", 2, 0)],
        )
        plan = (await build(school, asked))[-1].plan
        audit = await v1.AuditServiceStub(school).AuditTrack(
            v1.AuditTrackRequest(
                plan_id=plan.id,
                worker_id="anna",
                points=school_street(EIGHT_IN_HELSINKI_S),
                coordinate_system=WGS84,
                view=v1.AuditView.AUDIT_VIEW_FULL,
            )
        )
        assert len(audit.match.forbidden_passages) == is_listed
