/** A server with tokens and TLS, as `fivefold serve` starts it, called by curl and by Triton's clients. */
import { strict as assert } from 'node:assert'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createGraphBuilder } from '../packages/fivefold/dist/onnx/index.js'
import { fivefold, workFolder } from './harness.mjs'
import { pythonEnvironment, suiteRequirements } from './python-environment.mjs'

const folder = workFolder()
const file = (name) => join(folder, name)
const { python, reason } = pythonEnvironment(suiteRequirements('requirements-triton.txt'))
if (reason) console.log(`SKIPPED: ${reason}`)

/** y = x / 2 + 2 */
function halfPlusTwo() {
  const graph = createGraphBuilder({ name: 'half_plus_two' })
  const scalar = (value) => graph.constant({ type: 'float', shape: [], data: Float32Array.of(value) })
  const half = graph.node('Mul', [graph.input('x', 'float', ['N']), scalar(0.5)])
  graph.output('y', graph.node('Add', [half, scalar(2)]), 'float', ['N'])
  return graph.build()
}

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' })
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate for this machine by an authority of its own, as `NAME.pem` and `NAME.key`. */
function issue(name) {
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  openssl(
    'req',
    ...KEY,
    '-subj',
    `/CN=${name}`,
    '-addext',
    names,
    '-keyout',
    file(`${name}.key`),
    '-out',
    file(`${name}.csr`),
  )
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-copy_extensions', 'copy']
  openssl('x509', '-req', '-in', file(`${name}.csr`), ...signed, '-days', '1', '-out', file(`${name}.pem`))
}

const addToken = (name, ...flags) =>
  fivefold(['tokens', 'add', name, '--file', file('tokens.json'), ...flags], folder).token

let [server, address] = [undefined, {}]
const tokens = {}
before(async () => {
  mkdirSync(file('models'))
  writeFileSync(file('models/half_plus_two.onnx'), halfPlusTwo())
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-days',
    '2',
    '-subj',
    '/CN=authority',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  )
  for (const name of ['server', 'next', 'client']) issue(name)
  Object.assign(tokens, { web: addToken('web'), scraper: addToken('scraper', '--scope', 'observe') })
  Object.assign(tokens, { ops: addToken('ops', '--scope', 'admin'), slow: addToken('slow', '--rate-limit', '3/h') })
  const tls = ['--tls-cert', file('server.pem'), '--tls-key', file('server.key')]
  const flags = ['--models', file('models'), '--port', '0', '--grpc-port', '0', '--host', '0.0.0.0', '--workers', '2']
  const args = ['serve', ...flags, '--allow-management', '--tokens', file('tokens.json'), ...tls, '--json']
  server = spawn(process.execPath, [process.env.FIVEFOLD_MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const piece of server.stdout) {
    said += piece
    if (said.includes('\n')) break
  }
  address = JSON.parse(said)
})
after(() => server?.kill('SIGKILL'))

/** What curl gets: the status, and the body. */
async function curl(path, { token, args = [] } = {}) {
  const bearer = token === undefined ? [] : ['-H', `authorization: Bearer ${token}`]
  const common = ['-sS', '--cacert', file('ca.pem'), '-w', '\\n%{http_code}', ...bearer, ...args]
  const { stdout } = await promisify(execFile)('curl', [...common, `${address.url}${path}`])
  const lines = stdout.split('\n')
  return { status: Number(lines.pop()), body: lines.join('\n') }
}

describe('curl', () => {
  it('trusts the certificate, and is answered with a token', async () => {
    assert.match(address.url, /^https:/)
    assert.equal((await curl('/healthz')).status, 200)
    assert.equal((await curl('/v2/models/half_plus_two')).status, 401)
    assert.equal((await curl('/v2/models/half_plus_two', { token: tokens.web })).status, 200)
    assert.equal((await curl('/v2/models/half_plus_two', { args: ['-u', `anybody:${tokens.web}`] })).status, 200)
    assert.equal((await curl('/metrics', { token: tokens.scraper })).status, 200)
    const load = { args: ['-X', 'POST'] }
    assert.equal((await curl('/v2/repository/models/half_plus_two/load', { ...load, token: tokens.web })).status, 403)
    assert.equal((await curl('/v2/repository/models/half_plus_two/load', { ...load, token: tokens.ops })).status, 200)
    await assert.rejects(curl('/healthz', { args: ['--cacert', file('client.pem')] }), /certificate/)
  })

  it('is limited over all processes, whichever of them its connections come to', async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, () => curl('/v2', { token: tokens.slow })))
    assert.deepEqual(asked.map(({ status }) => status).sort(), [...new Array(3).fill(200), ...new Array(9).fill(429)])
  })

  it('is refused once its token is revoked, after SIGHUP', async () => {
    const token = addToken('guest')
    server.kill('SIGHUP')
    while ((await curl('/v2', { token })).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50))
    fivefold(['tokens', 'revoke', 'guest', '--file', file('tokens.json')], folder)
    server.kill('SIGHUP')
    while ((await curl('/v2', { token })).status !== 401) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal((await curl('/v2', { token: tokens.web })).status, 200)
  })
})

describe('the clients of Triton over TLS', { skip: reason ?? false }, () => {
  it('are answered with a token, and read refusals as their protocol has them', async () => {
    const script = fileURLToPath(new URL('python/triton_access.py', import.meta.url))
    const addresses = [`127.0.0.1:${address.grpcPort}`, `127.0.0.1:${address.port}`]
    const args = [script, ...addresses, file('ca.pem'), tokens.web, tokens.scraper]
    const { stdout } = await promisify(execFile)(python, args, { timeout: 120_000 })
    const { grpc, http } = JSON.parse(stdout.trim().split('\n').at(-1))
    const answered = { live: true, y: [2.5, 3, 4.5] }
    const [stranger, forbidden] = ['StatusCode.UNAUTHENTICATED', 'StatusCode.PERMISSION_DENIED']
    const overGrpc = { withoutToken: stranger, wrongToken: stranger, wrongScope: forbidden, unload: forbidden }
    assert.deepEqual(grpc, { ...answered, ...overGrpc })
    assert.deepEqual(http, { ...answered, withoutToken: '401', wrongToken: '401', wrongScope: '403', unload: '403' })
  })
})

describe('fivefold serve', () => {
  it('ends with 0 when it is asked to', async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    assert.equal(await ended, 0)
  })
})
