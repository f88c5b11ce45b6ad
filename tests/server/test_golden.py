"""Golden request → answer pairs: what the service says, word for word, reviewed as a difference when it changes.

Each file of `tests/server/golden` holds steps; each step names a method and holds its requests, and then its answers
or its error. Values that differ from run to run (ids, times of creation) are left out; numbers are rounded to six
decimals. With ``ODOGRAPH_REGENERATE_GOLDEN=1`` the answers are written anew.
"""

from __future__ import annotations

import json
import os
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


def steady(value: Any) -> Any:
    """A JSON value without what differs from run to run, its numbers rounded."""
    if isinstance(value, dict):
        return {key: steady(each) for key, each in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [steady(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


async def call(channel: grpc.aio.Channel, step: dict[str, Any]) -> dict[str, Any]:
    """Send the requests of a step; return its answers, or its error."""
    try:
        answers = await answers_of(channel, step["method"], step["requests"])
    except grpc.aio.AioRpcError as error:
        status = json_format.MessageToDict(status_of(error), preserving_proto_field_name=True)
        return {"error": {"code": error.code().name, "details": status.get("details", [])}}
    return {
        "answers": [steady(json_format.MessageToDict(answer, preserving_proto_field_name=True)) for answer in answers]
    }


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
    steps = [
        {"method": step["method"], "requests": step["requests"], **await call(town, step)} for step in golden["steps"]
    ]
    if REGENERATE:
        write(file, {"about": golden["about"], "steps": steps})
        return
    assert steps == golden["steps"]
