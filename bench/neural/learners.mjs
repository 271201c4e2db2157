/** Libraries as processes: one for a case and a number of threads, which does what it is asked, a line of JSON at a time. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { writeSafetensors } from '../../packages/fivefold/dist/engines/neural/index.js'
import { prepareCase } from './architectures.mjs'
import { findPython } from './python.mjs'

const OURS = fileURLToPath(new URL('ours.mjs', import.meta.url))
const PEER = fileURLToPath(new URL('peer.py', import.meta.url))

export const availableLibraries = () => (findPython() === undefined ? ['ours'] : ['ours', 'torch'])

export async function startLearner(library, { name, threads, folder }) {
  const [command, program] = library === 'ours' ? [process.execPath, OURS] : [findPython(), PEER]
  const child = spawn(command, [program, name, String(threads), folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the process of ${library} ended early; its messages are above`)
    return JSON.parse(value)
  }
  const { version } = await read()
  return {
    version,
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return read()
    },
    stop: () => child.stdin.end(),
  }
}

/** The case's weights and batch, for the peer to start from. */
export function writeCase(name, folder) {
  const { train, weights, batch, batchSize } = prepareCase(name)
  const tensors = new Map(
    Array.from(train.weights, ([name, shape]) => [name, { type: 'F32', shape, data: weights.get(name) }]),
  )
  for (const [field, data] of Object.entries(batch.fields)) {
    const { type, shape } = train.fields[field]
    tensors.set(`field:${field}`, { type: type === 'int64' ? 'I64' : 'F32', shape: [batchSize, ...shape], data })
  }
  writeFileSync(join(folder, `${name}.safetensors`), writeSafetensors({ tensors, metadata: {} }))
  return { parameters: train.trained.reduce((sum, name) => sum + weights.get(name).length, 0) }
}
