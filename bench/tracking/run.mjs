/**
 * Tracking: Fivefold's server beside `mlflow server`, over SQLite and over PostgreSQL, with the same client in turn. A table
 * in Markdown on stdout, the progress on stderr. Needs `npm run build` before, and Chromium for the first paint.
 *
 *   npm run bench:tracking
 *     [--runs 30000]           runs that are searched and listed
 *     [--rounds 3] [--seconds 2]    how often each measure is taken, and how long each rate
 *     [--minutes 7]            no further round is begun that would not be over after this time
 *     [--postgres postgres://...] [--no-postgres]
 *     [--json]                 one JSON document instead of the table
 *
 * A search that takes seconds is measured once; one that takes more than 60 s counts as 60 s, as does a page of a browser after
 * as long. "client alone" is the same client against a server that does nothing: no server can be seen to be faster than that.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pythonEnvironment, suiteRequirements } from '../../interop/python-environment.mjs'
import { machine } from '../boosting/machine.mjs'
import { progress } from '../boosting/terminal.mjs'
import { readOptions } from './options.mjs'
import { summarise, toMarkdown } from './report.mjs'
import { runRounds } from './rounds.mjs'
import { startServers, stopServers } from './servers.mjs'

const options = readOptions(process.argv.slice(2))
const { python, reason } = pythonEnvironment(suiteRequirements('requirements-mlflow-3.txt'))
if (reason) throw new Error(`there is no MLflow to compare with: ${reason}`)

const beganMs = performance.now()
const began = machine()
const folder = mkdtempSync(join(tmpdir(), 'fivefold-bench-'))
let servers = []
let stopping
const stop = () => {
  stopping ??= stopServers(servers).then(() => rmSync(folder, { recursive: true, force: true }))
  return stopping
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().finally(() => process.exit(1)))
try {
  servers = await startServers(folder, python, options)
  const { rounds, results } = await runRounds(servers, python, options, beganMs)
  show(rounds, summarise(servers, results))
} finally {
  await stop()
}

function show(rounds, rows) {
  const minutes = Number(((performance.now() - beganMs) / 60_000).toFixed(1))
  if (options.json) {
    const about = { bench: 'tracking', machine: began, loadAfter: machine().load, options, rounds, minutes }
    console.log(JSON.stringify({ ...about, rows }, null, 2))
    return
  }
  const { cpu, cores, node, load } = began
  console.log(
    `${options.runs} runs, median of ${rounds} rounds, ${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)}`,
  )
  console.log(`\n${toMarkdown(rows)}`)
  progress(`done in ${minutes} minutes`)
}
