-- Refreshes: the answer to each request holds the token of a later one. The tokens wait in a queue, each is used once.
-- wrk … -- FILE   a token a line; those that are good afterwards are written back

require("report")

local first, last = 1, 0
queue = {}
path = nil
failed = 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function push(token)
  last = last + 1
  queue[last] = token
end

function init(args)
  path = args[1]
  for token in io.lines(path) do push(token) end
end

local headers = { ["content-type"] = "application/json" }
local query = "mutation Refresh($token: String!) { refreshToken(refreshToken: $token) { token refreshToken } }"

function request()
  local token = queue[first]
  queue[first] = nil
  first = first + 1
  return wrk.format("POST", nil, headers, string.format('{"query":"%s","variables":{"token":"%s"}}', query, token))
end

function response(_, _, body)
  local token = body:match('"refreshToken":"([^"]+)"')
  if token then push(token) else failed = failed + 1 end
end

function done(summary, latency)
  local file = io.open(threads[1]:get("path"), "w")
  for _, token in pairs(threads[1]:get("queue")) do file:write(token, "\n") end
  file:close()
  report(summary, latency, threads)
end
