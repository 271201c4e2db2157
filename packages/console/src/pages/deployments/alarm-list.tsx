import { Icon } from '../../components/icon.tsx'
import { formatCount } from '../../format/format.ts'
import type { Alarm } from '../../state/serving/alarms.ts'
import styles from './deployments.module.css'

/** What is wrong, worst first; nothing where nothing is. New ones are said to screen readers. */
export function AlarmList({ alarms }: { readonly alarms: readonly Alarm[] }) {
  return (
    <ul className={styles.alarms} aria-label="Alarms" aria-live="polite">
      {alarms.map(({ tone, text }) => (
        <li key={text} className={styles[tone]}>
          <Icon name="warn" size={14} />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  )
}

/** The worst alarm and how many more there are, for a cell. */
export function AlarmCount({ alarms }: { readonly alarms: readonly Alarm[] }) {
  const [first] = alarms
  if (!first) return null
  return (
    <div className={`${styles.alarm} ${styles[first.tone]}`} title={alarms.map(({ text }) => text).join('\n')}>
      <Icon name="warn" size={13} />
      <span>
        {first.text}
        {alarms.length > 1 && ` And ${formatCount(alarms.length - 1, 'more', 'more')}.`}
      </span>
    </div>
  )
}
