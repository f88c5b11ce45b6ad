"""``odograph check``: what a plan costs, and which rules it breaks, after people have changed it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.table import Table

from geo.coordinates import CoordinateSystem
from server.cli.failures import BROKEN_PLAN
from server.cli.plan_output import route_table
from server.cli.route_table import RouteTable, read_routes
from server.cli.session import Session, session_options
from server.errors import InvalidRequestError
from server.messages.plan_answers import checked_plan_message
from server.use_cases.check_plan import CheckedPlan, check_stored_plan

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@session_options
@click.argument("plan_id")
@click.option(
    "--routes", type=_file, help="Table of who visits whom: the .csv of `plan`, changed; without it, as kept."
)
def check(session: Session, *, plan_id: str, routes: Path | None) -> None:
    """Say what a kept plan costs and which rules it breaks, as it is or with other routes. Nothing is kept.

    Ends with exit code 4 where a rule is broken.
    """
    table = None if routes is None else read_routes(routes)
    try:
        with session.progress("checking"):
            given = None if table is None else table.routes
            checked = session.run(lambda workshop: check_stored_plan(workshop, plan_id, given))
    except InvalidRequestError as error:
        raise _in_words_of_table(error, table) from error
    if session.as_json:
        session.print_message(checked_plan_message(checked, CoordinateSystem.WGS84))
    else:
        session.out.print(_tables(checked))
    if checked.broken:
        click.get_current_context().exit(BROKEN_PLAN)


def _in_words_of_table(error: InvalidRequestError, table: RouteTable | None) -> InvalidRequestError:
    """Name the rows of the table in place of the fields of a request."""
    places = {} if table is None else table.places
    return InvalidRequestError(tuple(replace(one, field=places.get(one.field, one.field)) for one in error.violations))


def _tables(checked: CheckedPlan) -> RenderableType:
    """Lay out the broken rules, the routes, and what causes the cost."""
    plan = checked.plan
    parts: list[RenderableType] = []
    if checked.broken:
        broken = Table("broken rule", "worker", "visit", "what is wrong", box=None, pad_edge=False, header_style="bold")
        for one in checked.broken:
            broken.add_row(one.rule.replace("_", " "), one.worker_id, one.visit_id, one.description)
        parts += [broken, ""]
    prices = Table("cost of", box=None, pad_edge=False, header_style="bold")
    prices.add_column("money", justify="right")
    causes: defaultdict[str, float] = defaultdict(float)
    for part in plan.cost_parts:
        causes[part.field.rpartition(".")[2] if "]" in part.field else part.field] += part.cost
    for cause, cost in sorted(causes.items(), key=lambda part: -part[1]):
        prices.add_row(cause, f"{cost:,.2f}")
    parts += [route_table(plan), "", prices, ""]
    parts += [f"note: {notice.field}: {notice.description}" for notice in plan.notices]
    count = len(checked.broken)
    rules = "every rule is kept" if count == 0 else f"{count} broken rule{'s' if count > 1 else ''}"
    asked = plan.stop_count + len(plan.unplanned)
    parts.append(f"{rules}; {plan.stop_count} of {asked} visits, cost {plan.cost:,.2f}")
    return Group(*parts)
