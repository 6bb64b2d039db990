import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import { CHANGES_KEPT } from "./limits.js";
import { script, TIME } from "./script.js";

/**
 * All writes of entries: one or several operations on the keys of one bucket. They are decided on a copy in
 * memory, and written only when all of an atomic commit succeed.
 *
 * KEYS: entries, index, expiry, changes, version, then the large values that puts take over.
 * ARGV: time, generation, `all` (all or none) or `each`, the version that all others must pass, then for each
 * operation: name, key, condition, expiration in ms (0: never), argument.
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
 * Replies with nil when a check failed, `KVINT`, `KVSTAGED`, `KVSUM` or `KVBAD` when a commit cannot be made, otherwise with
 * the version of the commit, then for each operation, without checks: code, version (0: none), and the sum of an
 * increment or 0. All are integers, which the protocol carries exactly below 2^53. The code has 8 added to it
 * if there was an entry before. At the end may be a list: the ids of replaced large values that were not found here.
 * The caller lets them expire.
 * Codes: 0 refused by its condition, 1 done, 2 not an integer, 3 the staged value is gone, 4 the sum is too large,
 * 5 the entry cannot be read.
 *
 * The script is the largest part of what a write costs a node. So keys are read and written together, closures are
 * few, and operations that arrive together share a call.
 */
export const APPLY = script(`${TIME}
local entries, index, expiry, changes, version_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local generation, atomic, floor, args = ARGV[2], ARGV[3] == 'all', tonumber(ARGV[4]), #ARGV
local call, pack, unpack_bytes, byte, sub = redis.call, struct.pack, struct.unpack, string.byte, string.sub

local fields, states = { '' }, {}
for at = 6, args, 5 do
  local key = ARGV[at]
  if not states[key] then
    fields[#fields + 1] = key
    states[key] = { was = false, bytes = false, version = 0, expires = 0, expired = 0, live = false, changed = false, bad = false }
  end
end
for first = 1, #fields, 1000 do
  local rows = call('HMGET', entries, unpack(fields, first, math.min(first + 999, #fields)))
  if first == 1 and rows[1] then return redis.error_reply('KVENDED the namespace has ended') end
  for at = first == 1 and 2 or 1, #rows do
    local bytes = rows[at]
    if bytes then
      local state = states[fields[first + at - 1]]
      if #bytes < 33 then
        if atomic then return redis.error_reply('KVBAD entry') end
        state.bad = true
      else
        local version, expires = unpack_bytes('>I8I8', bytes)
        state.was, state.bytes, state.version, state.expires, state.expired = true, bytes, version, expires, expires
        state.live = expires == 0 or expires > now_ms
      end
    end
  end
end

local last = tonumber(call('GET', version_key) or '0')
-- Versions grow by the clock, and also when the clock does not.
local version = math.max(last, now_us - 1, floor)
local written_any = atomic
local log, logged, out, freed, kept, away = {}, 0, { 0 }, nil, nil, nil

local function holds(state, condition)
  if condition == '*' then return true end
  if condition == '-' then return not state.live end
  return state.live and text(state.version) == condition
end

local function discard_staged()
  for at = 6, #KEYS do
    if not (kept and kept[KEYS[at]]) and call('PTTL', KEYS[at]) >= 0 then call('UNLINK', KEYS[at]) end
  end
end

if atomic then
  for at = 5, args, 5 do
    if ARGV[at] == 'check' and not holds(states[ARGV[at + 1]], ARGV[at + 2]) then
      discard_staged()
      -- The WAIT that follows then confirms what the check has seen.
      call('SET', version_key, text(last))
      return false
    end
  end
  version = version + 1
end
for at = 5, args, 5 do
  local name, key, condition = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if name ~= 'check' then
    local state, expires, argument = states[key], tonumber(ARGV[at + 3]), ARGV[at + 4]
    local live, bytes = state.live, state.bytes
    -- A tail means that the entry is written.
    local code, told, sum, tail = 1, 0, 0, nil
    if state.bad then
      code = 5
    elseif (name == 'touch' and not live) or (condition ~= '*' and not atomic and not holds(state, condition)) then
      code, told = 0, live and state.version or 0
    elseif name == 'put' then
      tail = argument
    elseif name == 'increment' then
      local number, lengths, described = 0, '\\0\\0\\0\\0', ''
      if live then
        local flags, _, type_bytes, metadata_bytes = unpack_bytes('>I1I4I2I2', bytes, 25)
        local digits = sub(bytes, 34 + type_bytes + metadata_bytes)
        number = flags == 0 and #digits <= 17 and string.match(digits, '^-?%d+$') and tonumber(digits)
        expires, lengths, described = state.expires, sub(bytes, 30, 33), sub(bytes, 34, 33 + type_bytes + metadata_bytes)
      end
      if not number or math.abs(number) > 9007199254740991 then
        code = 2
      else
        sum = number + tonumber(argument)
        if math.abs(sum) > 9007199254740991 then
          code, sum = 4, 0
        else
          local digits = sum == 0 and '0' or text(sum)
          tail = pack('>I1I4', 0, #digits) .. lengths .. described .. digits
        end
      end
    elseif name == 'puts' then
      local colon = string.find(argument, ':', 1, true)
      local blob = KEYS[tonumber(sub(argument, 1, colon - 1))]
      kept = kept or {}
      if kept[blob] or call('PTTL', blob) < 0 then
        code = 3
      else
        kept[blob] = true
        tail = sub(argument, colon + 1)
      end
    elseif name == 'touch' then
      tail = sub(bytes, 25)
    end
    if atomic and code > 1 then
      return redis.error_reply(code == 2 and 'KVINT not an integer' or code == 3 and 'KVSTAGED is gone' or 'KVSUM is too large')
    end
    local removed = name == 'delete' and live and code == 1
    if tail or removed then
      if not atomic then version = version + 1 end
      if bytes and name ~= 'touch' and byte(bytes, 25) == 1 then
        -- The large value of an entry can still be read for a while by readers that have begun.
        local _, _, type_bytes, metadata_bytes = unpack_bytes('>I1I4I2I2', bytes, 25)
        freed = freed or {}
        freed[#freed + 1] = sub(bytes, 34 + type_bytes + metadata_bytes)
      end
      state.changed, written_any = true, true
      if tail then
        told = version
        state.bytes = pack('>I8I8I8', version, expires, now_ms) .. tail
        state.version, state.expires, state.live = version, expires, true
      else
        state.bytes, state.expires, state.live = false, 0, false
      end
      log[logged + 1], log[logged + 2], log[logged + 3] = tail and 'put' or 'delete', key, version
      logged = logged + 3
    end
    local count = #out
    out[count + 1], out[count + 2], out[count + 3] = live and code + 8 or code, told, sum
  end
end

local rows, added = {}, {}
for at = 2, #fields do
  local key = fields[at]
  local state = states[key]
  if state.changed then
    if state.bytes then
      rows[#rows + 1], rows[#rows + 2] = key, state.bytes
      if not state.was then added[#added + 1], added[#added + 2] = 0, key end
    elseif state.was then
      call('HDEL', entries, key)
      call('ZREM', index, key)
    end
    local expires = state.expires
    if expires ~= state.expired then
      if expires > 0 then call('ZADD', expiry, expires, generation .. ':' .. key) else call('ZREM', expiry, generation .. ':' .. key) end
    end
  end
end
for first = 1, #rows, 1000 do call('HSET', entries, unpack(rows, first, math.min(first + 999, #rows))) end
for first = 1, #added, 1000 do call('ZADD', index, unpack(added, first, math.min(first + 999, #added))) end
if kept then
  for blob in pairs(kept) do call('PERSIST', blob) end
end
if freed then
  local prefix = sub(version_key, 1, -2) .. 'b:'
  -- While the slot moves, they may be on the other node. An error here would end the script halfway.
  for _, blob in ipairs(freed) do
    if redis.pcall('PEXPIRE', prefix .. blob, ${RECLAIM_AFTER_MS}) ~= 1 then
      away = away or {}
      away[#away + 1] = blob
    end
  end
end
discard_staged()
local within = 0
for at = 1, logged, 3 do
  -- Several changes of one version: those of a commit.
  within = log[at + 2] == log[at - 1] and within + 1 or 0
  call('XADD', changes, 'MAXLEN', '~', '${CHANGES_KEPT}', text(log[at + 2]) .. '-' .. within, log[at], generation .. ':' .. log[at + 1])
end
-- Written also when nothing changed: the WAIT that follows then confirms what was read.
if not written_any then version = last end
call('SET', version_key, text(version))
out[1] = version
if away then out[#out + 1] = away end
return out
`);
