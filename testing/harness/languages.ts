import { spawnSync } from "node:child_process";
import type { Requirement } from "./requirements.js";

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

export const PYTHON: Requirement = { name: "python3", met: runs("python3", "--version") };
export const PYTHON_WITH_HTTPX: Requirement = {
  name: "python3 with httpx",
  met: PYTHON.met && runs("python3", "-c", "import httpx"),
};
export const PYTHON_HTTP_CLIENTS: Requirement = {
  name: "python3 with aiohttp, httpx and requests",
  met: PYTHON.met && runs("python3", "-c", "import aiohttp, httpx, requests"),
};
export const PYTEST: Requirement = {
  name: "python3 with pytest",
  met: PYTHON.met && runs("python3", "-m", "pytest", "--version"),
};
export const PYTHON_FRAMEWORKS: Requirement = {
  name: "python3 with fastapi and flask",
  met: PYTEST.met && runs("python3", "-c", "import fastapi, flask"),
};
export const MYPY: Requirement = {
  name: "python3 with mypy",
  met: PYTHON.met && runs("python3", "-m", "mypy", "--version"),
};
export const PYRIGHT: Requirement = { name: "pyright", met: runs("pyright", "--version") };
export const PYTHON_PACKAGING: Requirement = {
  name: "python3 with pip and setuptools 77, and unzip",
  met:
    PYTHON.met &&
    runs("python3", "-m", "pip", "--version") &&
    runs("python3", "-c", "import setuptools; assert int(setuptools.__version__.split('.')[0]) >= 77") &&
    runs("unzip", "-v"),
};
export const STATICCHECK: Requirement = { name: "staticcheck", met: runs("staticcheck", "-version") };
export const GO: Requirement = { name: "go", met: runs("go", "version") };
export const OPENSSL: Requirement = { name: "openssl", met: runs("openssl", "version") };
