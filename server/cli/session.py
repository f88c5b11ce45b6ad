"""One run of a command: where its data lies, how it talks to people, and how it calls use cases in this process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from geo.coordinates import CoordinateSystem
from server.application import open_workshop
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.settings import Settings, settings_from_environment
from server.use_cases.workshop import Workshop

Answer = TypeVar("Answer")
Command = TypeVar("Command", bound=Callable[..., Any])

_data_option = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Folder that holds what is stored."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")
coordinates_option = click.option(
    "--coordinates",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    default="wgs84",
    show_default=True,
    help="What the positions in the files refer to.",
)
output_option = click.option(
    "-o",
    "--output",
    "outputs",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="File to write; its ending chooses the form. May be given several times.",
)


class _TimeZone(click.ParamType[ZoneInfo]):
    """An IANA time zone such as ``Asia/Shanghai``."""

    name = "zone"

    def convert(self, value: str | ZoneInfo, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """Look the zone up."""
        try:
            return value if isinstance(value, ZoneInfo) else ZoneInfo(value)
        except (ValueError, ZoneInfoNotFoundError):
            self.fail(f"{value!r} is no IANA time zone such as Asia/Shanghai", param, ctx)


time_zone_option = click.option(
    "--time-zone",
    type=_TimeZone(),
    default="UTC",
    show_default=True,
    help="IANA name of the zone whose clocks the tables, the reports and the signs beside the roads mean.",
)

COORDINATES = {"wgs84": CoordinateSystem.WGS84, "gcj02": CoordinateSystem.GCJ02, "bd09": CoordinateSystem.BD09}


@dataclass(frozen=True)
class Session:
    """What every command needs.

    Parameters
    ----------
    settings
        As of the service: both work on the same data folder.
    as_json
        Whether stdout is for machines.
    out, err
        Answers go to `out`; progress and hints go to `err`, so that a pipe holds answers only.
    """

    settings: Settings
    as_json: bool
    out: Console
    err: Console

    def run(self, work: Callable[[Workshop], Awaitable[Answer]]) -> Answer:
        """Call use cases.

        Parameters
        ----------
        work
            What is to be done with the tools.

        Returns
        -------
        Answer
            Its answer.
        """
        one_search_at_a_time = replace(self.settings, solver_processes=1)

        async def with_tools() -> Answer:
            async with open_workshop(one_search_at_a_time) as workshop:
                return await work(workshop)

        return asyncio.run(with_tools())

    def print_message(self, message: Message) -> None:
        """Print a message of the API as JSON with the field names of the .proto files."""
        click.echo(message_json(message))

    @contextmanager
    def progress(self, description: str) -> Iterator[Callable[[str, float], None]]:
        """Show a bar on stderr while long work runs; nothing where stderr is no terminal.

        Parameters
        ----------
        description
            What is done, until the work says something else.

        Yields
        ------
        Callable[[str, float], None]
            To be called with what is being done and the share that is done, from any thread.
        """
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.err, transient=True, disable=not self.err.is_terminal) as bars:
            bar = bars.add_task(description, total=1.0)
            yield lambda stage, share: bars.update(bar, description=stage or description, completed=share)


def message_json(message: Message) -> str:
    """Write a message of the API as JSON.

    Parameters
    ----------
    message
        Any message.

    Returns
    -------
    str
        Indented, with the field names of the .proto files.
    """
    return MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False)


def session_options(command: Command) -> Command:
    """Give a command the options ``--data`` and ``--json``.

    Parameters
    ----------
    command
        A function that takes a `Session` first, and then its own options.

    Returns
    -------
    Command
        The function that click calls.
    """

    @click.pass_context
    def with_session(ctx: click.Context, /, *, data: Path | None, as_json: bool, **options: object) -> object:
        ctx.meta["as_json"] = as_json
        return command(open_session(data, as_json=as_json), **options)

    wrapped = update_wrapper(with_session, command)
    for option in (_json_option, _data_option):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]  # click looks at the name, the docstring and the parameters only


def open_session(data: Path | None, *, as_json: bool) -> Session:
    """Make the session of one run.

    Parameters
    ----------
    data
        Folder that holds what is stored; None takes that of the settings.
    as_json
        Whether stdout is for machines.

    Returns
    -------
    Session
        With the settings of the environment.

    Raises
    ------
    InvalidRequestError
        Where a variable of the environment cannot be read.
    """
    try:
        settings = settings_from_environment()
    except ValueError as error:
        raise InvalidRequestError((FieldViolation("environment", ViolationCode.MALFORMED, str(error)),)) from error
    if data is not None:
        settings = replace(settings, data_folder=data)
    width = None if os.isatty(1) else 120
    # Names of files, workers and visits are shown as they are: brackets and colons in them are no markup of ours.
    out = Console(width=width, highlight=False, markup=False, emoji=False)
    return Session(settings, as_json, out, Console(stderr=True, highlight=False, markup=False, emoji=False))
