"""Reads one key again and again over one connection: ``get.py kvasir URL NAMESPACE TOKEN`` or ``get.py redis PORT``.

Each line of input is a time in seconds. Each line of output says what was read in it.
"""

import json
import sys
import time

VALUE = "x" * 100


def reader(which, *args):
    if which == "kvasir":
        from kvasir import Kvasir

        kv = Kvasir(args[0], args[2]).namespace(args[1])
        kv.put("key", VALUE)
        return lambda: kv.get("key")
    import redis

    client = redis.Redis(port=int(args[0]))
    client.set("key", VALUE)
    return lambda: client.get("key")


read = reader(*sys.argv[1:])
print("ready", flush=True)
for line in sys.stdin:
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < float(line):
        for _ in range(20):
            read()
        count += 20
    seconds = time.perf_counter() - began
    print(json.dumps({"requests": count, "seconds": seconds, "cpu": time.process_time() - cpu}), flush=True)
