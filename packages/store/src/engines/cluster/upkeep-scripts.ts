import { CHANGES_KEPT, TOMBSTONE_KEPT_MS } from "./limits.js";
import { script, TIME } from "./script.js";

/**
 * Removes expired entries of one bucket, and logs that they expired. All keys are declared: while a slot moves,
 * the server ends a script that touches another key which is on the other node already.
 *
 * KEYS: expiry, changes, version, entries, index. ARGV: time, rows of the expiry set that may be due.
 * Replies with how many entries were removed, then the ids of their large values, which the caller removes.
 */
export const SWEEP = script(`${TIME}
local version = tonumber(redis.call('GET', KEYS[3]) or '0')
local out = { 0 }
for at = 2, #ARGV do
  local member = ARGV[at]
  local due = tonumber(redis.call('ZSCORE', KEYS[1], member) or 'inf') <= now_ms
  local key = string.sub(member, string.find(member, ':', 1, true) + 1)
  local bytes = due and redis.call('HGET', KEYS[4], key)
  if bytes then
    local _, expires = struct.unpack('>I8I8', bytes)
    if expires > 0 and expires <= now_ms then
      local flags, _, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', bytes, 25)
      if flags == 1 then out[#out + 1] = string.sub(bytes, 34 + type_bytes + metadata_bytes) end
      redis.call('HDEL', KEYS[4], key)
      redis.call('ZREM', KEYS[5], key)
      version = math.max(version + 1, now_us)
      redis.call('XADD', KEYS[2], 'MAXLEN', '~', '${CHANGES_KEPT}', text(version) .. '-0', 'expire', member)
      out[1] = out[1] + 1
    end
  end
  if due then redis.call('ZREM', KEYS[1], member) end
end
redis.call('SET', KEYS[3], text(version))
return out
`);

/**
 * Ends a bucket of a namespace: nothing is written to it any more.
 *
 * KEYS: entries.
 */
export const END_BUCKET = script(`
redis.call('HSET', KEYS[1], '', '')
return 1
`);

/**
 * Reclaims a step of a bucket that has ended.
 *
 * KEYS: entries, index, expiry. ARGV: cursor of `HSCAN`, how many entries to look at, generation.
 * Replies with the next cursor, then the ids of large values, which the caller removes. At the end the bucket
 * is removed, and only the mark of its end stays for a while.
 */
export const RECLAIM_BUCKET = script(`
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local out = { page[1] }
for at = 1, #page[2], 2 do
  local key, bytes = page[2][at], page[2][at + 1]
  if key ~= '' then
    local _, expires = struct.unpack('>I8I8', bytes)
    if expires > 0 then redis.call('ZREM', KEYS[3], ARGV[3] .. ':' .. key) end
    local flags, _, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', bytes, 25)
    if flags == 1 then out[#out + 1] = string.sub(bytes, 34 + type_bytes + metadata_bytes) end
  end
end
if page[1] == '0' then
  redis.call('UNLINK', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], '', '')
  redis.call('PEXPIRE', KEYS[1], ${TOMBSTONE_KEPT_MS})
end
return out
`);

/**
 * Closes the time of a partition: no later change gets a version up to the given one. Then reads the changes
 * up to it, of which none is missing any more.
 *
 * KEYS: changes, version. ARGV: the first version to read, the version to close.
 * Replies with the newest change that is forgotten (`version-number`), then id, type and member in turn.
 */
export const CLOSE = script(`
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
redis.call('SET', KEYS[2], string.format('%.0f', math.max(last, tonumber(ARGV[2]))))
if redis.call('EXISTS', KEYS[1]) == 0 then return { '0-0' } end
local out = { '0-0' }
local described = redis.call('XINFO', 'STREAM', KEYS[1])
for at = 1, #described, 2 do
  if described[at] == 'max-deleted-entry-id' then out[1] = described[at + 1] end
end
for _, row in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2])) do
  out[#out + 1] = row[1]
  out[#out + 1] = row[2][1]
  out[#out + 1] = row[2][2]
end
return out
`);
