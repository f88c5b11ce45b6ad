"""``odograph match``: lays recorded tracks on roads and says how far they lead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from geo.audit.track_audit import GapPolicy
from geo.roads.profiles import PROFILES
from server.cli.match_output import match_csv, match_geojson, match_html, match_json, match_table
from server.cli.match_pool import MatchJob, OnProgress, map_file_folder, measure_files, open_for_matching
from server.cli.output_files import check_outputs, write_outputs
from server.cli.session import (
    COORDINATES,
    Session,
    coordinates_option,
    output_option,
    session_options,
    time_zone_option,
)
from server.errors import NotFoundError, Resource
from server.use_cases.import_network import MAP_SUFFIXES
from server.use_cases.workshop import Workshop

roads_option = click.option("--roads", "--network", "roads", required=True, help="Id of a road network, or a map file.")
profile_option = click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    default="car",
    show_default=True,
    help="Who travels on the roads of a map file.",
)


@click.command()
@session_options
@click.argument("tracks", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@roads_option
@profile_option
@click.option(
    "--gap-policy",
    type=click.Choice([policy.value for policy in GapPolicy if policy is not GapPolicy.PLANNED]),
    default=GapPolicy.SHORTEST.value,
    show_default=True,
    help="How kilometres are counted where a track has a gap.",
)
@time_zone_option
@coordinates_option
@output_option
def match(
    session: Session,
    *,
    tracks: tuple[Path, ...],
    roads: str,
    profile: str,
    gap_policy: str,
    time_zone: ZoneInfo,
    coordinates: str,
    outputs: tuple[Path, ...],
) -> None:
    """Lay each of TRACKS on roads and measure how far it leads.

    Tracks are .csv, .xlsx, .json, .gpx, .geojson, .kml, .kmz, .tcx and .fit files, and Google location history, also
    as the .zip of Takeout. Output files: .json (messages of the API), .csv (one row per recorded point), .geojson (one
    line per part of a track), .html (a report with a map that opens without internet).
    """
    check_outputs(outputs, (".json", ".csv", ".geojson", ".html"))
    with (
        session.progress("opening the road network") as on_progress,
        network_folder(session, roads, profile, on_progress) as folder,
    ):
        job = MatchJob(roads, folder, COORDINATES[coordinates], GapPolicy(gap_policy), time_zone)
        measured = measure_files(tracks, job, on_progress)
        opened = open_for_matching(roads, folder)
        write_outputs(
            outputs,
            {
                ".json": lambda: match_json(measured, opened, time_zone),
                ".csv": lambda: match_csv(measured, opened),
                ".geojson": lambda: match_geojson(measured, opened),
                ".html": lambda: match_html(measured, opened, time_zone),
            },
        )
        answer = match_json(measured, opened, time_zone) if session.as_json else None
    if answer is not None:
        click.echo(answer)
    else:
        session.out.print(match_table(measured, opened, time_zone))


@contextmanager
def network_folder(session: Session, roads: str, profile: str, on_progress: OnProgress) -> Iterator[Path]:
    """Find the folder of a stored network, or make one of a map file for one run.

    Parameters
    ----------
    session
        The run.
    roads
        Id of a stored network, or path of a map file.
    profile
        Who travels on the roads of a map file.
    on_progress
        Called with what is being done.

    Yields
    ------
    Path
        The folder, as `open_for_matching` opens it.

    Raises
    ------
    NotFoundError
        There is no such network or file.
    """
    if roads.endswith(MAP_SUFFIXES) and Path(roads).is_file():
        with map_file_folder(Path(roads), profile, on_progress) as folder:
            yield folder
        return

    async def is_known(workshop: Workshop) -> bool:
        return await workshop.threads.store(workshop.store.road_networks.get, roads) is not None

    if not session.run(is_known):
        raise NotFoundError(Resource.MAP_FILE if roads.endswith(MAP_SUFFIXES) else Resource.ROAD_NETWORK, roads)
    yield session.settings.network_folder / roads
