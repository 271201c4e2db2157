import { useState } from 'react'
import type { ServingClient } from '../../client/serving-client.ts'
import { ActionButton } from '../../components/action-button.tsx'
import { deploymentActions } from '../../state/serving/actions.ts'
import { deploymentAlarms } from '../../state/serving/alarms.ts'
import { ChangeDialog } from './change-dialog.tsx'
import styles from './deployments.module.css'
import type { DeploymentNow } from './load-deployment.ts'
import { PromoteDialog } from './promote-dialog.tsx'
import { WeightsDialog } from './weights-dialog.tsx'

type Doing = 'promote' | 'rollBack' | 'weights'

/** What can be done to a deployment; back to safety is always the last one. */
export function DeploymentActionBar({
  server,
  state,
  onChange,
}: {
  readonly server: ServingClient
  readonly state: DeploymentNow
  readonly onChange: () => void
}) {
  const [doing, setDoing] = useState<Doing>()
  const [said, setSaid] = useState('')
  const { report, history, changes, operations } = state
  const { record } = report
  const actions = deploymentActions(record, history, changes)
  const close = (): void => setDoing(undefined)
  const done = (what: string) => (): void => {
    setSaid(what)
    onChange()
  }
  const dialog = { onClose: close, record }
  return (
    <>
      <span role="status" className={styles.said}>
        {said}
      </span>
      <ActionButton icon="up" possible={actions.promote} onClick={() => setDoing('promote')}>
        Promote…
      </ActionButton>
      <ActionButton icon="split" possible={actions.weights} onClick={() => setDoing('weights')}>
        Change weights…
      </ActionButton>
      <ActionButton icon="back" look="danger" possible={actions.rollBack} onClick={() => setDoing('rollBack')}>
        Roll back…
      </ActionButton>
      {doing === 'promote' && actions.promote.can && (
        <PromoteDialog
          {...dialog}
          onPromote={(author, variant) => server.promote(record.name, author, variant)}
          onDone={done('Promoted.')}
        />
      )}
      {doing === 'weights' && actions.weights.can && (
        <WeightsDialog
          {...dialog}
          effect={actions.weights.effect}
          onUpdate={(spec, author) => server.update(record.name, spec, author, record.version)}
          onDone={done('Weights changed.')}
        />
      )}
      {doing === 'rollBack' && actions.rollBack.can && (
        <ChangeDialog
          title={`Roll ${record.name} back`}
          effect={actions.rollBack.effect}
          reason={deploymentAlarms(report, operations)[0]?.text ?? ''}
          look="danger"
          label="Roll back"
          onSubmit={(author) => server.rollBack(record.name, author)}
          onClose={close}
          onDone={done('Rolled back.')}
        />
      )}
    </>
  )
}
