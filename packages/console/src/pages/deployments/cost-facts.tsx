import type { CostReport } from '../../client/serving-wire.ts'
import { Facts } from '../../components/facts.tsx'
import { formatNumber, formatPercent, formatRate } from '../../format/format.ts'
import styles from './deployments.module.css'

/** What predictions cost over the last hour; of the whole server. */
export function CostFacts({ cost }: { readonly cost: CostReport | null }) {
  if (!cost) return <p className={styles.none}>No price is set for this server.</p>
  const { currency, pricePerHour, windows } = cost
  const hour = windows['1h']
  const money = (value: number | null): string =>
    value === null ? '–' : `${formatNumber(Number(value.toPrecision(3)))} ${currency}`
  return (
    <Facts
      facts={[
        { label: 'Per 1,000 now', value: money(windows['5m'].per1000) },
        { label: 'Last hour', value: money(hour.per1000) },
        { label: 'If busy', value: money(hour.per1000AtCapacity) },
        { label: 'Utilisation', value: formatPercent(hour.utilisation) },
        {
          label: 'Capacity',
          value: hour.capacityPerSecond === null ? '–' : `${formatRate(hour.capacityPerSecond)} rows/s`,
        },
        { label: 'Price', value: `${money(pricePerHour)} an hour` },
      ]}
    />
  )
}
