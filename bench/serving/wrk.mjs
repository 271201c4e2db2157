/** One measurement with wrk: `{ requests, perSecond, p50Ms, p99Ms, failed }`. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** @param folder where the script for wrk may be written */
export async function measure(url, { path, body, headers }, { connections, seconds, folder }) {
  const script = join(folder, 'request.lua')
  writeFileSync(script, luaOf(body, headers))
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `${url}${path}`]
  const { stdout } = await promisify(execFile)('wrk', args, { timeout: (seconds + 20) * 1000 })
  const { requests, duration, errors, p50, p99 } = JSON.parse(/^result (.*)$/m.exec(stdout)[1])
  return { requests, perSecond: requests / (duration / 1e6), p50Ms: p50 / 1000, p99Ms: p99 / 1000, failed: errors }
}

const luaOf = (body, headers) => `
wrk.method = "POST"
wrk.body = "${escaped(Buffer.from(body))}"
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers["${name}"] = "${value}"`)
  .join('\n')}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('result {"requests":%d,"duration":%d,"errors":%d,"p50":%d,"p99":%d}\\n', summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`

/** Any bytes as the inside of a text of Lua. */
const escaped = (bytes) => Array.from(bytes, (byte) => `\\${String(byte).padStart(3, '0')}`).join('')
