"""``odograph match``: lays recorded tracks on roads and says how far they lead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from google.protobuf.json_format import MessageToDict
from rich.table import Table

from geo.geodesy import chord_lengths_m
from geo.matching.match import DropReason, PointState, SegmentKind
from geo.matching.matched_geometry import segment_line
from server.cli.output_files import check_outputs, csv_text, geojson_text, line_feature, write_outputs
from server.cli.session import COORDINATES, Session, coordinates_option, output_option, session_options
from server.cli.track_files import read_points
from server.messages.matches import match_message
from server.use_cases.given_track import GivenTrack
from server.use_cases.match_track import MatchAnswer, match_track
from server.use_cases.road_answers import edge_coordinates
from server.use_cases.workshop import Workshop

_POINT_COLUMNS = (
    "track",
    "point",
    "time_ms",
    "state",
    "drop_reason",
    "osm_way_id",
    "matched_latitude_degrees",
    "matched_longitude_degrees",
    "distance_m",
)


@click.command()
@session_options
@click.argument("tracks", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--network", required=True, help="Id of the road network.")
@coordinates_option
@output_option
def match(
    session: Session, tracks: tuple[Path, ...], network: str, coordinates: str, outputs: tuple[Path, ...]
) -> None:
    """Lay each of TRACKS (.csv, .xlsx, .json, .gpx, .geojson) on roads.

    Prints the mileage of each track. Output files: .json (messages of the API), .csv (one row per recorded point),
    .geojson (one line per part of a track).
    """
    check_outputs(outputs, (".json", ".csv", ".geojson"))
    sources = {path.name: GivenTrack(read_points(path), COORDINATES[coordinates]) for path in tracks}

    async def match_all(workshop: Workshop) -> dict[str, MatchAnswer]:
        answers = {}
        for number, (name, source) in enumerate(sources.items()):
            on_progress(f"matching {name}", number / len(sources))
            answers[name] = await match_track(workshop, road_network=network, source=source)
        return answers

    with session.progress("opening the road network") as on_progress:
        answers = session.run(match_all)
    write_outputs(
        outputs,
        {
            ".json": lambda: _json_text(answers),
            ".csv": lambda: csv_text(_POINT_COLUMNS, _point_rows(answers)),
            ".geojson": lambda: geojson_text(_features(answers)),
        },
    )
    if session.as_json:
        click.echo(_json_text(answers))
    else:
        session.out.print(_mileage_table(answers))


def _json_text(answers: dict[str, MatchAnswer]) -> str:
    messages = [
        MessageToDict(match_message(answer, label=name), preserving_proto_field_name=True)
        for name, answer in answers.items()
    ]
    return json.dumps({"matches": messages}, ensure_ascii=False, indent=2)


def _mileage_table(answers: dict[str, MatchAnswer]) -> Table:
    table = Table("track", box=None, pad_edge=False, header_style="bold")
    for column in ("points", "not believed", "matched km", "off road km", "gaps", "straight lines km"):
        table.add_column(column, justify="right")
    for name, answer in answers.items():
        track, match = answer.track, answer.match
        length_m = {
            kind: sum(segment.length_m for segment in match.segments if segment.kind is kind) for kind in SegmentKind
        }
        table.add_row(
            name,
            f"{len(track):,}",
            str(int((match.point_state == PointState.DROPPED).sum())),
            f"{length_m[SegmentKind.MATCHED] / 1000:.2f}",
            f"{length_m[SegmentKind.OFF_ROAD] / 1000:.2f}",
            str(sum(segment.kind is SegmentKind.GAP for segment in match.segments)),
            f"{np.nansum(chord_lengths_m(track.latitude_degrees, track.longitude_degrees)) / 1000:.2f}",
        )
    return table


def _point_rows(answers: dict[str, MatchAnswer]) -> Iterator[tuple[object, ...]]:
    for name, answer in answers.items():
        match, network = answer.match, answer.opened.network
        latitude, longitude = edge_coordinates(network, match.point_edge, match.point_fraction)
        for point, time_ms in enumerate(answer.track.time_ms.tolist()):
            edge = int(match.point_edge[point])
            state = PointState(match.point_state[point]).name.lower()
            reason = DropReason(match.point_drop_reason[point])
            row = (name, point, time_ms, state, reason.name.lower() if reason else "")
            if edge < 0:
                yield (*row, None, None, None, None)
            else:
                place = f"{latitude[point]:.7f}", f"{longitude[point]:.7f}", f"{match.point_distance_m[point]:.1f}"
                yield (*row, int(network.edge_way_id[edge]), *place)


def _features(answers: dict[str, MatchAnswer]) -> Iterator[dict[str, object]]:
    for name, answer in answers.items():
        for segment in answer.match.segments:
            line = segment_line(answer.opened.network, answer.track, answer.match, segment)
            if len(line) > 1:
                properties = {
                    "track": name,
                    "kind": segment.kind.name.lower(),
                    "start_ms": segment.start_ms,
                    "end_ms": segment.end_ms,
                    "length_m": None if np.isnan(segment.length_m) else round(segment.length_m, 1),
                    "confidence": None if np.isnan(segment.confidence) else round(segment.confidence, 3),
                }
                yield line_feature(line, properties)
