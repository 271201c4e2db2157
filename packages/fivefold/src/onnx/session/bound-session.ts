import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { Tensor } from 'onnxruntime-node'
import { checkLiteral, type NumericTensor, type TensorLiteral } from '../tensor.ts'
import { execute, fromRuntimeTensor, loadModel, RUNTIME_TYPES, type SessionOptions } from './runtime.ts'

/**
 * A session over memory of the caller: inputs and outputs are bound once and read and written at every run, so that a loop
 * neither converts nor allocates. Memory that is shared between threads is refused by the runtime.
 */
export interface BoundSession {
  /** The values are read from this memory at each run, until the name is bound again. */
  bindInput(name: string, literal: NumericTensor): void
  /** The values are written to this memory at each run. */
  bindOutput(name: string, literal: NumericTensor): void
  /** Computes the bound outputs in place, and `fetched` ones into new memory. Throws GRAPH_INVALID with the runtime's reason. */
  run(fetched?: readonly string[]): Promise<Record<string, TensorLiteral>>
  close(): Promise<void>
}

export async function createBoundSession(model: Uint8Array, options: SessionOptions = {}): Promise<BoundSession> {
  const { runtime, session } = await loadModel(model, options)
  const feeds: Record<string, Tensor> = {}
  const bound: Record<string, Tensor> = {}
  const nowhere = createNowhere()
  const toTensor = (literal: NumericTensor, place: string): Tensor => {
    checkLiteral(literal, place)
    return new runtime.Tensor(RUNTIME_TYPES[literal.type], literal.data, literal.shape)
  }
  return {
    bindInput(name, literal) {
      feeds[name] = toTensor(literal, `input '${name}'`)
    },
    bindOutput(name, literal) {
      bound[name] = toTensor(literal, `output '${name}'`)
    },
    async run(fetched = []) {
      const fetches: Record<string, Tensor | null> = { ...bound }
      for (const name of fetched) fetches[name] = null
      const results = await execute(session, feeds, fetches)
      nowhere.postMessage(null, copiesOf(bound, results))
      return Object.fromEntries(fetched.map((name) => [name, fromRuntimeTensor(name, results[name]!)]))
    },
    close: () => session.release(),
  }
}

/** A port whose other end is closed: memory that is moved there is freed at once. */
function createNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port2.close()
  return port1
}

/**
 * The runtime writes bound outputs where they belong, and hands out copies of them besides (onnxruntime-node 1.30). Left to the
 * collector, those of a training step, which are as large as all gradients, would have it run every few steps.
 */
function copiesOf(bound: Readonly<Record<string, Tensor>>, results: Readonly<Record<string, Tensor>>): ArrayBuffer[] {
  return Object.entries(bound).flatMap(([name, { data }]) => {
    const copy = results[name]?.data
    const isOwn = bufferOf(copy) !== undefined && bufferOf(copy) !== bufferOf(data)
    return isOwn ? [bufferOf(copy)!] : []
  })
}

const bufferOf = (data: Tensor['data'] | undefined): ArrayBuffer | undefined =>
  data !== undefined && 'buffer' in data && data.buffer instanceof ArrayBuffer ? data.buffer : undefined
