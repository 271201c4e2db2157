import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { createTrackingApp } from '../server/serve-tracking.ts'
import { openTrackingStore } from '../track/index.ts'
import { readConsoleFiles } from './console-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fivefold-console-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('knows the files of a build, of which those with a hash in their name never change', async () => {
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<p>')
  await writeFile(join(folder, 'assets/index-1a2b.js'), 'run()')
  await writeFile(join(folder, 'notes.unknown'), '')
  const files = (await readConsoleFiles(`${folder}/`)).map(({ url, type, isFixed }) => [url, type, isFixed])
  expect(files.sort()).toEqual([
    ['/', 'text/html; charset=utf-8', false],
    ['/assets/index-1a2b.js', 'text/javascript; charset=utf-8', true],
  ])
})

it('serves nothing where the console is not built', async () => {
  expect(await readConsoleFiles(join(folder, 'nothing'))).toEqual([])
})

it('brings pages that run only what comes with them, and counts runs', async () => {
  await using store = await openTrackingStore(join(folder, 'fivefold.db'))
  await store.createRun({ experiment: 'churn' })
  const app = await createTrackingApp({ store, context: createContext(), tokens: false })
  const page = await app.inject({ url: '/' })
  // Without a build there is no page, and nothing to say about its headers.
  if ((await readConsoleFiles()).length > 0) {
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    expect(page.body).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/)
  } else expect(page.statusCode).toBe(404)
  const counts = await app.inject({ url: '/ajax-api/2.0/fivefold/experiments/run-counts' })
  expect(counts.json()).toEqual({ experiments: [{ experiment_id: '1', run_count: 1 }] })
  await app.close()
})

it('asks for a token where the server does', async () => {
  await using store = await openTrackingStore(join(folder, 'fivefold.db'))
  const app = await createTrackingApp({ store, context: createContext(), tokens: true })
  const counts = await app.inject({ url: '/ajax-api/2.0/fivefold/experiments/run-counts' })
  expect([counts.statusCode, counts.headers['www-authenticate']]).toEqual([401, 'Basic realm="fivefold"'])
  await app.close()
})
