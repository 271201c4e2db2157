import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { numberColumnOf, stringColumnOf } from '../../../data/index.ts'
import { readPredictionLog } from '../../prediction-log/index.ts'
import { serveBundle } from './serve-models.ts'

const BUNDLE = fileURLToPath(new URL('../../../bundle/fixtures/format-1', import.meta.url))
const context = createContext()

let logDir = ''
beforeEach(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'fivefold-serve-'))
})
afterEach(() => rm(logDir, { recursive: true, force: true }))

describe('serveBundle', () => {
  it('answers with the graph of the bundle, and logs under the request id before it answers', async () => {
    const server = await serveBundle({ bundle: BUNDLE, version: '7', logDir, context })
    const rows = [
      { age: 38, children: 1, member: true, "town's name": 'Köln' },
      { age: null, children: 0, member: false },
    ]
    const reply = await fetch(`${server.url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'order-1' },
      body: JSON.stringify({ rows }),
    })
    const body = (await reply.json()) as { version: string; predictions: [{ label: string; probabilities: object }] }
    expect(body.version).toBe('7')
    // By hand: sigmoid(38 - 40 + 1 child + 1 member) = sigmoid(0).
    expect(body.predictions[0]).toEqual({ label: 'yes', probabilities: { no: 0.5, yes: 0.5 } })
    for (const closed of [false, true]) {
      if (closed) await server.close()
      const logged = await readPredictionLog(logDir)
      expect(stringColumnOf(logged, 'request_id').dictionary).toEqual(['order-1'])
      expect(Array.from(numberColumnOf(logged, 'age').values)).toEqual([38, Number.NaN])
      expect(stringColumnOf(logged, "town's name").dictionary).toEqual(['Köln'])
      expect(numberColumnOf(logged, 'probability_yes').values[0]).toBe(0.5)
    }
  })

  it('frees model and log where the port is taken', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(serveBundle({ bundle: BUNDLE, port, logDir, context })).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    await new Promise((resolve) => taken.close(resolve))
    await (await serveBundle({ bundle: BUNDLE, logDir, context })).close()
  })

  it('says where there is no bundle', async () => {
    await expect(serveBundle({ bundle: logDir, context })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})
