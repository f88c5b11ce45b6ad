"""Everything that people can type is documented."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from server.cli.route_table import ROUTE_COLUMNS
from server.cli.track_files import TRACK_ENDINGS
from server.cli.track_points import TRACK_COLUMNS
from server.cli.visit_table import VISIT_COLUMNS
from server.cli.worker_table import WORKER_COLUMNS
from server.command_line import main
from tests.server.cli.running import DOCS

DOCUMENT = (DOCS / "cli.md").read_text(encoding="utf-8")


def leaf_commands(command: click.Command = main, name: str = "odograph") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its full name."""
    if isinstance(command, click.Group):
        for child_name, child in command.commands.items():
            yield from leaf_commands(child, f"{name} {child_name}")
    else:
        yield name, command


@pytest.mark.parametrize(
    ("name", "command"), list(leaf_commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_option_is_in_the_document(name: str, command: click.Command) -> None:
    """The document names each command, and each of its options; each has a help text of its own."""
    assert f"`{name}`" in DOCUMENT or f"`{name} " in DOCUMENT
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert any(option in DOCUMENT for option in parameter.opts), parameter.opts
            assert parameter.help, parameter.name


@pytest.mark.parametrize("columns", [VISIT_COLUMNS, WORKER_COLUMNS, TRACK_COLUMNS, ROUTE_COLUMNS])
def test_every_column_is_in_the_document(columns: dict[str, tuple[str, ...]]) -> None:
    """The document names each column of each table under every name by which it is understood."""
    for name, aliases in columns.items():
        assert f"`{name}`" in DOCUMENT
        assert [alias for alias in aliases if alias not in DOCUMENT] == []


def test_every_ending_of_a_track_is_in_the_document() -> None:
    """The document names each kind of file that a track may be read from."""
    assert [ending for ending in TRACK_ENDINGS if f"`{ending}`" not in DOCUMENT] == []
