"""``odograph plan``: builds the day's plan from tables of visits and workers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from geo.roads.network import RoadNetwork
from optimizer.options import MOST_THREADS, Engine
from optimizer.problem import BalanceMeasure
from server.cli.element_tables import read_both, without_spoiled
from server.cli.output_files import check_outputs, csv_text, geojson_text, write_outputs
from server.cli.plan_output import STOP_COLUMNS, plan_features, plan_html, plan_tables, stop_rows
from server.cli.session import (
    COORDINATES,
    Session,
    coordinates_option,
    message_json,
    output_option,
    session_options,
    time_zone_option,
)
from server.cli.speed_file import read_speeds
from server.cli.visit_groups import read_visit_groups
from server.cli.visit_table import read_visits
from server.cli.worker_table import read_workers
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.messages.plans import plan_message
from server.use_cases.build_plan import PlanEvent, PlanImproved, StageBegun, build_plan
from server.use_cases.check_planning_request import LOWEST_PRIORITY
from server.use_cases.day_plan import DayPlan
from server.use_cases.departure import Departure
from server.use_cases.identity import text_violations
from server.use_cases.planning_request import (
    DEFAULT_SNAP_DISTANCE_M,
    BalanceRequest,
    PlanningRequest,
    SearchOptions,
)
from server.use_cases.workshop import Workshop
from server.working_day import WorkingDay

_OPTIONS_OF_FIELDS = {
    "road_network": "--network; `odograph roads list` shows those that there are",
    "max_snap_distance_meters": "--snap-distance",
    "time_limit": "--time-limit",
    "work_limit": "--work-limit",
    "seed": "--seed",
}
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class _BalanceType(click.ParamType[BalanceRequest]):
    """Reads a word such as ``visits:5``."""

    name = "measure:money"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> BalanceRequest:
        """Return what is kept even and at which price."""
        if isinstance(value, BalanceRequest):
            return value
        measure, _, money = str(value).partition(":")
        try:
            return BalanceRequest(BalanceMeasure(measure.strip()), float(money))
        except ValueError:
            self.fail(f"must be such as time:30, visits:5, distance:2 or spread:2 (got {value!r})", param, ctx)


@click.command()
@session_options
@click.option("--visits", required=True, type=_file, help="Table of visits (.csv, .xlsx, .json).")
@click.option("--workers", required=True, type=_file, help="Table of workers (.csv, .xlsx, .json).")
@click.option("--network", required=True, help="Id of the road network of workers whose row names no other.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the plan; today by default.")
@time_zone_option
@coordinates_option
@click.option("--time-limit", type=float, default=10.0, show_default=True, help="Seconds of search.")
@click.option("--seed", type=int, default=0, show_default=True, help="Makes the search repeatable.")
@click.option(
    "--engine",
    type=click.Choice([engine.value for engine in Engine]),
    default=Engine.HYBRID.value,
    show_default=True,
    help="Who searches.",
)
@click.option("--work-limit", type=int, help="Iterations after which the search ends: makes the plan repeatable.")
@click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    default=1,
    show_default=True,
    help="Searches that run side by side; each keeps a core busy.",
)
@click.option(
    "--balance",
    type=_BalanceType(),
    help="Makes routes even or compact: money per hour, visit, kilometre or spread of the largest, such as visits:5.",
)
@click.option(
    "--strict-priority",
    type=click.IntRange(0, LOWEST_PRIORITY),
    default=0,
    help="Visits of priorities from 1 to this one come before all lower ones and before any cost; 0: none.",
)
@click.option("--label", default="", help="Name of the plan, for people.")
@click.option(
    "--departure",
    type=click.DateTime(["%H:%M"]),
    help="Time of the day at whose roads and speeds all ways are taken, whenever they are driven.",
)
@click.option("--speeds", type=_file, help="Speeds by road class and hour, of `roads learn-speeds`.")
@click.option(
    "--snap-distance",
    type=float,
    default=DEFAULT_SNAP_DISTANCE_M,
    show_default=True,
    help="Metres within which a place must have a road.",
)
@output_option
def plan(  # noqa: PLR0913 - one parameter per option
    session: Session,
    *,
    visits: Path,
    workers: Path,
    network: str,
    day: datetime | None,
    time_zone: ZoneInfo,
    coordinates: str,
    time_limit: float,
    seed: int,
    engine: str,
    work_limit: int | None,
    threads: int,
    balance: BalanceRequest | None,
    strict_priority: int,
    label: str,
    departure: datetime | None,
    speeds: Path | None,
    snap_distance: float,
    outputs: tuple[Path, ...],
) -> None:
    """Plan the day of a team, and keep the plan.

    Output files: .json (the message of the API), .csv (one row per stop), .geojson (routes and stops), .html (a report
    with a map).
    """
    check_outputs(outputs, (".json", ".csv", ".geojson", ".html"))
    working_day = WorkingDay((day or datetime.now(time_zone)).date(), time_zone)
    asked, team = read_both(lambda: read_visits(visits, working_day), lambda: read_workers(workers, working_day))
    groups = read_visit_groups(visits)
    click.get_current_context().meta["rows"] = {**asked.places, **team.places, **_OPTIONS_OF_FIELDS}
    request = PlanningRequest(
        workers=team.elements,
        visits=asked.elements,
        coordinate_system=COORDINATES[coordinates],
        road_network=network,
        time_zone=time_zone.key,
        label=label,
        max_snap_distance_m=snap_distance,
        departure=_departure(working_day, departure, speeds),
        balance=balance,
        lowest_strict_priority=strict_priority,
    )
    request = groups.added_to(request)
    options = SearchOptions(time_limit, seed, Engine(engine), work_limit, threads)
    try:
        built, networks = _build(session, request, options, (*asked.unreadable, *team.unreadable, *groups.unreadable))
    except InvalidRequestError as error:
        raise without_spoiled(error, asked, team) from error
    write_outputs(
        outputs,
        {
            ".json": lambda: message_json(plan_message(built)),
            ".csv": lambda: csv_text(STOP_COLUMNS, stop_rows(built)),
            ".geojson": lambda: geojson_text(plan_features(built)),
            ".html": lambda: plan_html(built, networks),
        },
    )
    if session.as_json:
        session.print_message(plan_message(built))
    else:
        session.out.print(plan_tables(built))


def _departure(day: WorkingDay, time: datetime | None, speeds: Path | None) -> Departure | None:
    """Say at whose roads and speeds all ways are taken."""
    if time is None and speeds is not None:
        raise InvalidRequestError((FieldViolation("--departure", ViolationCode.REQUIRED, "is required with --speeds"),))
    if time is None:
        return None
    known = read_speeds(speeds) if speeds is not None else ()
    return Departure(day.unix_s(time.hour, time.minute), day.zone.key, speeds=known)


def _build(
    session: Session, request: PlanningRequest, options: SearchOptions, unreadable: tuple[FieldViolation, ...]
) -> tuple[DayPlan, dict[str, RoadNetwork]]:
    """Build the plan; return also the road networks that its routes are drawn on."""
    unreadable = (*text_violations(request.label, "--label"), *unreadable)
    with session.progress("preparing") as on_progress:

        def on_event(event: PlanEvent) -> None:
            match event:
                case StageBegun():
                    on_progress(event.stage.name.lower().replace("_", " "), event.stage.value)
                case PlanImproved():
                    planned = len(request.visits) - event.unplanned_count
                    share = 0.15 + 0.75 * min(event.elapsed_s / options.time_limit_s, 1.0)
                    on_progress(f"{planned} of {len(request.visits)} visits planned, cost {event.cost:,.0f}", share)

        async def work(workshop: Workshop) -> tuple[DayPlan, dict[str, RoadNetwork]]:
            built = await build_plan(workshop, request, options, unreadable=unreadable, on_event=on_event)
            ids = {route.road_network for route in built.routes}
            return built, {network_id: (await workshop.networks.get(network_id)).network for network_id in ids}

        return session.run(work)
