/**
 * A client in a thread of its own. It sends requests at the times of a schedule, whether earlier ones are answered or not, and
 * counts the time of each from when it was due: a server that stands still for a second shows as a second of slow answers, not as
 * a second without any (coordinated omission). How late the client itself was is told beside.
 */
import { Worker } from 'node:worker_threads'

const THREAD = new URL('client-thread.mjs', import.meta.url)

/**
 * Sends `perSecond` requests a second until `stop`.
 *
 * @returns `{ stop() }`, which resolves with what `client-thread.mjs` counted once all is answered
 */
export function sendSteadily(url, perSecond) {
  const thread = new Worker(THREAD, { workerData: { url, perSecond } })
  return { stop: () => ended(thread) }
}

/** Requests a second where `connections` callers each wait for their answer before they ask again. */
export async function measureMaximum(url, { connections, seconds }) {
  const thread = new Worker(THREAD, { workerData: { url, connections } })
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds))
  const { answered, seconds: lasted } = await ended(thread)
  return answered / lasted
}

function ended(thread) {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.postMessage('stop')
  })
}
