import { script } from "./script.js";

/** Lua that gives a change of the catalog its version. The last of KEYS is the version of its partition. */
const NEXT_VERSION = `
local time = redis.call('TIME')
local version_key = KEYS[3]
local version = math.max(tonumber(redis.call('GET', version_key) or '0') + 1, time[1] * 1000000 + time[2])
local version_text = string.format('%.0f', version)
`;

/**
 * KEYS: namespaces, titles, version. ARGV: id, title, record.
 * Replies with the version at which the namespace began, or with what is taken: `id` or `title`.
 */
export const CREATE_NAMESPACE = script(`${NEXT_VERSION}
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'id' end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 'title' end
redis.call('HSET', KEYS[1], ARGV[1], version_text .. ' ' .. ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('SET', version_key, version_text)
return version_text
`);

/**
 * KEYS: namespaces, titles, version. ARGV: id, the record as it was, the new record, the old title, the new one.
 * Replies with `done`, `title` when the new title is taken, or `changed` when the record is another by now.
 */
export const RENAME_NAMESPACE = script(`${NEXT_VERSION}
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 'changed' end
local holder = redis.call('HGET', KEYS[2], ARGV[5])
if holder and holder ~= ARGV[1] then return 'title' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HDEL', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[5], ARGV[1])
redis.call('SET', version_key, version_text)
return 'done'
`);

/**
 * KEYS: namespaces, titles, version, ended. ARGV: id.
 * Replies with the row of the namespace, or with nil when there is none.
 */
export const DELETE_NAMESPACE = script(`${NEXT_VERSION}
local row = redis.call('HGET', KEYS[1], ARGV[1])
if not row then return false end
local namespace = cjson.decode(string.sub(row, string.find(row, ' ', 1, true) + 1))
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], namespace.title)
redis.call('HSET', KEYS[4], namespace.generation, row)
redis.call('SET', version_key, version_text)
return row
`);

/**
 * Makes this node the only one that sweeps, for a while.
 *
 * KEYS: lease. ARGV: who asks, for how many milliseconds. Replies with 1 when it may sweep.
 */
export const TAKE_LEASE = script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);
