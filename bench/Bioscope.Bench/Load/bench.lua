-- Sends the requests of a file by wrk, in the order of the file, and prints one line of figures.
-- Each line is a request: method, path, bearer token, body, separated by tabs; the last two may be empty. A line "= 5" is the
-- fifth request of the file once more.
local requests, order, place, thread_number = {}, {}, 0, 0

function setup(thread)
  thread:set("start", thread_number)
  thread_number = thread_number + 1
end

function init(args)
  for line in io.lines(args[1]) do
    local again = line:match("^= (%d+)$")
    if again then
      order[#order + 1] = requests[tonumber(again)]
    else
      local method, path, token, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
      local headers = { ["User-Agent"] = args[2] }
      if token ~= "" then headers["Authorization"] = "Bearer " .. token end
      if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
      requests[#requests + 1] = wrk.format(method, path, headers, body)
      if method == "POST" then order[#order + 1] = requests[#requests] end
    end
  end
  -- Each thread begins elsewhere, so that they do not ask for the same at once.
  place = math.floor(#order / 2) * start % #order
end

function request()
  place = place % #order + 1
  return order[place]
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    "BENCH %d %d %d %.0f %.0f",
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout + errors.status,
    latency:percentile(50), latency:percentile(99)))
end
