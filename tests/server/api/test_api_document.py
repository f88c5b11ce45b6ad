"""docs/api.md and docs/settings.md are true: every call in them is made, every method and setting is in them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf import json_format

from server.application import SERVICERS, running_server
from server.settings import PREFIX, Settings
from server.transport.method_handlers import served_methods
from tests.server.conftest import import_and_wait
from tests.server.generic_call import METHODS, answers_of
from tests.server.rich_errors import status_of

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
LEFT_OUT = "…"
CALL = re.compile(
    r"grpcurl -plaintext -d '(?P<request>[^']*)' \\\n"
    r"\s+127\.0\.0\.1:50051 odograph\.v1\.(?P<service>\w+)/(?P<method>\w+)\n"
    r"```\n\n```json\n(?P<answer>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
CLIENT = re.compile(
    r"```python\n(?P<code>import grpc.*?)^```\n\n```text\n(?P<output>.*?)^```", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class DocumentedCall:
    """One call of the document, with the answer that it shows."""

    method: str
    request: dict[str, Any]
    answer: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def helsinki(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a service with the demo's map, as the document starts it."""
    settings = Settings(
        port=0,
        data_folder=tmp_path_factory.mktemp("helsinki"),
        map_folder=ROOT / "server" / "demo" / "data",
        solver_processes=1,
    )
    async with running_server(settings) as port:
        address = f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address) as channel:
            await import_and_wait(channel, "helsinki-centre.osm.pbf", "car", network_id="helsinki-car")
        yield address


def documented_calls() -> list[DocumentedCall]:
    """Every call of the document."""
    return [
        DocumentedCall(
            f"{found['service']}.{found['method']}", json.loads(found["request"]), json.loads(found["answer"])
        )
        for found in CALL.finditer(DOCUMENT)
    ]


def shows(shown: Any, real: Any) -> bool:
    """Whether a documented value shows a real one; what stands for something left out shows anything."""
    if shown == LEFT_OUT:
        return True
    if isinstance(shown, dict):
        return (
            isinstance(real, dict)
            and shown.keys() == real.keys()
            and all(shows(shown[key], real[key]) for key in shown)
        )
    if isinstance(shown, list):
        if shown and shown[-1] == LEFT_OUT:
            shown, real = shown[:-1], real[: len(shown) - 1]
        return len(shown) == len(real) and all(shows(*pair) for pair in zip(shown, real, strict=True))
    return bool(shown == (pytest.approx(real) if isinstance(real, float) else real))


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("documented", documented_calls(), ids=lambda call: call.method)
async def test_documented_calls_are_answered_as_shown(helsinki: str, documented: DocumentedCall) -> None:
    """Making the call gives the answer, or the error, that the document shows."""
    async with grpc.aio.insecure_channel(helsinki) as channel:
        try:
            (answer,) = await answers_of(channel, documented.method, [documented.request])
            real = json_format.MessageToDict(answer)
        except grpc.aio.AioRpcError as error:
            real = json_format.MessageToDict(status_of(error))
            del real["message"]
    assert shows(documented.answer, real), json.dumps(real, indent=2)


@pytest.mark.asyncio(loop_scope="session")
async def test_the_documented_client_prints_what_is_shown(helsinki: str) -> None:
    """The Python client of the document has fifteen lines, runs as it stands, and prints what is shown."""
    found = CLIENT.search(DOCUMENT)
    assert found is not None
    assert len(found["code"].strip().replace("\n\n", "\n").splitlines()) == 15
    printed, shown = await printed_by(found["code"], helsinki), found["output"].splitlines()
    assert printed[-2:] == shown[-2:]  # how many improvements come before the last depends on the machine


@pytest.mark.asyncio(loop_scope="session")
async def test_the_client_of_the_readme_plans_its_three_visits(helsinki: str) -> None:
    """The Python client of README.md has no more than fifteen lines, runs as it stands, and ends with the plan."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(import grpc.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert found is not None
    assert len(found[1].strip().splitlines()) <= 15
    last = (await printed_by(found[1], helsinki))[-1]
    assert {name for name in ("java", "aalto", "roasberg") if f"'{name}'" in last} == {"java", "aalto", "roasberg"}
    assert last.endswith(" m")


async def printed_by(code: str, address: str) -> list[str]:
    """Lines that a documented client prints about the service at an address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code.replace("127.0.0.1:50051", address),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "proto")},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().splitlines()


def test_every_method_is_documented_as_it_is_served() -> None:
    """Every method stands in exactly one of the two tables: served, or specified and not served yet."""
    served_part, not_served_part = DOCUMENT.split("## All methods")[1].split("### Specified, not served yet")
    served, not_served = table_of(served_part), table_of(not_served_part)
    assert served | not_served == set(METHODS)
    assert not served & not_served
    assert served == {
        f"{service.name}.{method}"
        for service, servicer in SERVICERS.items()
        for method in served_methods(service, servicer)
    }


def test_every_served_method_is_called_by_a_test() -> None:
    """Each method that is served is called over a real channel by a test that names it."""
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "server").glob("test_*.py"))
    assert [
        method
        for service, servicer in SERVICERS.items()
        for method in served_methods(service, servicer)
        if not re.search(rf"(stub|roads|tracks|operations|Stub\(\w+\))\.{method}\(", tests)
    ] == []


def test_every_setting_is_documented() -> None:
    """docs/settings.md has one row per setting, named by its variable, and no other."""
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [PREFIX + setting.name.upper() for setting in fields(Settings)]


def table_of(text: str) -> set[str]:
    """``Service.Method`` of every row of a table of methods."""
    return {
        f"{service}.{method}"
        for service, methods in re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
        for method in re.findall(r"`(\w+)`", methods)
    }
