import type { RunStatus } from '../client/records.ts'
import styles from './status.module.css'

const WORDS: Readonly<Record<RunStatus, string>> = {
  running: 'Running',
  scheduled: 'Scheduled',
  finished: 'Finished',
  failed: 'Failed',
  killed: 'Stopped',
}

/** The state of a run as a mark, with its word beside it or for screen readers only. */
export function Status({ status, isBare = false }: { readonly status: RunStatus; readonly isBare?: boolean }) {
  return (
    <span className={styles.status} title={isBare ? WORDS[status] : undefined}>
      <svg aria-hidden="true" width="12" height="12" viewBox="0 0 12 12" className={styles[status]}>
        <Mark status={status} />
      </svg>
      <span className={isBare ? 'visually-hidden' : undefined}>{WORDS[status]}</span>
    </span>
  )
}

/** Shapes differ as well as colours. */
function Mark({ status }: { readonly status: RunStatus }) {
  if (status === 'finished') return <path d="m2.5 6.3 2.4 2.4 4.6-5.2" />
  if (status === 'failed') return <path d="m3 3 6 6M9 3 3 9" />
  if (status === 'killed') return <path d="M3 3h6v6H3z" />
  return <circle cx="6" cy="6" r="4" />
}
