"""A process that hammers the recipes of Python. See hammer.mjs."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from kvasir import Kvasir
from kvasir.recipes import Cache, Flags, Locks, RateLimiter, Sessions

given = json.loads(sys.argv[1])
kv = Kvasir(given["url"], given["token"], timeout=30).namespace(given["namespace"])


def every(clients, work):
    with ThreadPoolExecutor(clients) as threads:
        return [done.result() for done in [threads.submit(work) for _ in range(clients)]]


def limit(clients, times, algorithm, limit):
    limiter = RateLimiter(
        kv,
        limit=limit,
        window_seconds=3600,
        algorithm=algorithm,
        clock=lambda: 1_700_049_600.0,
        on_store_error="throw",
    )
    return sum(every(clients, lambda: sum(limiter.check("everybody").allowed for _ in range(times))))


def lock(clients, times):
    locks = Locks(kv)

    def enter():
        overlaps = 0
        for _ in range(times):
            with locks.hold("critical", wait_seconds=60) as lease:
                entered = kv.put("inside", "python", if_absent=True)
                kv.put_json("tokens", [*kv.get_json("tokens", []), lease.fencing_token])
                kv.delete("inside")
                overlaps += not entered
        return overlaps

    return sum(every(clients, enter))


def session(id, clients, times):
    sessions = Sessions(kv)

    def update():
        for _ in range(times):
            sessions.update(id, lambda data: {**data, "count": data["count"] + 1})

    every(clients, update)
    return sessions.get(id).data["count"]


def cache(clients):
    values = Cache(kv)
    return every(clients, lambda: values.get_or_set("slow", lambda: f"python {kv.increment('computed')}"))


def flags(ids):
    loaded = Flags(kv).load(["new"])
    decisions = [loaded.evaluate("new", {"id": f"user-{at}", "age": at % 30}) for at in range(ids)]
    return [[found.enabled, found.variant or "", found.reason, found.rule or 0] for found in decisions]


TASKS = {"limit": limit, "lock": lock, "session": session, "cache": cache, "flags": flags}

print(flush=True)
for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps(TASKS[job.pop("task")](**job)), flush=True)
