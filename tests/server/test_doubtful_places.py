"""Over a real channel: errors of geography and of time are seeded into a good problem, and each is told with its mend.

`tests.server.use_cases.test_seeded_errors` has those that need no roads.
"""

from __future__ import annotations

import re
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from odograph import v1

from geo.coordinates import CoordinateSystem, convert
from server.settings import Settings
from tests.server.conftest import import_and_wait
from tests.server.planning import at, build, problem, visit, window, worker
from tests.server.rich_errors import detail_of
from tests.server.town import LONGITUDE_STEP, SOUTH_DEGREES, WEST_DEGREES, write_town

pytestmark = pytest.mark.asyncio(loop_scope="session")

ISLAND = v1.Position(latitude_degrees=59.998, longitude_degrees=25.102)
FAR = v1.Position(latitude_degrees=60.05, longitude_degrees=25.0)
SWAPPED = v1.Position(latitude_degrees=25.004, longitude_degrees=60.0)
METRE_DEGREES = 1 / 111_195


def beside(column: float, row: float, *, north_m: float) -> v1.Position:
    """A place so many metres north of another."""
    place = at(column, row)
    place.latitude_degrees += north_m * METRE_DEGREES
    return place


def visits(*more: v1.Visit) -> list[v1.Visit]:
    """Two good visits, and others."""
    return [visit("a", 1, 1, label="Kiosk"), visit("b", 2, 2), *more]


SEEDED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"visits": visits(visit("c", 0, 0, position=ISLAND))}, "visits[2].position", "CUT_OFF", "set max_snap_distance"),
    ({"visits": visits(visit("c", 0, 0, position=FAR))}, "visits[2].position", "NO_ROAD_NEARBY", "at least 5115"),
    ({"visits": visits(visit("c", 0, 0, position=SWAPPED))}, "visits[2].position", "COORDINATES_SWAPPED", "exchange"),
    (
        {"workers": [worker("anna", start_position=ISLAND)], "visits": visits()},
        "workers[0].start_position",
        "CUT_OFF",
        "give the position of its entrance",
    ),
    (
        {
            "visits": visits(),
            "known_travels": [
                v1.KnownTravel(from_worker_id=name, to_visit_id="b", unreachable=True) for name in ("anna",)
            ],
        },
        "visits[1].position",
        "UNREACHABLE",
        "no worker has a way",
    ),
    ({"workers": [worker("anna", shift=window(2, 2))]}, "workers[0].shift", "EMPTY_WINDOW", "move its end"),
    (
        {"visits": visits(visit("c", 1, 2, time_windows=[window(14, 6)]))},
        "visits[2].time_windows[0]",
        "EMPTY_WINDOW",
        "past midnight",
    ),
]
"""What makes a good problem one that cannot be planned, its field, its code, and what is said that mends it."""

DOUBTS: list[tuple[list[v1.Visit], str, str, str]] = [
    (visits(visit("c", 1, 1, label="kiosk ")), "visits[2]", "CODE_DUPLICATE_PLACE", "leave one of them out"),
    (visits(visit("c", 2, 2)), "visits[2]", "CODE_DUPLICATE_PLACE", "within 5 m of 'b' (visits[1])"),
    (
        visits(visit("c", 0, 0, position=beside(1, 1, north_m=4), label="Kiosk", time_windows=[window(1, 2)])),
        "visits[2]",
        "CODE_DUPLICATE_PLACE",
        "a label of its own",
    ),
    (
        visits(visit("c", 3, 3, time_windows=[window(1, 2), window(3, 3)])),
        "visits[2].time_windows[1]",
        "CODE_INSTANT_WINDOW",
        "move end_time",
    ),
]
"""Visits that are probably not meant so, the field, the code of the notice, and what is said that mends it."""

MEANT: list[dict[str, Any]] = [
    {"visits": visits(visit("c", 1, 1, label="Bakery"))},
    {"visits": visits(visit("c", 0, 0, position=beside(2, 2, north_m=6)))},
    {"visits": visits(visit("c", 2, 2, required_skills=["gas"]))},
    {"visits": visits(visit("c", 2, 2)), "same_worker_groups": [v1.VisitGroup(visit_ids=["b", "c"])]},
    {"visits": visits(visit("c", 2, 2)), "precedences": [v1.Precedence(before_visit_id="b", after_visit_id="c")]},
    {
        "visits": [
            visit("a", 2, 2, time_windows=[window(1, 2)]),
            visit("b", 2, 2, time_windows=[window(3, 4)]),
        ]
    },
    {"visits": visits(visit("c", 3, 3, soft_time_windows=[window(3, 3)]))},
]
"""What looks a little like it, and is no doubt."""


def one_worker(**changes: Any) -> v1.Problem:
    """A problem with one worker unless said otherwise."""
    return problem(**{"workers": [worker("anna")], **changes})


async def validated(town: grpc.aio.Channel, asked: v1.Problem) -> v1.ValidateProblemResponse:
    """What ValidateProblem says."""
    return await v1.PlanningServiceStub(town).ValidateProblem(v1.ValidateProblemRequest(problem=asked))


@pytest.mark.parametrize(("changes", "field", "code", "mend"), SEEDED)
async def test_a_seeded_error_is_named_with_what_mends_it(
    town: grpc.aio.Channel, changes: dict[str, Any], field: str, code: str, mend: str
) -> None:
    """Validating, building and checking name the same field and code and nothing else, and say what would be right."""
    asked = one_worker(**changes)
    answer = await validated(town, asked)
    (found,) = answer.violations
    assert (found.field, v1.FieldViolation.Code.Name(found.code)) == (f"problem.{field}", f"CODE_{code}")
    assert mend in found.description
    for call in (build(town, asked), v1.PlanningServiceStub(town).CheckPlan(v1.CheckPlanRequest(problem=asked))):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        (listed,) = detail_of(refused.value, BadRequest).field_violations
        assert (listed.field, listed.reason, listed.description) == (found.field, code, found.description)


@pytest.mark.parametrize(("doubtful", "field", "code", "mend"), DOUBTS)
async def test_a_seeded_doubt_is_noticed_with_what_mends_it(
    town: grpc.aio.Channel, doubtful: list[v1.Visit], field: str, code: str, mend: str
) -> None:
    """What can be planned but is probably not meant is one notice, also beside broken rules and in a checked plan."""
    asked, broken = one_worker(visits=doubtful), one_worker(visits=doubtful, time_zone="Europe/Atlantis")
    checked = await v1.PlanningServiceStub(town).CheckPlan(v1.CheckPlanRequest(problem=asked))
    for notices in (
        (await validated(town, asked)).notices,
        (await validated(town, broken)).notices,
        [each for each in checked.plan.notices if each.code != v1.Notice.CODE_MANDATORY_VISIT_UNPLANNED],
    ):
        (notice,) = notices
        assert (notice.field, v1.Notice.Code.Name(notice.code)) == (f"problem.{field}", code)
        assert mend in notice.description
        assert not re.search(r"\d\d\.\d", notice.description)


@pytest.mark.parametrize("changes", MEANT)
async def test_what_is_meant_is_not_doubted(town: grpc.aio.Channel, changes: dict[str, Any]) -> None:
    """Two customers of one house, two jobs that are bound, two appointments, a wished moment: nothing is noticed."""
    assert not (await validated(town, one_worker(**changes))).notices


async def test_many_doubts_are_counted(town: grpc.aio.Channel) -> None:
    """A list that holds one place thirty times gets twenty notices, and one that counts the other nine."""
    asked = one_worker(visits=[visit(f"v{number}", 2, 2) for number in range(30)])
    notices = (await validated(town, asked)).notices
    assert [each.field for each in notices[:20]] == [f"problem.visits[{number}]" for number in range(1, 21)]
    assert [(each.field, each.description) for each in notices[20:]] == [
        ("problem.visits", "9 more visits or windows like this")
    ]


@pytest.mark.asyncio(loop_scope="function")
async def test_visits_of_a_list_in_another_system_are_noticed(settings: Settings, channel: grpc.aio.Channel) -> None:
    """Doors of a Chinese town in GCJ-02 that are declared as WGS-84 are doubted; the notice says which to declare."""
    south, west = 31.2, 121.4
    map_file = settings.map_folder / "town.osm"
    write_town(map_file)

    def in_china(place: re.Match[str]) -> str:
        return f'lat="{float(place[1]) - SOUTH_DEGREES + south:.7f}" lon="{float(place[2]) - WEST_DEGREES + west:.7f}"'

    drawn = re.sub(r'lat="([\d.]+)" lon="([\d.]+)"', in_china, map_file.read_text(encoding="utf-8"))
    map_file.write_text(drawn, encoding="utf-8")
    await import_and_wait(channel, "town.osm", "car", network_id="town-car")
    doors = [
        (south + 0.002 * row + 0.0001, west + LONGITUDE_STEP * (column + 0.5))
        for row in range(4)
        for column in range(3)
    ]
    shifted = convert(*zip(*doors, strict=True), source=CoordinateSystem.WGS84, target=CoordinateSystem.GCJ02)
    places = [v1.Position(latitude_degrees=lat, longitude_degrees=lon) for lat, lon in zip(*shifted, strict=True)]
    asked = one_worker(
        workers=[worker("anna", start_position=places[0], end_position=places[0])],
        visits=[visit(f"v{number}", 0, 0, position=place) for number, place in enumerate(places)],
    )
    wrong = await validated(channel, asked)
    asked.coordinate_system = v1.CoordinateSystem.COORDINATE_SYSTEM_GCJ02
    right = await validated(channel, asked)
    (doubt,) = (each for each in wrong.notices if each.code == v1.Notice.CODE_COORDINATE_SYSTEM_DOUBTFUL)
    assert doubt.field == "problem.coordinate_system"
    assert doubt.description.endswith("If so, declare GCJ-02 instead of WGS-84.")
    assert not right.violations
    assert not right.notices
