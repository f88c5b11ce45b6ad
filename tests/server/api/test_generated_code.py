"""The committed API: fresh, complete, linted, and in nobody's way."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from odograph import v1

ROOT = Path(__file__).resolve().parents[3]
PROTO = ROOT / "proto"


def test_the_generated_modules_are_fresh(tmp_path: Path) -> None:
    """Generating again gives, file by file and byte by byte, what is committed."""
    script = [sys.executable, str(PROTO / "generate.py"), "--output", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True)  # noqa: S603 - our own script
    folder = Path("odograph/v1")
    committed = {path.name: path.read_text() for path in (PROTO / folder).glob("*_pb2*")}
    generated = {path.name: path.read_text() for path in (tmp_path / folder).glob("*_pb2*")}
    assert generated.keys() == committed.keys()
    assert [name for name in generated if generated[name] != committed[name]] == []


def test_the_package_exports_every_message_enumeration_and_stub() -> None:
    """`odograph.v1` offers every top-level name of every .proto file, and nothing else."""
    expected: set[str] = set()
    for path in (PROTO / "odograph" / "v1").glob("*.proto"):
        descriptor = importlib.import_module(f"odograph.v1.{path.stem}_pb2").DESCRIPTOR
        expected |= set(descriptor.message_types_by_name) | set(descriptor.enum_types_by_name)
        for service in descriptor.services_by_name:
            expected |= {f"{service}Stub", f"{service}Servicer", f"add_{service}Servicer_to_server"}
    assert set(v1.__all__) == expected
    assert all(hasattr(v1, name) for name in expected)


def test_our_proto_folder_does_not_shadow_the_package_proto(tmp_path: Path) -> None:
    """With our root first on the path, `import proto` still finds an installed package of that name (proto-plus)."""
    (tmp_path / "proto").mkdir()
    (tmp_path / "proto" / "__init__.py").write_text("NAME = 'proto-plus'\n", encoding="utf-8")
    paths = f"sys.path[:0] = [{str(ROOT)!r}]; sys.path.append({str(tmp_path)!r})"
    command = [sys.executable, "-c", f"import sys; {paths}; import proto; print(proto.NAME)"]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    assert finished.stdout.strip() == "proto-plus"


def test_buf_accepts_the_api() -> None:
    """`buf lint` finds nothing: names, layout, and a comment on every element."""
    buf = Path(sys.executable).with_name("buf")
    finished = subprocess.run([str(buf), "lint"], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - the linter
    assert (finished.returncode, finished.stdout) == (0, "")
