import { cpus, loadavg, totalmem } from 'node:os'

/** Where and how undisturbed a measurement was. The load is that of the last minute. */
export function machine() {
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0],
    node: process.versions.node,
  }
}
