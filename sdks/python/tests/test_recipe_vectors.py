"""What the recipes of all languages agree on. The vectors are made from the TypeScript code."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from kvasir import KvError
from kvasir.recipes.cache_entry import CacheEntry, CacheKeys
from kvasir.recipes.decision import World, decide
from kvasir.recipes.flag_conditions import parse_segments, text_of
from kvasir.recipes.flag_definition import parse_flag
from kvasir.recipes.keys import client_key_parts, key_part, recipe_key
from kvasir.recipes.meters import SlidingWindow, TokenBucket
from kvasir.recipes.session_record import SessionKeys, SessionRecord, handle_of
from kvasir.recipes.stable_hash import stable_fraction, stable_hash, weighted_choice

FILE = Path(__file__).parents[3] / "testing" / "conformance" / "vectors" / "recipes.json"
VECTORS = json.loads(FILE.read_text())


def camel(values):
    def name(text):
        first, *rest = text.split("_")
        return first + "".join(part.title() for part in rest)

    return {name(key): value for key, value in values.items() if key != "source"}


def without_none(values):
    return {key: value for key, value in values.items() if value is not None}


def test_keys():
    for vector in VECTORS["keys"]:
        key = recipe_key(vector["prefix"], *vector["parts"])
        assert key == vector["key"]
        assert [key_part(part) for part in key[len(vector["prefix"]) :].split(":")] == vector["parts"]
    for vector in VECTORS["clientKeys"] + VECTORS["loneSurrogates"]:
        assert list(client_key_parts(vector["text"])) == vector["parts"]
    for name, code in [("", "key_invalid"), ("x" * 513, "key_too_long")]:
        with pytest.raises(KvError) as raised:
            recipe_key("", name)
        assert raised.value.code == code


def test_hashes_and_choices():
    for vector in VECTORS["hashes"]:
        assert stable_hash(vector["text"], vector["seed"]) == vector["hash"]
    assert stable_hash("a\ud800") == stable_hash("a\ufffd")
    for vector in VECTORS["fractions"]:
        assert stable_fraction(*vector["parts"]) == vector["fraction"]
    for vector in VECTORS["choices"]:
        chosen = [weighted_choice(vector["weights"], "variant", "new", f"user-{at}") for at in range(50)]
        assert chosen == vector["chosen"]


def test_decisions():
    flags = {name: parse_flag(name, definition) for name, definition in VECTORS["otherFlags"].items()}
    for vector in VECTORS["decisions"]:
        flag = flags["new"] = parse_flag("new", vector["definition"])
        world = World(parse_segments(VECTORS["segments"]), flags.get)
        for user, decision in zip(vector["users"], vector["decisions"]):
            made = camel(asdict(decide("new", flag, user, world=world)))
            assert without_none(made) == without_none(decision), user


def test_numbers_are_written_as_in_javascript():
    for number, text in VECTORS["numbers"]:
        assert text_of(number) == text


@pytest.mark.parametrize("definition", VECTORS["invalidDefinitions"], ids=json.dumps)
def test_what_is_not_a_definition(definition):
    with pytest.raises(KvError) as raised:
        parse_flag("new", definition)
    assert raised.value.code == "option_invalid"
    assert raised.value.hint


def test_meters():
    meters = {"sliding-window": SlidingWindow(5, 7), "token-bucket": TokenBucket(5, 7)}
    for vector in VECTORS["meters"]:
        meter = meters[vector["algorithm"]]
        assert meter.is_state(vector["before"])
        after, verdict = meter.take(vector["before"], vector["cost"], vector["nowMs"])
        assert camel(asdict(verdict)) == vector["result"]
        if verdict.allowed:
            assert json.loads(json.dumps(after)) == vector["after"]
    for other in [None, 5, "x", {}, [[1]], {"used": "1", "atMs": 1}, [[True, 1]]]:
        assert not any(meter.is_state(other) for meter in meters.values())


def test_sessions():
    for vector in VECTORS["sessions"]:
        assert handle_of(vector["id"]) == vector["handle"]
        user_id = vector["record"].get("userId")
        assert SessionKeys("session:").of(vector["handle"], user_id) == vector["keys"]
        record = SessionRecord.parse(vector["text"])
        assert record.text() == vector["text"]
        assert without_none(camel(asdict(record))) == without_none(vector["record"])
    for other in [None, "", "x" * 43, VECTORS["sessions"][0]["id"] + "\n"]:
        assert handle_of(other) is None


def test_cache():
    for vector in VECTORS["cacheEntries"]:
        entry = CacheEntry.parse(vector["text"])
        assert (entry.payload, entry.failed, entry.tags) == (
            vector["payload"],
            vector["failed"],
            vector["tags"],
        )
        assert entry.text() == vector["text"]
    for vector in VECTORS["cacheKeys"]:
        keys = CacheKeys("cache:")
        assert (keys.entry(vector["key"]), keys.lease(vector["key"])) == (vector["entry"], vector["lease"])
    for other in [None, "", "{}", "{}\nx", "[]\nx", '{"at":1,"fresh":1,"stale":1,"took":"1"}\nx']:
        assert CacheEntry.parse(other) is None
