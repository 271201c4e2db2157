import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { serveBundle } from '../../serving/index.ts'
import { BUNDLE } from '../deploy-plan.test.fixture.ts'
import { ALERT_METRICS, alertsOf } from './alerts.ts'

describe('alertsOf', () => {
  it('stands on metrics and labels that a server has', async () => {
    const server = await serveBundle({ bundle: BUNDLE, context: createContext() })
    try {
      await fetch(`${server.url}/predict`, { method: 'POST', body: '{"rows":[]}' })
      const rendered = await (await fetch(`${server.url}/metrics`)).text()
      const series = rendered.split('\n').filter((line) => line.includes('route="/predict"'))
      for (const metric of ALERT_METRICS)
        expect(
          series.some((line) => line.startsWith(`${metric}{`)),
          metric,
        ).toBe(true)
      expect(series.find((line) => line.startsWith(`${ALERT_METRICS[0]}{`))).toMatch(/status="4\d\d"/)
      const named = alertsOf('a').flatMap(
        ({ expression, actions }) => [expression, ...actions].join().match(/fivefold_\w+/g) ?? [],
      )
      for (const metric of named) expect(rendered).toContain(metric)
    } finally {
      await server.close()
    }
  })

  it('says for each what to do', () => {
    for (const { name, meaning, actions, expression } of alertsOf('customers')) {
      expect(actions.length, name).toBeGreaterThan(0)
      expect(meaning).toMatch(/\.$/)
      expect(expression).toContain('job="customers"')
    }
  })
})
