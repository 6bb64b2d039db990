"""Descriptors that this process inherited from its parent."""

from __future__ import annotations

import os
from typing import Collection


def close_inherited(kept: Collection[int]) -> None:
    """
    Closes descriptors that were inherited by accident. Kvasir's database is one of them, because LMDB does not mark
    it close-on-exec. Descriptors that Python itself has opened are not inheritable.
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
            pass  # The descriptor that listed the folder.
