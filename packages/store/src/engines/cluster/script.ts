import { createHash } from "node:crypto";
import type { Command } from "./connection.js";

/** A script that nodes run. Each connection loads all of them when it is opened. */
export interface Script {
  readonly text: string;
  /** Names the script in `EVALSHA`. */
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex") };
}

/**
 * Lua that other scripts begin with. `ARGV[1]` is the time in milliseconds, or empty for that of the node.
 * Numbers that may pass 2^31 are formatted by `text`, because Lua's own form of them has an exponent.
 */
export const TIME = `
local time = redis.call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now_ms = ARGV[1] == '' and math.floor(now_us / 1000) or tonumber(ARGV[1])
local text = function(number) return string.format('%.0f', number) end
`;

/** Lua that refuses to work on a namespace that has ended. `KEYS[1]` is the hash of its entries. */
export const ASSERT_THERE = `
if redis.call('HEXISTS', KEYS[1], '') == 1 then return redis.error_reply('KVENDED the namespace has ended') end
`;

/** The command that runs a script. */
export function run(
  { sha }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Command {
  return ["EVALSHA", sha, keys.length, ...keys, ...args];
}
