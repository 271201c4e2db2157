import { expect, test } from 'vitest'
import type { SloReport } from '../../client/serving-wire.ts'
import { deploymentAlarms, serverAlarms } from './alarms.ts'
import { CANARY, canaryWith, modelWith, operationsWith, recordWith, reportWith } from './serving.fixture.ts'

const criterion = {
  ...{ name: 'errors', isWorse: true, pValue: 0.001, alpha: 0.02, summary: '' },
  ...{ canary: { count: 1, value: 1 }, control: { count: 1, value: 0 } },
}

const slo = (isFiring: boolean, budgetLeft: number): SloReport => ({
  ...{ windowSeconds: 2_592_000, isKept: true },
  objectives: [
    {
      ...{ name: 'availability', target: 0.999, thresholdMs: null, coveredSeconds: 10 },
      ...{ events: 10, badEvents: 1, goodShare: 0.9, budgetLeft },
      burnRates: [{ window: '1h', seconds: 3600, events: 10, rate: 100.4 }],
      alerts: [{ severity: 'page', budgetShare: 0.02, longWindow: '1h', shortWindow: '5m', burnRate: 14.4, isFiring }],
    },
  ],
})

test('nothing is wrong where nothing is', () => {
  const report = reportWith(recordWith(CANARY), { canary: canaryWith() })
  const models = [modelWith('churn-1', '1', { requests: 9 }), modelWith('churn-2', '7')]
  expect(deploymentAlarms(report, operationsWith({ models }))).toEqual([])
  expect(serverAlarms(operationsWith({ slo: slo(false, 0.4) }))).toEqual([])
})

test('what wakes somebody comes first', () => {
  const report = reportWith(recordWith(CANARY), { canary: canaryWith({ criteria: [criterion] }) })
  const models = [
    modelWith('churn-1', '1', { requests: 200, failed: 1 }),
    { ...modelWith('churn-2', '7'), state: 'failed' as const },
  ]
  expect(deploymentAlarms(report, operationsWith({ models }))).toEqual([
    { tone: 'bad', text: 'The canary is worse by errors.' },
    { tone: 'bad', text: 'next cannot answer: its model churn-2 is not loaded.' },
    { tone: 'warn', text: '1 request failed in the last 5 minutes, 0.5%.' },
  ])
})

test('a budget that burns is said with its speed, one that is spent without', () => {
  expect(serverAlarms(operationsWith({ slo: slo(true, 0.1) }))).toEqual([
    { tone: 'bad', text: 'The error budget of availability burns at 100 times the sustainable rate (1h).' },
  ])
  expect(serverAlarms(operationsWith({ isReady: false, slo: slo(false, -1) })).map(({ tone }) => tone)).toEqual([
    ...['bad', 'warn'],
  ])
})

test('a canary that was taken back is said until somebody changes something', () => {
  const concluded = { ...reportWith(recordWith(CANARY)), canary: canaryWith({ status: 'rolledBack' }) }
  const after = (by: string) =>
    reportWith(
      recordWith(
        { kind: 'single', variant: 'stable' },
        { version: 2, change: { timeMs: 0, by, action: 'rollBack', reason: 'errors: 9 in 10' } },
      ),
      { concluded },
    )
  expect(deploymentAlarms(after('canary'), undefined)).toEqual([
    { tone: 'warn', text: 'The last canary was rolled back: errors: 9 in 10' },
  ])
  expect(deploymentAlarms(after('anna'), undefined)).toEqual([])
})
