"""Groups, sequences, deliveries and precedences in the table of visits."""

from __future__ import annotations

from pathlib import Path

from server.cli.visit_groups import read_visit_groups
from server.use_cases.planning_request import (
    DeliveryRequest,
    PrecedenceRequest,
    SequenceRequest,
)
from tests.server.cli.test_tables import sentences, write_csv


def test_groups_sequences_and_deliveries_are_read(tmp_path: Path) -> None:
    """Visits that name the same group belong together; a sequence is in the order of its numbers."""
    rows = [
        [
            *("id", "lat", "lon", "same_worker_group", "separate_group", "sequence", "picked_up_at", "delivery_load"),
            "different_worker_group",
        ],
        ["a", "1", "1", "x", "p", "tour/2", "", "", ""],
        ["b", "1", "1", "x;y", "p", "tour/1", "a", "3", "audit"],
        ["c", "1", "1", "y", "", "", "", "", "audit"],
    ]
    groups = read_visit_groups(write_csv(tmp_path / "visits.csv", rows, separator=","))
    assert groups.same_worker_groups == (("a", "b"), ("b", "c"))
    assert groups.separate_groups == (("a", "b"),)
    assert groups.different_worker_groups == (("b", "c"),)
    assert groups.sequences == (SequenceRequest(("b", "a")),)
    assert groups.deliveries == (DeliveryRequest("a", "b", 3),)
    rows[1][5] = "tour"
    broken = read_visit_groups(write_csv(tmp_path / "visits.csv", rows, separator=","))
    assert sentences(broken.unreadable) == [
        "row 2 of visits.csv, sequence: must be such as tour/2, its name and the place in it (got 'tour')"
    ]


def test_direct_sequences_and_precedences_are_read(tmp_path: Path) -> None:
    """A direct sequence is one of its own kind; a visit may wait for several, each with its minutes."""
    rows = [
        ["id", "lat", "lon", "sequence", "direct_sequence", "waits_for"],
        ["a", "1", "1", "tour/1", "", ""],
        ["b", "1", "1", "tour/2", "run/1", "c; a/30"],
        ["c", "1", "1", "", "run/2", ""],
    ]
    groups = read_visit_groups(write_csv(tmp_path / "visits.csv", rows, separator=","))
    assert groups.sequences == (SequenceRequest(("a", "b")), SequenceRequest(("b", "c"), is_direct=True))
    assert groups.precedences == (PrecedenceRequest("c", "b"), PrecedenceRequest("a", "b", 1800))
    rows[2][5] = "c/soon; /3"
    broken = read_visit_groups(write_csv(tmp_path / "visits.csv", rows, separator=","))
    assert sentences(broken.unreadable) == [
        "row 3 of visits.csv, waits_for: must be such as v1 or v1/30, the visit and minutes after it (got 'c/soon')",
        "row 3 of visits.csv, waits_for: must be such as v1 or v1/30, the visit and minutes after it (got '/3')",
    ]


def test_a_load_that_is_delivered_from_nowhere_is_refused(tmp_path: Path) -> None:
    """A load needs the place where it is picked up; a zero says nothing, and is let be."""
    rows = [
        ["id", "lat", "lon", "picked_up_at", "delivery_load"],
        ["a", "1", "1", "", "3"],
        ["b", "1", "1", "", "0"],
        ["c", "1", "1", "a", "2"],
        ["d", "1", "1", "", "much"],
    ]
    groups = read_visit_groups(write_csv(tmp_path / "visits.csv", rows, separator=","))
    assert groups.deliveries == (DeliveryRequest("a", "c", 2),)
    assert sentences(groups.unreadable) == [
        "row 2 of visits.csv, delivery_load: needs a picked_up_at beside it",
        "row 5 of visits.csv, delivery_load: must be a whole number (got 'much')",
    ]
