"""How the command line fails: one sentence per broken rule on stderr, and an exit code that scripts can tell apart.

====  ==========================================================================================
code  meaning
====  ==========================================================================================
0     done
1     failed: no path, no answer in time, no internet, a file that cannot be written, or a fault of the program
2     bad input: an unknown option, a file that cannot be read, or a request that breaks rules
3     something that the command names is not there
4     the plan that was checked breaks rules
130   interrupted from the keyboard; nothing is stored by halves
====  ==========================================================================================

The sentences hold no coordinates, as no message of odograph does.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import click

from geo.errors import GeoError, InvalidGeoInputError
from optimizer.errors import OptimizerError
from server.errors import AlreadyExistsError, InvalidRequestError, NoPathError, NotFoundError, OdographError

FAILED = 1
BAD_INPUT = 2
NOT_FOUND = 3
BROKEN_PLAN = 4
INTERRUPTED = 130
DEBUG_VARIABLE = "ODOGRAPH_DEBUG"
FAULT = "a fault of the program, not of what it was given ({kind}); {variable}=1 shows where, for a report of it"


class Sentence(NamedTuple):
    """What is wrong with which field, and the code of the broken rule; both empty where no field is wrong."""

    field: str
    code: str
    description: str


_BAD_INPUT_ERRORS = (InvalidRequestError, InvalidGeoInputError, AlreadyExistsError)


class OdographGroup(click.Group):
    """A group of commands whose errors end in sentences and exit codes instead of stack traces."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and report what it raises.

        Parameters
        ----------
        ctx
            The call.

        Returns
        -------
        object
            What the command returns.
        """
        logging.getLogger("server").setLevel(logging.CRITICAL)
        try:
            return super().invoke(ctx)
        except (OdographError, GeoError, OptimizerError, OSError) as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            _report(sentences_of(error, ctx.meta.get("rows", {})), exit_code(error), ctx)
            ctx.exit(exit_code(error))
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            # A fault that nobody foresaw: its own words may hold anything, coordinates too, and are left out.
            if os.environ.get(DEBUG_VARIABLE):
                raise
            fault = FAULT.format(kind=type(error).__name__, variable=DEBUG_VARIABLE)
            _report([Sentence("", "", fault)], FAILED, ctx)
            ctx.exit(FAILED)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)


def exit_code(error: Exception) -> int:
    """Choose the exit code of an error.

    Parameters
    ----------
    error
        What a command raised.

    Returns
    -------
    int
        See the table above.
    """
    if isinstance(error, _BAD_INPUT_ERRORS):
        return BAD_INPUT
    return NOT_FOUND if isinstance(error, NotFoundError) else FAILED


def sentences_of(error: Exception, rows: Mapping[str, str]) -> list[Sentence]:
    """Take an error apart.

    Parameters
    ----------
    error
        What a command raised.
    rows
        Where in the caller's files the elements of a request stand, by the start of their field path:
        ``visits[3]`` → ``row 5 of visits.csv``; or the option that a field was read from. ``points`` → ``day.gpx`` is
        the file of a track.

    Returns
    -------
    list[Sentence]
        One per broken rule, or the one of the error itself.
    """
    if isinstance(error, InvalidRequestError | InvalidGeoInputError | NoPathError):
        return [Sentence(_placed(each.field, rows), each.code.name, each.description) for each in error.violations]
    if isinstance(error, OSError) and not isinstance(error, GeoError):
        return [Sentence(str(error.filename or ""), "", error.strerror or type(error).__name__)]
    return [Sentence("", "", str(error))]


def _report(sentences: Iterable[Sentence], code: int, ctx: click.Context) -> None:
    if ctx.meta.get("as_json"):
        violations = [sentence._asdict() for sentence in sentences]
        answer = {"error": {"exit_code": code, "violations": violations}}
        click.echo(json.dumps(answer, ensure_ascii=False), err=True)
        return
    for field, _, description in sentences:
        click.echo(f"error: {field}: {description}" if field else f"error: {description}", err=True)


def _placed(field: str, rows: Mapping[str, str]) -> str:
    """Add to a field path where its element stands in the caller's file."""
    point = re.fullmatch(r"points\.\w+\[(\d+)\]", field)
    if point and "points" in rows:
        return f"{field} (point {int(point[1]) + 1} of {rows['points']})"
    found = re.match(r"(?:problem\.)?(\w+\[\d+\]|\w+$)", field)
    place = rows.get(found[1]) if found else None
    return f"{field} ({place})" if place else field
