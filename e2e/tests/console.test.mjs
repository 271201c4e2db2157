import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { launchBrowser, noBrowser, openPage } from '../browser.mjs'
import { start, workFolder } from '../installed.mjs'
import { logCurve, logRun, logRuns, openStore, storeRuns, trackingApi } from '../tracked-runs.mjs'

const MANY = 10_000

describe('the console in a browser', { skip: noBrowser, timeout: 600_000 }, () => {
  let server
  let base
  let api
  let browser
  let experiment
  let live
  let parent

  const folder = workFolder('console')

  before(async () => {
    server = start(['up', '--port', 0, '--store', folder, '--json'])
    while (!server.output.stdout.includes('}')) await once(server.child.stdout, 'data')
    base = JSON.parse(server.output.stdout).url
    api = trackingApi(base)
    experiment = (await api.post('experiments/create', { name: 'churn' })).experiment_id
    parent = await logRun(api, experiment, 1, { name: 'sweep' })
    await logRun(api, experiment, 2, { name: 'fold-1', tags: { 'mlflow.parentRunId': parent.info.run_id } })
    live = await logRun(api, experiment, 0, { name: 'nightly', isRunning: true })
    await logCurve(api, live, 1, 50)
    await logRuns(api, experiment, 3, 30)
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    server?.child.kill('SIGTERM')
    await server?.done
  })

  /** Runs a test on a page of its own, which must end without any fault. */
  const onPage = async (hash, work, options) => {
    const { page, faults, open, close } = await openPage(browser, base, options)
    await open(hash)
    await work(page)
    assert.deepEqual(faults, [])
    await close()
  }
  const runName = (page, place) => page.locator('tbody tr[id] th a').nth(place)

  it('lists experiments with the number of their runs and opens one', () =>
    onPage('', async (page) => {
      const row = page.getByRole('row', { name: /churn/ })
      await row.getByRole('cell', { name: '33', exact: true }).waitFor()
      await page.getByLabel('Search experiments').fill('nothing')
      await page.getByText('No experiment is called “nothing”').waitFor()
      await page.getByLabel('Search experiments').fill('chu')
      await page.getByRole('link', { name: 'churn' }).click()
      await page.getByRole('grid', { name: 'Runs' }).waitFor()
      await page.getByText('33 runs').waitFor()
    }))

  it('filters in the server’s language and shows where a filter is wrong', () =>
    onPage(`#/experiments/${experiment}`, async (page) => {
      const filter = page.getByRole('combobox', { name: 'Filter runs' })
      await filter.fill("(params.estimator = 'neural' OR params.estimator = 'linear') AND tags.team IN ('risk')")
      await filter.press('Enter')
      await page.getByText('11 runs').waitFor()
      assert.match(page.url(), /filter=/)
      await filter.fill('metrics.rocAuc > 0.8 AND nonsense = 2')
      await filter.press('Enter')
      await page.locator('mark', { hasText: 'nonsense' }).waitFor()
      await filter.fill('met')
      await page.getByRole('option', { name: 'metrics.rocAuc' }).click()
      assert.equal(await filter.inputValue(), 'metrics.rocAuc ')
      await page.goBack()
      await page.getByText('11 runs').waitFor()
    }))

  it('sorts, groups, chooses columns, and keeps all of it in the address and in saved views', () =>
    onPage(`#/experiments/${experiment}`, async (page) => {
      await page.getByRole('button', { name: 'rocAuc' }).click()
      await page.locator('th[aria-sort=descending]', { hasText: 'rocAuc' }).waitFor()
      await page.waitForFunction(() => document.querySelector('tbody tr[id] th a')?.textContent === 'calm-32')
      await page.getByRole('button', { name: 'Group' }).click()
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^estimator/ })
        .click()
      await page
        .getByRole('row', { name: /neural/ })
        .first()
        .waitFor()
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByRole('checkbox', { name: 'depth' }).uncheck()
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByLabel('Name of the view').fill('by estimator')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.keyboard.press('Escape')
      await page.reload()
      await page.locator('th[aria-sort=descending]', { hasText: 'rocAuc' }).waitFor()
      assert.equal(await page.getByRole('columnheader', { name: 'depth' }).count(), 0)
      await page.goto(`${base}/#/experiments/${experiment}`)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('link', { name: 'by estimator' }).click()
      await page.getByRole('button', { name: 'Group: estimator' }).waitFor()
    }))

  it('is walked with the keyboard alone, from the table to a comparison', () =>
    onPage(`#/experiments/${experiment}`, async (page) => {
      const grid = page.getByRole('grid', { name: 'Runs' })
      await grid.focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowRight')
      await page.getByRole('link', { name: 'fold-1' }).waitFor()
      await page.keyboard.press('Space')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Space')
      await page.getByText('2 runs selected').waitFor()
      await page.keyboard.press('c')
      await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
      await page.getByRole('rowheader', { name: 'estimator' }).waitFor()
      for (const [tab, mark] of [
        ['Scatter', 'circle'],
        ['Parallel coordinates', 'svg[role=img] path'],
      ]) {
        await page.getByRole('link', { name: tab }).click()
        await page.locator(mark).nth(1).waitFor()
      }
    }))

  it('draws a curve that grows while its run does', () =>
    onPage(`#/runs/${live.info.run_id}/metrics?smoothing=0.5`, async (page) => {
      await page.getByRole('img', { name: /49 points/ }).waitFor()
      await logCurve(api, live, 50, 80)
      await page.getByRole('img', { name: /79 points/ }).waitFor()
      await page.getByText('Relative').click()
      await page.getByRole('button', { name: 'Log' }).click()
      await page.waitForURL(/axis=relative.*log=true|log=true.*axis=relative/)
    }))

  it('keeps tags that are written on the run page', () =>
    onPage(`#/runs/${live.info.run_id}`, async (page) => {
      await page.getByRole('button', { name: 'Add a tag' }).click()
      await page.getByLabel('Name of the tag').fill('reviewed')
      await page.getByLabel('Value of the tag').fill('yes')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Change reviewed' }).waitFor()
      const { run } = await api.get(`runs/get?run_id=${live.info.run_id}`)
      assert.deepEqual(run.data.tags.find(({ key }) => key === 'reviewed')?.value, 'yes')
    }))

  it('shows tables and texts, and a hostile page without letting it do anything', async () => {
    await api.putArtifact(live, 'reports/board.csv', 'estimator,note\nboosting,"best, so far"\n')
    const attack =
      '<body>shown<script>parent.document.title="taken";fetch("/api/2.0/mlflow/experiments/search")</script>'
    await api.putArtifact(live, 'reports/page.html', attack)
    const { page, open, close } = await openPage(browser, base)
    await open(`#/runs/${live.info.run_id}/artifacts`)
    await page.getByRole('treeitem', { name: 'reports' }).click()
    await page.getByRole('treeitem', { name: 'board.csv' }).click()
    await page.getByRole('cell', { name: 'best, so far' }).waitFor()
    const asked = []
    page.on('request', (request) => asked.push(request.url()))
    await page.getByRole('treeitem', { name: 'page.html' }).click()
    await page.frameLocator('iframe').getByText('shown').waitFor()
    assert.match(await page.title(), /^nightly/)
    assert.deepEqual(
      asked.filter((url) => url.includes('experiments/search')),
      [],
    )
    await close()
  })

  it('promotes a version with a reason, tells it in the trail, and rolls back', async () => {
    await api.post('registered-models/create', { name: 'churn' })
    for (const run of [parent, live])
      await api.post('model-versions/create', {
        name: 'churn',
        source: `${run.info.artifact_uri}/model`,
        run_id: run.info.run_id,
      })
    await api.post('registered-models/alias', { name: 'churn', alias: 'champion', version: '1' })
    await api.putArtifact(live, 'model/MODEL_CARD.md', '# Churn\n\nPredicts **who** leaves.')
    const aliased = async () =>
      (await api.get('registered-models/alias?name=churn&alias=champion')).model_version.version
    await onPage('#/models/churn', async (page) => {
      await page.getByRole('button', { name: 'Promote version 2' }).click()
      assert.equal(await page.getByRole('button', { name: 'Move' }).isDisabled(), true)
      await page.getByLabel('Why').fill('better on new customers')
      await page.getByRole('button', { name: 'Move' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('listitem').filter({ hasText: 'better on new customers' }).waitFor()
      assert.equal(await aliased(), '2')
      await page.getByRole('button', { name: 'Roll back to 1' }).click()
      await page.getByLabel('Why').fill('alarms at night')
      await page.getByRole('button', { name: 'Move' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('listitem').filter({ hasText: 'alarms at night' }).waitFor()
      assert.equal(await aliased(), '1')
      await page.getByRole('link', { name: 'Version 2' }).first().click()
      await page.getByRole('heading', { name: 'Churn' }).waitFor()
      await page.getByRole('list').getByRole('link', { name: 'nightly' }).waitFor()
    })
  })

  it('deletes runs and brings them back', () =>
    onPage(`#/experiments/${experiment}?filter=${encodeURIComponent("params.depth = '4'")}`, async (page) => {
      const name = await runName(page, 2).textContent()
      await page.getByRole('checkbox', { name: `Select ${name}` }).click()
      await page.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('link', { name }).waitFor({ state: 'detached' })
      await page.getByText('Deleted', { exact: true }).click()
      await page.getByRole('checkbox', { name: `Select ${name}` }).click()
      await page.getByRole('button', { name: 'Restore' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
      await page.getByText('Active', { exact: true }).click()
      await page.getByRole('link', { name }).waitFor()
    }))

  it('follows the system’s colours until somebody chooses others', () =>
    onPage(
      '',
      async (page) => {
        const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
        const dark = await background()
        await page.getByRole('button', { name: /Colours: as the system/ }).click()
        assert.notEqual(await background(), dark)
        await page.reload()
        await page.getByRole('button', { name: /Colours: light/ }).waitFor()
        assert.notEqual(await background(), dark)
      },
      { colorScheme: 'dark' },
    ))

  it('says what is not there', () =>
    onPage('#/runs/nothing', async (page) => {
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
      await page.goto(`${base}/#/models/nothing`)
      await page.getByRole('alert').waitFor()
      await page.goto(`${base}/#/elsewhere`)
      await page.getByText('There is no such page').waitFor()
    }))

  it('shows an exported run from the disk, without any server', async () => {
    const { exportRun, createContext, store } = await openStore(folder)
    const target = join(folder, 'exported')
    await exportRun({ store, runId: live.info.run_id, folder: target, context: createContext() })
    await store.close()
    const { page, faults, close } = await openPage(browser, 'file://')
    await page.goto(pathToFileURL(join(target, 'index.html')).href)
    await page.getByRole('heading', { name: 'nightly' }).waitFor()
    await page.getByRole('link', { name: 'Metrics' }).click()
    await page.getByRole('img', { name: /points/ }).waitFor()
    await page.getByRole('link', { name: 'Artifacts' }).click()
    await page.getByRole('treeitem', { name: 'reports' }).click()
    await page.getByRole('treeitem', { name: 'board.csv' }).click()
    await page.getByRole('cell', { name: 'best, so far' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Add a tag' }).count(), 0)
    assert.deepEqual(faults, [])
    await close()
  })

  it(`holds ${MANY} runs in few rows of the page`, async () => {
    await storeRuns(folder, 'churn', 33, MANY - 33)
    await onPage(`#/experiments/${experiment}`, async (page) => {
      await page.getByText(`${MANY.toLocaleString('en-US')} runs`).waitFor({ timeout: 120_000 })
      const longestMs = await page.evaluate(scrollThrough)
      console.log(`scrolling through ${MANY} runs: longest task ${longestMs} ms`)
      assert.ok((await page.locator('tbody tr').count()) < 100)
      await page.getByRole('grid').focus()
      await page.keyboard.press('End')
      await page.getByRole('link', { name: `stored-${MANY - 1}` }).waitFor()
    })
  })
})

/** In the page: scrolls the table from its first row to its last, and tells how long the longest task held it up. */
async function scrollThrough() {
  let longestMs = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration)
  })
  observer.observe({ type: 'longtask' })
  const box = document.querySelector('[role=grid]').parentElement
  const frames = 120
  for (let frame = 0; frame <= frames; frame++) {
    box.scrollTop = (box.scrollHeight * frame) / frames
    await new Promise(requestAnimationFrame)
  }
  observer.disconnect()
  return Math.round(longestMs)
}
