import { useState } from 'react'
import type { DeploymentRecord } from '../../client/serving-wire.ts'
import { Button } from '../../components/button.tsx'
import { Age } from '../../components/time.tsx'
import { describeTraffic } from '../../state/serving/traffic-rows.ts'
import styles from './deployments.module.css'

const ACTIONS: Readonly<Record<DeploymentRecord['change']['action'], string>> = {
  create: 'created',
  update: 'changed',
  advance: 'took to its next stage',
  promote: 'promoted',
  rollBack: 'rolled back',
}

const SHOWN = 8

/** Who changed what and why, newest first; `history` is oldest first. */
export function ChangeTrail({ history }: { readonly history: readonly DeploymentRecord[] }) {
  const [areAllShown, setAllShown] = useState(false)
  const newest = history.toReversed()
  const shown = areAllShown ? newest : newest.slice(0, SHOWN)
  return (
    <>
      <ol className={styles.trail}>
        {shown.map(({ version, change, policy }) => (
          <li key={version}>
            <div>
              <strong>{version}</strong> {ACTIONS[change.action]} by {change.by}
            </div>
            <div>{describeTraffic(policy.traffic)}</div>
            {change.reason && <p className={styles.reason}>{change.reason}</p>}
            <div className={styles.quiet}>
              <Age timeMs={change.timeMs} />
            </div>
          </li>
        ))}
      </ol>
      {shown.length < newest.length && (
        <Button look="plain" onClick={() => setAllShown(true)}>
          All {newest.length} versions
        </Button>
      )}
    </>
  )
}
