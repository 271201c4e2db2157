import { createPredictor } from '../bundle/index.ts'
import { type Frame, takeRows } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'
import type { AssembledModel } from './assemble.ts'

export interface ConstraintFigures {
  readonly sizeBytes: number
  readonly latencyMs?: number
  readonly excluded?: string
}

const WARM_UP_CALLS = 20
const MEASURED_CALLS = 200

/** Size always; single-row latency only where the problem limits it, since it depends on the machine. */
export async function measureConstraints(
  assembled: AssembledModel,
  problem: Problem,
  frame: Frame,
): Promise<ConstraintFigures> {
  const sizeBytes = assembled.model.byteLength
  const { latencyMs: latencyLimit, sizeBytes: sizeLimit } = problem.constraints
  if (sizeLimit !== undefined && sizeBytes > sizeLimit) {
    return { sizeBytes, excluded: `${sizeBytes} bytes, above the limit of ${sizeLimit}` }
  }
  if (latencyLimit === undefined) return { sizeBytes }
  const latencyMs = await singleRowLatencyMs(assembled, problem, frame)
  if (latencyMs <= latencyLimit) return { sizeBytes, latencyMs }
  return {
    sizeBytes,
    latencyMs,
    excluded: `p95 of ${latencyMs.toFixed(2)} ms a row, above the limit of ${latencyLimit} ms`,
  }
}

/** 95th percentile over single rows, after a warm-up. */
async function singleRowLatencyMs(assembled: AssembledModel, problem: Problem, frame: Frame): Promise<number> {
  const predictor = await createPredictor({ ...assembled, problem })
  try {
    const times: number[] = []
    for (let call = 0; call < WARM_UP_CALLS + MEASURED_CALLS; call++) {
      const row = takeRows(frame, Uint32Array.of(call % frame.rowCount))
      const startedMs = performance.now()
      await predictor.predict(row)
      if (call >= WARM_UP_CALLS) times.push(performance.now() - startedMs)
    }
    times.sort((a, b) => a - b)
    return times[Math.floor(times.length * 0.95)]!
  } finally {
    await predictor.close()
  }
}
