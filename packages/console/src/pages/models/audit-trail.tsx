import { links } from '../../app/links.ts'
import { Age } from '../../components/time.tsx'
import type { TrailEntry } from '../../state/trail.ts'
import styles from './models.module.css'

/** What happened to a model and why, newest first. */
export function AuditTrail({ name, entries }: { readonly name: string; readonly entries: readonly TrailEntry[] }) {
  if (entries.length === 0) return <p className={styles.none}>Nothing was changed here.</p>
  return (
    <ol className={styles.trail}>
      {entries.map((entry) => (
        <li key={keyOf(entry)}>
          <Event name={name} entry={entry} />
          <div className={styles.when}>
            <Age timeMs={entry.timeMs} />
          </div>
        </li>
      ))}
    </ol>
  )
}

const keyOf = (entry: TrailEntry): string =>
  `${entry.timeMs} ${entry.kind === 'alias' ? `${entry.move.alias} ${entry.move.to}` : entry.what}`

function Event({ name, entry }: { readonly name: string; readonly entry: TrailEntry }) {
  if (entry.kind === 'model') return <div>Model {entry.what}</div>
  if (entry.kind === 'version')
    return (
      <div>
        <Version name={name} version={entry.version} isFirst /> {entry.what}
      </div>
    )
  const { alias, from, to, reason } = entry.move
  return (
    <>
      <div>
        <strong>@{alias}</strong> {from !== undefined && <Version name={name} version={from} />} →{' '}
        {to === undefined ? 'nowhere' : <Version name={name} version={to} />}
      </div>
      {reason && <p className={styles.reason}>{reason}</p>}
    </>
  )
}

interface VersionProps {
  readonly name: string
  readonly version: string
  readonly isFirst?: boolean
}

function Version({ name, version, isFirst = false }: VersionProps) {
  return (
    <a href={links.version(name, version)}>
      {isFirst ? 'Version' : 'version'} {version}
    </a>
  )
}
