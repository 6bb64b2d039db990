import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "../../packages/store/node_modules/ioredis/built/index.js";
import type { Requirement } from "./requirements.js";

const SERVERS = ["/usr/bin/redis-server", "/usr/bin/valkey-server", "/usr/local/bin/redis-server"];
const SERVER = SERVERS.find((path) => existsSync(path));

/** Debian and Ubuntu: `apt-get install redis-server`. */
export const REDIS_SERVER: Requirement = { name: "redis-server", met: SERVER !== undefined };
