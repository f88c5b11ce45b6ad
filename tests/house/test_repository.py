"""Rules about the repository itself: what may never be committed, and what must be refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tracked_files import ROOT, tracked_files

REGISTRY_HOSTS = ("pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work|mnt|opt)/\w")
TEXT_SUFFIXES = {".py", ".pyi", ".toml", ".md", ".txt", ".proto", ".yaml", ".yml", ".js", ".css", ".html", ".ini", ""}


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    """``path:line`` of every line of a tracked text file that the pattern finds."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix in TEXT_SUFFIXES
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_tracked_file_names_a_registry_host() -> None:
    """Where packages come from is the machine's business: no file names a registry's host."""
    assert lines_that_match(re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS))) == []


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    """The project runs wherever it is cloned: no file names an absolute path of somebody's machine."""
    assert lines_that_match(MACHINE_PATH) == []


def test_constraints_hold_names_and_versions_only() -> None:
    """Every line of constraints.txt is a comment or ``name==version``."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[a-z0-9-]+==[0-9a-z.]+", line)] == []


def test_every_declared_dependency_is_pinned() -> None:
    """What pyproject.toml asks for, its extras among it, has one tested version in constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    declared = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    names = {re.split(r"[<>=!~\[; ]", requirement)[0].lower().replace("_", "-") for requirement in declared}
    pinned = re.findall(r"^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert names - set(pinned) == set()


@pytest.mark.parametrize(
    ("package", "bad_import"),
    [
        ("optimizer", "import geo.errors"),
        ("geo", "import optimizer.errors"),
        ("geo", "import server"),
        ("optimizer", "import grpc"),
        ("geo", "import sqlalchemy"),
        ("optimizer", "import odograph.v1"),
    ],
)
def test_an_import_against_the_direction_is_refused(tmp_path: Path, package: str, bad_import: str) -> None:
    """The import contract fails on a module that imports against the direction of the house."""
    for name in ("geo", "optimizer", "server"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "proto" / "odograph", tmp_path / "odograph", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    check = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": str(tmp_path)}
    assert subprocess.run(check, cwd=tmp_path, env=environment, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own tool
    (tmp_path / package / "bad_module.py").write_text(bad_import + "\n", encoding="utf-8")
    assert subprocess.run(check, cwd=tmp_path, env=environment, check=False, capture_output=True).returncode == 1  # noqa: S603 - our own tool
