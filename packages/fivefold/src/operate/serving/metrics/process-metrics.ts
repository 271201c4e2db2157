import type { MetricRegistry } from './metric-registry.ts'

export const PROCESSES = 'fivefold_processes'
export const RESIDENT_MEMORY = 'process_resident_memory_bytes'
export const BUSY_SECONDS = 'fivefold_event_loop_busy_seconds_total'

/**
 * What the process itself takes; several processes add up. The event loop is busy while it decodes, computes, encodes and answers:
 * its share of the time is how much of the process is used.
 */
export function addProcessMetrics(registry: MetricRegistry): void {
  registry.gauge(PROCESSES, 'Processes that serve.', []).of().add(1)
  registry
    .gauge(RESIDENT_MEMORY, 'Memory of the processes that the machine holds for them.', [])
    .of()
    .follow(() => process.memoryUsage.rss())
  registry
    .followed('process_cpu_seconds_total', 'Processor time of the processes, in all of their threads.', [])
    .of()
    .follow(() => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    })
  registry
    .followed(BUSY_SECONDS, 'Time in which the event loops of the processes did something.', [])
    .of()
    .follow(() => performance.eventLoopUtilization().active / 1000)
}
