"""``odograph explain``: says of visits of a plan why they are where they are, or what keeps them out."""

from __future__ import annotations

import click
from rich.console import Group, RenderableType
from rich.table import Table

from server.cli.session import Session, session_options
from server.messages.plan_answers import explanation_message
from server.use_cases.explain_plan import ExplainedVisit, explain_stored_plan


@click.command()
@session_options
@click.argument("plan_id")
@click.argument("visit_ids", metavar="[VISIT]...", nargs=-1)
def explain(session: Session, *, plan_id: str, visit_ids: tuple[str, ...]) -> None:
    """Say why each visit of a plan is where it is, or why it is not planned and what would change that.

    Of every visit, or of those that are named.
    """
    with session.progress("explaining"):
        explained = session.run(lambda workshop: explain_stored_plan(workshop, plan_id, visit_ids))
    if session.as_json:
        session.print_message(explanation_message(explained))
    else:
        session.out.print(_tables(explained, with_workers=bool(visit_ids)))


def _tables(explained: tuple[ExplainedVisit, ...], *, with_workers: bool) -> RenderableType:
    """Lay explanations out: the visits that are not planned first; for named ones also what each worker lacks."""
    table = Table("visit", "worker", "explanation", box=None, pad_edge=False, header_style="bold")
    for one in sorted(explained, key=lambda one: one.refusal is None):
        table.add_row(one.visit_id, one.worker_id or "not planned", one.explanation)
    parts: list[RenderableType] = [table]
    for one in explained if with_workers else ():
        if one.workers:
            title = f"{one.visit_id}, with"
            workers = Table(title, "what it would take", box=None, pad_edge=False, header_style="bold")
            for worker in one.workers:
                shift = f" (shift {worker.shift_number + 1})" if worker.shift_number else ""
                workers.add_row(f"{worker.worker_id}{shift}", worker.explanation)
            parts += ["", workers]
    return Group(*parts)
