import { seriesColour } from '../../charts/colours.ts'
import { formatPercent } from '../../format/format.ts'
import type { TrafficRow } from '../../state/serving/traffic-rows.ts'
import styles from './deployments.module.css'

/** Shares of the variants as a bar, with their names and figures; a bandit's are those that it gave so far. */
export function TrafficBar({ rows }: { readonly rows: readonly TrafficRow[] }) {
  const parts = rows.filter((row) => sizeOf(row) > 0)
  return (
    <div className={styles.traffic}>
      <div className={styles.bar} aria-hidden="true">
        {parts.map((row, i) => (
          <span key={row.variant} style={{ flexGrow: sizeOf(row), background: seriesColour(i) }} />
        ))}
      </div>
      <ul className={styles.parts}>
        {parts.map((row, i) => (
          <li key={row.variant}>
            <span className={styles.dot} style={{ background: seriesColour(i) }} />
            {row.variant} {formatPercent(sizeOf(row))}
          </li>
        ))}
      </ul>
    </div>
  )
}

const sizeOf = ({ share, answered }: TrafficRow): number => share ?? answered ?? 0
