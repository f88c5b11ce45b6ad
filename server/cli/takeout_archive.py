"""Google Takeout as it is downloaded: a ZIP archive with the location history somewhere inside.

Names of folders depend on the language of the account, so every JSON file inside is looked at, and those that
`server.cli.takeout_files` knows are read. Where the archive holds recorded fixes (``Records.json``), only these are:
the months of the Semantic Location History beside them were made from the same fixes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from server.cli.table_files import decoded_json, invalid_file
from server.cli.takeout_files import holds_fixes, is_takeout, takeout_points
from server.cli.track_points import TrackPoint
from server.cli.zip_files import opened_zip
from server.errors import FieldViolation, InvalidRequestError


def takeout_archive_points(path: Path) -> list[TrackPoint]:
    """Read the points of a Takeout archive.

    Parameters
    ----------
    path
        The archive.

    Returns
    -------
    list[TrackPoint]
        In order of time; of points with the same time, that of the first file stays.

    Raises
    ------
    InvalidRequestError
        Where the archive cannot be read, holds no location history, or with every entry that cannot be read.
    """
    histories = dict(_histories(path))
    if not histories:
        description = (
            "holds no location history: no Records.json, Timeline.json or month of a Semantic Location History"
        )
        raise invalid_file(path, description)
    recorded = {name: document for name, document in histories.items() if holds_fixes(document)}
    violations: list[FieldViolation] = []
    by_time: dict[int, TrackPoint] = {}
    for name, document in (recorded or histories).items():
        try:
            for point in takeout_points(document, f"{path.name}, {name}"):
                by_time.setdefault(point.time_ms, point)
        except InvalidRequestError as error:
            violations += error.violations
    if violations:
        raise InvalidRequestError(tuple(violations))
    return [by_time[time_ms] for time_ms in sorted(by_time)]


def _histories(path: Path) -> Iterator[tuple[str, object]]:
    """Read the documents inside that are location histories, each with its name."""
    with opened_zip(path, (".json",)) as entries:
        for entry in entries:
            document = decoded_json(entry.read(), f"{path.name}, {entry.name}")
            if is_takeout(document):
                yield entry.name, document
