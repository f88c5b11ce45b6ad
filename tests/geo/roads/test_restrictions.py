"""Turn restrictions: which edge sequences each kind forbids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from geo.roads.conditions import ConditionKind
from geo.roads.restriction_paths import RestrictionCounts
from tests.ascii_road_map import AsciiRoadMap, Restriction, ascii_road_map

CROSSING = """
         N
         |
    W----X----E
         |
         S
"""
CROSSING_WAYS: Mapping[str, Mapping[str, str]] = {"NX": {}, "XE": {}, "SX": {}, "WX": {}}


def crossing(*restrictions: Restriction, profile: str = "car", **way_tags: dict[str, str]) -> AsciiRoadMap:
    """Draw a crossing of four roads, each its own way."""
    ways = {letters: way_tags.get(letters, tags) for letters, tags in CROSSING_WAYS.items()}
    return ascii_road_map(CROSSING, ways, restrictions=restrictions, profile=profile)


def forbidden(road_map: AsciiRoadMap, condition: str | None = None) -> set[str]:
    """Forbidden paths as letters: those that always hold, or those of a condition."""
    network = road_map.network
    paths = set()
    for index, number in enumerate(network.forbidden_path_condition):
        if (network.conditions[number] if number >= 0 else None) == condition:
            edges = network.forbidden_path_edges[
                network.forbidden_path_first[index] : network.forbidden_path_first[index + 1]
            ]
            paths.add(road_map.text_of(edges))
    return paths


SOUTH_TO_WEST: Restriction = {"from": "SX", "via": "X", "to": "WX"}


@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        ({"restriction": "no_left_turn", **SOUTH_TO_WEST}, {"SXW"}),
        ({"restriction": "no_right_turn", "from": "SX", "via": "X", "to": "XE"}, {"SXE"}),
        ({"restriction": "no_straight_on", "from": "SX", "via": "X", "to": "NX"}, {"SXN"}),
        ({"restriction": "no_u_turn", "from": "SX", "via": "X", "to": "SX"}, {"SXS"}),
        ({"restriction": "no_entry", "from": ["SX", "XE"], "via": "X", "to": "WX"}, {"SXW", "EXW"}),
        ({"restriction": "no_exit", "from": "SX", "via": "X", "to": ["WX", "XE"]}, {"SXW", "SXE"}),
        ({"restriction": "only_left_turn", **SOUTH_TO_WEST}, {"SXN", "SXE", "SXS"}),
        ({"restriction": "only_right_turn", "from": "SX", "via": "X", "to": "XE"}, {"SXN", "SXW", "SXS"}),
        ({"restriction": "only_straight_on", "from": "SX", "via": "X", "to": "NX"}, {"SXW", "SXE", "SXS"}),
        ({"restriction": "only_u_turn", "from": "SX", "via": "X", "to": "SX"}, {"SXN", "SXE", "SXW"}),
    ],
)
def test_each_kind_over_a_node(restriction: Restriction, expected: set[str]) -> None:
    """``no_*`` forbids the turn; ``only_*`` forbids every other way on, the way back included."""
    assert forbidden(crossing(restriction)) == expected


def test_several_only_restrictions_allow_each_of_their_turns() -> None:
    """Straight on and right, each as an ``only_*``, together leave both."""
    road_map = crossing(
        {"restriction": "only_straight_on", "from": "SX", "via": "X", "to": "NX"},
        {"restriction": "only_right_turn", "from": "SX", "via": "X", "to": "XE"},
    )
    assert forbidden(road_map) == {"SXW", "SXS"}


@pytest.mark.parametrize(
    ("profile", "tags", "is_forbidden"),
    [
        ("car", {"restriction": "no_left_turn"}, True),
        ("bicycle", {"restriction": "no_left_turn"}, True),
        ("foot", {"restriction": "no_left_turn"}, False),
        ("foot", {"restriction:foot": "no_left_turn"}, True),
        ("car", {"restriction:foot": "no_left_turn"}, False),
        ("car", {"restriction": "no_left_turn", "except": "psv"}, True),
        ("car", {"restriction": "no_left_turn", "except": "psv;motorcar"}, False),
        ("car", {"restriction": "no_left_turn", "except": "motor_vehicle"}, False),
        ("bicycle", {"restriction": "no_left_turn", "except": "bicycle"}, False),
        ("car", {"restriction": "no_left_turn", "except": "bicycle"}, True),
        ("car", {"restriction:motorcar": "no_left_turn"}, True),
        ("car", {"restriction:vehicle": "no_left_turn"}, True),
        ("bicycle", {"restriction:vehicle": "no_left_turn"}, True),
        ("bicycle", {"restriction:motorcar": "no_left_turn"}, False),
        ("car", {"restriction:hgv": "no_left_turn"}, False),
        ("car", {"restriction:motorcar": "no_left_turn", "except": "motorcar"}, True),  # except is of `restriction`
        # The most specific key that says something decides.
        ("car", {"restriction": "no_left_turn", "restriction:motorcar": "none"}, False),
        ("bicycle", {"restriction": "no_left_turn", "restriction:motorcar": "none"}, True),
        ("car", {"restriction": "no_right_turn", "restriction:motorcar": "no_left_turn"}, True),
        ("car", {"restriction": "no_left_turn", "restriction:motorcar": "no_dancing"}, True),
        ("car", {"restriction": "none"}, False),
        ("car", {"restriction": "no_left_turn;no_u_turn"}, True),
        ("car", {"restriction": "no_dancing; no_left_turn"}, True),
    ],
)
def test_a_restriction_concerns_whom_it_names(profile: str, tags: dict[str, str], is_forbidden: bool) -> None:
    """Vehicle keys and ``except`` decide for whom a restriction holds."""
    road_map = crossing({**tags, **SOUTH_TO_WEST}, profile=profile)
    assert forbidden(road_map) == ({"SXW"} if is_forbidden else set())
    counts = road_map.report.restrictions
    assert counts == RestrictionCounts(read=1, applied=int(is_forbidden), of_other_vehicles=int(not is_forbidden))


@pytest.mark.parametrize(
    ("tags", "condition"),
    [
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, "Mo-Fr 07:00-09:00"),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00; Sa 10:00-12:00)"},
         "Mo-Fr 07:00-09:00; Sa 10:00-12:00"),
        ({"restriction:motorcar:conditional": "no_left_turn @ (22:00-06:00)"}, "22:00-06:00"),
        ({"restriction": "no_left_turn", "day_on": "Monday", "day_off": "Friday", "hour_on": "07:00",
          "hour_off": "09:00"}, "Mo-Fr 07:00-09:00"),
        ({"restriction": "no_left_turn", "hour_on": "07:00", "hour_off": "09:00"}, "07:00-09:00"),
        ({"restriction": "no_left_turn", "hour_on": "07:00;16:00", "hour_off": "09:00; 18:00"},
         "07:00-09:00,16:00-18:00"),
        ({"restriction": "no_left_turn", "day_on": "Mo;Sa", "day_off": "We;Sa", "hour_on": "7", "hour_off": "9"},
         "Mo-We,Sa-Sa 7-9"),
    ],
)  # fmt: skip
def test_a_conditional_restriction_keeps_its_condition(tags: dict[str, str], condition: str) -> None:
    """Nothing is forbidden always; the path is forbidden under the condition as written."""
    road_map = crossing({**tags, **SOUTH_TO_WEST})
    assert forbidden(road_map) == set()
    assert forbidden(road_map, condition) == {"SXW"}


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"restriction:conditional": "no_left_turn @ (weight>7.5)"}, ConditionKind.VEHICLE),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00"}, ConditionKind.TIME),
        ({"restriction:conditional": "no_left_turn @ school_days"}, ConditionKind.UNREADABLE),
        ({"restriction:conditional": "no_dancing @ (Sa)"}, ConditionKind.UNREADABLE),
        ({"restriction": "no_left_turn", "hour_on": "07:00"}, ConditionKind.UNREADABLE),  # until when?
        ({"restriction": "no_left_turn", "hour_on": "07:00;16:00", "hour_off": "09:00"}, ConditionKind.UNREADABLE),
    ],
)
def test_a_condition_of_a_restriction_is_counted(tags: dict[str, str], kind: ConditionKind) -> None:
    """What cannot be told from the time forbids nothing at any time, and the report says so."""
    road_map = crossing({**tags, **SOUTH_TO_WEST})
    is_applied = kind is ConditionKind.TIME
    assert len(road_map.network.forbidden_path_condition) == is_applied
    assert road_map.report.conditions == {kind: 1}
    assert road_map.report.restrictions == RestrictionCounts(
        read=1, applied=int(is_applied), not_understood=int(not is_applied)
    )


def test_one_relation_may_hold_several_conditions() -> None:
    """Each clause becomes a forbidden path of its own."""
    value = "no_left_turn @ (Mo-Fr 07:00-09:00); only_left_turn @ (Sa)"
    road_map = crossing({"restriction:conditional": value, **SOUTH_TO_WEST})
    assert forbidden(road_map, "Mo-Fr 07:00-09:00") == {"SXW"}
    assert forbidden(road_map, "Sa") == {"SXN", "SXE", "SXS"}


def test_a_restriction_that_is_lifted_at_times_is_kept() -> None:
    """Who obeys a restriction also on Sundays drives longer, never wrongly."""
    tags = {"restriction": "no_left_turn", "restriction:conditional": "none @ (Su)"}
    assert forbidden(crossing({**tags, **SOUTH_TO_WEST})) == {"SXW"}


LINKED = """
    A----B----C----D
         |    |
         E    F
"""
LINKED_WAYS: Mapping[str, Mapping[str, str]] = {"AB": {}, "BC": {}, "CD": {}, "BE": {}, "CF": {}}


def linked(*restrictions: Restriction, ways: Mapping[str, Mapping[str, str]] = LINKED_WAYS) -> AsciiRoadMap:
    """Draw a road with two side roads."""
    return ascii_road_map(LINKED, ways, restrictions=restrictions)


def test_a_restriction_over_a_way_forbids_the_whole_path_only() -> None:
    """No turn from A to the second side road; each of its turns alone stays allowed."""
    assert forbidden(linked({"restriction": "no_right_turn", "from": "AB", "via": ["BC"], "to": "CF"})) == {"ABCF"}


def test_a_restriction_over_several_ways_in_any_order() -> None:
    """Via ways are followed in the order of the members, or in the opposite one."""
    for via in (["BC", "CD"], ["CD", "BC"]):
        road_map = ascii_road_map(
            "A--B--C--D--E",
            {"AB": {}, "BC": {}, "CD": {}, "DE": {}},
            restrictions=[{"restriction": "no_straight_on", "from": "AB", "via": via, "to": "DE"}],
        )
        # Where only one road leads on, ways meet in network nodes all the same.
        assert forbidden(road_map) == {"ABCDE"}


def test_a_via_way_of_several_edges_is_followed_to_its_end() -> None:
    """A via way that other roads meet is one member but several edges."""
    ways = {"AB": {}, "BCD": {}, "DG": {}, "CF": {}}
    picture = """
        A----B----C----D----G
                  |
                  F
    """
    restriction = {"restriction": "no_straight_on", "from": "AB", "via": ["BCD"], "to": "DG"}
    road_map = ascii_road_map(picture, ways, restrictions=[restriction])
    assert forbidden(road_map) == {"ABCDG"}


def test_an_only_restriction_over_a_way_keeps_whoever_enters_on_the_path() -> None:
    """From A one must go over BC to CF: leaving at B, and going on at C, are forbidden."""
    road_map = linked({"restriction": "only_right_turn", "from": "AB", "via": ["BC"], "to": "CF"})
    assert forbidden(road_map) == {"ABE", "ABA", "ABCD", "ABCB"}


def test_a_u_turn_over_a_link_between_two_carriageways() -> None:
    """No turn from one carriageway over the link back onto the other."""
    picture = """
        A---<---B---<---C
                |
        D--->---E--->---F
    """
    ways = {
        "CB": {"oneway": "yes"},
        "BA": {"oneway": "yes"},
        "DE": {"oneway": "yes"},
        "EF": {"oneway": "yes"},
        "EB": {},
    }
    restriction = {"restriction": "no_u_turn", "from": "DE", "via": ["EB"], "to": "BA"}
    assert forbidden(ascii_road_map(picture, ways, restrictions=[restriction])) == {"DEBA"}


def test_a_way_that_passes_the_via_node_means_the_side_that_the_turn_fits() -> None:
    """The left turn from the south into a road that crosses leads west, the right turn east."""
    ways: Mapping[str, Mapping[str, str]] = {"SX": {}, "NX": {}, "WXE": {}}
    for turn, path in (("no_left_turn", "SXW"), ("no_right_turn", "SXE")):
        restriction = {"restriction": turn, "from": "SX", "via": "X", "to": "WXE"}
        assert forbidden(ascii_road_map(CROSSING, ways, restrictions=[restriction])) == {path}


STRAIGHT = """
         N
         |
    W----X----E
"""
BENT = """
         N
         |
         X----E
         |
         S
"""
SLANTED = """
         N       E
         |  .
    W----X
"""


@pytest.mark.parametrize(
    ("picture", "way", "turn", "expected"),
    [
        (STRAIGHT, "WXE", "no_u_turn", {"WXW", "EXE"}),
        (STRAIGHT, "WXE", "no_straight_on", {"WXE", "EXW"}),
        (STRAIGHT, "WXE", "only_straight_on", {"WXN", "WXW", "EXN", "EXE"}),
        (STRAIGHT, "WXE", "only_u_turn", {"WXN", "WXE", "EXN", "EXW"}),
        (STRAIGHT, "WXE", "no_left_turn", set()),  # nothing turns left along this way
        (STRAIGHT, "WXE", "only_right_turn", set()),
        (BENT, "SXE", "no_right_turn", {"SXE"}),
        (BENT, "SXE", "no_left_turn", {"EXS"}),
        (BENT, "SXE", "only_right_turn", {"SXN", "SXS"}),
        (BENT, "SXE", "no_straight_on", set()),  # it turns off at a right angle
        (BENT, "SXE", "no_u_turn", {"SXS", "EXE"}),
        (SLANTED, "WXE", "only_straight_on", {"WXN", "WXW", "EXN", "EXE"}),
        (SLANTED, "WXE", "no_left_turn", {"WXE"}),
        (STRAIGHT, "WX", "no_u_turn", {"WXW"}),  # the way ends at the node
        (STRAIGHT, "WX", "no_left_turn", set()),
        (STRAIGHT, "WX", "only_straight_on", set()),
        (STRAIGHT, "WX", "no_entry", set()),
    ],
)
def test_from_and_to_may_be_one_way(picture: str, way: str, turn: str, expected: set[str]) -> None:
    """Only ``*_u_turn`` means turning back; other names mean going on along the way where it turns so."""
    ways: dict[str, dict[str, str]] = {way: {}, "NX": {}, **({"XE": {}} if way == "WX" else {})}
    road_map = ascii_road_map(picture, ways, restrictions=[{"restriction": turn, "from": way, "via": "X", "to": way}])
    assert forbidden(road_map) == expected
    assert road_map.report.restrictions.without_effect == (not expected)


def test_a_oneway_that_goes_on_as_one_way_is_closed_in_its_direction_only() -> None:
    """Against the one-way there is nothing to forbid."""
    restriction = {"restriction": "no_straight_on", "from": "WXE", "via": "X", "to": "WXE"}
    road_map = ascii_road_map(STRAIGHT, {"WXE": {"oneway": "yes"}, "NX": {}}, restrictions=[restriction])
    assert forbidden(road_map) == {"WXE"}


SATURDAYS = {"access": "no", "access:conditional": "yes @ (Sa)"}


@pytest.mark.parametrize(
    ("restriction", "opened", "always", "on_saturdays"),
    [
        ({"restriction": "no_left_turn", **SOUTH_TO_WEST}, "WX", {"SXW"}, set()),
        ({"restriction": "no_left_turn", **SOUTH_TO_WEST}, "SX", {"SXW"}, set()),
        # Whoever must take a road can do so only while it is open.
        ({"restriction": "only_left_turn", **SOUTH_TO_WEST}, "WX", set(), {"SXN", "SXE", "SXS"}),
        ({"restriction": "only_left_turn", **SOUTH_TO_WEST}, "SX", {"SXN", "SXE", "SXS"}, set()),
        ({"restriction": "only_left_turn", **SOUTH_TO_WEST}, "NX", {"SXN", "SXE", "SXS"}, set()),
        ({"restriction:conditional": "no_left_turn @ (Sa)", **SOUTH_TO_WEST}, "WX", set(), {"SXW"}),
    ],
)
def test_roads_that_are_open_at_times_keep_their_restrictions(
    restriction: Restriction, opened: str, always: set[str], on_saturdays: set[str]
) -> None:
    """A restriction from, to or beside a road that is open on Saturdays only forbids what it would otherwise."""
    road_map = crossing(restriction, **{opened: SATURDAYS})
    assert forbidden(road_map) == always
    assert forbidden(road_map, "Sa") == on_saturdays
    assert road_map.report.restrictions.applied == 1


def test_a_conditional_restriction_onto_a_road_that_is_open_at_times_needs_both() -> None:
    """An ``only_*`` in the rush hour onto a road of Saturdays holds in the rush hour of Saturdays."""
    restriction = {"restriction:conditional": "only_left_turn @ (07:00-09:00)", **SOUTH_TO_WEST}
    road_map = crossing(restriction, WX=SATURDAYS)
    assert forbidden(road_map, "(07:00-09:00) AND (Sa)") == {"SXN", "SXE", "SXS"}
    assert len(road_map.network.forbidden_path_condition) == 3


@pytest.mark.parametrize(
    ("restriction", "outcome"),
    [
        ({"restriction": "no_left_turn", "from": "SX", "via": "X"}, "not_understood"),  # no `to`
        ({"restriction": "no_left_turn", "from": "SX", "to": "WX"}, "not_understood"),  # no `via`
        ({"restriction": "no_dancing", **SOUTH_TO_WEST}, "not_understood"),
        ({"restriction": "left_turn", **SOUTH_TO_WEST}, "not_understood"),
        ({"restriction": "no_left_turn", "from": "SX", "via": ["NX", "NX"], "to": "WX"}, "not_understood"),
        ({"restriction": "no_left_turn", "from": ["SX"] * 11, "via": "X", "to": ["WX"] * 11}, "not_understood"),
        ({"restriction": "no_left_turn", "from": "SX", "via": "Q", "to": "WX"}, "with_missing_members"),
        ({"restriction": "no_left_turn", "from": "SX", "via": "N", "to": "WX"}, "without_effect"),  # they do not meet
        ({"restriction": "no_left_turn", "from": "SX", "via": ["NX"], "to": "WX"}, "without_effect"),
    ],
)
def test_a_restriction_that_cannot_be_applied_is_counted(restriction: Restriction, outcome: str) -> None:
    """Nothing is forbidden, and the report says why."""
    road_map = crossing(restriction)
    assert forbidden(road_map) == set()
    assert getattr(road_map.report.restrictions, outcome) == 1


def test_a_restriction_on_a_road_that_the_profile_may_not_use_has_no_effect() -> None:
    """Against a one-way there is no turn to forbid, and an ``only_*`` that cannot be obeyed traps nobody."""
    for kind in ("no_left_turn", "only_left_turn"):
        road_map = crossing({"restriction": kind, **SOUTH_TO_WEST}, WX={"oneway": "yes"})
        assert forbidden(road_map) == set()
        assert road_map.report.restrictions.without_effect == 1


def test_equal_restrictions_forbid_once() -> None:
    """The same path from two relations is one forbidden path."""
    twice: Sequence[Restriction] = [{"restriction": "no_left_turn", **SOUTH_TO_WEST}] * 2
    assert len(crossing(*twice).network.forbidden_path_condition) == 1
