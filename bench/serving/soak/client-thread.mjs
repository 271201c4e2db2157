/** The thread of `client.mjs`. Each request multiplies a number of its own, so that the answer tells which version gave it. */
import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

const { url, perSecond, connections } = workerData
const agent = new Agent({ keepAlive: true, maxSockets: connections ?? 256 })
const ATTEMPTS = 5
/** Longer than any answer takes: what comes later hangs. */
const HUNG_MS = 20_000

const counts = {
  ...{ sent: 0, answered: 0, retried: 0, failed: 0 },
  /** When connections were cut, in epoch milliseconds. */
  cutsMs: [],
  /** Kinds of failures and how many. */
  failures: {},
  latenciesMs: [],
  /** How long after it was due the client sent a request. */
  delaysMs: [],
  /** By version: the latest time at which a request was sent, the earliest at which one was answered. */
  versions: {},
}
const startMs = performance.now()
const epoch = (ms) => performance.timeOrigin + ms
const waiting = new Set()
let isStopping = false

parentPort.once('message', async () => {
  isStopping = true
  const seconds = (performance.now() - startMs) / 1000
  await Promise.all(waiting)
  agent.destroy()
  parentPort.postMessage({ ...counts, seconds })
  parentPort.close()
})

if (connections) for (let i = 0; i < connections; i++) void askOnAndOn()
else void followSchedule()

async function askOnAndOn() {
  while (!isStopping) await ask(performance.now())
}

async function followSchedule() {
  for (let due = startMs; !isStopping; due += 1000 / perSecond) {
    const restMs = due - performance.now()
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
    // What is sent after the end is waited for by nobody.
    if (isStopping) return
    counts.delaysMs.push(Math.max(0, performance.now() - due))
    const asked = ask(due)
    waiting.add(asked)
    void asked.then(() => waiting.delete(asked))
  }
}

/** Asks until there is an answer; what breaks is a cut, and every caller asks again then. */
async function ask(dueMs) {
  const x = 1 + (counts.sent++ % 1000)
  const body = JSON.stringify({ inputs: { x: [[x]] } })
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const sentMs = performance.now()
    try {
      note(await post(body), x, sentMs)
      counts.answered++
      if (attempt > 1) counts.retried++
      counts.latenciesMs.push(performance.now() - dueMs)
      return
    } catch (error) {
      if (!error.isCut || attempt === ATTEMPTS) return fail(error)
      counts.cutsMs.push(epoch(performance.now()))
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt))
    }
  }
}

function fail({ message }) {
  counts.failed++
  counts.failures[message] = (counts.failures[message] ?? 0) + 1
}

function note({ outputs }, x, sentMs) {
  const version = outputs.y.data[0] / x
  if (!Number.isInteger(version)) throw new Error('an answer of no version')
  counts.versions[version] ??= { lastSentMs: 0, firstAnsweredMs: Number.POSITIVE_INFINITY }
  const seen = counts.versions[version]
  seen.lastSentMs = Math.max(seen.lastSentMs, epoch(sentMs))
  seen.firstAnsweredMs = Math.min(seen.firstAnsweredMs, epoch(performance.now()))
}

function post(body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const asked = request(url, { method: 'POST', agent, headers, timeout: HUNG_MS }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (part) => {
        text += part
      })
      reply.on('error', (error) => reject(cut(error)))
      reply.on('end', () => {
        if (!reply.complete) reject(cut(new Error('half an answer')))
        else if (reply.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`${reply.statusCode}: ${text.slice(0, 200).replaceAll(/"requestId":"[^"]*"/g, '')}`))
      })
    })
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { isHung: true })))
    asked.on('error', (error) => reject(error.isHung ? error : cut(error)))
    asked.end(body)
  })
}

const cut = (error) => Object.assign(error, { isCut: true })
