import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { launchBrowser, noBrowser, openPage } from '../browser.mjs'
import { start, workFolder } from '../installed.mjs'
import { askFor, writeDeployment, writeLinearModel } from '../served-models.mjs'

const CANARY = {
  stickyBy: 'x-user',
  traffic: {
    kind: 'canary',
    stable: 'stable',
    canary: 'next',
    stages: [
      { share: 0.4, requests: 1000 },
      { share: 0.5, requests: 2000 },
    ],
  },
}

describe('deployments in a browser', { skip: noBrowser, timeout: 300_000 }, () => {
  const folder = workFolder('deployments')
  const running = []
  let browser
  let serving
  let guarded
  let tracking

  const run = async (args) => {
    const server = start([...args, '--json'])
    running.push(server)
    while (!server.output.stdout.endsWith('}\n')) await once(server.child.stdout, 'data')
    return JSON.parse(server.output.stdout).url
  }

  before(async () => {
    await writeLinearModel(join(folder, 'models'), 'score-1', [1, 2, 3])
    await writeLinearModel(join(folder, 'models'), 'score-2', [3, 2, 1])
    const models = ['--models', join(folder, 'models')]
    const churn = writeDeployment(folder, 'churn', CANARY)
    const fixed = writeDeployment(folder, 'fixed', { traffic: { kind: 'single', variant: 'stable' } })
    serving = await run(['serve', '--port', 0, ...models, '--deployment', churn, '--allow-management'])
    guarded = await run(['serve', '--port', 0, ...models, '--deployment', fixed])
    const addresses = [serving, guarded, 'http://127.0.0.1:1'].flatMap((url) => ['--serving', url])
    tracking = await run(['up', '--port', 0, '--store', join(folder, 'store'), ...addresses])
    await askFor(serving, 'churn', 60)
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
    for (const { child } of running) child.kill('SIGTERM')
    await Promise.all(running.map(({ done }) => done))
  })

  /** Runs a test on a page of its own, which must end without any fault. */
  const onPage = async (base, hash, work, options) => {
    const { page, faults, open, close } = await openPage(browser, base, options)
    await open(hash)
    await work(page)
    assert.deepEqual(faults, [])
    await close()
  }
  const idOf = (url) => encodeURIComponent(new URL(url).host)
  const stored = async () => (await fetch(`${serving}/deployments/churn`)).json()

  it('are what the console of a server begins with, and nothing of tracking is there', () =>
    onPage(serving, 'console/', async (page) => {
      const row = page.getByRole('row', { name: /churn/ })
      await row.getByText('canary at 40%').waitFor()
      assert.equal(await page.getByRole('link', { name: 'Experiments' }).count(), 0)
      await page
        .getByRole('table', { name: 'Models' })
        .getByRole('row', { name: /score-2/ })
        .getByText('ready')
        .waitFor()
      await row.getByRole('link', { name: 'churn' }).click()
      await page.getByRole('heading', { name: 'churn', level: 1 }).waitFor()
    }))

  it('are found where the slash at the end is missing', () =>
    onPage(serving, 'console', async (page) => {
      await page.getByRole('heading', { name: 'Deployments' }).waitFor()
      assert.match(page.url(), /\/console\/$/)
    }))

  it('show who gets what, how far the canary is and what will decide', () =>
    onPage(serving, 'console/#/deployments/here/churn', async (page) => {
      await page.getByRole('row', { name: /stable score-1 60%/ }).waitFor()
      await page.getByText('The header x-user decides: the same value gets the same variant.').waitFor()
      await page.getByText(/It gets 50% of the requests after \d+ more answers of the canary/).waitFor()
      await page.getByRole('meter', { name: 'Evidence that the canary is worse by errors' }).waitFor()
    }))

  it('go on counting without a touch, and do not move what is read', () =>
    onPage(serving, 'console/#/deployments/here/churn', async (page) => {
      const answers = page.getByRole('table', { name: /Answers of each variant/ }).getByRole('row', { name: /^next/ })
      const place = async () => (await page.getByRole('heading', { name: 'Variants' }).boundingBox()).y
      await answers.waitFor()
      const [before, y] = [await answers.textContent(), await place()]
      await askFor(serving, 'churn', 40)
      await page.waitForFunction(
        (text) =>
          [...document.querySelectorAll('tbody tr')].some(
            (row) => /^next\d/.test(row.textContent) && row.textContent !== text,
          ) && ![...document.querySelectorAll('tbody tr')].some((row) => row.textContent === text),
        before,
      )
      assert.equal(await place(), y)
    }))

  it('are rolled back with a reason, by the keyboard alone, and promoted and divided anew', () =>
    onPage(serving, 'console/#/deployments/here/churn', async (page) => {
      const dialog = page.getByRole('dialog')
      const weights = page.getByRole('button', { name: 'Change weights…' })
      await weights.waitFor()
      assert.equal(await weights.getAttribute('aria-disabled'), 'true')
      assert.match(await weights.getAttribute('title'), /stages of the canary/)
      await page.getByRole('button', { name: 'Roll back…' }).focus()
      await page.keyboard.press('Enter')
      await dialog.getByText('The canary ends: stable answers everything.').waitFor()
      assert.equal(await dialog.getByRole('button', { name: 'Roll back' }).isDisabled(), true)
      await page.keyboard.type('slow answers')
      await page.keyboard.press('Tab')
      await page.keyboard.type('anna')
      await page.keyboard.press('Enter')
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('2 rolled back by anna').waitFor()
      assert.deepEqual((await stored()).record.policy.traffic, { kind: 'single', variant: 'stable' })
      assert.deepEqual(new Set(await askFor(serving, 'churn', 10)), new Set(['stable']))

      await page.getByRole('heading', { name: 'Last canary' }).waitFor()
      await weights.click()
      await dialog.getByText('These are the weights now.').waitFor()
      await dialog.getByLabel(/^next/).fill('50')
      await dialog.getByLabel(/^stable/).fill('50')
      await dialog.getByLabel('Why').fill('half each')
      assert.equal(await dialog.getByLabel('Who').inputValue(), 'anna')
      await dialog.getByRole('button', { name: 'Change' }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('3 changed by anna').waitFor()
      assert.deepEqual((await stored()).record.policy.traffic.weights, { stable: 50, next: 50 })

      await page.getByRole('button', { name: 'Promote…' }).click()
      await dialog.getByLabel('Variant').selectOption('next')
      await dialog.getByLabel('Why').fill('better')
      await dialog.getByRole('button', { name: 'Promote' }).click()
      await page.getByText('4 promoted by anna').waitFor()
      assert.deepEqual(new Set(await askFor(serving, 'churn', 10)), new Set(['next']))
    }))

  it('are not changed over somebody else’s change', async () => {
    await onPage(serving, 'console/#/deployments/here/churn', async (page) => {
      await page.getByRole('button', { name: 'Change weights…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(/^next/).fill('20')
      await dialog.getByLabel(/^stable/).fill('80')
      await dialog.getByLabel('Why').fill('mine')
      await dialog.getByLabel('Who').fill('anna')
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ by: 'ben', reason: 'first', variant: 'stable' })
      await fetch(`${serving}/deployments/churn/promote`, { method: 'POST', headers, body })
      await dialog.getByRole('button', { name: 'Change' }).click()
      await dialog
        .getByRole('alert')
        .filter({ hasText: /at version 5, not 4/ })
        .waitFor()
    })
    assert.equal((await stored()).record.change.by, 'ben')
  })

  it('are listed by the tracking server with what cannot be reached, and changed through it', () =>
    onPage(tracking, '#/deployments', async (page) => {
      await page.getByRole('link', { name: 'Experiments' }).waitFor()
      await page.getByText('127.0.0.1:1 does not answer').waitFor()
      await page.getByRole('link', { name: 'fixed' }).click()
      const back = page.getByRole('button', { name: 'Roll back…' })
      await back.waitFor()
      assert.equal(await back.getAttribute('aria-disabled'), 'true')
      assert.match(await back.getAttribute('title'), /--allow-management/)
      await page.goto(`${tracking}/#/deployments/${idOf(serving)}/churn`)
      await page.getByRole('button', { name: 'Roll back…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Why').fill('through tracking')
      await dialog.getByLabel('Who').fill('carla')
      await dialog.getByRole('button', { name: 'Roll back' }).click()
      await page
        .getByText(/rolled back by carla/)
        .first()
        .waitFor()
      assert.equal((await stored()).record.change.reason, 'through tracking')
    }))

  it('stand beside the models of the server, which are unloaded and loaded again', () =>
    onPage(serving, 'console/#/servers/here', async (page) => {
      const table = page.getByRole('table', { name: 'Models' })
      await table.getByRole('link', { name: 'score-2' }).click()
      await page.waitForURL(/model=score-2%2F1/)
      await page.getByRole('button', { name: 'Unload score-2' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Unload' }).click()
      await table
        .getByRole('row', { name: /score-2/ })
        .getByText('not loaded')
        .waitFor()
      await page.getByRole('button', { name: 'Load the newest version of score-2' }).click()
      await table
        .getByRole('row', { name: /score-2/ })
        .getByText('ready')
        .waitFor()
    }))

  it('say what is not there', () =>
    onPage(serving, 'console/#/deployments/here/nothing', async (page) => {
      await page.getByRole('alert').getByText('there is no deployment').waitFor()
      await page.goto(`${serving}/console/#/deployments/elsewhere/churn`)
      await page.getByText('There is no such page').waitFor()
    }))
})
