import { useState } from 'react'
import type { Author } from '../../client/serving-client.ts'
import type { DeploymentRecord, DeploymentSpec } from '../../client/serving-wire.ts'
import { Field, inputClass } from '../../components/field.tsx'
import { formatPercent } from '../../format/format.ts'
import { currentWeights, weightsFault, withWeights } from '../../state/serving/actions.ts'
import { ChangeDialog } from './change-dialog.tsx'
import styles from './deployments.module.css'

/** Divides the requests anew; weights are shares of their sum, so they need not add up to 100. */
export function WeightsDialog({
  record,
  effect,
  onUpdate,
  onDone,
  onClose,
}: {
  readonly record: DeploymentRecord
  readonly effect: string
  readonly onUpdate: (spec: DeploymentSpec, author: Author) => Promise<void>
  readonly onDone: () => void
  readonly onClose: () => void
}) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(Object.entries(currentWeights(record)).map(([name, weight]) => [name, String(weight)])),
  )
  const weights = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.trim() === '' ? Number.NaN : Number(text)]),
  )
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  return (
    <ChangeDialog
      title={`Weights of ${record.name}`}
      effect={effect}
      fault={weightsFault(record, weights)}
      look="primary"
      label="Change"
      onSubmit={(author) => onUpdate(withWeights(record, weights), author)}
      {...{ onDone, onClose }}
    >
      <div className={styles.weights}>
        {Object.keys(texts).map((name) => (
          <Field key={name} label={`${name}: ${formatPercent(total > 0 ? weights[name]! / total : undefined)}`}>
            <input
              className={inputClass}
              inputMode="decimal"
              value={texts[name]}
              onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
            />
          </Field>
        ))}
      </div>
    </ChangeDialog>
  )
}
