import { formatCount, formatNumber, type Section, section, table } from '../../../report/index.ts'
import type { ArmReport } from '../bandit/bandit.ts'
import { headingOf, type When } from './study-heading.ts'

export function banditSection(arms: readonly ArmReport[], when: When): Section {
  return section({
    ...headingOf('Bandit', when),
    blocks: [
      table({
        caption: 'Arms: means are biased, since who gets an arm depends on how it fared',
        columns: [{ label: 'Arm' }, { label: 'Rewards', kind: 'number' }, { label: 'Mean reward', kind: 'number' }],
        rows: arms.map(({ arm, count, meanReward }) => [arm, formatCount(count), formatNumber(meanReward)]),
      }),
    ],
  })
}
