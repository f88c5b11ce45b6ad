"""``odograph serve``: runs the gRPC service until it is asked to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace

import click

from server.application import running_server
from server.cli.failures import INTERRUPTED
from server.cli.session import Session, session_options
from server.compute.query_compiler import compiling_queries
from server.compute.rare_rules import compiling_rare_rules


@click.command()
@session_options
@click.option("--host", help="Address to listen on; loopback by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
def serve(session: Session, host: str | None, port: int | None) -> None:
    """Run the gRPC service until Ctrl-C or SIGTERM.

    Further settings come from the environment variables ODOGRAPH_*; docs/settings.md lists them.
    """
    log_to_stderr()
    settings = session.settings
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)

    async def serve_until_stopped() -> None:
        click.echo("odograph starts; the first time after an installation this takes minutes", err=True)
        stop_asked = asyncio.Event()
        async with AsyncExitStack() as while_it_runs:
            with ExitStack() as while_it_starts:
                while_it_starts.enter_context(compiling_queries())
                call_at_a_signal(lambda: _leave_at_once(while_it_starts))
                bound_port = await while_it_runs.enter_async_context(running_server(settings))
            # What is loaded by now stays for good. The collector need not look through it again: each time it does, it
            # takes longer than most calls, and holds them all up.
            gc.collect()
            gc.freeze()
            call_at_a_signal(stop_asked.set)
            click.echo(f"odograph listens on {settings.host}:{bound_port}, data in {settings.data_folder}", err=True)
            with compiling_rare_rules():
                await stop_asked.wait()
            click.echo("stopping", err=True)

    asyncio.run(serve_until_stopped())


def call_at_a_signal(react: Callable[[], object]) -> None:
    """Call a function, inside the running event loop, when the process is asked to stop."""
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, react)


def _leave_at_once(while_it_starts: ExitStack) -> None:
    """End before there is anything to lose: kernels that are being compiled cannot be interrupted otherwise."""
    click.echo("stopped before it was ready", err=True)
    while_it_starts.close()
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(INTERRUPTED)


def log_to_stderr() -> None:
    """Let the service say on stderr what it does: the other commands keep its log quiet."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("server").setLevel(logging.INFO)
