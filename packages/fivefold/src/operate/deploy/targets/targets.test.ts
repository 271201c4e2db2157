import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { TextFile } from '../deploy-file.ts'
import { planOf } from '../deploy-plan.test.fixture.ts'
import type { DeployPlan } from '../deploy-plan.ts'
import { DEPLOY_TARGET_NAMES, DEPLOY_TARGETS, type DeployTargetName } from './deploy-targets.ts'

const texts = (target: DeployTargetName, plan: DeployPlan): TextFile[] =>
  DEPLOY_TARGETS[target](plan).filter((file) => file.kind === 'text')

/** Keys, kinds and lengths without values: what a value must never change. */
function structureOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structureOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, structureOf(part)]))
}

function parsed(path: string, text: string): unknown {
  if (path.endsWith('.json')) return JSON.parse(text)
  if (!path.endsWith('.yaml')) return text.split('\n').length
  return parseAllDocuments(text).map((document) => {
    expect(document.errors, path).toEqual([])
    return document.toJS()
  })
}

const structures = (target: DeployTargetName, plan: DeployPlan): unknown =>
  texts(target, plan)
    .filter(({ path }) => path !== 'RUNBOOK.md')
    .map(({ path, text }) => [path, structureOf(parsed(path, text))])

/** Names as a hostile bundle could have them. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '"\nRUN reboot',
    "': x",
    '\n---\n',
    `\${IFS}`,
    '$(reboot)',
    '#',
    '- a',
    '{{ .Values }}',
    '%s',
    '\u0085\u2028',
  ),
)

function planNamed(text: string, category: string): DeployPlan {
  const { model } = planOf()
  const title = text.replace(/[^\p{L}\p{N}._-]+/gu, ' ').trim() || 'model'
  return planOf({ model: { ...model, name: text, title, target: text, exampleRow: { months: 30, plan: category } } })
}

describe.each(DEPLOY_TARGET_NAMES)('%s', (target) => {
  it('has files that its runbook and each other can name', () => {
    const paths = DEPLOY_TARGETS[target](planOf()).map(({ path }) => path)
    expect(new Set(paths).size).toBe(paths.length)
    for (const path of paths) expect(path).toMatch(/^[\w.][\w./-]*$/)
  })

  it('says in the runbook how to deploy, verify, roll back, and what alerts ask for', () => {
    const { text } = texts(target, planOf()).find(({ path }) => path === 'RUNBOOK.md')!
    for (const title of ['Deploy', 'Verify', 'Roll back', 'What the model takes', 'Monitoring', 'Alerts'])
      expect(text).toMatch(new RegExp(`\\n\\n## ${title}\\n\\n\\S`))
    expect(text).toContain('| months | integer | no | 0 to 60 |')
    expect(text).not.toMatch(/undefined|\[object|NaN/)
  })

  it('is not changed in its structure by what a model calls itself', () => {
    const expected = structures(target, planOf())
    fc.assert(
      fc.property(hostile, hostile, (name, category) => {
        expect(structures(target, planNamed(name, category))).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('names no placeholder that somebody would have to find', () => {
    for (const { path, text } of texts(target, planOf()))
      if (path !== 'RUNBOOK.md') expect(text, path).not.toMatch(/TODO|CHANGE_?ME|<[A-Z_]+>|YOUR_/i)
  })
})
