"""Opens the database, brings its tables up to date, and hands out transactions.

SQLite is made fit for a service: write-ahead log, so that readers never wait for the writer, and write transactions
that take their lock at the start, so that two of them wait for each other instead of failing at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"
SQLITE_BUSY_TIMEOUT_S = 30.0
_READ_ONLY = "odograph_read_only"

Result = TypeVar("Result")


class Database:
    """Transactions on one database. Safe to use from several threads.

    Parameters
    ----------
    engine
        Where to connect to.
    is_shared_connection
        Whether all threads share one connection (SQLite in memory), so that transactions take turns.
    """

    def __init__(self, engine: Engine, *, is_shared_connection: bool) -> None:
        self.engine = engine
        self._turn: AbstractContextManager[object] = threading.RLock() if is_shared_connection else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together at the end, or not at all."""
        with self._turn, self.engine.begin() as connection:
            yield connection

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do some work in one transaction; once more where somebody else inserted the same row meanwhile.

        Parameters
        ----------
        work
            Reads, decides and writes.

        Returns
        -------
        Result
            What `work` returned.
        """
        try:
            with self.writing() as connection:
                return work(connection)
        except IntegrityError:
            with self.writing() as connection:
                return work(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with (
            self._turn,
            self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database and bring its tables up to date.

    Parameters
    ----------
    url
        SQLAlchemy address; ``sqlite://`` is a database in memory.

    Returns
    -------
    Database
        Ready for use.
    """
    address = make_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    is_memory = is_sqlite and address.database in (None, "", ":memory:")
    if is_sqlite and not is_memory and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    connect_arguments: dict[str, Any] = {}
    if is_sqlite:
        connect_arguments = {"check_same_thread": False, "timeout": SQLITE_BUSY_TIMEOUT_S}
    engine = create_engine(url, connect_args=connect_arguments, **({"poolclass": StaticPool} if is_memory else {}))
    if is_sqlite:
        _prepare_sqlite(engine)
    database = Database(engine, is_shared_connection=is_memory)
    with database.writing() as connection:
        _migrate(connection)
    return database


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        # The driver would begin transactions by itself, and not for reads: here that is done below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        is_read = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if is_read else "BEGIN IMMEDIATE")
