import { execFile } from 'node:child_process'
import { cpus, freemem, totalmem } from 'node:os'
import { memoryUsage } from 'node:process'
import { promisify } from 'node:util'
import type { RunSink } from '../../core/index.ts'

export interface SystemMetricsOptions {
  /** Default 10,000. */
  readonly intervalMs?: number
}

/**
 * Logs `system/...` metrics in the background, by MLflow's names where it has one: processors (% of all cores since the last
 * sample), memory of the machine and of this process (MB), and GPUs where `nvidia-smi` answers. Keeps no process alive.
 *
 * @returns ends the sampling, after one last sample
 */
export function sampleSystemMetrics(
  run: Pick<RunSink, 'metric'>,
  options: SystemMetricsOptions = {},
): () => Promise<void> {
  const { intervalMs = 10_000 } = options
  let step = 0
  let before = processorTimes()
  let hasGpu = true
  let sampling: Promise<void> | undefined

  const sample = async (): Promise<void> => {
    const now = processorTimes()
    const gpus = hasGpu ? await readGpus() : []
    hasGpu = gpus.length > 0
    const values = { ...processorUse(before, now), ...memory(), ...Object.assign({}, ...gpus) } as Record<
      string,
      number
    >
    before = now
    for (const [name, value] of Object.entries(values)) run.metric(`system/${name}`, value, step)
    step++
  }
  const sampleOnce = (): Promise<void> => {
    sampling ??= sample().finally(() => {
      sampling = undefined
    })
    return sampling
  }
  const timer = setInterval(() => void sampleOnce(), intervalMs).unref()
  return async () => {
    clearInterval(timer)
    await sampling
    await sampleOnce()
  }
}

interface ProcessorTimes {
  readonly busy: number
  readonly total: number
}

function processorTimes(): ProcessorTimes {
  let busy = 0
  let total = 0
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq
    busy += all - times.idle
    total += all
  }
  return { busy, total }
}

function processorUse(before: ProcessorTimes, now: ProcessorTimes): Record<string, number> {
  const total = now.total - before.total
  return total <= 0 ? {} : { cpu_utilization_percentage: (100 * (now.busy - before.busy)) / total }
}

const MEGABYTE = 1e6

function memory(): Record<string, number> {
  const used = totalmem() - freemem()
  return {
    system_memory_usage_megabytes: used / MEGABYTE,
    system_memory_usage_percentage: (100 * used) / totalmem(),
    system_memory_free_megabytes: freemem() / MEGABYTE,
    process_memory_resident_megabytes: memoryUsage.rss() / MEGABYTE,
  }
}

const GPU_FIELDS = 'index,utilization.gpu,memory.used,memory.total,power.draw'

async function readGpus(): Promise<Record<string, number>[]> {
  try {
    const args = [`--query-gpu=${GPU_FIELDS}`, '--format=csv,noheader,nounits']
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { timeout: 5000 })
    return parseGpus(stdout)
  } catch {
    return []
  }
}

/** Lines such as `0, 35, 1024, 81920, 70.5`; what a card does not tell is left out. Memory comes in MiB. */
export function parseGpus(text: string): Record<string, number>[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const [index = '0', ...fields] = line.split(',').map((field) => field.trim())
    const [use, used, total, watts] = fields.map(Number) as [number, number, number, number]
    const values = {
      utilization_percentage: use,
      memory_usage_megabytes: (used * 2 ** 20) / MEGABYTE,
      memory_usage_percentage: (100 * used) / total,
      power_usage_watts: watts,
    }
    const known = Object.entries(values).filter(([, value]) => Number.isFinite(value))
    return Object.fromEntries(known.map(([name, value]) => [`gpu_${index}_${name}`, value]))
  })
}
