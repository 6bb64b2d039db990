"""The client has all that the contract of the TypeScript client has, and does the same."""

import asyncio
import inspect
import itertools
import json
from pathlib import Path

import pytest

from kvasir import AsyncNamespace, Atomic, Entry, Kvasir, Namespace, Watch, errors, limits
from vectors import Performer

FOLDER = Path(__file__).parents[3] / "testing" / "conformance" / "vectors"
CONTRACT = json.loads((FOLDER / "contract.json").read_text("utf-8"))
VECTORS = json.loads((FOLDER / "operations.json").read_text("utf-8"))

#: The methods for each operation of the contract.
METHODS = {
    "get": ["get", "get_bytes", "get_json", "get_stream", "get_many"],
    "getWithMetadata": ["get_entry", "get_many_with_metadata"],
    "put": ["put", "put_json", "put_stream"],
    "deletePrefix": ["delete_prefix"],
    **{name: [name] for name in "delete list count increment touch atomic position watch".split()},
}
#: Options that have another name.
OPTIONS = {"expirationTtl": "ttl", "cacheTtl": "cache_ttl", "ifAbsent": "if_absent", "ifVersion": "if_version", "dryRun": "dry_run"}
#: Options that are not parameters here: a method for each type, a field of the result, a method of the result.
ELSEWHERE = {"type": (Namespace, "get_json"), "version": (Entry, "version"), "signal": (Watch, "close")}


def parameters(kind, name):
    return list(inspect.signature(getattr(kind, name)).parameters.values())


@pytest.mark.parametrize("operation", CONTRACT["operations"])
def test_every_operation_has_every_option(operation):
    for method in METHODS[operation]:
        names = {parameter.name for parameter in parameters(Namespace, method)}
        for option in CONTRACT["operations"][operation]:
            if option in ELSEWHERE:
                kind, member = ELSEWHERE[option]
                assert hasattr(kind, member) or member in kind.__dataclass_fields__
            else:
                assert OPTIONS.get(option, option) in names, f"{method}: {option}"


@pytest.mark.parametrize("change", CONTRACT["atomic"])
def test_every_change_of_an_atomic_has_every_option(change):
    names = {parameter.name for parameter in parameters(Atomic, change)}
    assert {OPTIONS.get(option, option) for option in CONTRACT["atomic"][change]} <= names


def test_the_async_namespace_has_all_of_the_other_with_the_same_arguments():
    def shape(kind, name):
        return [(p.name, p.kind, p.default) for p in parameters(kind, name)]

    def methods(kind):
        return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}

    assert methods(AsyncNamespace) == methods(Namespace)
    for name in methods(Namespace):
        assert shape(AsyncNamespace, name) == shape(Namespace, name), name


#: Codes about which a program does nothing that the others do not need.
WITHOUT_CLASS = {
    *("request_timeout", "route_not_found", "method_not_allowed", "key_not_found", "namespace_exists"),
    *("condition_failed", "unsupported", "internal"),
    # Of recipes.
    *("atomics_required", "contended", "lock_timeout", "lock_lost", "clock_backwards"),
}


def test_every_error_code_has_a_class():
    assert set(errors._CLASSES) | WITHOUT_CLASS == set(CONTRACT["errors"])


def test_limits_are_those_of_the_contract():
    found = CONTRACT["limits"]
    assert limits.KEY_BYTES_MAX == found["KEY_BYTES_MAX"]
    assert limits.BULK_KEYS_MAX == found["BULK_GET_KEYS_MAX"]
    assert limits.EXPIRY_TTL_SECONDS_MIN == found["TTL_SECONDS_MIN"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_vectors(vector, url, namespace_id):
    def collect(items, count=None):
        return list(itertools.islice(items, count))

    kv = Kvasir(url).namespace(vector.get("namespace", namespace_id))
    Performer(kv, lambda result: result, collect).run(vector["steps"], {})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_vectors_with_asyncio(vector, url, namespace_id):
    with asyncio.Runner() if hasattr(asyncio, "Runner") else _Runner() as runner:

        async def gathered(items, count):
            found = []
            async for item in items:
                found.append(item)
                if len(found) == count:
                    break
            return found

        async def awaited(result):
            return await result if inspect.isawaitable(result) else result

        kv = Kvasir(url).async_namespace(vector.get("namespace", namespace_id))
        performer = Performer(
            kv,
            lambda result: runner.run(awaited(result)),
            lambda items, count=None: runner.run(gathered(items, count)),
        )
        performer.run(vector["steps"], {})


class _Runner:
    """asyncio.Runner, for Python before 3.11."""

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        return self

    def __exit__(self, *_):
        self._loop.close()

    def run(self, coroutine):
        return self._loop.run_until_complete(coroutine)
