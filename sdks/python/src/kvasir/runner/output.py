"""Marks what a function prints with the id of the request during which it was printed."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import Any, TextIO

#: The id of the request that the current task or thread works for. Tasks inherit it from the task that creates them.
request_id: ContextVar[str] = ContextVar("request_id", default="")
#: Encloses the id in front of a line. Kvasir takes it away.
MARK = "\x1e"


class Marked:
    """A text stream whose lines begin with the id of their request."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._at_start = True

    def write(self, text: str) -> int:
        known = request_id.get()
        marked = text
        if known and isinstance(text, str) and text:
            mark = f"{MARK}{known}{MARK}"
            body, end = (text[:-1], "\n") if text.endswith("\n") else (text, "")
            marked = (mark if self._at_start else "") + body.replace("\n", "\n" + mark) + end
        if text:
            self._at_start = text.endswith("\n")
        self._stream.write(marked)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def mark_lines() -> None:
    """Begins to mark, for the parent process that understands it."""
    stdout: Any = Marked(sys.stdout)
    stderr: Any = Marked(sys.stderr)
    sys.stdout, sys.stderr = stdout, stderr
