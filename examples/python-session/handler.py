"""A cookie identifies a visitor. A session ends an hour after the last visit."""

import json
import os
import secrets
from http.cookies import SimpleCookie

TTL = int(os.environ["SESSION_TTL_SECONDS"])


async def handler(request):
    cookies = SimpleCookie(request.headers.get("Cookie", ""))
    session_id = cookies["session"].value if "session" in cookies else secrets.token_urlsafe(24)
    key = f"session/{session_id}"

    stored = await kv_get(key)
    session = json.loads(stored) if stored else {"visits": 0}
    session["visits"] += 1

    # The store deletes the session when it expires. Every visit starts the hour again.
    await kv_put(key, session, ttl=TTL)
    cookie = f"session={session_id}; HttpOnly; SameSite=Lax; Max-Age={TTL}; Path=/"
    return Response(session, headers={"Set-Cookie": cookie})
