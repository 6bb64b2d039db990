"""Loads a user's file as a module with the prelude's names."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, List, Optional, Set

from .. import prelude
from .application import Application
from .handler import HandlerApplication
from .http_server import HttpServerApplication, class_of
from .response import Response
from .shapes import application_of, is_async_function, telnyx_application

_HELPERS = ("kv_get", "kv_put", "kv_delete", "kv_list", "kv_get_with_expiry", "kv_put_with_expiry")
#: Modules that a function may use without importing them, as snippets in documentation do.
_MODULES = (
    "asyncio base64 collections datetime functools hashlib hmac html io itertools json logging math os random re "
    "secrets string sys time traceback urllib uuid httpx requests"
).split()
#: A file beside the function whose names the function can also use.
_SHARED_PRELUDE = "prelude.py"


class LoadError(Exception):
    """The reason why a file cannot be loaded: ``file.py:3: SyntaxError: invalid syntax``."""

    def __init__(self, message: str, stack: str = ""):
        super().__init__(message)
        self.message = message
        self.stack = stack


def load(path: Path, shared_prelude: Optional[Path] = None) -> Application:
    """
    :param shared_prelude: a file whose names the function can also use; by default ``prelude.py`` beside it
    :raises LoadError: if the file does not parse, does not run, or defines no handler
    """
    source = _read(path)
    try:
        tree = ast.parse(source, str(path))
    except SyntaxError as error:
        raise _load_error(path, error) from error
    # As when Python runs the file itself: files beside it can be imported.
    sys.path.insert(0, str(path.parent))
    # The user's modules may change twice within a second, but Python compares their age in whole seconds.
    sys.dont_write_bytecode = True
    module = ModuleType(path.stem if path.stem.isidentifier() else "function")
    module.__file__ = str(path)
    module.__dict__.update(_prelude(path, shared_prelude or path.parent / _SHARED_PRELUDE, _names(tree)))
    sys.modules.setdefault(module.__name__, module)
    try:
        exec(compile(tree, str(path), "exec"), module.__dict__)
        application = _application(module, _async_names(tree))
    except BaseException as error:
        raise _load_error(path, error) from error
    if application is None:
        raise LoadError(
            f'{path} defines no handler: write "async def handler(request):", which returns the response, '
            'or name an ASGI or WSGI application "app".'
        )
    return application


def imported_files(root: Path) -> List[str]:
    """The files below a folder that the function imports, except those of virtual environments."""
    files = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file is None:
            continue
        path = Path(file)
        if root in path.parents and not {"site-packages", "dist-packages"} & set(path.parts):
            files.add(str(path))
    return sorted(files)


def own_stack(error: BaseException) -> str:
    """The traceback, starting at the user's own code."""
    frames = error.__traceback__
    package = str(Path(__file__).parent)
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(package):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror}") from error


#: Names of handlers, and of the applications of frameworks.
_HANDLER_NAMES = ("handler", "main")
_APPLICATION_NAMES = ("app", "application", "api")


def _application(module: ModuleType, async_names: Set[str]) -> Optional[Application]:
    for name in _HANDLER_NAMES:
        value = getattr(module, name, None)
        if callable(value):
            is_async = name in async_names or is_async_function(value)
            return application_of(value, has_lifespan=True) or HandlerApplication(value, is_async=is_async)
    for name in _APPLICATION_NAMES:
        application = application_of(getattr(module, name, None), has_lifespan=True)
        if application is not None:
            return application
    new = getattr(module, "new", None)
    application = telnyx_application(new) if callable(new) else None
    kind = class_of(module)
    return application or (None if kind is None else HttpServerApplication(kind))


def _async_names(tree: ast.Module) -> Set[str]:
    """The functions that are written as `async def`, also behind decorators that hide it."""
    kinds = {
        node.name: isinstance(node, ast.AsyncFunctionDef)
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    return {name for name, is_async in kinds.items() if is_async}


def _names(tree: ast.AST) -> Set[str]:
    """The names that a file uses. Only prelude modules among them are imported."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _prelude(path: Path, shared: Path, used: Set[str]) -> Dict[str, Any]:
    names: Dict[str, Any] = {name: getattr(prelude, name) for name in _HELPERS}
    names["Response"] = Response
    for name in _MODULES:
        if name in used:
            names[name] = _module(name)
    if shared.is_file() and shared != path:
        names.update(_shared_prelude(shared, names))
    return names


def _module(name: str) -> Any:
    try:
        if name == "urllib":
            importlib.import_module("urllib.parse")
            importlib.import_module("urllib.request")
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return _Missing(name)


class _Missing:
    """Replaces a package that is not installed. It raises when the function uses it."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        raise ModuleNotFoundError(
            f"{self._name} is not installed for {sys.executable}. "
            f"Run: {sys.executable} -m pip install {self._name}"
        )


def _shared_prelude(path: Path, names: Dict[str, Any]) -> Dict[str, Any]:
    module = ModuleType("prelude")
    module.__file__ = str(path)
    module.__dict__.update(names)
    sys.modules["prelude"] = module
    try:
        exec(compile(_read(path), str(path), "exec"), module.__dict__)
    except BaseException as error:
        raise _load_error(path, error) from error
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _load_error(path: Path, error: BaseException) -> LoadError:
    """Names the last line of the user's code that led to the error."""
    file, line = str(path), _line_in(str(path), error)
    if isinstance(error, SyntaxError) and error.filename is not None:
        file, line = error.filename, error.lineno
        text = f"{type(error).__name__}: {error.msg}"
    else:
        text = traceback.format_exception_only(type(error), error)[-1].strip()
        if isinstance(error, ModuleNotFoundError) and error.name is not None:
            text += f". Run: {sys.executable} -m pip install {error.name.partition('.')[0]}"
    place = file if line is None else f"{file}:{line}"
    return LoadError(f"{place}: {text}", _load_stack(error))


def _load_stack(error: BaseException) -> str:
    """The stack of the error. For a syntax error only its location, without the loader's frames."""
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(type(error), error)).rstrip()
    return own_stack(error)


def _line_in(file: str, error: BaseException) -> Optional[int]:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return lines[-1] if lines else None
