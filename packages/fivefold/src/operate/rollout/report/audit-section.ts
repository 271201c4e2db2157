import { formatTime, type Section, section, table } from '../../../report/index.ts'
import type { DeploymentRecord } from '../deployment/deployment-record.ts'
import { describeTraffic } from './traffic-words.ts'

const ACTION_WORDS = {
  create: 'created',
  update: 'changed',
  advance: 'next stage',
  promote: 'promoted',
  rollBack: 'rolled back',
} as const

export function auditSection(history: readonly DeploymentRecord[]): Section {
  return section({
    id: 'audit',
    title: 'Changes',
    intro: 'Latest first. Every version is kept as it was.',
    blocks: [
      table({
        caption: 'Who changed what, when and why',
        columns: [
          { label: 'Version' },
          { label: 'When', kind: 'number' },
          { label: 'Traffic after' },
          { label: 'Why' },
        ],
        rows: history
          .toReversed()
          .map(({ version, change, policy }) => [
            `${version}, ${ACTION_WORDS[change.action]} by ${change.by}`,
            formatTime(change.timeMs),
            describeTraffic(policy.traffic),
            change.reason || '–',
          ]),
      }),
    ],
  })
}
