"""Notices when user code blocks the event loop, which stops all requests of the process."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Callable, Optional

from .limits import BLOCKED_SECONDS_MAX, BLOCKED_WARNING_PAUSE_SECONDS

_PACKAGE = str(Path(__file__).parents[1])


def watch_for_blocking(root: Path, warn: Callable[[str], None]) -> None:
    """Calls ``warn`` with a sentence that names the line. Must be called in the event loop's thread.

    :param root: folder of the user's own code
    """
    loop = asyncio.get_running_loop()
    watched = threading.get_ident()
    threading.Thread(target=_watch, args=(loop, watched, root, warn), name="kvasir-blocked", daemon=True).start()


def _watch(loop: asyncio.AbstractEventLoop, watched: int, root: Path, warn: Callable[[str], None]) -> None:
    while True:
        turned = threading.Event()
        asked = time.monotonic()
        try:
            loop.call_soon_threadsafe(turned.set)
        except RuntimeError:
            return  # The event loop has ended.
        if turned.wait(BLOCKED_SECONDS_MAX):
            time.sleep(BLOCKED_SECONDS_MAX)
            continue
        place = _place(sys._current_frames().get(watched), root)
        turned.wait()
        if place is not None:
            milliseconds = round((time.monotonic() - asked) * 1000)
            warn(
                f"{place} blocked the event loop for more than {milliseconds} ms, and all requests with it. Await "
                "asyncio.to_thread(…) or an async library there, or write a plain `def`."
            )
            time.sleep(BLOCKED_WARNING_PAUSE_SECONDS)


def _place(frame: Optional[FrameType], root: Path) -> Optional[str]:
    """The innermost line of the user's code; None if none is running, as when the process itself was stopped."""
    own = None
    for entry, line in traceback.walk_stack(frame):
        file = entry.f_code.co_filename
        if Path(file).is_relative_to(root) and "site-packages" not in file and not file.startswith(_PACKAGE):
            own = own or f"{file}:{line}"
    return own
