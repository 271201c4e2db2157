import type { DeploymentReport } from '../../client/serving-wire.ts'
import { Chip } from '../../components/chip.tsx'
import { formatPercent } from '../../format/format.ts'

/** What a deployment is about now. */
export function DeploymentState({ report: { record, canary } }: { readonly report: DeploymentReport }) {
  const { traffic } = record.policy
  switch (traffic.kind) {
    case 'canary':
      return <Chip tone="accent">canary at {formatPercent(canary?.share)}</Chip>
    case 'experiment':
      return <Chip tone="accent">experiment</Chip>
    case 'bandit':
      return <Chip tone="accent">bandit</Chip>
    case 'split':
      return <Chip>split</Chip>
    case 'single':
      return <Chip tone="good">serving</Chip>
  }
}
