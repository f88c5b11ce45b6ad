"""``odograph demo``: the whole loop on the centre of Helsinki, and a report to look at."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
from rich.table import Table

from geo.audit.track_audit import ClaimFinding
from server.cli.session import Session, session_options
from server.demo.places import CREDIT
from server.demo.run_demo import MOST_SEARCH_S, DemoDay, run_demo
from server.reports.audited_day import own_report, worker_day_of
from server.reports.day_report import DayReport
from server.reports.html_report import html_report
from server.reports.wording import PROFILES, VERDICTS, score_text
from server.use_cases.day_plan import DayRoute, StopReason

CUT_SHORT = (
    f"The search was cut short after {MOST_SEARCH_S:.0f} s, before its steps were done: this plan is not the one that "
    "other machines find."
)
_CLAIM_MARKS = {
    ClaimFinding.NOT_CLAIMED: "",
    ClaimFinding.WITHIN_INTERVAL: " ok",
    ClaimFinding.ABOVE_INTERVAL: " too high",
    ClaimFinding.BELOW_INTERVAL: " low",
    ClaimFinding.CANNOT_TELL: " ?",
}


@click.command()
@session_options
@click.option("--seed", type=int, default=1, show_default=True, help="Decides which customers and what happens.")
@click.option(
    "--work-limit",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Steps of search for the plan; as many give the same plan on every machine.",
)
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Folder for the reports.",
)
def demo(session: Session, *, seed: int, work_limit: int, reports: Path) -> None:
    """Plan a team's day in Helsinki, simulate its execution, and audit it.

    Roads and customers are real (OpenStreetMap); the team and what it drove are simulated.
    """
    begun_s = time.monotonic()
    with session.progress("starting") as on_stage:
        day = session.run(lambda workshop: run_demo(workshop, seed=seed, work_limit=work_limit, on_stage=on_stage))
    team_file = _write_reports(day, reports)
    if session.as_json:
        click.echo(json.dumps(_summary(day, team_file), ensure_ascii=False, indent=2))
        return
    session.out.print(f"{day.plan.label}, {day.plan.day}", style="bold", end="")
    session.out.print(f": {day.plan.stop_count} visits planned, {len(day.plan.unplanned)} not planned. ", end="")
    session.out.print("SIMULATED", style="bold", end="")
    session.out.print(f" tracks and claims, seed {seed}.\n")
    if day.plan.stop_reason is StopReason.TIME_LIMIT:
        session.out.print(f"{CUT_SHORT}\n", style="yellow")
    session.out.print(_table(day))
    session.out.print(f"\n{CREDIT}. Took {time.monotonic() - begun_s:.0f} s.")
    session.out.print("The report, for any browser, without internet:")
    click.echo(str(team_file.resolve()))


def _write_reports(day: DemoDay, folder: Path) -> Path:
    """Write the team's report, and each worker's own; return the team's."""
    folder.mkdir(parents=True, exist_ok=True)
    days = tuple(worker_day_of(audit, day.plan) for audit in day.audits.values())
    team_file = folder / "report.html"
    team_file.write_text(html_report(DayReport(day.plan, days, simulated=day.simulated)), encoding="utf-8")
    for worker_id, audit in day.audits.items():
        own = own_report(audit, day.plan, time_zone=day.plan.time_zone, simulated=day.simulated)
        (folder / f"{worker_id}.html").write_text(html_report(own), encoding="utf-8")
    return team_file


def _table(day: DemoDay) -> Table:
    table = Table("worker", box=None, pad_edge=False, header_style="bold")
    for column in ("planned km", "measured km", "simulated km", "claimed km"):
        table.add_column(column, justify="right")
    for column in ("visits found", "what was simulated"):
        table.add_column(column)
    table.add_column("score", justify="right")
    for route in _audited_routes(day):
        executed, audit = day.executed[route.worker_id], day.audits[route.worker_id].audit
        mileage = audit.mileage
        table.add_row(
            f"{route.worker_label} {_travels(day, route)}",
            f"{route.distance_m / 1000:.2f}",
            f"{mileage.total_m / 1000:.2f} ({mileage.low_m / 1000:.2f}-{mileage.high_m / 1000:.2f})",
            f"{executed.driven_m / 1000:.2f}",
            f"{audit.claim.claimed_m / 1000:.2f}{_CLAIM_MARKS[audit.claim.finding]}",
            _verdicts(day, route),
            "; ".join(executed.events) or "as planned",
            score_text(audit.score.value),
        )
    return table


def _audited_routes(day: DemoDay) -> list[DayRoute]:
    return [route for route in day.plan.routes if route.worker_id in day.audits]


def _travels(day: DemoDay, route: DayRoute) -> str:
    profile = day.audits[route.worker_id].opened.network.profile
    return PROFILES[profile]


def _verdicts(day: DemoDay, route: DayRoute) -> str:
    found = [visit.verdict for visit in day.audits[route.worker_id].audit.visits]
    return ", ".join(
        f"{found.count(verdict)} {words.label.lower()}" for verdict, words in VERDICTS.items() if verdict in found
    )


def _summary(day: DemoDay, team_file: Path) -> dict[str, object]:
    """Write the same for machines."""
    return {
        "simulated": True,
        "seed": day.seed,
        "plan_id": day.plan.id,
        "report": str(team_file.resolve()),
        "planned_visits": day.plan.stop_count,
        "unplanned_visits": len(day.plan.unplanned),
        "search_was_cut_short": day.plan.stop_reason is StopReason.TIME_LIMIT,
        "workers": [
            {
                "worker_id": route.worker_id,
                "audit_id": day.audits[route.worker_id].id,
                "planned_m": route.distance_m,
                "measured_m": day.audits[route.worker_id].audit.mileage.total_m,
                "measured_low_m": day.audits[route.worker_id].audit.mileage.low_m,
                "measured_high_m": day.audits[route.worker_id].audit.mileage.high_m,
                "simulated_m": day.executed[route.worker_id].driven_m,
                "claimed_m": day.executed[route.worker_id].claimed_m,
                "claim": day.audits[route.worker_id].audit.claim.finding.value,
                "events": list(day.executed[route.worker_id].events),
            }
            for route in _audited_routes(day)
        ],
    }
