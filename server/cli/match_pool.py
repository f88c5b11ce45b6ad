"""Measures many track files on all cores: reading, matching and mileage of each file in one of several processes.

Reading text is most of the work with many files, and it holds the interpreter; so whole files are shared out, not only
their matching. A process opens the road network memory-mapped from its folder, so all of them share its memory.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from geo.audit.gap_mileage import GapOptions
from geo.audit.options import AuditOptions
from geo.audit.track_audit import GapPolicy, TrackAudit
from geo.audit_track import audit_track
from geo.coordinates import CoordinateSystem
from geo.errors import RoadFileError
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import PROFILES
from geo.tracks.track import Track
from server.cli.track_files import read_daily_tracks
from server.compute.network_folder import open_network_folder, write_network_folder
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.storage.track_codec import PointColumns
from server.use_cases.given_track import FetchedTrack, GivenTrack, refuse_swapped, track_doubts, track_of_points
from server.use_cases.notices import Notice

FILES_PER_PROCESS = 8
"""A process needs some seconds to start: with fewer files for each, one process is sooner done."""

OnProgress = Callable[[str, float], None]


@dataclass(frozen=True)
class MatchJob:
    """What is done with every file.

    Parameters
    ----------
    network_id, network_folder
        Name of the road network for messages, and where it lies.
    system
        What the positions in the files refer to.
    gap_policy
        How kilometres in gaps are counted.
    zone
        Where a day of a history of many days begins.
    """

    network_id: str
    network_folder: Path
    system: CoordinateSystem
    gap_policy: GapPolicy
    zone: ZoneInfo


@dataclass(frozen=True, eq=False)
class MeasuredTrack:
    """One track, WGS-84, with its match and mileage, and what its owner should look at."""

    name: str
    track: Track
    audit: TrackAudit
    notices: tuple[Notice, ...]


@contextmanager
def map_file_folder(map_file: Path, profile: str, on_progress: OnProgress) -> Iterator[Path]:
    """Make a road network of a map file for one run.

    Parameters
    ----------
    map_file, profile
        The file, and who travels on its roads.
    on_progress
        Called with what is being done.

    Yields
    ------
    Path
        Folder of the network and its routing index, as `open_for_matching` opens it.

    Raises
    ------
    InvalidRequestError
        Where the file is no map, or is damaged.
    """
    try:
        network = import_osm_file(map_file, PROFILES[profile], on_progress=on_progress).network
    except RoadFileError as error:
        raise InvalidRequestError((FieldViolation("--roads", ViolationCode.MALFORMED, str(error)),)) from error
    with TemporaryDirectory() as name:
        folder = Path(name) / "network"
        on_progress("preparing the roads", 1.0)
        write_network_folder(network, folder)
        yield folder


@cache
def open_for_matching(network_id: str, folder: Path) -> OpenNetwork:
    """Open a network once per process.

    Parameters
    ----------
    network_id, folder
        Its name, and where it lies.

    Returns
    -------
    OpenNetwork
        With the stored indices; what is missing is built and kept.
    """
    network, snapper, router = open_network_folder(folder)
    return OpenNetwork(id=network_id, network=network, snapper=snapper, router=router)


def measure_files(paths: Sequence[Path], job: MatchJob, on_progress: OnProgress) -> list[MeasuredTrack]:
    """Measure every track of some files.

    Parameters
    ----------
    paths
        Files as `read_daily_tracks` reads them.
    job
        What is done with each.
    on_progress
        Called with how many files are done.

    Returns
    -------
    list[MeasuredTrack]
        In the order of the files.

    Raises
    ------
    InvalidRequestError
        With everything that is wrong with any of the files.
    """
    answers: list[list[MeasuredTrack]] = [[] for _ in paths]
    violations: list[list[FieldViolation]] = [[] for _ in paths]
    for done, (number, answer) in enumerate(_answers(paths, job), 1):
        if isinstance(answer, InvalidRequestError):
            violations[number] += answer.violations
        else:
            answers[number] = answer
        on_progress(f"{done:,} of {len(paths):,} files", done / len(paths))
    broken = [violation for some in violations for violation in some]
    if broken:
        raise InvalidRequestError(tuple(broken))
    counts = Counter(path.name for path in paths)
    for path, measured in zip(paths, answers, strict=True):
        if counts[path.name] > 1:  # files of several folders may have one name: then the folder tells them apart
            measured[:] = [replace(each, name=f"{path}{each.name.removeprefix(path.name)}") for each in measured]
    return [measured for some in answers for measured in some]


def _answers(paths: Sequence[Path], job: MatchJob) -> Iterator[tuple[int, list[MeasuredTrack] | InvalidRequestError]]:
    """Yield the answer of each file with its number, as it is done."""
    processes = min(os.cpu_count() or 1, len(paths) // FILES_PER_PROCESS)
    if processes <= 1:
        for number, path in enumerate(paths):
            yield number, _measure_file(path, job)
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        numbers = {pool.submit(_measure_file, path, job): number for number, path in enumerate(paths)}
        for done in as_completed(numbers):
            yield numbers[done], done.result()


def _measure_file(path: Path, job: MatchJob) -> list[MeasuredTrack] | InvalidRequestError:
    """Measure the tracks of one file; what is wrong with it is returned, so that the others are still looked at."""
    try:
        tracks = read_daily_tracks(path, job.zone)
        return [measure_track(name, track, job) for name, track in tracks.items()]
    except InvalidRequestError as error:
        return error


def measure_track(name: str, recorded: Track, job: MatchJob) -> MeasuredTrack:
    """Match and measure one track.

    Parameters
    ----------
    name
        Of the track, for messages.
    recorded
        As it stands in its file, however damaged.
    job
        What is done with it.

    Returns
    -------
    MeasuredTrack
        In WGS-84.

    Raises
    ------
    InvalidRequestError
        Where latitudes and longitudes are mixed up.
    """
    opened = open_for_matching(job.network_id, job.network_folder)
    given = GivenTrack(PointColumns(**vars(recorded)), job.system)
    track = track_of_points(given.points, job.system)
    try:
        refuse_swapped(opened, track, given)
    except InvalidRequestError as error:
        raise InvalidRequestError(tuple(replace(each, field=name) for each in error.violations)) from error
    options = AuditOptions(gaps=GapOptions(policy=job.gap_policy))
    return MeasuredTrack(
        name=name,
        track=track,
        audit=audit_track(track, None, opened.matcher, opened.router, options=options),
        notices=track_doubts(opened, FetchedTrack(track, job.system), "--coordinates", roads_path="--roads"),
    )
