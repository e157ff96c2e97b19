-- Sends the request whose bytes are in a file (argument 1) again and again, and tells what came of it as JSON.
local bytes

function init(args)
  local file = assert(io.open(args[1], "rb"))
  bytes = file:read("*a")
  file:close()
end

function request()
  return bytes
end

function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  local ms = function(percent) return latency:percentile(percent) / 1000 end
  io.write(string.format(
    '\n{"seconds":%.6f,"answers":%d,"wrong":%d,"reason":"%s","latency":{"p50":%.3f,"p975":%.3f,"p99":%.3f}}\n',
    summary.duration / 1e6, summary.requests - errors.status, wrong, wrong > 0 and "wrk counted errors or statuses of 400 and up" or "",
    ms(50), ms(97.5), ms(99)))
end
