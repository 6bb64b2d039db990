"""Every public name has a docstring, and the examples in docstrings and in the README run."""

import asyncio
import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import AsyncIterator, Optional

import pytest

import kvasir
from kvasir import AsyncNamespace, Kvasir

MODULES = [
    importlib.import_module(f"kvasir.{module.name}")
    for module in pkgutil.iter_modules(kvasir.__path__)
    if module.name != "runner"
]


def public_classes():
    return [value for name in kvasir.__all__ if inspect.isclass(value := getattr(kvasir, name))]


def test_every_public_name_is_documented():
    for name in kvasir.__all__:
        value = getattr(kvasir, name)
        assert (value.__doc__ or "").strip(), name
        # A dataclass without a docstring of its own has its signature for one.
        assert not value.__doc__.startswith(f"{name}("), name
        for attribute, method in inspect.getmembers(value, inspect.isfunction):
            if not attribute.startswith("_") and method.__module__.startswith("kvasir"):
                assert (method.__doc__ or "").strip(), f"{name}.{attribute}"


#: Their examples are those of the classes that they mirror.
MIRRORS = {"AsyncNamespace", "AsyncAtomic", "AsyncValueStream", "AsyncWatch"}
#: Small methods of a context manager, which the examples of their class use.
IMPLIED = {"close", "closed", "describe", "readable", "readinto", "chunks"}


def test_every_operation_has_an_example():
    for value in public_classes():
        if value.__name__ in MIRRORS or issubclass(value, Exception):
            continue
        for attribute, method in inspect.getmembers(value, inspect.isfunction):
            is_own = not attribute.startswith("_") and method.__module__.startswith("kvasir")
            if is_own and attribute not in IMPLIED:
                assert ">>>" in method.__doc__ or f".{attribute}(" in value.__doc__, f"{value.__name__}.{attribute}"


def examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for module in [kvasir, *MODULES] for test in finder.find(module) if test.examples]


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_examples_run(test, url, namespace_id):
    kv = Kvasir(url).namespace(namespace_id)
    test.globs = {
        **test.globs,
        **{"url": url, "namespace_id": namespace_id, "kv": kv, "akv": AsyncNamespace(kv), "asyncio": asyncio},
        **{"Kvasir": Kvasir, "AsyncNamespace": AsyncNamespace, "AsyncIterator": AsyncIterator, "Optional": Optional},
    }
    output = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append)
    assert result.failed == 0, "".join(output)
