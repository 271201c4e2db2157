import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { creditModel } from '../model/servable.test.fixture.ts'
import { type RunningServer, serveModels } from '../server/serve-models.ts'
import { HALF_PLUS_TWO } from './protocol-app.test.fixture.ts'

const page = readFileSync(new URL('../../../../../../docs/serving-protocols.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```sh\n(.*?)```\n\n```(?:json|text)\n(.*?)```/gs)].map((match) => ({
  command: match[1]!.trim(),
  answer: match[2]!.trim(),
}))

let server: RunningServer
let jobsDir: string
beforeAll(async () => {
  jobsDir = await mkdtemp(join(tmpdir(), 'fivefold-jobs-'))
  server = await serveModels({
    models: [creditModel(), { ...HALF_PLUS_TWO, version: '1' }],
    allowManagement: true,
    protocols: { vertex: { health: '/vertex-health', predict: '/v1/endpoints/7:predict' } },
    jobs: { dir: jobsDir },
    context: createContext(),
  })
})
afterAll(async () => {
  await server.close()
  await rm(jobsDir, { recursive: true })
})

describe('docs/serving-protocols.md', () => {
  it('has an answer for every command', () => {
    expect(examples.length).toBe(page.match(/```sh/g)!.length)
    expect(examples.length).toBeGreaterThan(10)
  })

  it.each(examples)('$command', async ({ command, answer }) => {
    const script = command.replaceAll('localhost:8080', `127.0.0.1:${server.port}`)
    const { stdout } = await promisify(execFile)('bash', ['-c', script.replaceAll('curl ', 'curl -sS ')])
    expect(stdout.trim()).toBe(answer)
  })
})
