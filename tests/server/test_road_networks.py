"""RoadNetworkService over a real channel, on a small town that a reader can picture."""

from __future__ import annotations

import math

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from odograph import v1

from tests.server.conftest import import_and_wait
from tests.server.rich_errors import violations_of
from tests.server.town import crossing

pytestmark = pytest.mark.asyncio(loop_scope="session")

WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84


def at(column: float, row: float) -> v1.Position:
    """A place between the crossings of the town."""
    latitude, longitude = crossing(column, row)
    return v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)


async def test_an_import_ends_with_its_network(town: grpc.aio.Channel) -> None:
    """The operation of an import ends with the network, which is then listed and can be asked for."""
    operation = await import_and_wait(town, "town.osm", "car")
    stub = v1.RoadNetworkServiceStub(town)
    listed = (await stub.ListRoadNetworks(v1.ListRoadNetworksRequest())).road_networks
    network = await stub.GetRoadNetwork(v1.GetRoadNetworkRequest(road_network_id="town-car"))
    assert operation.state == v1.Operation.STATE_SUCCEEDED
    assert operation.progress == 1.0
    assert operation.road_network == network
    assert [each.id for each in listed] == ["town-car", "town-foot"]
    assert network.source == "town.osm"
    assert network.bounds.south_degrees == pytest.approx(59.998)
    counted = {finding.kind: finding.count for finding in network.import_findings}
    assert counted == {"ways_read": 10, "forbidden_edges": 4, "components": 2, "edges_outside_main_component": 2}
    assert all(finding.explanation for finding in network.import_findings)
    assert network.road_length_meters == pytest.approx((4 * 4 + 5 * 3 + 1) * 223, rel=0.01)


@pytest.mark.parametrize(
    ("source_file", "profile", "network_id", "code", "fields"),
    [
        ("town.osm", "rocket", "", "INVALID_ARGUMENT", ["profile"]),
        ("town.csv", "car", "Town!", "INVALID_ARGUMENT", ["source_file", "road_network_id"]),
        ("../town.osm", "rocket", "T!", "INVALID_ARGUMENT", ["source_file", "profile", "road_network_id"]),
        ("../town.osm", "car", "", "INVALID_ARGUMENT", ["source_file"]),  # outside the folder for maps
        ("/etc/town.osm", "car", "", "INVALID_ARGUMENT", ["source_file"]),  # likewise
        ("a\0.osm", "rocket", "", "INVALID_ARGUMENT", ["source_file", "profile"]),
        ("x" * 300 + ".osm", "car", "", "INVALID_ARGUMENT", ["source_file"]),
        ("nowhere.osm", "car", "", "NOT_FOUND", None),
    ],
)
async def test_a_wrong_import_is_refused_at_once(
    town: grpc.aio.Channel, source_file: str, profile: str, network_id: str, code: str, fields: list[str] | None
) -> None:
    """What can be seen to be wrong before reading the file is refused by the call itself."""
    request = v1.ImportRoadNetworkRequest(source_file=source_file, profile=profile, road_network_id=network_id)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ImportRoadNetwork(request)
    assert refused.value.code().name == code
    if fields is not None:
        assert [field for field, _ in violations_of(refused.value)] == fields


async def test_a_route_follows_streets_and_one_ways(town: grpc.aio.Channel) -> None:
    """Westwards along the one-way street is a detour for a car and none on foot."""
    stub = v1.RoadNetworkServiceStub(town)
    answers = {
        network: await stub.ComputeRoute(
            v1.ComputeRouteRequest(
                road_network=network, coordinate_system=WGS84, waypoints=[at(2.6, 1), at(1.4, 1)], label="home"
            )
        )
        for network in ("town-car", "town-foot")
    }
    assert answers["town-foot"].distance_meters == pytest.approx(1.2 * 223, rel=0.01)
    assert answers["town-car"].distance_meters == pytest.approx((0.4 + 1 + 2 + 1 + 0.4) * 223, rel=0.01)
    assert answers["town-foot"].legs[0].road_names == ["Street 1"]
    assert answers["town-foot"].label == "home"
    path = answers["town-foot"].legs[0].path
    assert (path.latitude_degrees[0], path.longitude_degrees[0]) == pytest.approx(crossing(2.6, 1), abs=1e-6)
    assert (path.latitude_degrees[-1], path.longitude_degrees[-1]) == pytest.approx(crossing(1.4, 1), abs=1e-6)


async def test_a_matrix_holds_what_single_routes_say(town: grpc.aio.Channel) -> None:
    """Entry i, j of the matrix is the duration and length of the route from origin i to destination j."""
    stub = v1.RoadNetworkServiceStub(town)
    origins, destinations = [at(0, 0), at(2.5, 1)], [at(4, 3), at(1, 2), at(0, 0)]
    matrix = await stub.ComputeTravelMatrix(
        v1.ComputeTravelMatrixRequest(
            road_network="town-car", coordinate_system=WGS84, origins=origins, destinations=destinations
        )
    )
    assert (matrix.origin_count, matrix.destination_count) == (2, 3)
    for row, origin in enumerate(origins):
        for column, destination in enumerate(destinations):
            route = await stub.ComputeRoute(
                v1.ComputeRouteRequest(
                    road_network="town-car", coordinate_system=WGS84, waypoints=[origin, destination]
                )
            )
            entry = row * 3 + column
            assert matrix.duration_milliseconds[entry] == route.duration.ToMilliseconds()
            assert matrix.distance_centimeters[entry] == round(route.distance_meters * 100)


async def test_positions_are_laid_on_the_nearest_road(town: grpc.aio.Channel) -> None:
    """A position gets the road, its name and the distance; one with no road within the radius gets none."""
    latitude, longitude = crossing(0, 3)
    north = v1.Position(latitude_degrees=latitude + 0.0005, longitude_degrees=longitude + 0.002)
    far = v1.Position(latitude_degrees=61.0, longitude_degrees=25.0)
    answer = await v1.RoadNetworkServiceStub(town).SnapPositions(
        v1.SnapPositionsRequest(road_network="town-car", coordinate_system=WGS84, positions=[north, far])
    )
    assert answer.positions[0].road_name == "Street 3"
    assert answer.positions[0].osm_way_id == 103
    assert answer.positions[0].distance_meters == pytest.approx(0.0005 * 111_195, rel=0.01)
    assert answer.positions[0].position.latitude_degrees == pytest.approx(latitude)
    assert (answer.positions[1].component, answer.positions[1].HasField("position")) == (-1, False)


async def test_a_position_without_a_way_says_so_and_names_the_nearest_routable_place(town: grpc.aio.Channel) -> None:
    """On an island and without a road, the state, a notice and the nearest place of the main network are given."""
    island = v1.Position(latitude_degrees=59.998, longitude_degrees=25.102)
    far = v1.Position(latitude_degrees=60.104, longitude_degrees=25.0)
    answer = await v1.RoadNetworkServiceStub(town).SnapPositions(
        v1.SnapPositionsRequest(road_network="town-car", coordinate_system=WGS84, positions=[at(0, 0), island, far])
    )
    states = [position.state for position in answer.positions]
    snapped = v1.SnappedPosition
    assert states == [snapped.STATE_ON_ROAD, snapped.STATE_ON_ISLAND, snapped.STATE_NO_ROAD]
    assert [notice.field for notice in answer.notices] == ["positions[1]", "positions[2]"]
    assert not answer.positions[0].HasField("nearest_routable_position")
    east, north = crossing(4, 0), crossing(0, 3)
    for position, expected in zip(answer.positions[1:], (east, north), strict=True):
        nearest = position.nearest_routable_position
        assert (nearest.latitude_degrees, nearest.longitude_degrees) == pytest.approx(expected, abs=1e-6)
    assert answer.positions[2].nearest_routable_distance_meters == pytest.approx(0.1 * 111_195, rel=0.01)


async def test_what_the_caller_knows_replaces_single_entries(town: grpc.aio.Channel) -> None:
    """Overridden pairs come back as they were given, unreachable ones as -1, and all others unchanged."""
    stub = v1.RoadNetworkServiceStub(town)
    request = v1.ComputeTravelMatrixRequest(
        road_network="town-car", coordinate_system=WGS84, origins=[at(0, 0), at(2, 3)]
    )
    plain = await stub.ComputeTravelMatrix(request)
    ferry = v1.TravelOverride.Travel(duration=Duration(seconds=1, nanos=500_000_000), distance_meters=12.34)
    request.overrides.extend(
        [v1.TravelOverride(origin=0, destination=1, known=ferry), v1.TravelOverride(origin=1, unreachable=True)]
    )
    known = await stub.ComputeTravelMatrix(request)
    assert list(known.duration_milliseconds) == [0, 1500, -1, 0]
    assert list(known.distance_centimeters) == [0, 1234, -1, 0]
    assert plain.duration_milliseconds[1] > 1500


async def test_every_wrong_override_is_named(town: grpc.aio.Channel) -> None:
    """Pairs outside, given twice, without content and with half of it are named together with a wrong departure."""
    travel = v1.TravelOverride.Travel(duration=Duration(seconds=1), distance_meters=1.0)
    overrides = [
        v1.TravelOverride(origin=3, destination=0, known=travel),
        v1.TravelOverride(origin=0, destination=1, known=travel),
        v1.TravelOverride(origin=0, destination=1, unreachable=True),
        v1.TravelOverride(origin=1, destination=1),
        v1.TravelOverride(origin=1, destination=0, known=v1.TravelOverride.Travel(duration=Duration(seconds=1))),
        v1.TravelOverride(
            origin=0,
            destination=0,
            known=v1.TravelOverride.Travel(duration=Duration(seconds=2**62), distance_meters=1.0),
        ),
    ]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeTravelMatrix(
            v1.ComputeTravelMatrixRequest(
                road_network="town-car",
                coordinate_system=WGS84,
                origins=[at(0, 0), at(1, 1), at(0, 1)],
                overrides=overrides,
                departure=v1.Departure(time_zone="Europe/Nowhere"),
            )
        )
    fields = [field for field, _ in violations_of(refused.value)]
    assert fields == [
        *("departure.time", "departure.time_zone"),
        *("overrides[3]", "overrides[4]", "overrides[0].origin", "overrides[2].origin", "overrides[5].known.duration"),
    ]


async def test_answers_speak_the_coordinate_system_of_the_request(town: grpc.aio.Channel) -> None:
    """A request in GCJ-02 outside China is answered with the same numbers; the declared system is echoed."""
    request = v1.ComputeRouteRequest(
        road_network="town-car",
        coordinate_system=v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02,
        waypoints=[at(0, 0), at(1, 0)],
    )
    answer = await v1.RoadNetworkServiceStub(town).ComputeRoute(request)
    assert answer.waypoints[0].position.longitude_degrees == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"coordinate_system": 0}, ["coordinate_system"]),
        (  # nothing hides anything else
            {
                "coordinate_system": 0,
                "road_network": "",
                "max_snap_distance_meters": -1.0,
                "waypoints": [v1.Position(latitude_degrees=math.nan, longitude_degrees=25.0)],
            },
            [
                "coordinate_system",
                "road_network",
                "max_snap_distance_meters",
                "waypoints",
                "waypoints[0].latitude_degrees",
            ],
        ),
        (
            {"road_network": "mars", "waypoints": [at(0, 0)]},
            ["waypoints", "road_network"],
        ),
        (
            {
                "waypoints": [
                    v1.Position(latitude_degrees=math.nan, longitude_degrees=25.0),
                    v1.Position(latitude_degrees=61.0, longitude_degrees=25.0),
                ]
            },
            ["waypoints[0].latitude_degrees", "waypoints[1]"],
        ),
        ({"waypoints": [at(0, 0)]}, ["waypoints"]),
        ({"max_snap_distance_meters": math.nan}, ["max_snap_distance_meters"]),
        (
            {
                "waypoints": [
                    v1.Position(latitude_degrees=math.nan, longitude_degrees=25.0),
                    v1.Position(latitude_degrees=125.0, longitude_degrees=60.0),
                    v1.Position(latitude_degrees=60.0, longitude_degrees=math.inf),
                ]
            },
            ["waypoints[0].latitude_degrees", "waypoints[1].latitude_degrees", "waypoints[2].longitude_degrees"],
        ),
        (  # swapped, an island, and far away: all of them at once
            {
                "waypoints": [
                    v1.Position(latitude_degrees=25.0, longitude_degrees=60.0),
                    v1.Position(latitude_degrees=59.998, longitude_degrees=25.102),
                    v1.Position(latitude_degrees=61.0, longitude_degrees=25.0),
                    at(0, 0),
                ]
            },
            ["waypoints[0]", "waypoints[1]", "waypoints[2]"],
        ),
    ],
)
async def test_wrong_places_are_all_listed(
    town: grpc.aio.Channel, changes: dict[str, object], fields: list[str]
) -> None:
    """Every waypoint that cannot be used is named, each with its own reason, and no coordinate is repeated."""
    request = {
        "road_network": "town-car",
        "coordinate_system": WGS84,
        "waypoints": [at(0, 0), at(1, 1)],
        **changes,
    }
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeRoute(v1.ComputeRouteRequest(**request))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert [field for field, _ in violations_of(refused.value)] == fields


ISLAND = [v1.Position(latitude_degrees=59.998, longitude_degrees=25.1 + east) for east in (0.001, 0.003)]


async def test_waypoints_on_one_island_are_routed_there(town: grpc.aio.Channel) -> None:
    """Where only an island has roads for all waypoints, the route is found on it; so is a matrix."""
    stub = v1.RoadNetworkServiceStub(town)
    route = await stub.ComputeRoute(
        v1.ComputeRouteRequest(road_network="town-car", coordinate_system=WGS84, waypoints=ISLAND)
    )
    assert route.legs[0].road_names == ["Island Road"]
    assert route.distance_meters == pytest.approx(223 / 2, rel=0.01)
    assert [waypoint.component for waypoint in route.waypoints] == [1, 1]
    assert not route.notices
    matrix = await stub.ComputeTravelMatrix(
        v1.ComputeTravelMatrixRequest(
            road_network="town-car", coordinate_system=WGS84, origins=ISLAND[:1], destinations=ISLAND[1:]
        )
    )
    assert list(matrix.distance_centimeters) == [round(100 * route.distance_meters)]


async def test_a_place_that_is_laid_past_a_nearer_road_is_named(town: grpc.aio.Channel) -> None:
    """A waypoint on an island is moved to the town where that serves both, and a notice says how far."""
    route = await v1.RoadNetworkServiceStub(town).ComputeRoute(
        v1.ComputeRouteRequest(
            road_network="town-car",
            coordinate_system=WGS84,
            waypoints=[at(0, 0), ISLAND[0]],
            max_snap_distance_meters=6000,
        )
    )
    (notice,) = route.notices
    assert (notice.code, notice.field) == (v1.Notice.CODE_NEARER_ROAD_CUT_OFF, "waypoints[1]")
    moved_m = route.waypoints[1].distance_meters
    assert moved_m == pytest.approx((0.101 - 4 * 0.004) * 55_660, rel=0.01)
    assert "(0 m)" in notice.description
    assert f"{moved_m:.0f} m" in notice.description


async def test_a_place_needs_no_road_where_the_caller_knows_all_its_entries(town: grpc.aio.Channel) -> None:
    """A place on no road is refused while one of its entries is missing, and then takes all as they are given."""
    far = v1.Position(latitude_degrees=61.0, longitude_degrees=25.0)
    known = v1.TravelOverride.Travel(duration=Duration(seconds=5), distance_meters=50.0)
    pairs = [(0, 1), (1, 0), (1, 1)]
    request = v1.ComputeTravelMatrixRequest(
        road_network="town-car",
        coordinate_system=WGS84,
        origins=[at(0, 0), far],
        overrides=[v1.TravelOverride(origin=row, destination=column, known=known) for row, column in pairs[:2]],
    )
    stub = v1.RoadNetworkServiceStub(town)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.ComputeTravelMatrix(request)
    assert [field for field, _ in violations_of(refused.value)] == ["origins[1]"]
    request.overrides.add(origin=1, destination=1, unreachable=True)
    assert list((await stub.ComputeTravelMatrix(request)).duration_milliseconds) == [0, 5000, 5000, -1]
    # As a destination only, its column is all there is of it.
    request = v1.ComputeTravelMatrixRequest(
        road_network="town-car",
        coordinate_system=WGS84,
        origins=[at(0, 0), at(1, 0)],
        destinations=[at(2, 0), far],
        overrides=[v1.TravelOverride(origin=row, destination=1, known=known) for row in (0, 1)],
    )
    matrix = await stub.ComputeTravelMatrix(request)
    assert list(matrix.duration_milliseconds)[1::2] == [5000, 5000]
    assert min(matrix.duration_milliseconds) > 0


async def test_swapped_coordinates_are_recognised(town: grpc.aio.Channel) -> None:
    """Where a place would lie on the network with its numbers swapped, the violation says so."""
    swapped = v1.Position(latitude_degrees=25.0, longitude_degrees=60.0)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeRoute(
            v1.ComputeRouteRequest(road_network="town-car", coordinate_system=WGS84, waypoints=[swapped, at(0, 0)])
        )
    assert "look swapped" in violations_of(refused.value)[0][1]


async def test_an_unknown_network_is_not_found(town: grpc.aio.Channel) -> None:
    """Asking for a network that was never imported names it in the error."""
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await v1.RoadNetworkServiceStub(town).ComputeRoute(
            v1.ComputeRouteRequest(road_network="mars", coordinate_system=WGS84, waypoints=[at(0, 0), at(1, 0)])
        )
    assert missing.value.code() is grpc.StatusCode.NOT_FOUND
    assert "'mars'" in str(missing.value.details())


async def test_a_matrix_above_the_limit_is_refused(town: grpc.aio.Channel) -> None:
    """More entries than the service answers is a broken rule that names the limit."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeTravelMatrix(
            v1.ComputeTravelMatrixRequest(road_network="town-car", coordinate_system=WGS84, origins=[at(0, 0)] * 501)
        )
    assert "250000" in violations_of(refused.value)[0][1]


async def test_all_that_is_wrong_with_a_matrix_is_said_at_once(town: grpc.aio.Channel) -> None:
    """Too many entries, a missing coordinate system and a place that is none, among origins and destinations alike."""
    nowhere = v1.Position(latitude_degrees=91.0, longitude_degrees=25.0)
    request = v1.ComputeTravelMatrixRequest(
        road_network="town-car", origins=[at(0, 0)] * 501, destinations=[at(0, 0)] * 500 + [nowhere]
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeTravelMatrix(request)
    fields = [field for field, _ in violations_of(refused.value)]
    assert fields == ["coordinate_system", "destinations[500].latitude_degrees", "origins"]


async def test_places_off_the_roads_are_named_in_both_lists_of_a_matrix(town: grpc.aio.Channel) -> None:
    """An origin on an island and a destination far away are both named."""
    island = v1.Position(latitude_degrees=59.998, longitude_degrees=25.102)
    far = v1.Position(latitude_degrees=61.0, longitude_degrees=25.0)
    request = v1.ComputeTravelMatrixRequest(
        road_network="town-car", coordinate_system=WGS84, origins=[at(0, 0), island], destinations=[far]
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).ComputeTravelMatrix(request)
    assert [field for field, _ in violations_of(refused.value)] == ["origins[1]", "destinations[0]"]
