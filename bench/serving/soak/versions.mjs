/** A model whose version n multiplies by n, replaced by its next version again and again while it is asked. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTypedGraph, encodeModel, floats } from 'fivefold/onnx'

/** Writes a version whole: a process that starts meanwhile sees all of it or nothing. */
export function writeVersion(folder, name, version) {
  const graph = createTypedGraph({ name })
  const x = graph.input('x', 'float', ['rows', 1])
  graph.output('y', graph.node('Mul', [x, graph.initializer('factor', floats([version]))]))
  const scratch = join(folder, '..', `.${name}-${version}`)
  mkdirSync(scratch, { recursive: true })
  writeFileSync(join(scratch, 'model.onnx'), encodeModel(graph.build()))
  mkdirSync(join(folder, name), { recursive: true })
  renameSync(scratch, join(folder, name, String(version)))
}

/**
 * @param url of the server, whose model `name` has version 1
 * @returns `{ swap(), lived, swaps, failures }`; `lived` says from when to when each version may answer, in epoch milliseconds
 */
export function createSwapper(url, folder, name) {
  const lived = { 1: { fromMs: 0, toMs: Number.POSITIVE_INFINITY } }
  const failures = []
  let version = 1
  const swap = async () => {
    const next = version + 1
    lived[next] = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY }
    writeVersion(folder, name, next)
    const failure = await load(url, name)
    if (failure) failures.push(failure)
    else {
      lived[version].toMs = Date.now()
      rmSync(join(folder, name, String(version)), { recursive: true })
    }
    version = next
  }
  return { swap, lived, failures, swaps: () => version - 1 }
}

/** Loading the newest version again changes nothing, so a call that is cut is repeated. */
async function load(url, name) {
  for (let attempt = 1; ; attempt++) {
    try {
      const reply = await fetch(`${url}/v2/repository/models/${name}/load`, { method: 'POST' })
      const text = await reply.text()
      return reply.ok ? undefined : `load: ${reply.status} ${text.slice(0, 200)}`
    } catch (error) {
      if (attempt === 5) return `load: ${error.cause?.message ?? error.message}`
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Versions that answered before they were there, or requests that were sent after they were gone. */
export function staleAnswers(seen, lived) {
  return Object.entries(seen).filter(([version, { lastSentMs, firstAnsweredMs }]) => {
    const { fromMs, toMs } = lived[version] ?? { fromMs: Number.POSITIVE_INFINITY, toMs: 0 }
    return firstAnsweredMs < fromMs || lastSentMs > toMs
  })
}
