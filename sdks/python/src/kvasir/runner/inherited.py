"""What this process got from the one that started it."""

from __future__ import annotations

import os
from typing import Collection


def close_inherited(kept: Collection[int]) -> None:
    """
    Closes descriptors that nobody means to hand over: Kvasir's database is one of them, since LMDB does not mark it.
    Whatever Python itself has opened is not inheritable.
    """
    try:
        fds = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        return
    for fd in fds:
        if fd <= 2 or fd in kept:
            continue
        try:
            if os.get_inheritable(fd):
                os.close(fd)
        except OSError:
            pass  # The one that listed the folder.
