/** One phase of the soak: a server under a steady load while its model is replaced and its processes are killed. */
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { processesOf } from '../processes.mjs'
import { sendSteadily } from './client.mjs'
import { slopeOf, watchMemory } from './memory.mjs'
import { createSwapper, staleAnswers } from './versions.mjs'

/** A cut belongs to a kill that came at most this long before: connections are handed to a process until it is known to be dead. */
const CUT_AFTER_KILL_MS = 3000
/** A process has to be back within this time. */
const RESTART_MS = 30_000
/** Memory that grows by more than this part a minute, at the lower end of the interval, is not flat. */
const MOST_GROWTH = 0.01

/** Starts `fivefold serve` and waits until it listens: `{ url, pid, stop(), ended() }`. */
export async function startServer(main, args) {
  const child = spawn(process.execPath, [main, 'serve', ...args, '--port', '0', '--json'])
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] = (said[name] + text).slice(-20_000)
    })
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  let end
  void exited.then((code) => {
    end = code
  })
  while (!said.stdout.includes('\n}')) {
    if (end !== undefined) throw new Error(`the server ended with ${end}: ${said.stderr}`)
    await pause(20)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    return await exited
  }
  return { url: JSON.parse(said.stdout).url, pid: child.pid, stop, ended: () => end, said }
}

/**
 * Runs a phase.
 *
 * @param plan `{ name, path, seconds, perSecond, swapSeconds, killSeconds?, workers }`
 * @returns figures, and `problems`: why the phase failed, if it did
 */
export async function runPhase(server, folder, plan, progress) {
  const swapper = createSwapper(server.url, folder, 'scaled')
  const memory = watchMemory(server.pid)
  const client = sendSteadily(`${server.url}${plan.path}`, plan.perSecond)
  const kills = []
  const stopping = new AbortController()
  const tasks = [every(plan.swapSeconds, stopping.signal, swapper.swap)]
  if (plan.killSeconds)
    tasks.push(
      every(
        plan.killSeconds,
        stopping.signal,
        async () => void kills.push(await killOne(server.pid, plan.workers, kills.length)),
      ),
    )
  const endMs = Date.now() + 1000 * plan.seconds
  while (Date.now() < endMs) {
    progress(
      `${plan.name}: ${Math.round((endMs - Date.now()) / 1000)} s left, ${swapper.swaps()} swaps, ${kills.length} kills`,
    )
    await pause(Math.min(10_000, Math.max(0, endMs - Date.now())))
  }
  stopping.abort()
  await Promise.all(tasks)
  const counted = await client.stop()
  const samples = memory.stop()
  return {
    ...figuresOf(plan, counted, swapper, kills, samples),
    problems: problemsOf(plan, counted, swapper, kills, samples),
  }
}

/** Once each `seconds`; a turn that takes longer delays the next. */
async function every(seconds, signal, act) {
  while (!signal.aborted) {
    await pause(1000 * seconds, undefined, { signal }).catch(() => {})
    if (!signal.aborted) await act()
  }
}

/** Kills the oldest and the youngest worker by turns, and waits until there are as many as before. */
async function killOne(serverPid, workers, turn) {
  const children = () => processesOf(serverPid).slice(1)
  const victim = turn % 2 === 0 ? Math.min(...children()) : Math.max(...children())
  const atMs = Date.now()
  process.kill(victim, 'SIGKILL')
  while (children().includes(victim) || children().length < workers) {
    if (Date.now() - atMs > RESTART_MS) return { atMs, restartMs: Number.POSITIVE_INFINITY }
    await pause(20)
  }
  return { atMs, restartMs: Date.now() - atMs }
}

function figuresOf(plan, counted, swapper, kills, samples) {
  const { latenciesMs, delaysMs, ...rest } = counted
  return {
    ...{ phase: plan.name, seconds: rest.seconds, perSecond: plan.perSecond },
    ...{ sent: rest.sent, answered: rest.answered, failed: rest.failed, failures: rest.failures },
    ...{ cuts: rest.cutsMs.length, retried: rest.retried, swaps: swapper.swaps(), kills: kills.length },
    restartMs: Math.max(0, ...kills.map(({ restartMs }) => restartMs)),
    ...{ p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99), maxMs: quantile(latenciesMs, 1) },
    clientLateP99Ms: quantile(delaysMs, 0.99),
    memory: { startBytes: samples[0]?.[1], endBytes: samples.at(-1)?.[1], ...slopeOf(samples) },
  }
}

function problemsOf(plan, counted, swapper, kills, samples) {
  const { cutsMs, failed, failures, versions, sent, answered } = counted
  const stray = cutsMs.filter((ms) => !kills.some(({ atMs }) => ms >= atMs && ms <= atMs + CUT_AFTER_KILL_MS))
  const stale = staleAnswers(versions, swapper.lived)
  const growth = slopeOf(samples)
  const hasKills = plan.killSeconds !== undefined
  return [
    ...(failed > 0 ? [`${failed} requests failed: ${JSON.stringify(failures)}`] : []),
    ...(sent !== answered + failed ? [`${sent - answered - failed} requests were lost`] : []),
    ...(stray.length > 0 ? [`${stray.length} connections were cut although nothing was killed`] : []),
    ...(stale.length > 0
      ? [`versions answered that were not live: ${stale.map(([version]) => version).join(', ')}`]
      : []),
    ...swapper.failures,
    ...(swapper.swaps() === 0 ? ['nothing was swapped'] : []),
    ...(hasKills && kills.length === 0 ? ['nothing was killed'] : []),
    ...(kills.some(({ restartMs }) => restartMs > RESTART_MS) ? ['a killed process did not come back'] : []),
    // A process that was killed takes what it leaked along, so only phases without kills say anything of memory.
    ...(!hasKills && growth && growth.low > MOST_GROWTH * growth.mean ? ['memory grows'] : []),
  ]
}

function quantile(values, share) {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}
