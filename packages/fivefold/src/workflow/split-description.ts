import type { SplitProtocol } from '../prepare/index.ts'
import type { ResolvedConfig } from './config.ts'

/** How test rows were set aside, in a phrase that stands beside every figure. */
export function describeSplit(split: ResolvedConfig['split'], { seed }: SplitProtocol): string {
  switch (split.kind) {
    case 'random':
      return `random ${percent(split.testFraction)}, seed ${seed}`
    case 'time':
      return `latest ${percent(split.testFraction)} by ${split.column}`
    case 'group':
      return `random ${percent(split.testFraction)} of the groups of ${split.column}, seed ${seed}`
    case 'file':
      return 'given test file'
  }
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))}%`
