"""``odograph audit``: compares a recorded track with the plan and the claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from geo.audit.track_audit import GapPolicy
from geo.coordinates import CoordinateSystem
from server.cli.audit_output import VISIT_COLUMNS, audit_features, audit_tables, visit_rows
from server.cli.output_files import check_outputs, csv_text, geojson_text, write_outputs
from server.cli.session import (
    COORDINATES,
    Session,
    coordinates_option,
    message_json,
    output_option,
    session_options,
    time_zone_option,
)
from server.cli.track_files import read_points
from server.errors import InvalidRequestError
from server.messages.audits import audit_message
from server.reports.audited_day import own_report
from server.reports.html_report import html_report
from server.storage.track_codec import no_points
from server.use_cases.audit_track import audit_track
from server.use_cases.day_audit import AuditRequest, DayAudit
from server.use_cases.day_plan import DayPlan
from server.use_cases.read_plans import get_plan
from server.use_cases.recorded_track import GivenTrack
from server.use_cases.workshop import Workshop

_OPTIONS_OF_FIELDS = {
    "worker_id": "--worker",
    "plan_id": "--plan",
    "road_network": "--network",
    "claimed_distance_meters": "--claimed-km",
}
"""Option that a field of the request was read from."""


@click.command()
@session_options
@click.option("--worker", required=True, help="Id of the worker whose day it is.")
@click.option(
    "--track", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The track; a stored one by default."
)
@click.option("--plan", "plan_id", default="", help="Id of the plan; without it, a track alone is audited.")
@click.option("--network", default="", help="Id of the road network; that of the plan by default.")
@click.option("--claimed-km", type=float, help="Kilometres that the worker asks to be paid for.")
@click.option(
    "--gap-policy",
    type=click.Choice([policy.value for policy in GapPolicy]),
    default=GapPolicy.SHORTEST.value,
    show_default=True,
    help="How kilometres are counted where the track has a gap.",
)
@click.option("--shift", type=int, default=0, show_default=True, help="Which shift of the worker in the plan, from 0.")
@click.option("--label", default="", help="Name of the audit, for people.")
@time_zone_option
@coordinates_option
@output_option
def audit(  # noqa: PLR0913 - one parameter per option
    session: Session,
    *,
    worker: str,
    track: Path | None,
    plan_id: str,
    network: str,
    claimed_km: float | None,
    gap_policy: str,
    shift: int,
    label: str,
    time_zone: ZoneInfo,
    coordinates: str,
    outputs: tuple[Path, ...],
) -> None:
    """Compare a worker's track with the plan and the claim, and keep the audit.

    Output files: .json (the message of the API), .csv (one row per visit), .geojson (match, stays and visits), .html
    (the worker's own report with a map).
    """
    check_outputs(outputs, (".json", ".csv", ".geojson", ".html"))
    request = AuditRequest(
        worker_id=worker,
        plan_id=plan_id,
        source=None if track is None else _given_track(track, COORDINATES[coordinates]),
        claimed_m=None if claimed_km is None else claimed_km * 1000,
        road_network=network,
        gap_policy=GapPolicy(gap_policy),
        label=label,
        shift_number=shift,
    )

    click.get_current_context().meta["rows"] = _OPTIONS_OF_FIELDS | ({} if track is None else {"points": track.name})

    async def work(workshop: Workshop) -> tuple[DayAudit, DayPlan | None]:
        answer = await audit_track(workshop, request)
        return answer, workshop.codec.plan_of_record(await get_plan(workshop, plan_id)) if plan_id else None

    with session.progress("matching and comparing"):
        answer, plan = session.run(work)
    if plan is None:
        answer = replace(answer, zone=time_zone)
    report = own_report(answer, plan, time_zone=time_zone.key)
    (day,) = report.days
    write_outputs(
        outputs,
        {
            ".json": lambda: message_json(audit_message(answer)),
            ".csv": lambda: csv_text(VISIT_COLUMNS, visit_rows(answer, day, report.time_zone)),
            ".geojson": lambda: geojson_text(audit_features(answer, day)),
            ".html": lambda: html_report(report),
        },
    )
    if session.as_json:
        session.print_message(audit_message(answer))
    else:
        session.out.print(audit_tables(answer, day, report.time_zone))


def _given_track(path: Path, system: CoordinateSystem) -> GivenTrack:
    """Read a track; what keeps it from being read is said beside all else that is wrong with the request."""
    try:
        return GivenTrack(read_points(path), system)
    except InvalidRequestError as error:
        return GivenTrack(no_points(), system, unreadable=error.violations)
