-- Asks for what a file describes (its name is the script's argument): the method, headers, a blank line, paths that
-- are asked for in turn, a blank line, the body. Prints the outcome as one line of JSON.

local requests = {}
local next = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local function line() return file:read("*l") or "" end
  local method = line()
  local headers = {}
  for header in line do
    if header == "" then break end
    local name, value = header:match("^(.-): (.*)$")
    headers[name] = value
  end
  local paths = {}
  for path in line do
    if path == "" then break end
    paths[#paths + 1] = path
  end
  local body = file:read("*a")
  file:close()
  for index, path in ipairs(paths) do
    requests[index] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  next = next % #requests + 1
  return requests[next]
end

function done(summary)
  local errors = summary.errors
  local bad = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests":%d,"seconds":%f,"bad":%d}\n',
    summary.requests, summary.duration / 1e6, bad))
end
