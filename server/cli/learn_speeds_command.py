"""``odograph roads learn-speeds``: how fast roads really are by class and hour, from recorded tracks."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click
import numpy as np
from rich.table import Table

from geo.audit.track_audit import GapPolicy
from geo.matching.driven_stretches import driven_stretches
from geo.roads.network import RoadClass
from geo.routing.learnt_speeds import LearntSpeeds, learn_speeds
from geo.routing.time_profiles import HOURS_OF_DAY
from server.cli.match_command import network_folder, profile_option, roads_option
from server.cli.match_pool import MatchJob, measure_files, open_for_matching
from server.cli.output_files import check_outputs, write_outputs
from server.cli.session import (
    COORDINATES,
    Session,
    coordinates_option,
    message_json,
    output_option,
    session_options,
    time_zone_option,
)
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.messages.departures import speed_profile_message
from server.use_cases.stored_drives import stored_drives

DECIMALS = 3
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command("learn-speeds")
@session_options
@click.argument("tracks", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stored", is_flag=True, help="Learn from the tracks that the service keeps, too.")
@roads_option
@profile_option
@time_zone_option
@coordinates_option
@output_option
def learn_speeds_command(
    session: Session,
    *,
    tracks: tuple[Path, ...],
    stored: bool,
    roads: str,
    profile: str,
    time_zone: ZoneInfo,
    coordinates: str,
    outputs: tuple[Path, ...],
) -> None:
    """Learn from TRACKS how fast each class of roads is in each hour of the week.

    Tracks are the files that `odograph match` reads, with --stored also those that the service keeps; give --time-zone
    of the roads. Output file: .json, the `SpeedProfile` of the API, for `speed_profile` in requests and for
    `odograph plan --speeds`.
    """
    check_outputs(outputs, (".json",))
    if not tracks and not stored:
        raise InvalidRequestError(
            (FieldViolation("TRACKS", ViolationCode.REQUIRED, "name at least one file, or give --stored"),)
        )
    with (
        session.progress("opening the road network") as on_progress,
        network_folder(session, roads, profile, on_progress) as folder,
    ):
        job = MatchJob(roads, folder, COORDINATES[coordinates], GapPolicy.SHORTEST, time_zone)
        measured = measure_files(tracks, job, on_progress)
        opened = open_for_matching(roads, folder)
        drives = [(each.track, each.audit.match) for each in measured]
        if stored:
            drives += session.run(lambda workshop: stored_drives(workshop, opened.matcher, on_progress))
        learnt = learn_speeds(driven_stretches(opened.network, opened.router.turn_graph, drives, time_zone))
    message = speed_profile_message(learnt.profile, decimals=DECIMALS)
    write_outputs(outputs, {".json": lambda: message_json(message)})
    if session.as_json:
        session.print_message(message)
    else:
        session.out.print(_table(learnt))
        session.out.print(
            f"learnt from {len(drives):,} tracks; {learnt.left_out_count:,} stretches with a stop were left out"
        )


def _table(learnt: LearntSpeeds) -> Table:
    """One line per class that was driven, with its slowest and fastest hour."""
    table = Table("roads", "driven", "mean factor", "slowest hour", "fastest hour", box=None, pad_edge=False)
    for road_class in RoadClass:
        factors = learnt.profile.factors[:, road_class]
        if not learnt.driven_s[road_class]:
            continue
        hours = [
            f"{DAYS[hour // HOURS_OF_DAY]} {hour % HOURS_OF_DAY:02}:00 ({factors[hour]:.2f})"
            for hour in (int(np.argmin(factors)), int(np.argmax(factors)))
        ]
        driven = f"{learnt.driven_s[road_class] / 3600:.1f} h"
        table.add_row(road_class.name.lower(), driven, f"{1.0 / np.mean(1.0 / factors):.2f}", *hours)
    return table
