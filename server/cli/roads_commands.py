"""``odograph roads``: road networks, from a map file or from a place's name."""

from __future__ import annotations

from pathlib import Path

import click
from odograph import v1
from rich.table import Table

from geo.roads.profiles import PROFILES
from server.cli.learn_speeds_command import learn_speeds_command
from server.cli.session import Session, session_options
from server.compute.query_compiler import compiling_queries
from server.messages.road_networks import road_network_message
from server.storage.records import RoadNetworkRecord
from server.use_cases.download_network import download_road_network
from server.use_cases.import_network import ImportRequest, import_road_network
from server.use_cases.listings import PageRequest, list_road_networks
from server.use_cases.workshop import Workshop

_profile_option = click.option(
    "--profile", type=click.Choice(sorted(PROFILES)), default="car", show_default=True, help="Who travels on it."
)
_id_option = click.option("--id", "network_id", default="", help="Id of the network; made from the name by default.")


@click.group()
def roads() -> None:
    """Import, download and list road networks."""


@roads.command("import")
@session_options
@click.argument("map_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_profile_option
@_id_option
def import_command(session: Session, map_file: Path, profile: str, network_id: str) -> None:
    """Import the roads of MAP_FILE (.osm.pbf, .osm, .osm.gz, .osm.bz2)."""
    request = ImportRequest(map_file, profile, network_id)
    with compiling_queries(), session.progress(f"importing {map_file.name}") as on_progress:
        record = session.run(lambda workshop: import_road_network(workshop, request, on_progress=on_progress))
    _show(session, (record,))
    _show_findings(session, record)


@roads.command("download")
@session_options
@click.argument("place")
@_profile_option
@_id_option
def download_command(session: Session, place: str, profile: str, network_id: str) -> None:
    """Download the roads of PLACE, for example "Kamppi, Helsinki", through OSMnx. Needs internet."""

    async def work(workshop: Workshop) -> RoadNetworkRecord:
        return await download_road_network(workshop, place, profile=profile, network_id=network_id)

    with session.progress(f"downloading {place}"):
        record = session.run(work)
    _show(session, (record,))
    _show_findings(session, record)


@roads.command("list")
@session_options
def list_command(session: Session) -> None:
    """List the road networks that were imported."""

    async def all_networks(workshop: Workshop) -> tuple[RoadNetworkRecord, ...]:
        page = await list_road_networks(workshop, PageRequest())
        records = page.records
        while page.next_token:
            page = await list_road_networks(workshop, PageRequest(token=page.next_token))
            records += page.records
        return records

    _show(session, session.run(all_networks))


roads.add_command(learn_speeds_command)


def _show(session: Session, records: tuple[RoadNetworkRecord, ...]) -> None:
    if session.as_json:
        session.print_message(v1.ListRoadNetworksResponse(road_networks=map(road_network_message, records)))
        return
    table = Table(
        "id", "profile", "nodes", "edges", "km", "fingerprint", "source", box=None, pad_edge=False, header_style="bold"
    )
    for column in table.columns[2:5]:
        column.justify = "right"
    for record in records:
        counts = f"{record.node_count:,}", f"{record.edge_count:,}", f"{record.road_length_m / 1000:,.0f}"
        table.add_row(record.id, record.profile, *counts, record.fingerprint[:16], record.source)
    session.out.print(table)


def _show_findings(session: Session, record: RoadNetworkRecord) -> None:
    """Say what the import read, dropped and repaired; machines get it with the network."""
    findings = road_network_message(record).import_findings
    if session.as_json or not findings:
        return
    table = Table(title="What the import found", title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    for finding in findings:
        table.add_row(f"{finding.count:,}", finding.explanation)
    session.out.print()
    session.out.print(table)
