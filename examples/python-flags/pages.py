"""The two pages that the flag selects. Save a change of this file: the next request uses it."""

from html import escape


def old(request):
    return f"The old page at {request.path}\n"


def new(request):
    return {"body": f"<h1>The new page at {escape(request.path)}</h1>\n", "headers": {"Content-Type": "text/html"}}
