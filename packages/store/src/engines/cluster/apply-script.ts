import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import { CHANGES_KEPT } from "./limits.js";
import { ASSERT_THERE, script, TIME } from "./script.js";

/**
 * All writes of entries: one or several operations on the keys of one bucket. They are decided on a copy in
 * memory, and written only when all of an atomic commit succeed.
 *
 * KEYS: entries, index, expiry, changes, version, then the large values that puts take over.
 * ARGV: time, generation, `all` (all or none) or `each`, the version that all others must pass, the number of
 * operations, then for each of them: name, key, condition, expiration in ms (0: never), argument.
 *
 * | operation | argument |
 * | --- | --- |
 * | `check` | none; only in a commit |
 * | `put` | the tail of the entry |
 * | `puts` | the same, of a staged value: `index of its key in KEYS:tail` |
 * | `delete`, `touch` | none |
 * | `increment` | by how much; the expiration applies when there is no entry |
 *
 * A condition is `*` (none), `-` (no entry) or a version.
 *
 * Replies with nil when a check failed, `KVINT…` or `KVSTAGED` when a commit cannot be made, otherwise with
 * the version of the commit, for each operation `[code, version or nil, existed, text of the counter]`, and the ids
 * of replaced large values that were not found here: the caller lets them expire.
 * Codes: 0 refused by its condition, 1 done, 2 not an integer, 3 the staged value is gone, 4 the sum is too large.
 */
export const APPLY = script(`${TIME}${ASSERT_THERE}
local entries, index, expiry, changes, version_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local generation, atomic, floor, count = ARGV[2], ARGV[3] == 'all', tonumber(ARGV[4]), tonumber(ARGV[5])
local last = tonumber(redis.call('GET', version_key) or '0')
local version = nil

-- Grows by the clock, and also when the clock does not.
local function next_version()
  if atomic and version then return version end
  version = math.max((version or last) + 1, now_us, floor + 1)
  return version
end

local states, order, results, log, kept, freed = {}, {}, {}, {}, {}, {}

local function state_of(key)
  local state = states[key]
  if state then return state end
  local bytes = redis.call('HGET', entries, key)
  state = { was = bytes, bytes = bytes, live = false, version = 0, expires = 0, expired = 0 }
  if bytes then
    state.version, state.expires = struct.unpack('>I8I8', bytes)
    state.expired = state.expires
    state.live = state.expires == 0 or state.expires > now_ms
  end
  states[key] = state
  order[#order + 1] = key
  return state
end

local function holds(state, condition)
  if condition == '*' then return true end
  if condition == '-' then return not state.live end
  return state.live and text(state.version) == condition
end

-- The large value of an entry can still be read for a while by readers that have begun.
local function free(state)
  if state.bytes and string.byte(state.bytes, 25) == 1 then
    local _, _, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', state.bytes, 25)
    freed[#freed + 1] = string.sub(state.bytes, 34 + type_bytes + metadata_bytes)
  end
end

local function write(key, state, expires, tail)
  local written = next_version()
  state.bytes = struct.pack('>I8I8I8', written, expires, now_ms) .. tail
  state.version, state.expires, state.live, state.changed = written, expires, true, true
  log[#log + 1] = { 'put', key, written }
  return written
end

local function refused(state, existed)
  return { 0, state.live and text(state.version) or false, existed }
end

-- Reads the counter that an entry holds. Returns nil when it holds something else.
local function counter_of(state)
  if not state.live then return 0, struct.pack('>I2I2', 0, 0), '' end
  local flags, _, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', state.bytes, 25)
  local digits = string.sub(state.bytes, 34 + type_bytes + metadata_bytes)
  if flags == 1 or #digits > 17 or not string.match(digits, '^-?%d+$') then return nil end
  local number = tonumber(digits)
  if math.abs(number) > 9007199254740991 then return nil end
  return number, string.sub(state.bytes, 30, 33), string.sub(state.bytes, 34, 33 + type_bytes + metadata_bytes)
end

local function increment(key, state, expires, by, existed)
  local number, lengths, described = counter_of(state)
  if not number then return { 2 } end
  local sum = number + tonumber(by)
  if math.abs(sum) > 9007199254740991 then return { 4 } end
  local digits = sum == 0 and '0' or text(sum)
  if state.live then expires = state.expires else free(state) end
  local written = write(key, state, expires, struct.pack('>I1I4', 0, #digits) .. lengths .. described .. digits)
  return { 1, text(written), existed, digits }
end

local function put(key, state, expires, argument, existed, staged)
  local tail, blob = argument, nil
  if staged then
    local colon = string.find(argument, ':', 1, true)
    blob, tail = KEYS[tonumber(string.sub(argument, 1, colon - 1))], string.sub(argument, colon + 1)
    if redis.call('PTTL', blob) < 0 or kept[blob] then return { 3 } end
    kept[blob] = true
  end
  free(state)
  return { 1, text(write(key, state, expires, tail)), existed }
end

local function remove(key, state, existed)
  if state.live then
    local written = next_version()
    free(state)
    state.bytes, state.live, state.expires, state.changed = false, false, 0, true
    log[#log + 1] = { 'delete', key, written }
  end
  return { 1, false, existed }
end

local function operate(name, key, state, condition, expires, argument)
  local existed = state.live and 1 or 0
  if not atomic and not holds(state, condition) then return refused(state, existed) end
  if name == 'put' then return put(key, state, expires, argument, existed, false) end
  if name == 'puts' then return put(key, state, expires, argument, existed, true) end
  if name == 'delete' then return remove(key, state, existed) end
  if name == 'increment' then return increment(key, state, expires, argument, existed) end
  if not state.live then return refused(state, existed) end
  return { 1, text(write(key, state, expires, string.sub(state.bytes, 25))), existed }
end

local function discard_staged()
  for at = 6, #KEYS do
    if not kept[KEYS[at]] and redis.call('PTTL', KEYS[at]) >= 0 then redis.call('UNLINK', KEYS[at]) end
  end
end

if atomic then
  for at = 1, count do
    local base = 5 + (at - 1) * 5
    if ARGV[base + 1] == 'check' and not holds(state_of(ARGV[base + 2]), ARGV[base + 3]) then
      discard_staged()
      -- The WAIT that follows then confirms what the check has seen.
      redis.call('SET', version_key, text(last))
      return false
    end
  end
  next_version()
end
for at = 1, count do
  local base = 5 + (at - 1) * 5
  local name, key, condition, expires, argument =
    ARGV[base + 1], ARGV[base + 2], ARGV[base + 3], tonumber(ARGV[base + 4]), ARGV[base + 5]
  if name ~= 'check' then
    local result = operate(name, key, state_of(key), condition, expires, argument)
    if atomic and result[1] > 1 then
      return redis.error_reply(result[1] == 2 and 'KVINT not an integer' or result[1] == 3 and 'KVSTAGED is gone' or 'KVSUM is too large')
    end
    results[#results + 1] = result
  end
end

for _, key in ipairs(order) do
  local state = states[key]
  if state.changed then
    local member = generation .. ':' .. key
    if state.bytes then
      redis.call('HSET', entries, key, state.bytes)
      if not state.was then redis.call('ZADD', index, 0, key) end
    elseif state.was then
      redis.call('HDEL', entries, key)
      redis.call('ZREM', index, key)
    end
    if state.expires ~= state.expired then
      if state.expires > 0 then redis.call('ZADD', expiry, state.expires, member) else redis.call('ZREM', expiry, member) end
    end
  end
end
for blob in pairs(kept) do redis.call('PERSIST', blob) end
local prefix = string.sub(version_key, 1, -2) .. 'b:'
-- While the slot moves, they may be on the other node. An error here would end the script halfway.
local away = {}
for _, blob in ipairs(freed) do
  if redis.pcall('PEXPIRE', prefix .. blob, ${RECLAIM_AFTER_MS}) ~= 1 then away[#away + 1] = blob end
end
discard_staged()
local logged, within = nil, 0
for _, change in ipairs(log) do
  if change[3] == logged then within = within + 1 else logged, within = change[3], 0 end
  redis.call('XADD', changes, 'MAXLEN', '~', '${CHANGES_KEPT}', text(logged) .. '-' .. within, change[1], generation .. ':' .. change[2])
end
-- Written also when nothing changed: the WAIT that follows then confirms what was read.
redis.call('SET', version_key, text(version or last))
return { text(version or last), results, away }
`);
