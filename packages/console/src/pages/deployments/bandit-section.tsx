import type { ArmReport, BanditTraffic, VariantReport } from '../../client/serving-wire.ts'
import { Section } from '../../components/facts.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatNumber, formatPercent } from '../../format/format.ts'
import styles from './deployments.module.css'

const ALGORITHMS: Readonly<Record<BanditTraffic['algorithm']['name'], string>> = {
  epsilonGreedy: 'epsilon-greedy',
  thompsonBeta: 'Thompson sampling for rewards of 0 or 1',
  thompsonNormal: 'Thompson sampling',
  linUcb: 'LinUCB',
}

/** What the arms of a bandit were given and brought in. */
export function BanditSection({
  title,
  traffic,
  arms,
  variants,
}: {
  readonly title: string
  readonly traffic: BanditTraffic
  readonly arms: readonly ArmReport[]
  readonly variants: readonly VariantReport[]
}) {
  const total = variants.reduce((sum, { answers }) => sum + answers, 0)
  const answersOf = (arm: string): number => variants.find(({ variant }) => variant === arm)?.answers ?? 0
  return (
    <Section title={title} aside={<span className={styles.quiet}>{ALGORITHMS[traffic.algorithm.name]}</span>}>
      <PlainTable
        caption={`Arms and their rewards by ${traffic.reward}`}
        rows={arms}
        keyOf={({ arm }) => arm}
        columns={[
          { label: 'Arm', isWide: true, cell: ({ arm }) => arm },
          {
            label: 'Answered',
            isNumeric: true,
            cell: ({ arm }) => formatPercent(total === 0 ? undefined : answersOf(arm) / total),
          },
          { label: 'Rewards', isNumeric: true, cell: ({ count }) => count.toLocaleString('en-US') },
          {
            label: `Mean ${traffic.reward}`,
            isNumeric: true,
            cell: ({ meanReward }) => (meanReward === null ? '–' : formatNumber(Number(meanReward.toPrecision(4)))),
          },
        ]}
      />
      <p className={styles.quiet}>
        Who gets an arm depends on how it fared before, so the means are no fair comparison: they say where traffic
        goes.
      </p>
    </Section>
  )
}
