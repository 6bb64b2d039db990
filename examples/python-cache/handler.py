"""Caches pages that are slow to make for five minutes, by path."""

import asyncio

TTL = 300


async def handler(request):
    key = f"page{request.path}"
    cached = await kv_get_with_expiry(key)
    if cached:
        return {"body": cached, "headers": {"X-Cache": "HIT"}}

    page = await make_page(request.path)
    await kv_put_with_expiry(key, page, TTL)
    return {"body": page, "headers": {"X-Cache": "MISS"}}


async def make_page(path):
    await asyncio.sleep(0.2)  # the slow part
    return f"A page about {path}\n"
