import { ASSERT_THERE, script, TIME } from "./script.js";

/**
 * A step of a list over one bucket.
 *
 * KEYS: entries, index. ARGV: time, `1` for backwards, the two bounds of `ZRANGEBYLEX`, how many keys to look
 * at, `1` for entries with their values.
 *
 * Replies with `1` when there is nothing further in the range, the last key looked at, then key and entry in
 * turn.
 */
export const LIST = script(`${TIME}${ASSERT_THERE}
local limit, with_values = tonumber(ARGV[5]), ARGV[6] == '1'
local keys
if ARGV[2] == '1' then
  keys = redis.call('ZREVRANGEBYLEX', KEYS[2], ARGV[4], ARGV[3], 'LIMIT', 0, limit)
else
  keys = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[3], ARGV[4], 'LIMIT', 0, limit)
end
local out = { #keys < limit and 1 or 0, keys[#keys] or false }
for first = 1, #keys, 500 do
  local rows = redis.call('HMGET', KEYS[1], unpack(keys, first, math.min(first + 499, #keys)))
  for at = 1, #rows do
    local bytes = rows[at]
    if bytes then
      local _, expires = struct.unpack('>I8I8', bytes)
      if expires == 0 or expires > now_ms then
        if not with_values then
          local _, _, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', bytes, 25)
          bytes = string.sub(bytes, 1, 33 + type_bytes + metadata_bytes)
        end
        out[#out + 1] = keys[first + at - 1]
        out[#out + 1] = bytes
      end
    end
  end
end
return out
`);

/**
 * The live entries of one bucket in a range: all of them, without those that have expired and are not swept.
 *
 * KEYS: entries, index, expiry. ARGV: time, the bounds of `ZLEXCOUNT`, generation.
 */
export const COUNT = script(`${TIME}${ASSERT_THERE}
local low, high, member_prefix = ARGV[2], ARGV[3], ARGV[4] .. ':'
local live = redis.call('ZLEXCOUNT', KEYS[2], low, high)
local function within(key)
  local low_key, high_key = string.sub(low, 2), string.sub(high, 2)
  if low ~= '-' and (key < low_key or (key == low_key and string.sub(low, 1, 1) == '(')) then return false end
  return high == '+' or key < high_key or (key == high_key and string.sub(high, 1, 1) == '[')
end
local offset = 0
repeat
  local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now_ms, 'LIMIT', offset, 1000)
  for _, member in ipairs(due) do
    if string.sub(member, 1, #member_prefix) == member_prefix and within(string.sub(member, #member_prefix + 1)) then
      live = live - 1
    end
  end
  offset = offset + #due
until #due < 1000
return live
`);
