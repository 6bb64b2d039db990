"""A flag that can change while the function runs. The pages are in pages.py."""

import pages


async def handler(request):
    if await kv_get("flag/new-page") == "true":
        return pages.new(request)
    return pages.old(request)
