import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext } from 'fivefold'
import { sampleSizeForProportions } from 'fivefold/metrics'
import {
  createDeploymentStore,
  ensureDeployment,
  openDeployment,
  parseDeploymentSpec,
  planCanary,
  renderDeploymentHtml,
} from 'fivefold/operate'

const context = createContext({ seed: 7 })
const folder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const spec = parseDeploymentSpec({
  variants: { stable: { model: 'churn', version: '1' }, next: { model: 'churn', version: '2' } },
  policy: {
    stickyBy: 'x-user',
    traffic: {
      kind: 'canary',
      stable: 'stable',
      canary: 'next',
      maxFalseRollbackRate: 0.05,
      stages: [
        { share: 0.05, requests: 500 },
        { share: 0.25, requests: 2000 },
      ],
      outcomes: [{ kind: 'event', name: 'wrong', goal: 'decrease' }],
    },
  },
})

// Before: within how many requests is harm of a given size caught, and are the stages long enough?
const { traffic } = spec.policy
if (traffic.kind === 'canary') {
  const harm = {
    errors: { controlRate: 0.001, canaryRate: 0.03 },
    outcomes: { wrong: { controlRate: 0.1, canaryRate: 0.2 } },
  }
  for (const { criterion, requests, isWithinStages } of planCanary(traffic, harm).criteria)
    console.log({ criterion, requests, isWithinStages })
}
console.log('for an experiment with one look', sampleSizeForProportions({ baseline: 0.1, effect: 0.02 }))

const store = createDeploymentStore(join(folder, 'versions'))
await ensureDeployment(store, 'churn', spec, { timeMs: context.clock.nowMs(), by: 'anna' })
const deployment = await openDeployment({ store, name: 'churn', logDir: join(folder, 'log'), context })

// Requests and what came of them; the next version is wrong twice as often. Each user asks once, and keeps the variant.
const chance = context.rng.fork('world')
let requests = 0
while (deployment.record().policy.traffic.kind === 'canary') {
  const requestId = `request-${requests++}`
  const route = deployment.route({ 'x-user': `user-${requests}` })
  deployment.recordAnswer({ requestId, route, latencyMs: 4 + chance.next(), ok: true })
  const isWrong = chance.next() < (route.variant === 'next' ? 0.2 : 0.1)
  void deployment.recordOutcome(requestId, { name: 'wrong', value: isWrong ? 1 : 0 })
  await deployment.settled()
}
const { change, version } = deployment.record()
console.log({ requests, version, by: change.by, action: change.action, reason: change.reason })

// Every version is on record; the report is one HTML page.
for (const record of await deployment.history())
  console.log(record.version, record.change.action, 'by', record.change.by)
const html = renderDeploymentHtml({ report: deployment.report(), history: await deployment.history() })
console.log(`report of ${html.length} characters`)
await deployment.close()
