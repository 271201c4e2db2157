import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import { type DeploymentRecord, deploymentRecordSchema } from '../deployment/deployment-record.ts'
import { createEvidence } from '../deployment/evidence.ts'
import type { AnswerEvent } from '../log/log-event.ts'
import { renderDeploymentHtml } from './render-deployment.ts'

const recordOf = (traffic: unknown, by = 'anna'): DeploymentRecord =>
  deploymentRecordSchema.parse({
    ...{ format: 1, name: 'churn', version: 2, policyVersion: 2, policy: { traffic } },
    variants: { one: { model: 'churn' }, two: { model: 'churn' } },
    change: { timeMs: 0, by, action: 'update', reason: '<b>because</b>' },
  })

const canary = { kind: 'canary', stable: 'one', canary: 'two', stages: [{ share: 0.1, requests: 1000 }] }
const experiment = {
  ...{ kind: 'experiment', control: 'one', weights: { one: 1, two: 1 } },
  metrics: [{ name: 'revenue', goal: 'increase' }],
}

const answer = (variant: string, group: AnswerEvent['group'], ok = true): AnswerEvent => ({
  ...{ kind: 'answer', requestId: 'r', timeMs: 0, policyVersion: 2, variant, group, latencyMs: 5, ok },
})

function pageOf(record: DeploymentRecord, events: readonly AnswerEvent[]): string {
  const evidence = createEvidence(record.policy, createRng(0))
  for (const event of events) evidence.answer(event)
  return renderDeploymentHtml({ report: { record, ...evidence.report() }, history: [record] })
}

describe('the report of a deployment', () => {
  it('says that a canary was rolled back, and by what', () => {
    const failing = Array.from({ length: 30 }, () => answer('two', 'canary', false))
    const page = pageOf(recordOf(canary), failing)
    expect(page).toContain('Rolled back')
    expect(page).toContain('Worse than tolerated by errors.')
  })
  it('withholds verdicts where units went missing', () => {
    const lopsided = Array.from({ length: 400 }, (_, i) => answer(i % 4 === 0 ? 'two' : 'one', 'arm'))
    expect(pageOf(recordOf(experiment), lopsided)).toContain('Sample ratio mismatch')
  })
  it('is a page before anything has been seen, and shows what people wrote as text', () => {
    const page = pageOf(recordOf(experiment, '<script>alert(1)</script>'), [])
    expect(page).toContain('Undecided')
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<b>because</b>')
    expect(page).not.toContain('NaN')
  })
})
