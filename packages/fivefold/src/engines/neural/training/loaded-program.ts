import {
  type BoundSession,
  createBoundSession,
  type NumericTensor,
  type SessionOptions,
  type TensorLiteral,
} from '../../../onnx/index.ts'
import { PROGRAM_NAMES, type Program } from '../network/compile.ts'
import type { ParameterMemory } from '../optimizer/index.ts'
import { checkBatch } from './check-batch.ts'
import type { Batch, BatchArray } from './training-plan.ts'

/** A program in the runtime, over the parameter memory: it reads weights and writes gradients where they lie. */
export interface LoadedProgram {
  /** Reads these weights from now on, such as averages. */
  useWeights(weights: ReadonlyMap<string, Float32Array>): void
  /** Computes one batch: gradients in place, and what is asked for besides. */
  run(batch: Batch, fetched: readonly string[]): Promise<Record<string, TensorLiteral>>
}

export async function loadProgram(
  program: Program,
  memory: ParameterMemory,
  options: SessionOptions,
): Promise<LoadedProgram> {
  const session = await createBoundSession(program.model, options)
  const useWeights = (weights: ReadonlyMap<string, Float32Array>): void => {
    for (const [name, shape] of program.weights)
      session.bindInput(name, { type: 'float', shape, data: weights.get(name)! })
  }
  useWeights(memory.views('parameters'))
  bindGradients(session, program, memory)
  const ones = new Float32Array(program.batchSize).fill(1)
  const seedCell = new Int32Array(1)
  if (program.takesSeed) session.bindInput(PROGRAM_NAMES.seed, { type: 'int32', shape: [], data: seedCell })
  return {
    useWeights,
    async run(batch, fetched) {
      checkBatch(program, batch)
      bindBatch(session, program, batch)
      const rowWeight = batch.weights ?? ones
      session.bindInput(PROGRAM_NAMES.rowWeight, { type: 'float', shape: [program.batchSize], data: rowWeight })
      seedCell[0] = batch.seed ?? 0
      return session.run(fetched)
    },
  }
}

function bindGradients(session: BoundSession, program: Program, memory: ParameterMemory): void {
  for (const name of program.trained) {
    const shape = program.weights.get(name)!
    session.bindOutput(PROGRAM_NAMES.gradient(name), { type: 'float', shape, data: memory.view('gradients', name) })
  }
}

function bindBatch(session: BoundSession, program: Program, batch: Batch): void {
  for (const [name, { type, shape }] of Object.entries(program.fields)) {
    const data = unshared(batch.fields[name]!)
    session.bindInput(name, { type, shape: [program.batchSize, ...shape], data } as NumericTensor)
  }
}

/** The runtime refuses memory that threads share. */
const unshared = (data: BatchArray): BatchArray => (data.buffer instanceof SharedArrayBuffer ? data.slice() : data)
