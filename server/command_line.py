"""The command ``odograph``: names every command; each lives in a file of `server.cli`."""

from __future__ import annotations

import click

from server.cli.audit_command import audit
from server.cli.check_command import check
from server.cli.demo_command import demo
from server.cli.explain_command import explain
from server.cli.failures import OdographGroup
from server.cli.match_command import match
from server.cli.plan_command import plan
from server.cli.roads_commands import roads
from server.cli.serve_command import serve
from server.cli.slots_command import slots


@click.group(cls=OdographGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="odograph")
def main() -> None:
    """Plan field work on real roads, and measure what was really driven."""


for command in (demo, serve, roads, plan, explain, check, slots, match, audit):
    main.add_command(command)
