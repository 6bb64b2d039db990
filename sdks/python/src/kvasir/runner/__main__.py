"""``python -m kvasir.runner file.py``: serves the file's handler."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
from pathlib import Path

from . import output, telnyx
from .application import StartFailed
from .control import Control
from .inherited import close_inherited
from .load import LoadError, imported_files, load
from .server import Server


def main() -> int:
    options = _options()
    if options.fd is not None:
        close_inherited({options.fd, options.control_fd})
    path = Path(options.file).resolve()
    control = Control(options.control_fd)
    root = Path(options.root).resolve() if options.root else path.parent
    telnyx.reroute()
    if options.control_fd is not None:
        output.mark_lines()
    try:
        application = load(path, Path(options.prelude).resolve() if options.prelude else None)
    except LoadError as error:
        control.tell("failed", message=error.message, stack=error.stack, files=imported_files(root))
        return 1
    control.tell("loaded", files=imported_files(root))
    sock = _socket(options)
    if options.fd is None and options.unix is None:
        print(f"http://{options.host}:{sock.getsockname()[1]}", flush=True)
    server = Server(application, control, root=root, shows_errors=options.show_errors)
    try:
        asyncio.run(server.run(sock))
    except StartFailed as error:
        message = f"{path}: {str(error).rstrip().splitlines()[-1]}"
        control.tell("failed", message=message, stack=str(error), files=imported_files(root))
        return 1
    sys.stdout.flush()
    # At its exit Python waits for threads that the function has started. A stuck thread must not keep the
    # process alive.
    if server.is_stuck:
        os._exit(0)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m kvasir.runner", description="Serve a Python function.")
    parser.add_argument("file", help="the file that defines handler(request)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")), help="0: a free one")
    parser.add_argument("--unix", help="path of a unix socket to listen on instead")
    parser.add_argument("--show-errors", action="store_true", help="answer exceptions with their traceback")
    parser.add_argument("--prelude", help="a file whose names the function has (default: prelude.py beside it)")
    parser.add_argument("--root", help="folder of the function's own modules (default: the file's)")
    parser.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--control-fd", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _socket(options: argparse.Namespace) -> socket.socket:
    if options.fd is not None:
        return socket.socket(fileno=options.fd)
    if options.unix is not None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(options.unix)
        return sock
    return socket.create_server((options.host, options.port))


if __name__ == "__main__":
    sys.exit(main())
