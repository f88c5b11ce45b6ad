"""A departure decides which roads are open and how fast they are, in RoadNetworkService and in plans."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import grpc
import numpy as np
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadClass
from geo.roads.profiles import CAR
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from server.compute.open_networks import MAX_ROUTERS_AT, OpenNetwork
from server.settings import Settings
from server.use_cases.departure import ClassSpeeds, Departure, routers_from
from tests.server.conftest import import_and_wait
from tests.server.planning import build, problem, visit, worker
from tests.server.rich_errors import violations_of
from tests.server.town import crossing, write_school_street, write_town

WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84
HELSINKI = ZoneInfo("Europe/Helsinki")


def _departure(hour: int, day: int = 2, *, holiday: bool = False) -> v1.Departure:
    """An hour in Helsinki; the second of March 2026 is a Monday."""
    time = Timestamp()
    time.FromDatetime(datetime(2026, 3, day, hour, tzinfo=HELSINKI))
    return v1.Departure(time=time, time_zone="Europe/Helsinki", is_public_holiday=holiday)


async def test_a_street_that_is_closed_in_the_morning(channel: grpc.aio.Channel, settings: Settings) -> None:
    """The way along it is straight at noon, on Sundays and without a departure, and a detour on a Monday at eight."""
    write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    stub = v1.RoadNetworkServiceStub(channel)
    ends = [
        v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)
        for latitude, longitude in (crossing(0, 2), crossing(2, 2))
    ]
    straight_m, detour_m = 2 * 223, 4 * 223
    for departure, expected_m in (
        (None, straight_m),
        (_departure(12), straight_m),
        (_departure(8, day=1), straight_m),
        (_departure(8), detour_m),
        (_departure(7), detour_m),
    ):
        route = await stub.ComputeRoute(
            v1.ComputeRouteRequest(
                road_network="school-car", coordinate_system=WGS84, waypoints=ends, departure=departure
            )
        )
        matrix = await stub.ComputeTravelMatrix(
            v1.ComputeTravelMatrixRequest(
                road_network="school-car", coordinate_system=WGS84, origins=ends, departure=departure
            )
        )
        assert route.distance_meters == pytest.approx(expected_m, rel=0.01)
        assert matrix.distance_centimeters[1] == round(route.distance_meters * 100)


async def test_a_place_on_a_street_that_is_closed_then(channel: grpc.aio.Channel, settings: Settings) -> None:
    """It has a way at noon; on a school morning the error says whose road is closed."""
    write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    stub = v1.RoadNetworkServiceStub(channel)
    request = v1.ComputeRouteRequest(
        road_network="school-car",
        coordinate_system=WGS84,
        waypoints=[
            v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)
            for latitude, longitude in (crossing(0.5, 0), crossing(1.5, 2))
        ],
        departure=_departure(12),
    )
    assert (await stub.ComputeRoute(request)).distance_meters > 0
    request.departure.CopyFrom(_departure(8))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.ComputeRoute(request)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    sentence = "there is no path to it from waypoints[0]; the road of waypoints[1] is closed at the departure"
    assert violations_of(caught.value) == [("waypoints[1]", sentence)]


async def test_a_matrix_names_the_places_whose_road_is_closed_then(
    channel: grpc.aio.Channel, settings: Settings
) -> None:
    """They have no way on a school morning and a notice says why; not at noon, nor where the caller knows the ways."""
    write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    stub = v1.RoadNetworkServiceStub(channel)
    places = [
        v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)
        for latitude, longitude in (crossing(0.5, 0), crossing(1.5, 2))
    ]

    async def closed(hour: int | None, **changes: object) -> list[str]:
        fields: dict[str, object] = {"origins": places, **changes}
        if hour is not None:
            fields["departure"] = _departure(hour)
        asked = v1.ComputeTravelMatrixRequest(road_network="school-car", coordinate_system=WGS84, **fields)  # type: ignore[arg-type]
        matrix = await stub.ComputeTravelMatrix(asked)
        notices = [each for each in matrix.notices if each.code == v1.Notice.CODE_ROAD_CLOSED_AT_DEPARTURE]
        assert all("closed at the departure" in each.description for each in notices)
        return [each.field for each in notices]

    assert await closed(8) == ["origins[1]"]
    assert await closed(8, origins=places[:1], destinations=places) == ["destinations[1]"]
    assert await closed(12) == await closed(None) == []
    travel = v1.TravelOverride.Travel(duration=Duration(seconds=600), distance_meters=1000.0)
    known = [
        v1.TravelOverride(origin=origin, destination=destination, known=travel)
        for origin, destination in ((0, 1), (1, 0), (1, 1))
    ]
    assert await closed(8, overrides=known) == []


async def test_a_plan_names_the_places_whose_road_is_closed_then(channel: grpc.aio.Channel, settings: Settings) -> None:
    """A visit that only the bicycle reaches on a school morning has a notice; who cannot reach any is told the road."""
    write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    await import_and_wait(channel, "school.osm", "bicycle")
    workers = [worker("anna"), worker("bo", road_network="school-bicycle")]
    visits = [visit("open", 0.5, 0), visit("shut", 1.5, 2)]
    asked = problem(road_network="school-car", workers=workers, visits=visits, departure=_departure(8))

    def closed(plan: v1.Plan) -> list[str]:
        return [each.field for each in plan.notices if each.code == v1.Notice.CODE_ROAD_CLOSED_AT_DEPARTURE]

    plan = (await build(channel, asked))[-1].plan
    assert closed(plan) == ["problem.visits[1].position"]
    assert not plan.unplanned_visits
    asked.departure.CopyFrom(_departure(12))
    assert closed((await build(channel, asked))[-1].plan) == []
    del asked.workers[1], asked.visits[1]
    asked.departure.CopyFrom(_departure(8))
    asked.workers[0].start_position.CopyFrom(visits[1].position)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(channel, asked)
    assert [field for field, _ in violations_of(refused.value)] == [
        "problem.visits[0].position",
        "problem.workers[0].start_position",
    ]
    assert "closed at the departure" in violations_of(refused.value)[1][1]


async def test_a_way_that_only_the_caller_knows_is_a_straight_line(
    channel: grpc.aio.Channel, settings: Settings
) -> None:
    """A visit on a street that is closed then is refused; where the caller knows the ways, they are drawn straight."""
    write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    visits = [visit("shut", 1.5, 2)]
    asked = problem(road_network="school-car", workers=[worker("anna")], visits=visits, departure=_departure(8))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(channel, asked)
    ((field, sentence),) = violations_of(refused.value)
    assert field == "problem.visits[0].position"
    assert sentence.startswith("no worker has a way there and back; its road is closed at the departure")
    travel = v1.KnownTravel.Travel(duration=Duration(seconds=600), distance_meters=1000.0)
    asked.known_travels.extend(
        [
            v1.KnownTravel(from_worker_id="anna", to_visit_id="shut", known=travel),
            v1.KnownTravel(from_visit_id="shut", to_worker_id="anna", known=travel),
        ]
    )
    (route,) = (await build(channel, asked))[-1].plan.routes
    there, back = (leg.path for leg in route.legs)
    (south, west), (north, east) = crossing(0, 0), crossing(1.5, 2)
    assert list(there.latitude_degrees) == pytest.approx([south, north])
    assert list(there.longitude_degrees) == pytest.approx([west, east])
    assert list(back.latitude_degrees) == pytest.approx([north, south])
    assert list(back.longitude_degrees) == pytest.approx([east, west])


def _rush_hour(factor: float = 0.5) -> v1.SpeedProfile:
    """Residential streets are slow from eight to nine, every day."""
    factors = [factor if hour == 8 else 1.0 for hour in range(24)]
    return v1.SpeedProfile(classes=[v1.ClassSpeeds(road_class="residential", factors=factors)])


@pytest.mark.asyncio(loop_scope="session")
async def test_speeds_of_an_hour_hold_in_that_hour(town: grpc.aio.Channel) -> None:
    """Twice as long at eight, as ever at noon; who starts when the rush hour ends drives the rest at full speed.

    Matrix and route agree, and every leg begins when the one before ends.
    """
    stub = v1.RoadNetworkServiceStub(town)
    ends = [
        v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)
        for latitude, longitude in (crossing(0.5, 2), crossing(3.5, 2))
    ]

    async def answer(departure: v1.Departure | None) -> tuple[float, float]:
        route = await stub.ComputeRoute(
            v1.ComputeRouteRequest(
                road_network="town-car", coordinate_system=WGS84, waypoints=[*ends, ends[0]], departure=departure
            )
        )
        matrix = await stub.ComputeTravelMatrix(
            v1.ComputeTravelMatrixRequest(
                road_network="town-car", coordinate_system=WGS84, origins=ends, departure=departure
            )
        )
        there, back = (leg.duration.ToMilliseconds() for leg in route.legs)
        # A route times its roads one by one, a matrix the way as a whole: turns do not become slower.
        assert matrix.duration_milliseconds[1] == pytest.approx(there, abs=20)
        assert route.duration.ToMilliseconds() == there + back
        return there / 1000, back / 1000

    plain_s, _ = await answer(None)
    late = _departure(8)
    late.time.FromDatetime(datetime(2026, 3, 2, 8, 59, 40, tzinfo=HELSINKI))
    late.speed_profile.CopyFrom(_rush_hour())
    noon, rush = _departure(12), _departure(8)
    noon.speed_profile.CopyFrom(_rush_hour())
    rush.speed_profile.CopyFrom(_rush_hour())
    assert await answer(noon) == pytest.approx((plain_s, plain_s), abs=0.01)
    assert await answer(rush) == pytest.approx((2 * plain_s, 2 * plain_s), rel=0.01)
    # Twenty seconds at half the speed are ten seconds' worth of the way; on the way back the rush hour is over.
    assert plain_s > 20
    assert await answer(late) == pytest.approx((plain_s + 10, plain_s), rel=0.01)


@pytest.mark.asyncio(loop_scope="session")
async def test_every_wrong_speed_is_named(town: grpc.aio.Channel) -> None:
    """An unknown class, one given twice, a wrong number of factors and impossible ones are named together."""
    profile = v1.SpeedProfile(
        classes=[
            v1.ClassSpeeds(road_class="primary", factors=[1.0]),
            v1.ClassSpeeds(road_class="primary", factors=[0.0, 0.04, 0.05, *[1.0] * 20, math.nan]),
            v1.ClassSpeeds(road_class="boulevard", factors=[1.0] * 7),
        ]
    )
    departure = _departure(8)
    departure.speed_profile.CopyFrom(profile)
    ends = [v1.Position(latitude_degrees=place[0], longitude_degrees=place[1]) for place in (crossing(0, 0),) * 2]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeRoute(
            v1.ComputeRouteRequest(
                road_network="town-car", coordinate_system=WGS84, waypoints=ends, departure=departure
            )
        )
    wrong = ("[1].road_class", "[1].factors[0]", "[1].factors[1]", "[1].factors[23]", "[2].road_class", "[2].factors")
    fields = [f"departure.speed_profile.classes{each}" for each in wrong]
    assert [field for field, _ in violations_of(refused.value)] == fields


@pytest.mark.asyncio(loop_scope="session")
async def test_a_plan_takes_ways_as_they_are_at_its_departure(town: grpc.aio.Channel) -> None:
    """All ways of a plan for the rush hour take twice as long; a wrong departure is named with everything else."""
    asked = problem(visits=[visit("far", 4, 3)])
    plain = (await build(town, asked))[-1].plan
    asked.departure.CopyFrom(_departure(8))
    asked.departure.speed_profile.CopyFrom(_rush_hour())
    slow = (await build(town, asked))[-1].plan
    assert slow.totals.travel_duration.seconds == pytest.approx(2 * plain.totals.travel_duration.seconds, rel=0.05)
    assert slow.totals.distance_meters == pytest.approx(plain.totals.distance_meters)
    asked.departure.time_zone = "Europe/Nowhere"
    asked.visits[0].id = ""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await build(town, asked)
    fields = {field for field, _ in violations_of(refused.value)}
    assert {"problem.departure.time_zone", "problem.visits[0].id"} <= fields


def test_nobody_waits_for_the_router_of_another_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads that ask for different speeds make them at the same time: each is finished only with the other."""
    write_town(tmp_path / "town.osm")
    network = import_osm_file(tmp_path / "town.osm", CAR).network
    opened = OpenNetwork("town", network, Snapper(network), Router.build(network))
    both, with_speeds = threading.Barrier(2, timeout=30), Router.with_speeds

    def with_speeds_together(router: Router, speeds: SpeedOverlay) -> Router:
        both.wait()
        return with_speeds(router, speeds)

    monkeypatch.setattr(Router, "with_speeds", with_speeds_together)
    noon = datetime(2026, 3, 2, 12, tzinfo=HELSINKI)

    def router_at(factor: float) -> Router:
        return opened.router_at(noon, holiday=False, factors=np.full(len(RoadClass), factor))

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(router_at, (0.5, 0.8))
    assert first.hierarchy is second.hierarchy


def test_hours_of_one_set_of_conditions_share_its_layout(tmp_path: Path) -> None:
    """A street that is private in the morning is laid out anew once, whatever the speeds of the hour."""
    write_town(tmp_path / "town.osm")
    text = (tmp_path / "town.osm").read_text(encoding="utf-8")
    name = '<tag k="name" v="Street 2"/>'
    private = name + '<tag k="motor_vehicle:conditional" v="private @ (Mo-Fr 07:00-09:00)"/>'
    (tmp_path / "town.osm").write_text(text.replace(name, private), encoding="utf-8")
    network = import_osm_file(tmp_path / "town.osm", CAR).network
    opened = OpenNetwork("town", network, Snapper(network), Router.build(network))
    morning = datetime(2026, 3, 2, 8, tzinfo=HELSINKI)
    plain = opened.router_at(morning, holiday=False)
    slow = opened.router_at(morning, holiday=False, factors=np.full(len(RoadClass), 0.5))
    assert plain.hierarchy is slow.hierarchy
    assert plain.hierarchy is not opened.router.hierarchy
    places = opened.snapper.snap(*zip(crossing(0, 2), crossing(3, 2), strict=True))
    through, round_it = (each.route(places, places, destination=1) for each in (opened.router, plain))
    assert round_it.length_cm > through.length_cm


def test_changes_of_speed_are_looked_for_within_a_week_of_the_departure(tmp_path: Path) -> None:
    """However long a route takes, no more than a week of other speeds is computed; the last hour then never ends."""
    write_town(tmp_path / "town.osm")
    network = import_osm_file(tmp_path / "town.osm", CAR).network
    opened = OpenNetwork("town", network, Snapper(network), Router.build(network))
    factors = tuple(0.5 + hour / 1000 for hour in range(168))
    departure = Departure(1_772_438_400, "Europe/Helsinki", speeds=(ClassSpeeds("residential", factors),))
    hour_ms = 3_600_000
    assert [end_ms for end_ms, _ in routers_from(opened, departure, after_ms=165 * hour_ms)] == [
        hour_ms,
        2 * hour_ms,
        math.inf,
    ]
    assert [end_ms for end_ms, _ in routers_from(opened, departure, after_ms=10_000 * hour_ms)] == [math.inf]


def test_routers_of_other_hours_are_kept_and_bounded(tmp_path: Path) -> None:
    """The same conditions and speeds are one router, others another, and only the last few are kept."""
    write_town(tmp_path / "town.osm")
    network = import_osm_file(tmp_path / "town.osm", CAR).network
    opened = OpenNetwork("town", network, Snapper(network), Router.build(network))
    noon = datetime(2026, 3, 2, 12, tzinfo=HELSINKI)
    flat, slow = np.ones(len(RoadClass)), np.full(len(RoadClass), 0.5)
    assert opened.router_at(noon, holiday=False) is opened.router
    assert opened.router_at(noon, holiday=False, factors=flat) is opened.router
    first = opened.router_at(noon, holiday=False, factors=slow)
    assert first is not opened.router
    assert opened.router_at(noon.replace(hour=13), holiday=False, factors=slow.copy()) is first
    for number in range(MAX_ROUTERS_AT):
        opened.router_at(noon, holiday=False, factors=slow + (number + 1) / 100)
    assert opened.router_at(noon, holiday=False, factors=slow) is not first
