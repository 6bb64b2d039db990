"""Flags that change while the function runs; pages.py has the pages."""

import pages


async def handler(request):
    if await kv_get("flag/new-page") == "true":
        return pages.new(request)
    return pages.old(request)
