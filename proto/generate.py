"""Generate the Python modules of the API beside their .proto files: `python proto/generate.py`.

The pins are grpcio-tools 1.76.0 (its code loads on every protobuf that ortools accepts; from 1.82 on it does not) and
mypy-protobuf 5.1.0 (stubs for messages and for services). The result is committed; a test generates again and compares.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

PROTO_FOLDER = Path(__file__).parent
PINNED_VERSIONS = {"grpcio-tools": "1.76.0", "mypy-protobuf": "5.1.0"}


def generate(output_folder: Path) -> None:
    """Write the modules of every .proto file of the API.

    Parameters
    ----------
    output_folder
        Where the package folder ``odograph`` begins.

    Raises
    ------
    RuntimeError
        Where a generator is not the pinned one, or where it fails.
    """
    for package, pinned in PINNED_VERSIONS.items():
        if version(package) != pinned:
            message = f"{package} must be {pinned} (got {version(package)})"
            raise RuntimeError(message)
    files = sorted(PROTO_FOLDER.glob("odograph/v1/*.proto"))
    services = [path for path in files if path.stem.endswith("_service")]
    _run_protoc(files, f"--python_out={output_folder}", f"--mypy_out=quiet:{output_folder}")
    _run_protoc(services, f"--grpc_python_out={output_folder}", f"--mypy_grpc_out=quiet:{output_folder}")


def _run_protoc(files: list[Path], *outputs: str) -> None:
    """Run one pass; the stub plugins are those beside this interpreter, whether or not its folder is on the path."""
    scripts = Path(sysconfig.get_path("scripts"))
    well_known_types = Path(grpc_tools.__file__).parent / "_proto"
    arguments = [
        "protoc",
        f"--proto_path={PROTO_FOLDER}",
        f"--proto_path={well_known_types}",
        f"--plugin=protoc-gen-mypy={scripts / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
        *outputs,
        *(str(path) for path in files),
    ]
    if protoc.main(arguments) != 0:
        message = "protoc failed; its reason is printed above"
        raise RuntimeError(message)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Generate the Python modules of the API.")
    parser.add_argument("--output", type=Path, default=PROTO_FOLDER, help="folder of the result (default: beside)")
    generate(parser.parse_args().output)
    sys.stdout.write("generated the modules of odograph.v1\n")
