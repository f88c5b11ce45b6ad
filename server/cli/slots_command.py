"""``odograph slots``: where in a kept plan further visits would go, and what that would cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from google.protobuf.json_format import MessageToDict
from rich.console import RenderableType
from rich.table import Table

from geo.coordinates import CoordinateSystem
from server.cli.session import COORDINATES, Session, coordinates_option, session_options
from server.cli.visit_table import read_visits
from server.errors import FieldViolation, InvalidRequestError
from server.messages.plan_answers import slots_message
from server.reports.wording import clock, duration, kilometres
from server.use_cases.planning_request import VisitRequest
from server.use_cases.read_plans import get_plan
from server.use_cases.suggest_slots import DEFAULT_SLOTS, MOST_SLOTS, SuggestedSlot, suggest_slots_in_plan
from server.use_cases.workshop import Workshop
from server.working_day import WorkingDay

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class _VisitSlots:
    """A visit, the clocks of its plan, and its places, the cheapest first."""

    visit: VisitRequest
    zone: ZoneInfo
    slots: tuple[SuggestedSlot, ...]


@click.command()
@session_options
@click.argument("plan_id")
@click.option("--visits", required=True, type=_file, help="Table of the new visits (.csv, .xlsx, .json).")
@coordinates_option
@click.option(
    "--max-slots",
    type=click.IntRange(1, MOST_SLOTS),
    default=DEFAULT_SLOTS,
    show_default=True,
    help="Most places to name for each visit.",
)
def slots(session: Session, *, plan_id: str, visits: Path, coordinates: str, max_slots: int) -> None:
    """Name the cheapest places in a kept plan for each of some new visits. Nothing is kept.

    Each visit is looked at alone, beside the plan as it is.
    """
    with session.progress("looking for places"):
        found = session.run(lambda workshop: _slots(workshop, plan_id, visits, COORDINATES[coordinates], max_slots))
    if session.as_json:
        answers = [
            {"visit_id": one.visit.id, **MessageToDict(slots_message(one.slots), preserving_proto_field_name=True)}
            for one in found
        ]
        click.echo(json.dumps({"visits": answers}, ensure_ascii=False, indent=2))
    else:
        session.out.print(_table(found))


async def _slots(
    workshop: Workshop, plan_id: str, path: Path, system: CoordinateSystem, max_slots: int
) -> list[_VisitSlots]:
    """Read the visits by the clocks of the plan, and ask for each."""
    plan = workshop.codec.plan_of_record(await get_plan(workshop, plan_id))
    zone = ZoneInfo(plan.time_zone)
    table = read_visits(path, WorkingDay(date.fromisoformat(plan.day), zone))
    found: list[_VisitSlots] = []
    violations: list[FieldViolation] = list(table.unreadable)
    for index, visit in enumerate(table.elements):
        if f"visits[{index}]" in table.spoiled:
            continue
        try:
            places = await suggest_slots_in_plan(workshop, plan_id, visit, system, max_slots)
        except InvalidRequestError as error:
            row = table.places[f"visits[{index}]"]
            violations += [replace(one, field=f"{row}, {one.field}") for one in error.violations]
            continue
        found.append(_VisitSlots(visit, zone, places))
    if violations:
        raise InvalidRequestError(tuple(violations))
    return found


def _table(found: Sequence[_VisitSlots]) -> RenderableType:
    table = Table("visit", "worker", box=None, pad_edge=False, header_style="bold")
    for column in ("stop", "start", "extra cost", "extra way", "extra time", "moves"):
        table.add_column(column, justify="right")
    for one in found:
        name = one.visit.label or one.visit.id
        if not one.slots:
            table.add_row(name, "fits on no route as it is")
        for slot in one.slots:
            shift = f" (shift {slot.shift_number + 1})" if slot.shift_number else ""
            table.add_row(
                name,
                f"{slot.worker_id}{shift}",
                str(slot.position + 1),
                clock(slot.start_s * 1000, one.zone),
                f"{slot.added_cost:,.2f}",
                kilometres(slot.added_distance_m),
                duration(max(0, slot.added_duration_s)),
                str(len(slot.delays)),
            )
            name = ""
    return table
