/**
 * The client of the bench: the same calls to every server, over kept connections. Not `fetch`, which costs more than
 * the servers that are measured.
 */
import { Agent, request } from 'node:http'

const TIMEOUT_MS = 60_000

export function createClient(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const post = (path, body) => send(agent, `${url}/api/2.0/mlflow/${path}`, JSON.stringify(body))
  const newRun = async () => (await post('runs/create', { experiment_id: '0', start_time: Date.now() })).run.info.run_id
  return { post, newRun, close: () => agent.destroy() }
}

/** Posts JSON and reads the whole answer as JSON. Throws where the server refuses or does not answer. */
function send(agent, address, text) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return new Promise((resolve, reject) => {
    const call = request(address, { agent, method: 'POST', headers, signal }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const body = Buffer.concat(parts).toString('utf8')
        if (answer.statusCode === 200) resolve(JSON.parse(body))
        else reject(new Error(`${address}: ${answer.statusCode} ${body.slice(0, 500)}`))
      })
    })
    call.on('error', reject)
    call.end(text)
  })
}
