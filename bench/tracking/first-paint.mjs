import { launchBrowser, noBrowser } from '../../e2e/browser.mjs'
import { runName } from './filling.mjs'

const TIMEOUT_MS = 60_000

/** Pages of the two consoles that list the runs of an experiment, newest first. */
const PAGES = {
  fivefold: (experimentId) => `/#/experiments/${experimentId}`,
  mlflow: (experimentId) => `/#/experiments/${experimentId}/runs`,
}

/** Opens a browser that measures; `reason` instead where there is none. */
export async function openPainter() {
  if (noBrowser) return { reason: noBrowser }
  const browser = await launchBrowser()
  return { paint: (server, runs) => firstPaintMs(browser, server, runs), close: () => browser.close() }
}

/** Milliseconds from the address to the row of the newest run, in a browser that has seen nothing of the server. */
async function firstPaintMs(browser, { kind, url, experimentId }, runs) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } })
  try {
    const page = await context.newPage()
    const start = performance.now()
    await page.goto(`${url}${PAGES[kind](experimentId)}`, { waitUntil: 'commit', timeout: TIMEOUT_MS })
    const row = page.getByText(runName(runs - 1), { exact: true }).first()
    await row.waitFor({ state: 'visible', timeout: TIMEOUT_MS })
    return performance.now() - start
  } catch (error) {
    // A page that takes longer does not end the bench: its time is at least this.
    if (error.name === 'TimeoutError') return TIMEOUT_MS
    throw error
  } finally {
    await context.close()
  }
}
