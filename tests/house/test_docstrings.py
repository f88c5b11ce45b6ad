"""A section of parameters is whole: it names the parameters that there are, all of them and no others."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from numpydoc.docscrape import NumpyDocString

import geo
import optimizer
import server

RUNS_ON_IMPORT = ("server.__main__", "server.storage.migrations")


def modules() -> list[str]:
    """Names of every module of the three packages that can be imported."""
    found = [
        module.name
        for package in (geo, optimizer, server)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return [name for name in found if not name.startswith(RUNS_ON_IMPORT)]


def documented_objects(module_name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions, classes and methods that the module itself defines."""
    module = importlib.import_module(module_name)
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module_name:
            continue
        if inspect.isclass(thing):
            yield name, thing
            methods = inspect.getmembers(thing, inspect.isfunction)
            yield from ((f"{name}.{each}", method) for each, method in methods if not each.startswith("_"))
        elif inspect.isroutine(thing):
            yield name, thing


def documented_names(thing: Callable[..., Any]) -> set[str]:
    """Names in the section of parameters; empty where there is none."""
    sections = NumpyDocString(inspect.getdoc(thing) or "")
    return {name.strip().lstrip("*") for entry in sections["Parameters"] for name in entry.name.split(",")}


def real_names(thing: Callable[..., Any]) -> set[str]:
    """Names of the parameters, without `self` and those that begin with an underscore."""
    return {name for name in inspect.signature(thing).parameters if name not in {"self", "cls"} and name[0] != "_"}


@pytest.mark.filterwarnings("ignore:Unknown section")  # headings of our own in docstrings of modules and classes
@pytest.mark.parametrize("module_name", modules())
def test_a_section_of_parameters_names_every_parameter(module_name: str) -> None:
    """Where a docstring lists parameters, it lists exactly those of the signature."""
    wrong = {
        name: sorted(documented_names(thing) ^ real_names(thing))
        for name, thing in documented_objects(module_name)
        if documented_names(thing) and documented_names(thing) != real_names(thing)
    }
    assert wrong == {}
