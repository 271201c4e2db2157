import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FivefoldError } from '../core/index.ts'
import { projectConfigSchema, resolveConfig } from './config.ts'

const documented = readFileSync(new URL('../../../../docs/config.md', import.meta.url), 'utf8')

function issuesOf(config: unknown): FivefoldError {
  try {
    resolveConfig(config)
  } catch (error) {
    if (error instanceof FivefoldError) return error
  }
  throw new Error('the config was accepted')
}

describe('resolveConfig', () => {
  it('fills in defaults and takes a bare path for a source', () => {
    const config = resolveConfig({ data: 'a.csv', target: 'y' })
    expect(config.data).toEqual({ location: 'a.csv' })
    expect(config).toMatchObject({
      task: 'auto',
      seed: 7,
      out: 'fivefold-out',
      split: { kind: 'random', testFraction: 0.2 },
    })
  })

  it('names each unknown key with its path', () => {
    const error = issuesOf({ data: { location: 'a.csv', delimeter: ';' }, target: 'y', metrics: 'rocAuc' })
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.issues.map((issue) => issue.path.join('.')).sort()).toEqual(['data.delimeter', 'metrics'])
  })

  it('refuses values outside their range', () => {
    expect(
      issuesOf({ data: 'a', target: 'y', split: { kind: 'time', column: 'd', testFraction: 1 } }).issues[0]?.path,
    ).toEqual(['split', 'testFraction'])
    expect(issuesOf({ data: 'a', target: 'y', name: '../up' }).issues[0]?.path).toEqual(['name'])
    expect(issuesOf(null).code).toBe('CONFIG_INVALID')
  })
})

describe('docs/config.md', () => {
  it('describes every key', () => {
    for (const key of Object.keys(projectConfigSchema.shape)) expect(documented).toContain(`| \`${key}\` |`)
  })
})
