"""The report of an import as a list."""

from __future__ import annotations

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
    assert len(counts) >= len(vars(report)) + len(vars(report.restrictions)) - 1
    assert [kind for kind in counts if kind not in EXPLANATIONS] == []


def test_a_count_of_another_release_is_named() -> None:
    """What this release cannot explain is shown by its name."""
    assert explanation_of("conditions.wet_days") == "conditions: wet days"
