import { fileURLToPath } from 'node:url'
import type { DeployPlan } from './deploy-plan.ts'

export const BUNDLE = fileURLToPath(new URL('../../bundle/fixtures/format-1', import.meta.url))

/** A plan without files behind it: targets are functions of it alone. */
export function planOf(changes: Partial<DeployPlan> = {}): DeployPlan {
  return {
    name: 'customers',
    image: 'registry.example.com/team/customers:3-0123456789ab',
    port: 8080,
    replicas: 3,
    cpuMillis: 1500,
    memoryMib: 1024,
    architecture: 'x64',
    storageUri: 's3://models/customers/3',
    model: {
      name: 'Customers (weekly)',
      title: 'Customers weekly',
      version: '3',
      digest: '0123456789ab'.padEnd(64, '0'),
      task: 'classification',
      target: 'churned',
      columns: [
        { name: 'months', type: 'integer', tensor: 'int64', nullable: false, range: [0, 60] },
        { name: 'plan', type: 'category', tensor: 'string', nullable: true, categories: ['basic', 'pro'] },
      ],
      exampleRow: { months: 30, plan: 'basic' },
      path: BUNDLE,
    },
    source: { version: '0.1.0' },
    packages: [],
    ...changes,
  }
}
