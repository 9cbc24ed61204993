-- What all scripts print at their end, for wrk.ts to read.

function report(summary, latency, threads)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  for _, thread in ipairs(threads) do failed = failed + thread:get("failed") end
  print(string.format(
    '\nRESULT {"requests":%d,"bytes":%d,"failed":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d}',
    summary.requests, summary.bytes, failed, summary.duration, latency:percentile(50), latency:percentile(99)
  ))
end
