import { useState } from 'react'
import type { Author } from '../../client/serving-client.ts'
import type { DeploymentRecord } from '../../client/serving-wire.ts'
import { Field, inputClass } from '../../components/field.tsx'
import { promotable } from '../../state/serving/actions.ts'
import { ChangeDialog } from './change-dialog.tsx'

/** Gives everything to one variant. */
export function PromoteDialog({
  record,
  onPromote,
  onDone,
  onClose,
}: {
  readonly record: DeploymentRecord
  readonly onPromote: (author: Author, variant: string) => Promise<void>
  readonly onDone: () => void
  readonly onClose: () => void
}) {
  const variants = promotable(record)
  const [variant, setVariant] = useState(variants[0]!)
  return (
    <ChangeDialog
      title={`Promote a variant of ${record.name}`}
      effect={`${variant} answers everything from now on. It can be rolled back.`}
      look="primary"
      label="Promote"
      onSubmit={(author) => onPromote(author, variant)}
      {...{ onDone, onClose }}
    >
      <Field label="Variant">
        <select className={inputClass} value={variant} onChange={(event) => setVariant(event.target.value)}>
          {variants.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
    </ChangeDialog>
  )
}
