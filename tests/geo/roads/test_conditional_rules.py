"""Ways with several conditions: at each hour, what the tags that then hold say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.roads.conditional_tags import conditional_clauses
from geo.roads.conditions import ConditionKind, condition_holds
from geo.roads.network import EdgeFlag
from geo.roads.network_builder import duration_ms
from geo.roads.profiles import PROFILES
from geo.roads.way_rules import way_rule
from geo.routing.speed_overlay import SpeedOverlay, flags_under
from tests.ascii_road_map import AsciiRoadMap
from tests.geo.roads.drawn_ways import drawn_way

MONDAY = datetime(2026, 3, 2)  # noqa: DTZ001 - local time of the place
CONDITIONS = (
    "Mo-Fr 07:00-09:00", "Mo-Su", "08:00-18:00", "22:00-06:00", "Sa,Su", "We 06:00-20:00", "Mo-Fr; We off",
    "weight>3.5", "nonsense",
)  # fmt: skip
VALUES = {
    "access": ("no", "yes", "destination", "rainy_days"),
    "vehicle": ("no", "private"),
    "motor_vehicle": ("no", "yes", "agricultural;forestry"),
    "motor_vehicle:forward": ("no", "destination"),
    "oneway": ("yes", "no", "-1", "reversible"),
    "maxspeed": ("20", "50", "none", "fast"),
    "maxspeed:backward": ("30",),
}


def naive_tags(tags: Mapping[str, str], when: datetime) -> dict[str, str]:
    """Tags that hold at a moment: each conditional key's last value with a condition that holds, if it means anything.

    The values that mean nothing are named one by one, since the tests draw them.
    """
    said = dict(tags)
    for key, value in tags.items():
        if key.endswith(":conditional"):
            for clause in re.split(r"(?<=\)); ", value):
                plain, _, condition = clause.partition(" @ ")
                if condition_holds(condition, when) and plain not in {"rainy_days", "fast"}:
                    said[key.removesuffix(":conditional")] = plain
    return said


@st.composite
def conditional_tags(draw: st.DrawFn) -> dict[str, str]:
    """Tags of a way with up to three conditional keys of up to two clauses, of at most four conditions together."""
    tags = {"highway": "residential"}
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=2, unique=True)):
        tags[key] = draw(st.sampled_from(VALUES[key]))
    conditions = draw(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4, unique=True))
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True)):
        clauses = draw(
            st.lists(st.tuples(st.sampled_from(VALUES[key]), st.sampled_from(conditions)), min_size=1, max_size=2)
        )
        tags[f"{key}:conditional"] = "; ".join(f"{value} @ ({condition})" for value, condition in clauses)
    return tags


@settings(max_examples=80)
@given(tags=conditional_tags(), profile=st.sampled_from(["car", "bicycle"]))
def test_every_hour_of_a_week_has_the_tags_that_hold_then(tags: dict[str, str], profile: str) -> None:
    """Flags and duration of both directions are those of a way with the values of the conditions that hold."""
    road_map = drawn_way(tags, profile)
    network = road_map.network
    for hour in range(7 * 24):
        when = MONDAY + timedelta(hours=hour, minutes=30)
        overlay = SpeedOverlay.of_network(network, when=when)
        flags = flags_under(network, overlay.active_conditions)
        rule = way_rule(naive_tags(tags, when), PROFILES[profile])
        assert rule is not None
        for text, expected_flags, kmh in (
            ("AB", rule.forward_flags, rule.forward_kmh),
            ("BA", rule.backward_flags, rule.backward_kmh),
        ):
            edge = road_map.edge(text, way="AB")
            assert flags[edge] == expected_flags
            assert overlay.closed[edge] == bool(expected_flags & EdgeFlag.FORBIDDEN)
            expected_ms = duration_ms(network.edge_length_cm[edge : edge + 1], np.array([kmh]))[0]
            assert overlay.edge_duration_ms[edge] == expected_ms


def state(road_map: AsciiRoadMap, when: str) -> str:
    """Whether the road A-B is open, for the ends of routes, or closed."""
    network = road_map.network
    active = SpeedOverlay.of_network(network, when=datetime.fromisoformat(when)).active_conditions
    flags = EdgeFlag(int(flags_under(network, active)[road_map.edge("AB", way="AB")]))
    return "closed" if EdgeFlag.FORBIDDEN in flags else "ends only" if EdgeFlag.ENDS_ONLY in flags else "open"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        # Monday 08:00, Monday 12:00, Sunday 08:00, Sunday 12:00.
        ({"access:conditional": "no @ (07:00-09:00); yes @ (Su)"}, "closed open open open"),  # the later clause wins
        ({"access:conditional": "yes @ (Su); no @ (07:00-09:00)"}, "closed open closed open"),
        # The most specific key wins, whichever condition comes first in the alphabet.
        (
            {"access:conditional": "no @ (07:00-09:00)", "motor_vehicle:conditional": "yes @ (Su)"},
            "closed open open open",
        ),
        (
            {"access:conditional": "no @ (Su)", "motor_vehicle:conditional": "yes @ (07:00-09:00)"},
            "open open open closed",
        ),
        # Two keys that say different things say them together.
        (
            {"oneway:conditional": "-1 @ (07:00-09:00)", "access:conditional": "destination @ (Su)"},
            "closed open closed ends only",
        ),
        ({"access": "no", "access:conditional": "yes @ Mo-Fr 07:00-09:00; Su 07:00-09:00"}, "open closed open closed"),
        # A school street: of school holidays nothing is known.
        ({"motor_vehicle:conditional": "no @ (Mo-Fr 07:00-09:00; SH off)"}, "closed open open open"),
        # What means nothing, or cannot be told, changes nothing.
        ({"access": "no", "access:conditional": "rainy_days @ (24/7)"}, "closed closed closed closed"),
        ({"access": "no", "access:conditional": "@ (24/7)"}, "closed closed closed closed"),
        ({"access:conditional": "no @ (weight>7.5)"}, "open open open open"),
        ({"access:conditional": "no @ (Mo-Fr 07:00-09:00; yes @ (Su)"}, "open open open open"),  # a lost parenthesis
        ({"bicycle:conditional": "no @ (24/7)"}, "open open open open"),  # another's
    ],
)
def test_of_several_conditions_the_rule_of_osm_decides(tags: dict[str, str], expected: str) -> None:
    """Later clauses win over earlier ones, and specific keys over general ones."""
    road_map = drawn_way(tags, "car")
    moments = ("2026-03-02 08:00", "2026-03-02 12:00", "2026-03-08 08:00", "2026-03-08 12:00")
    assert " ".join(state(road_map, when) for when in moments) == expected


def test_more_conditions_than_four_are_counted() -> None:
    """The first four of a way count together; the others are left out, and the report says how many."""
    hours = "; ".join(f"no @ ({hour:02}:00-{hour:02}:30)" for hour in range(6))
    road_map = drawn_way({"access:conditional": hours}, "car")
    assert [state(road_map, f"2026-03-02 {hour:02}:15") for hour in range(6)] == ["closed"] * 4 + ["open"] * 2
    assert road_map.report.conditions == {ConditionKind.TIME: 6, ConditionKind.SURPLUS: 2}


def test_conditions_are_counted_by_what_they_depend_on() -> None:
    """The report names what was not applied, and why."""
    tags = {
        "access:conditional": "no @ (Sa); no @ (weight>7.5); no @ (snow); no @ (sunset-sunrise); yes @ (disabled)",
        "maxspeed:conditional": "fast @ (Sa); 30 @ (Mo-Fr 07:00-09:00 AND 16:00-18:00); 30",
        "bicycle:conditional": "no @ (Su)",
    }
    assert drawn_way(tags, "car").report.conditions == {
        ConditionKind.DAYLIGHT: 1,
        ConditionKind.NEVER: 1,
        ConditionKind.PEOPLE: 1,
        ConditionKind.TIME: 1,
        ConditionKind.UNREADABLE: 2,
        ConditionKind.VEHICLE: 1,
        ConditionKind.WEATHER: 1,
    }


@pytest.mark.parametrize(
    ("value", "clauses"),
    [
        ("no @ (Mo-Fr 07:00-09:00)", [("no", "Mo-Fr 07:00-09:00")]),
        ("no @ Mo-Fr 07:00-09:00", [("no", "Mo-Fr 07:00-09:00")]),
        ("no @ (Sa; Su); yes @ (PH);", [("no", "Sa; Su"), ("yes", "PH")]),
        ("no @ Sa 10:00-12:00; Su", [("no", "Sa 10:00-12:00; Su")]),  # parentheses were forgotten
        ("no @ (Sa); Su", [("no", "Sa"), ("Su", "")]),  # they were not
        ("no @ ((Sa) AND (wet))", [("no", "((Sa) AND (wet))")]),
        ("no", [("no", "")]),
        ("no @", [("no", "")]),
        ("@ (Sa)", [("", "")]),
        ("no @ (Sa; yes @ (Su)", [("no", "(Sa; yes @ (Su)")]),  # a lost parenthesis: nothing that can be read
        ("no @ Sa); yes @ Su", [("no", "Sa)"), ("yes", "Su")]),
        ("", []),
    ],
)
def test_a_conditional_value_is_split_into_clauses(value: str, clauses: list[tuple[str, str]]) -> None:
    """Semicolons inside parentheses belong to the condition; what is no clause has no condition."""
    assert conditional_clauses(value) == clauses
