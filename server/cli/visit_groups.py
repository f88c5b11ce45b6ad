"""What the table of visits says about several of them: groups, sequences, deliveries, and who waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from server.cli.cells import FEW_DIGITS, RowReader
from server.cli.table_files import read_table
from server.cli.visit_table import VISIT_COLUMNS
from server.errors import FieldViolation, ViolationCode
from server.use_cases.planning_request import DeliveryRequest, PlanningRequest, PrecedenceRequest, SequenceRequest


@dataclass(frozen=True)
class VisitGroups:
    """Groups, sequences, deliveries and precedences of visits, by their ids; the names are those of `PlanningRequest`.

    `unreadable` lists the cells that could not be read.
    """

    same_worker_groups: tuple[tuple[str, ...], ...]
    different_worker_groups: tuple[tuple[str, ...], ...]
    separate_groups: tuple[tuple[str, ...], ...]
    sequences: tuple[SequenceRequest, ...]
    deliveries: tuple[DeliveryRequest, ...]
    precedences: tuple[PrecedenceRequest, ...]
    unreadable: tuple[FieldViolation, ...] = ()

    def added_to(self, request: PlanningRequest) -> PlanningRequest:
        """Return a request with these groups in it."""
        return replace(
            request,
            same_worker_groups=self.same_worker_groups,
            different_worker_groups=self.different_worker_groups,
            separate_groups=self.separate_groups,
            sequences=self.sequences,
            deliveries=self.deliveries,
            precedences=self.precedences,
        )


def read_visit_groups(path: Path) -> VisitGroups:
    """Read what a table of visits says about several of them.

    Parameters
    ----------
    path
        A CSV, XLSX or JSON file that `server.cli.visit_table.read_visits` has read.

    Returns
    -------
    VisitGroups
        In the order in which the table names them first.
    """
    violations: list[FieldViolation] = []
    rows = [RowReader(row, VISIT_COLUMNS, violations) for row in read_table(path)]
    groups = VisitGroups(
        same_worker_groups=_groups(rows, "same_worker_group"),
        different_worker_groups=_groups(rows, "different_worker_group"),
        separate_groups=_groups(rows, "separate_group"),
        sequences=(
            *_sequences(rows, "sequence", is_direct=False),
            *_sequences(rows, "direct_sequence", is_direct=True),
        ),
        precedences=tuple(one for row in rows for one in _precedences(row)),
        deliveries=tuple(one for row in rows for one in _deliveries(row)),
    )
    return replace(groups, unreadable=tuple(violations))


def _groups(rows: Iterable[RowReader], column: str) -> tuple[tuple[str, ...], ...]:
    """Gather the visits that name the same group; a visit may name several."""
    members: dict[str, list[str]] = {}
    for row in rows:
        for name in row.words(column):
            members.setdefault(name, []).append(row.text("id"))
    return tuple(tuple(ids) for ids in members.values())


def _sequences(rows: Iterable[RowReader], column: str, *, is_direct: bool) -> Iterator[SequenceRequest]:
    """Gather the visits of each sequence by their numbers in it: a cell such as ``tour/2``."""
    members: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        for word in row.words(column):
            name, _, number = word.rpartition("/")
            if not name or not FEW_DIGITS.fullmatch(number.strip()):
                row.refuse(column, f"must be such as tour/2, its name and the place in it (got {word!r})")
                continue
            members.setdefault(name.strip(), []).append((int(number), row.text("id")))
    for places in members.values():
        yield SequenceRequest(tuple(visit_id for _, visit_id in sorted(places)), is_direct)


def _deliveries(row: RowReader) -> Iterator[DeliveryRequest]:
    """Read where what is brought to a visit is picked up: at most one delivery."""
    pickup_id, load = row.text("picked_up_at"), row.count("delivery_load") or 0
    if pickup_id:
        yield DeliveryRequest(pickup_id, row.text("id"), load)
    elif load:
        row.refuse("delivery_load", "needs a picked_up_at beside it", ViolationCode.NO_EFFECT)


def _precedences(row: RowReader) -> Iterator[PrecedenceRequest]:
    """Read whom a visit waits for: a cell such as ``v1; v2/30``, 30 minutes after v2 is over."""
    for word in row.words("waits_for"):
        before, slash, minutes = (part.strip() for part in word.partition("/"))
        if not before or (slash and not FEW_DIGITS.fullmatch(minutes)):
            row.refuse("waits_for", f"must be such as v1 or v1/30, the visit and minutes after it (got {word!r})")
            continue
        yield PrecedenceRequest(before, row.text("id"), int(minutes or 0) * 60)
