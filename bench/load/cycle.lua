-- Sends the requests of a file over and over: a line is an Authorization header (or "-"), a tab, and a body.
-- wrk … -- FILE        only counts
-- wrk … -- FILE check  also looks for errors in the answers, which costs wrk time

require("report")

local requests, at = {}, 0
failed = 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do
    local authorization, body = line:match("^(.-)\t(.*)$")
    local headers = { ["content-type"] = "application/json" }
    if authorization ~= "-" then headers["authorization"] = authorization end
    table.insert(requests, wrk.format("POST", nil, headers, body))
  end
  if args[2] == "check" then
    response = function(status, _, body)
      if status ~= 200 or body:find('"errors"', 1, true) then failed = failed + 1 end
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  report(summary, latency, threads)
end
