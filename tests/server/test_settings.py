"""Settings: read from the environment, refused as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.settings import Settings, settings_from_environment


def test_what_is_not_set_keeps_its_default() -> None:
    """An empty environment gives the defaults; foreign variables change nothing."""
    assert settings_from_environment({"PATH": "/bin"}) == Settings()


def test_each_variable_is_read_by_the_type_of_its_setting() -> None:
    """Numbers become numbers and folders become paths."""
    settings = settings_from_environment(
        {"ODOGRAPH_PORT": "0", "ODOGRAPH_DATA_FOLDER": "here", "ODOGRAPH_MAX_TIME_LIMIT_S": "2.5"}
    )
    assert (settings.port, settings.data_folder, settings.max_time_limit_s) == (0, Path("here"), 2.5)


def test_every_variable_that_cannot_be_read_is_named() -> None:
    """Two slips of the pen are reported together, each with its variable and what was written."""
    with pytest.raises(ValueError, match=r"ODOGRAPH_PORT.*'http'.*ODOGRAPH_SOLVER_QUEUE.*'many'"):
        settings_from_environment({"ODOGRAPH_PORT": "http", "ODOGRAPH_SOLVER_QUEUE": "many"})


@pytest.mark.parametrize(
    "name", ["solver_processes", "max_visits", "solver_grace_s", "compute_threads", "max_message_bytes"]
)
def test_what_must_be_positive_is(name: str) -> None:
    """Zero processes, visits or seconds make no service."""
    with pytest.raises(ValueError, match=f"{name} must be positive"):
        Settings(**{name: 0})  # type: ignore[arg-type]


def test_the_database_lies_in_the_data_folder_unless_said_otherwise() -> None:
    """An address of a database takes the place of the SQLite file."""
    assert Settings(data_folder=Path("d")).effective_database_url == "sqlite:///d/odograph.sqlite"
    assert Settings(database_url="sqlite://").effective_database_url == "sqlite://"
