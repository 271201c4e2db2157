import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parseDeploymentSpec, planCanary } from '../operate/index.ts'
import { readDeploymentFile } from './deployment-file.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function written(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fivefold-deployment-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'churn.json'), text)
  return join(dir, 'churn.json')
}

describe('the file of a deployment', () => {
  it('as docs/rollout.md shows it is one, whose stages are long enough for what the page states', async () => {
    const page = await readFile(new URL('../../../../docs/rollout.md', import.meta.url), 'utf8')
    const [, json] = /<!-- deployment -->\n```json\n([\s\S]*?)```/.exec(page) ?? []
    const path = await written(json!)
    const { dir, specs } = await readDeploymentFile(path)
    expect(dir).toBe(path.replace('.json', '.state'))
    const { policy } = parseDeploymentSpec(specs![0]!.spec)
    if (policy.traffic.kind !== 'canary') throw new Error('no canary')
    const { criteria } = planCanary(policy.traffic, {
      errors: { controlRate: 0.002, canaryRate: 0.03 },
      slowRate: 0.139,
      outcomes: { wrong: { controlRate: 0.1, canaryRate: 0.2 } },
    })
    expect(criteria.every(({ isWithinStages }) => isWithinStages)).toBe(true)
    for (const { requests } of criteria) expect(page).toContain(`| 100% | ${requests} |`)
  })
  it('is refused where it is missing, no JSON, or nameless', async () => {
    await expect(readDeploymentFile('/nowhere/churn.json')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' })
    await expect(readDeploymentFile(await written('{'))).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' })
    for (const text of ['[]', 'null', '{"name":1}'])
      await expect(readDeploymentFile(await written(text))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
