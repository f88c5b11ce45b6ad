"""MAIN PATH of the service: ``python -m server`` and the command ``odograph`` start here.

Where to read on, from the outside in:

* `server.command_line` names the commands; ``odograph serve`` is `server.cli.serve_command`.
* `server.application` makes the tools, joins them to the servicers, and runs the server.
* `server.services` holds one servicer per service of the API: read the message, call a use case, write the answer.
* `server.use_cases` is what the service can do, as plain functions; the command line calls the same ones.
* `server.solving`, `server.compute` and `server.storage` are what the use cases work with.
"""

from __future__ import annotations

from server.compute.kernel_cache import forget_stale_kernels

forget_stale_kernels()

from server.command_line import main  # noqa: E402 - kernels are loaded as their modules are

__all__ = ["main"]

if __name__ == "__main__":
    main()
