import { afterEach, expect, it } from 'vitest'
import { createContext, version } from '../../../core/index.ts'
import { readConsoleFiles } from '../../../web-console/index.ts'
import { creditModel } from '../model/servable.test.fixture.ts'
import { type RunningServer, serveModels } from './serve-models.ts'

const servers: RunningServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serve(allowManagement: boolean): Promise<string> {
  const server = await serveModels({ models: [creditModel()], allowManagement, context: createContext() })
  servers.push(server)
  return server.url
}

it('says what a console asks first, and why nothing may be changed', async () => {
  const open = await (await fetch(`${await serve(true)}/server`)).json()
  expect(open).toEqual({ release: version, deployments: [], changes: { areAllowed: true, reason: '' } })
  const closed = await (await fetch(`${await serve(false)}/server`)).json()
  expect(closed).toMatchObject({
    changes: { areAllowed: false, reason: expect.stringContaining('--allow-management') },
  })
})

it('brings the console one step below its routes, under its own policy', async () => {
  const url = await serve(false)
  const page = await fetch(`${url}/console`)
  // Without a build there is no page.
  if ((await readConsoleFiles()).length === 0) return expect(page.status).toBe(404)
  expect(page.url).toBe(`${url}/console/`)
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())![1]!
  expect((await fetch(`${url}/console/${script}`)).headers.get('content-type')).toContain('text/javascript')
  const home = await (await fetch(`${url}/console/console.json`)).json()
  expect(home).toEqual({ hasTracking: false, servers: [{ id: 'here', base: '../' }] })
  expect((await fetch(`${url}/console/..%2f..%2fpackage.json`)).status).toBe(404)
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object }
  expect(Object.keys(paths).filter((path) => path.startsWith('/console'))).toEqual([])
})
