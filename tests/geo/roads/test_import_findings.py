"""The report of an import as a list."""

from __future__ import annotations

from dataclasses import replace

from geo.roads.conditions import ConditionKind
from geo.roads.import_findings import EXPLANATIONS, explanation_of, import_counts
from tests.ascii_road_map import ascii_road_map


def test_every_count_of_a_report_is_listed_and_explained() -> None:
    """No count is left out, groups within the report included, and each says what it means."""
    report = ascii_road_map(
        "A--B--C",
        {"AB": {}, "BC": {}, "CBA": {"highway": "footway"}},
        restrictions=[{"restriction": "no_u_turn", "from": "AB", "via": "B", "to": "AB"}],
    ).report
    counts = import_counts(report)
    assert counts["ways_read"] == report.ways_read == 3
    assert counts["ways_of_other_profiles"] == 1
    assert counts["restrictions.read"] == 1
    single = vars(report).keys() - {"restrictions", "conditions"}
    assert counts.keys() == single | {f"restrictions.{name}" for name in vars(report.restrictions)}
    conditions = import_counts(replace(report, conditions=dict.fromkeys(ConditionKind, 1))).keys() - counts.keys()
    assert len(conditions) == len(ConditionKind)
    assert (counts.keys() | conditions) - EXPLANATIONS.keys() == set()


def test_a_count_of_another_release_is_named() -> None:
    """What this release cannot explain is shown by its name."""
    assert explanation_of("conditions.wet_days") == "conditions: wet days"
