/** A real browser for tests of the console: Debian's Chromium, driven by playwright-core. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = PLACES.find((path) => path && existsSync(path))

/** Why there is no browser to test with, for `skip`; false where there is one. Where CI is set, none is a failure. */
export const noBrowser =
  executablePath || process.env.CI ? false : 'no Chromium on this machine (apt-get install chromium, or set CHROMIUM)'

export function launchBrowser() {
  if (!executablePath) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM to one')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

/** A page of its own, and what went wrong on it: faults of scripts, broken policies, requests that leave the server. */
export async function openPage(browser, base, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, ...options })
  const page = await context.newPage()
  const faults = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) faults.push(`asked ${request.url()}`)
  })
  return { page, faults, open: (hash) => page.goto(`${base}/${hash}`), close: () => context.close() }
}
