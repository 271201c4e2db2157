import { links } from '../../app/links.ts'
import { Age } from '../../components/time.tsx'
import type { AliasMove } from '../../state/alias-moves.ts'
import styles from './models.module.css'

/** Who pointed where and why, newest first. */
export function AliasTrail({ name, moves }: { readonly name: string; readonly moves: readonly AliasMove[] }) {
  if (moves.length === 0) return <p className={styles.none}>No alias was moved here.</p>
  return (
    <ol className={styles.trail}>
      {moves.map((move) => (
        <li key={`${move.timeMs} ${move.alias}`}>
          <div>
            <strong>@{move.alias}</strong> {move.from !== undefined && <Version name={name} version={move.from} />} →{' '}
            {move.to === undefined ? 'nowhere' : <Version name={name} version={move.to} />}
          </div>
          {move.reason && <p className={styles.reason}>{move.reason}</p>}
          <div className={styles.when}>
            <Age timeMs={move.timeMs} />
          </div>
        </li>
      ))}
    </ol>
  )
}

function Version({ name, version }: { readonly name: string; readonly version: string }) {
  return <a href={links.version(name, version)}>version {version}</a>
}
