"""ZIP archives: opens what is inside, and refuses what is damaged, locked, or unpacks to more than fits."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.cli.table_files import MAX_UNPACKED_BYTES, invalid_file


@dataclass(frozen=True)
class ZipEntry:
    """A file inside an archive."""

    archive: zipfile.ZipFile
    name: str

    def read(self) -> bytes:
        """Unpack it."""
        return self.archive.read(self.name)


@contextmanager
def opened_zip(path: Path, endings: Collection[str]) -> Iterator[tuple[ZipEntry, ...]]:
    """Open an archive.

    Parameters
    ----------
    path
        The archive.
    endings
        What the names of the wanted files end in; others are not looked at.

    Yields
    ------
    tuple[ZipEntry, ...]
        The wanted files, by name.

    Raises
    ------
    InvalidRequestError
        Where the file is no archive, is damaged or locked, or where the wanted files unpack to more than fits; also
        where that shows only while a file is unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = sorted(
                (part for part in archive.infolist() if part.filename.lower().endswith(tuple(endings))),
                key=lambda part: part.filename,
            )
            unpacked_bytes = sum(part.file_size for part in wanted)
            if unpacked_bytes > MAX_UNPACKED_BYTES:
                limit, got = MAX_UNPACKED_BYTES >> 20, unpacked_bytes >> 20
                raise invalid_file(path, f"must unpack to at most {limit} MiB (got {got})")
            yield tuple(ZipEntry(archive, part.filename) for part in wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise invalid_file(path, "is not a ZIP archive, or is damaged") from error
    except (RuntimeError, NotImplementedError) as error:  # what zipfile raises for a password or an unknown method
        raise invalid_file(path, "is locked by a password, or packed in a way that cannot be read") from error
