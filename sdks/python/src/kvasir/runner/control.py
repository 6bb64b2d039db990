"""The channel to the parent process: JSON lines on an inherited descriptor."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any, Callable, Optional


class Control:
    """Reports events. Without a descriptor, as on a command line, errors go to standard error."""

    def __init__(self, fd: Optional[int]):
        self._fd = fd
        self._received = b""

    def tell(self, event: str, **fields: Any) -> None:
        if self._fd is not None:
            line = json.dumps({"event": event, **fields}) + "\n"
            try:
                os.write(self._fd, line.encode())
            except OSError:
                pass  # The parent process has ended, and this one will end soon.
        elif event == "failed":
            print(fields["message"], fields["stack"], sep="\n", file=sys.stderr, flush=True)
        elif event == "error":
            print(fields["stack"], file=sys.stderr, flush=True)

    def listen(self, on_message: Callable[[str], None], on_end: Callable[[], None]) -> None:
        """The event loop itself handles messages, so a blocked loop can be detected by its silence."""
        if self._fd is None:
            return
        loop = asyncio.get_running_loop()
        fd = self._fd

        def readable() -> None:
            data = os.read(fd, 4096)
            if not data:
                loop.remove_reader(fd)
                on_end()
                return
            *lines, self._received = (self._received + data).split(b"\n")
            for line in lines:
                on_message(json.loads(line)["event"])

        loop.add_reader(fd, readable)
