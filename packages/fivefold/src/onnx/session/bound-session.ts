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
      return Object.fromEntries(fetched.map((name) => [name, fromRuntimeTensor(name, results[name]!)]))
    },
    close: () => session.release(),
  }
}
