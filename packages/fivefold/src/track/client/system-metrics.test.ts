import { describe, expect, it, vi } from 'vitest'
import { parseGpus, sampleSystemMetrics } from './system-metrics.ts'

describe('sampleSystemMetrics', () => {
  it('samples processors and memory until it is ended, with rising steps', async () => {
    const points: [key: string, value: number, step: number | undefined][] = []
    const stop = sampleSystemMetrics(
      { metric: (key, value, step) => void points.push([key, value, step]) },
      { intervalMs: 20 },
    )
    await vi.waitFor(() => expect(points.some(([, , step]) => step === 1)).toBe(true))
    await stop()
    const count = points.length
    const names = [...new Set(points.map(([key]) => key))]
    expect(names).toEqual(
      expect.arrayContaining([
        'system/cpu_utilization_percentage',
        'system/system_memory_usage_percentage',
        'system/process_memory_resident_megabytes',
      ]),
    )
    expect(
      points.every(([key, value]) => Number.isFinite(value) && (!key.endsWith('percentage') || value <= 100)),
    ).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(points).toHaveLength(count)
  })
})

describe('parseGpus', () => {
  it('reads what the cards tell', () => {
    expect(parseGpus('0, 35, 1000, 4000, 70.5\n1, 0, 0, 4000, [N/A]\n')).toEqual([
      {
        gpu_0_utilization_percentage: 35,
        gpu_0_memory_usage_megabytes: 1048.576,
        gpu_0_memory_usage_percentage: 25,
        gpu_0_power_usage_watts: 70.5,
      },
      { gpu_1_utilization_percentage: 0, gpu_1_memory_usage_megabytes: 0, gpu_1_memory_usage_percentage: 0 },
    ])
  })
})
