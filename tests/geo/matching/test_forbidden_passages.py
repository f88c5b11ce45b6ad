"""What the map forbids is driven all the same, and is listed with its time, its place and its metres."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geo.matching.forbidden_passages import ForbiddenKind, ForbiddenPassage, forbidden_passages
from geo.matching.match import MatchSegment
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.geo.matching.match_reading import START_MS, match_of, path_text

CORNER = """
      A--1--2--3--B--6--7--8--C
                  |
                  4
                  |
                  5
                  |
                  D
    """


LISBON = ZoneInfo("Europe/Lisbon")
"""`START_MS` is a quarter past ten in the evening there, a Tuesday in November."""


def passages_of(
    road_map: AsciiRoadMap, symbols: str, *, zone: ZoneInfo | None = None, later_h: float = 0.0
) -> tuple[MatchSegment, tuple[ForbiddenPassage, ...]]:
    """Match a drive that is one segment, some hours later than others, and list what it does that is forbidden."""
    (segment,) = match_of(road_map, symbols).segments
    later_ms = round(3_600_000 * later_h)
    segment = replace(
        segment,
        start_ms=segment.start_ms + later_ms,
        end_ms=segment.end_ms + later_ms,
        edge_entry_ms=segment.edge_entry_ms + later_ms,
    )
    return segment, forbidden_passages(road_map.network, segment, zone)


def test_a_one_way_driven_backwards_is_one_passage_over_all_its_pieces() -> None:
    """Both pieces of the street against its direction are one passage, from entering the first to the last point."""
    road_map = ascii_road_map(
        """
                  E
                  |
          A--1--2-B--3--4--C--5--6--F
        """,
        {"AB": {}, "FCB": {"oneway": "yes"}, "BE": {}, "CE": {}},
    )
    segment, (passage,) = passages_of(road_map, "123456")
    assert passage.kind is ForbiddenKind.AGAINST_ONE_WAY
    assert segment.edges[passage.first : passage.last + 1].tolist() == road_map.edges("BCF")
    # The last point lies 150 m behind B; the end of the path is where the vehicle must have been.
    assert passage.length_m == pytest.approx(150.0, abs=5.0)
    assert passage.node == road_map.node("B")
    assert START_MS + 5_000 < passage.start_ms < START_MS + 10_000
    assert passage.end_ms == segment.end_ms


def test_a_road_that_is_closed_both_ways_is_no_access() -> None:
    """A road where nobody may drive is no one-way driven backwards."""
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": {"access": "no"}, "BD": {}})
    segment, (passage,) = passages_of(road_map, "123678")
    assert passage.kind is ForbiddenKind.NO_ACCESS
    assert segment.edges[passage.first] == road_map.edge("BC")


def test_a_forbidden_turn_is_named_by_its_node_and_moment() -> None:
    """Turning right where that is forbidden: matched, and listed between the two points around the turn."""
    no_right_turn = {"restriction": "no_right_turn", "from": "AB", "via": "B", "to": "BD"}
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": {}, "BD": {}}, restrictions=[no_right_turn])
    segment, (passage,) = passages_of(road_map, "12345")
    assert passage.kind is ForbiddenKind.FORBIDDEN_TURN
    assert segment.edges[[passage.first, passage.last]].tolist() == road_map.edges("ABD")
    assert (passage.length_m, passage.node) == (0.0, road_map.node("B"))
    assert START_MS + 10_000 < passage.start_ms == passage.end_ms < START_MS + 15_000
    assert passages_of(road_map, "123678")[1] == ()


def test_a_turn_over_a_road_between_is_listed_once() -> None:
    """A restriction from A over BC to E holds for that path only, and not for the parts of it."""
    over = {"restriction": "no_u_turn", "from": "AB", "via": "BC", "to": "CE"}
    road_map = ascii_road_map(
        """
          A--1--2--3--B--F
                      4
                      |
          E--8--7--6--C--G
        """,
        {"AB": {}, "BC": {}, "CE": {}, "BF": {}, "CG": {}},
        restrictions=[over],
    )
    segment, (passage,) = passages_of(road_map, "1234678")
    assert segment.edges[passage.first : passage.last + 1].tolist() == road_map.edges("ABCE")
    assert passage.node == road_map.node("C")
    assert passages_of(road_map, "4678")[1] == ()


def test_a_turn_is_judged_at_the_local_time_of_the_passage() -> None:
    """A turn that is forbidden on weekday mornings is listed then, not in the evening, nor without a time zone."""
    at_times = {
        "restriction:conditional": "no_right_turn @ (Mo-Fr 07:00-09:00)",
        "from": "AB",
        "via": "B",
        "to": "BD",
    }
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": {}, "BD": {}}, restrictions=[at_times])
    _, (passage,) = passages_of(road_map, "12345", zone=LISBON, later_h=10.0)
    assert (passage.kind, passage.node) == (ForbiddenKind.FORBIDDEN_TURN, road_map.node("B"))
    assert passages_of(road_map, "12345", zone=LISBON)[1] == ()
    assert passages_of(road_map, "12345", later_h=10.0)[1] == ()
    assert passages_of(road_map, "12345", zone=ZoneInfo("UTC"), later_h=10.0)[1] == ()
    assert passages_of(road_map, "12345", zone=ZoneInfo("Asia/Shanghai"), later_h=10.0)[1] == ()


@pytest.mark.parametrize(("later_h", "is_listed"), [(0.0, True), (10.0, False), (9.75, True)])
def test_a_road_that_is_open_at_times_is_forbidden_at_others(later_h: float, *, is_listed: bool) -> None:
    """A road for nobody but in the day is no access in the evening; who is on it as it opens entered it too early."""
    open_by_day = {"access": "no", "access:conditional": "yes @ (08:00-20:00)"}
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": open_by_day, "BD": {}})
    _, passages = passages_of(road_map, "123678", zone=LISBON, later_h=later_h)
    assert [passage.kind for passage in passages] == [ForbiddenKind.NO_ACCESS] * is_listed


@pytest.mark.parametrize(("later_h", "is_listed"), [(0.0, False), (10.0, True)])
def test_a_one_way_that_holds_at_times_is_driven_backwards_then(later_h: float, *, is_listed: bool) -> None:
    """Against a street that is one-way in the rush hour: forbidden in the morning, lawful in the evening."""
    rush_hour = {"oneway": "no", "oneway:conditional": "-1 @ (Mo-Fr 07:00-10:00)"}
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": rush_hour, "BD": {}})
    _, passages = passages_of(road_map, "123678", zone=LISBON, later_h=later_h)
    assert [passage.kind for passage in passages] == [ForbiddenKind.AGAINST_ONE_WAY] * is_listed


@pytest.mark.parametrize(
    ("condition", "is_listed"), [("PH", False), ("Mo-Su,PH", True), ("PH off", False), ("Mo-Su,PH; SH off", False)]
)
def test_what_depends_on_a_holiday_is_not_said(condition: str, *, is_listed: bool) -> None:
    """Nobody knows here whether it was a public holiday: only what is forbidden on both kinds of days is listed."""
    closed = {"access:conditional": f"no @ ({condition})"}
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": closed, "BD": {}})
    assert len(passages_of(road_map, "123678", zone=LISBON)[1]) == is_listed


def test_a_road_that_school_holidays_may_have_opened_is_not_forbidden() -> None:
    """A road for nobody but in school holidays, of which nobody knows here, is not held against a driver."""
    for condition, is_listed in (("SH 08:00-23:00", False), ("08:00-20:00", True)):
        opened = {"access": "no", "access:conditional": f"yes @ ({condition})"}
        road_map = ascii_road_map(CORNER, {"AB": {}, "BC": opened, "BD": {}})
        assert len(passages_of(road_map, "123678", zone=LISBON)[1]) == is_listed


@pytest.mark.parametrize(("later_h", "is_listed"), [(0.0, True), (14.0, False)])
def test_a_gate_that_is_shut_at_night_is_a_barrier_then(later_h: float, *, is_listed: bool) -> None:
    """Through a gate in the night, when it is shut, and in the day; turning back before it is never listed."""
    gate = {"barrier": "gate", "access": "yes", "access:conditional": "no @ (20:00-06:00)"}
    picture = "A--1--2--3--B--4--5--6--C"
    road_map = ascii_road_map(picture, {"AB": {}, "BC": {}}, nodes={"B": gate})
    segment, passages = passages_of(road_map, "123456", zone=LISBON, later_h=later_h)
    assert [(one.kind, one.node) for one in passages] == [(ForbiddenKind.BARRIER, road_map.node("B"))] * is_listed
    back = replace(
        segment,
        edges=np.array(road_map.edges("ABA"), np.int32),
        edge_from_fraction=np.zeros(2),
        edge_to_fraction=np.ones(2),
        edge_entry_ms=segment.start_ms + np.arange(2),
        forbidden_edges=np.zeros(0, np.int32),
    )
    assert forbidden_passages(road_map.network, back, LISBON) == ()


def test_a_barrier_is_listed_where_it_was_passed() -> None:
    """Driving through a bollard is a passage of no length; turning back before it is none."""
    road_map = ascii_road_map(
        """
          A--1--2--3--B--4--5--6--C
        """,
        {"AB": {}, "BC": {}},
        nodes={"B": {"barrier": "bollard"}},
    )
    segment, (passage,) = passages_of(road_map, "123456")
    assert path_text(road_map, match_of(road_map, "123456")) == "ABC"
    assert (passage.kind, passage.node, passage.length_m) == (ForbiddenKind.BARRIER, road_map.node("B"), 0.0)
    back = replace(
        segment,
        edges=np.array(road_map.edges("ABA"), np.int32),
        edge_from_fraction=np.zeros(2),
        edge_to_fraction=np.ones(2),
        edge_entry_ms=np.array([START_MS, START_MS + 1]),
        forbidden_edges=np.zeros(0, np.int32),
    )
    assert forbidden_passages(road_map.network, back, None) == ()


def test_turning_back_in_the_middle_of_a_road_passes_no_node() -> None:
    """The two parts around a turn in the middle of an edge are no turn at its end, where it is forbidden."""
    no_u_turn = {"restriction": "no_u_turn", "from": "AB", "via": "B", "to": "AB"}
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": {}, "BD": {}}, restrictions=[no_u_turn])
    (segment,) = match_of(road_map, "1238").segments
    around = replace(
        segment,
        edges=np.array(road_map.edges("ABA"), np.int32),
        edge_from_fraction=np.array([0.0, 0.5]),
        edge_to_fraction=np.array([0.5, 1.0]),
        edge_entry_ms=np.array([START_MS, START_MS + 1]),
        forbidden_edges=np.zeros(0, np.int32),
    )
    assert forbidden_passages(road_map.network, around, None) == ()
    at_the_end = replace(around, edge_from_fraction=np.zeros(2), edge_to_fraction=np.ones(2))
    (passage,) = forbidden_passages(road_map.network, at_the_end, None)
    assert passage.kind is ForbiddenKind.FORBIDDEN_TURN


def test_what_has_no_path_passes_nothing() -> None:
    """Stays, gaps and ways off the roads have no edges."""
    road_map = ascii_road_map(CORNER, {"AB": {}, "BC": {}, "BD": {}})
    (segment,) = match_of(road_map, "123678").segments
    none = replace(
        segment,
        edges=segment.edges[:0],
        edge_from_fraction=segment.edge_from_fraction[:0],
        edge_to_fraction=segment.edge_to_fraction[:0],
        edge_entry_ms=segment.edge_entry_ms[:0],
    )
    assert forbidden_passages(road_map.network, none, None) == ()
