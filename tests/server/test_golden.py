"""Golden request → answer pairs: what the service says, word for word, reviewed as a difference when it changes.

Each file of `tests/server/golden` holds steps; each step names a method and holds its requests, and then its answers
or its error. Values that differ from run to run (ids, times of creation) are left out; numbers are rounded to six
decimals. A request may name what an earlier step made: ``@0:-1.plan.id`` is the field ``plan.id`` of the last answer of
the first step. With ``ODOGRAPH_REGENERATE_GOLDEN=1`` the answers are written anew:

    ODOGRAPH_REGENERATE_GOLDEN=1 .venv/bin/python -m pytest -q tests/server/test_golden.py
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from tests.server.generic_call import answers_of
from tests.server.rich_errors import status_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOLDER = Path(__file__).parent / "golden"
REGENERATE = os.environ.get("ODOGRAPH_REGENERATE_GOLDEN") == "1"
VOLATILE = {
    "id",
    "operation_id",
    "create_time",
    "update_time",
    "import_time",
    "search_duration",
    "elapsed",
    "received_unix_milliseconds",
    "network_fingerprint",
}
TOKEN = "next_page_token"
"""Names a row by its id and time: only whether there is one can be golden."""
REFERENCE = re.compile(r"@(\d+):(.+)")


def steady(value: Any) -> Any:
    """A JSON value without what differs from run to run, its numbers rounded."""
    if isinstance(value, dict):
        left_out = VOLATILE | ({"end_time"} if "update_time" in value else set())  # of operations
        kept = {key: steady(each) for key, each in value.items() if key not in left_out}
        return kept | {TOKEN: "…"} if TOKEN in kept else kept
    if isinstance(value, list):
        return [steady(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


def resolved(value: Any, made: list[list[dict[str, Any]]]) -> Any:
    """A request with what earlier steps made in place of the references to it."""
    if isinstance(value, dict):
        return {key: resolved(each, made) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, made) for each in value]
    reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    number, *path = reference[2].split(".")
    found: Any = made[int(reference[1])][int(number)]
    for name in path:
        found = found[name]
    return found


async def call(channel: grpc.aio.Channel, step: dict[str, Any], made: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Send the requests of a step; add its answers to what was made, and return them, or its error."""
    made.append([])
    try:
        answers = await answers_of(channel, step["method"], resolved(step["requests"], made))
    except grpc.aio.AioRpcError as error:
        status = json_format.MessageToDict(status_of(error), preserving_proto_field_name=True)
        return {"error": {"code": error.code().name, "details": status.get("details", [])}}
    made[-1] = [json_format.MessageToDict(answer, preserving_proto_field_name=True) for answer in answers]
    return {"answers": [steady(answer) for answer in made[-1]]}


def read(file: Path) -> dict[str, Any]:
    """A golden file."""
    golden: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return golden


def write(file: Path, golden: dict[str, Any]) -> None:
    """Write a golden file anew."""
    file.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
async def test_the_answer_is_the_golden_one(town: grpc.aio.Channel, file: Path) -> None:
    """Every step of the file is answered as written there."""
    golden = read(file)
    made: list[list[dict[str, Any]]] = []
    steps = [
        {"method": step["method"], "requests": step["requests"], **await call(town, step, made)}
        for step in golden["steps"]
    ]
    if REGENERATE:
        write(file, {"about": golden["about"], "steps": steps})
        return
    assert steps == golden["steps"]
