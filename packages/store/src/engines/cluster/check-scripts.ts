import { script } from "./script.js";

/**
 * Compares a step of a bucket's entries with its index, with what expires, and with large values.
 *
 * KEYS: entries, index, expiry. ARGV: cursor, how many to look at, generation, the prefix of the partition's keys.
 * Replies with the next cursor, how many entries there were, the bytes of their values, then kind and key of each
 * problem.
 */
export const CHECK_ENTRIES = script(`
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local entries, bytes, out = 0, 0, { page[1], 0, 0 }
local function wrong(kind, key) out[#out + 1] = kind; out[#out + 1] = key end
for at = 1, #page[2], 2 do
  local key, row = page[2][at], page[2][at + 1]
  if key ~= '' then
    entries = entries + 1
    if #row < 33 then
      wrong('form', key)
    else
      local version, expires = struct.unpack('>I8I8', row)
      local flags, length, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', row, 25)
      local content = string.sub(row, 34 + type_bytes + metadata_bytes)
      bytes = bytes + length
      if not redis.call('ZSCORE', KEYS[2], key) then wrong('index', key) end
      local due = redis.call('ZSCORE', KEYS[3], ARGV[3] .. ':' .. key)
      if expires > 0 and tonumber(due or '0') ~= expires then wrong('expiry', key) end
      if expires == 0 and due then wrong('expiry', key) end
      if flags == 0 and #content ~= length then wrong('form', key) end
      if flags == 1 then
        -- While the slot moves, the value may be on the other node: that is an error here, and no fault.
        local stored = redis.pcall('STRLEN', ARGV[4] .. 'b:' .. content)
        if type(stored) == 'number' and stored ~= length then wrong('value', key) end
      end
    end
  end
end
out[2], out[3] = entries, bytes
return out
`);

/**
 * Compares a step of a bucket's index with its entries.
 *
 * KEYS: entries, index. ARGV: cursor, how many to look at. Replies with the next cursor, then keys without an entry.
 */
export const CHECK_INDEX = script(`
local page = redis.call('ZSCAN', KEYS[2], ARGV[1], 'COUNT', ARGV[2])
local out = { page[1] }
for at = 1, #page[2], 2 do
  if redis.call('HEXISTS', KEYS[1], page[2][at]) == 0 then out[#out + 1] = page[2][at] end
end
return out
`);

/**
 * What a bucket holds: exactly if it is small, else by a sample.
 *
 * KEYS: entries. ARGV: size of the sample. Replies with entries, sampled entries, and their bytes of keys, values,
 * metadata and content types.
 */
export const MEASURE_BUCKET = script(`
local count = redis.call('HLEN', KEYS[1])
local rows = redis.call('HRANDFIELD', KEYS[1], ARGV[1], 'WITHVALUES')
local sampled, bytes = 0, 0
for at = 1, #rows, 2 do
  local key, row = rows[at], rows[at + 1]
  if key == '' then
    count = count - 1
  elseif #row >= 33 then
    local _, length, type_bytes, metadata_bytes = struct.unpack('>I1I4I2I2', row, 25)
    sampled, bytes = sampled + 1, bytes + #key + length + type_bytes + metadata_bytes
  end
end
return { count, sampled, bytes }
`);
