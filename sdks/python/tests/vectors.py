"""Performs the steps of testing/conformance/vectors/operations.json, which the clients of all languages share."""

import base64
import contextlib
import io

from kvasir import KvError


def resolved(argument, saved):
    """The arguments of a step with values for all that stands for one."""
    if isinstance(argument, str):
        return saved.get(argument, argument)
    if isinstance(argument, list):
        return [resolved(item, saved) for item in argument]
    if not isinstance(argument, dict):
        return argument
    if "repeat" in argument:
        return argument["repeat"][0] * argument["repeat"][1]
    if "base64" in argument:
        return base64.b64decode(argument["base64"])
    return {resolved(name, saved): resolved(value, saved) for name, value in argument.items()}


def holds(expected, found):
    """Whether a result has all of what is expected. Objects may have more."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            name in found and holds(value, found[name]) for name, value in expected.items()
        )
    if isinstance(expected, list):
        same = isinstance(found, list) and len(found) == len(expected)
        return same and all(map(holds, expected, found))
    return expected == found and isinstance(expected, bool) == isinstance(found, bool)


OPTIONS = {"expirationTtl": "ttl", "ifAbsent": "if_absent", "ifVersion": "if_version", "cacheTtl": "cache_ttl", "dryRun": "dry_run"}


class Performer:
    """
    :param kv: a namespace, sync or async
    :param wait: turns what an async method returns into its result
    :param collect: makes a list of an iterable, of so many items if a number is given
    """

    def __init__(self, kv, wait, collect):
        self._kv, self._wait, self._collect = kv, wait, collect

    def run(self, steps, saved):
        saved = dict(saved)
        for step in steps:
            if step["do"] == "each":
                for name in step["of"]:
                    self.run(step["steps"], {**saved, "$each": name})
                continue
            args = resolved({k: v for k, v in step.items() if k not in ("do", "gives", "fails", "as")}, saved)
            try:
                result = getattr(self, step["do"])(**{OPTIONS.get(name, name): args[name] for name in args})
            except KvError as error:
                allowed = step.get("fails", [])
                assert error.code in ([allowed] if isinstance(allowed, str) else allowed), f"{step}: {error}"
                continue
            assert "fails" not in step, f"{step} succeeded"
            if "gives" in step:
                assert holds(resolved(step["gives"], saved), result), f"{step}: {result}"
            if "as" in step:
                saved[f"${step['as']}"] = self._saved(result)

    @staticmethod
    def _saved(result):
        if not isinstance(result, dict):
            return result
        return result.get("version", result.get("cursor"))

    def get(self, **args):
        return self._wait(self._kv.get(**args))

    def getBytes(self, **args):
        value = self._wait(self._kv.get_bytes(**args))
        return None if value is None else base64.b64encode(value).decode()

    def getJson(self, **args):
        return self._wait(self._kv.get_json(**args))

    def getStream(self, **args):
        stream = self._wait(self._kv.get_stream(**args))
        if stream is None:
            return None
        with contextlib.closing(getattr(stream, "sync", stream)):
            return self._wait(stream.read()).decode()

    def getWithMetadata(self, version=False, **args):
        entry = self._wait(self._kv.get_entry(**args))
        if entry is None:
            return {"value": None}
        return {"value": entry.value.decode(), "metadata": entry.metadata, "version": entry.version}

    def getMany(self, **args):
        return self._wait(self._kv.get_many(**args))

    def getManyWithMetadata(self, **args):
        found = self._wait(self._kv.get_many_with_metadata(**args))
        return {key: entry and vars(entry) for key, entry in found.items()}

    def put(self, **args):
        return vars(self._wait(self._kv.put(**args)))

    def putStream(self, value, **args):
        return vars(self._wait(self._kv.put_stream(source=io.BytesIO(value.encode()), **args)))

    def putMany(self, **args):
        return self._wait(self._kv.put_many(**args))

    def delete(self, **args):
        return vars(self._wait(self._kv.delete(**args)))

    def deleteMany(self, **args):
        return self._wait(self._kv.delete_many(**args))

    def increment(self, **args):
        return self._wait(self._kv.increment(**args))

    def touch(self, **args):
        return {"ok": self._wait(self._kv.touch(**args))}

    def list(self, **args):
        page = self._wait(self._kv.list(**args))
        return {
            "names": [key.name for key in page.keys],
            "keys": [vars(key) for key in page.keys],
            "complete": page.cursor is None,
            "cursor": page.cursor,
        }

    def keys(self, **args):
        return [key.name for key in self._collect(self._kv.keys(**args))]

    def count(self, **args):
        return self._wait(self._kv.count(**args))

    def deletePrefix(self, **args):
        return self._wait(self._kv.delete_prefix(**args))

    def atomic(self, checks=(), changes=()):
        atomic = self._kv.atomic()
        for check in checks:
            atomic.check(check["key"], check["version"])
        for change in changes:
            args = {OPTIONS.get(name, name): value for name, value in change.items() if name != "do"}
            getattr(atomic, change["do"])(**args)
        version = self._wait(atomic.commit())
        return {"ok": version is not None, "version": version}

    def position(self):
        return self._wait(self._kv.position())

    def watch(self, take, **args):
        return [vars(change) for change in self._collect(self._wait_watch(args), take)]

    def _wait_watch(self, args):
        return self._kv.watch(**args)
