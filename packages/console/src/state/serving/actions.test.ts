import { expect, test } from 'vitest'
import { currentWeights, deploymentActions, promotable, weightsFault, withWeights } from './actions.ts'
import { CANARY, recordWith } from './serving.fixture.ts'

const allowed = { areAllowed: true, reason: '' }
const single = recordWith({ kind: 'single', variant: 'stable' })
const experiment = recordWith({ kind: 'experiment', control: 'stable', weights: { stable: 1, next: 1 } })

test('nothing can be done where the server does not let its callers, and it says why', () => {
  const actions = deploymentActions(single, [single], { areAllowed: false, reason: 'no management' })
  for (const action of Object.values(actions)) expect(action).toEqual({ can: false, reason: 'no management' })
})

test('a canary rolls back to its stable version; a policy to the one before it, without beginning its canary anew', () => {
  const canary = recordWith(CANARY)
  expect(deploymentActions(canary, [canary], allowed).rollBack).toEqual({
    can: true,
    effect: 'The canary ends: stable answers everything.',
  })
  expect(deploymentActions(single, [single], allowed).rollBack).toMatchObject({ can: false })
  const promoted = recordWith({ kind: 'single', variant: 'next' }, { version: 3, policyVersion: 3 })
  const history = [single, { ...canary, version: 2, policyVersion: 2 }, promoted]
  expect(deploymentActions(promoted, history, allowed).rollBack).toEqual({
    can: true,
    effect: 'Back to version 2: stable answers everything.',
  })
})

test('weights are those of splits and experiments; stages and bandits divide by themselves', () => {
  expect(deploymentActions(recordWith(CANARY), [], allowed).weights).toMatchObject({ can: false })
  expect(deploymentActions(experiment, [], allowed).weights).toMatchObject({ can: true })
  const alone = { ...single, variants: { stable: { model: 'churn-1' } } }
  expect(deploymentActions(alone, [], allowed)).toMatchObject({ weights: { can: false }, promote: { can: false } })
})

test('weights are read in percent, and sent as a policy that keeps everything else', () => {
  expect(currentWeights(single)).toEqual({ stable: 100, next: 0 })
  expect(currentWeights(recordWith({ kind: 'split', weights: { next: 1, stable: 2 } }))).toEqual({
    ...{ stable: 66.6667, next: 33.3333 },
  })
  const spec = withWeights(experiment, { stable: 90, next: 10 })
  expect(spec.policy.traffic).toEqual({ kind: 'experiment', control: 'stable', weights: { stable: 90, next: 10 } })
  expect(withWeights(single, { stable: 90, next: 10 }).policy.traffic).toMatchObject({ kind: 'split' })
  expect(Object.keys(spec).sort()).toEqual(['fallback', 'policy', 'variants'])
})

test('weights that cannot be sent say why', () => {
  expect(weightsFault(single, { stable: 50, next: 50 })).toBeUndefined()
  expect(weightsFault(single, { stable: 7, next: 0 })).toContain('now')
  expect(weightsFault(single, { stable: 0, next: 0 })).toContain('has to answer')
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(weightsFault(single, { stable: 1, next: wrong })).toContain('numbers')
  expect(weightsFault(experiment, { stable: 0, next: 1 })).toContain('control')
})

test('what is promoted first is the canary, or another one than has everything', () => {
  expect(promotable(recordWith(CANARY))).toEqual(['next', 'stable'])
  expect(promotable(single)).toEqual(['next'])
  expect(promotable(experiment)).toEqual(['stable', 'next'])
})
