import { type FormEvent, useState } from 'react'
import { useClient } from '../../app/use-client.ts'
import type { ModelVersion, RegisteredModel } from '../../client/records.ts'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { Field, inputClass } from '../../components/field.tsx'
import { Problem } from '../../components/notice.tsx'
import styles from './models.module.css'
import { moveAlias } from './move-alias.ts'

/** What the reader set out to do; `to` is undefined where the alias is to go. */
export interface MoveIntent {
  readonly title: string
  readonly alias: string
  readonly to: string | undefined
  /** Alias and version may be changed in the dialog. */
  readonly isOpen: boolean
}

/** Asks for the reason, and moves the alias. */
export function MoveAliasDialog({
  model,
  versions,
  intent,
  onClose,
  onMoved,
}: {
  readonly model: RegisteredModel
  readonly versions: readonly ModelVersion[]
  readonly intent: MoveIntent
  readonly onClose: () => void
  readonly onMoved: () => void
}) {
  const client = useClient()
  const [alias, setAlias] = useState(intent.alias)
  const [to, setTo] = useState(intent.to)
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const from = model.aliases.find((one) => one.alias === alias.trim())?.version
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setBusy(true)
    moveAlias(client, model.name, { timeMs: Date.now(), alias: alias.trim(), from, to, reason: reason.trim() })
      .then(() => {
        onMoved()
        onClose()
      })
      .catch((cause: Error) => {
        setError(cause.message)
        setBusy(false)
      })
  }
  return (
    <Dialog title={intent.title} onClose={onClose}>
      <form onSubmit={submit}>
        {intent.isOpen && (
          <>
            <Field label="Alias">
              <input
                className={inputClass}
                value={alias}
                onChange={(event) => setAlias(event.target.value)}
                list="known-aliases"
              />
            </Field>
            <datalist id="known-aliases">
              {model.aliases.map((one) => (
                <option key={one.alias} value={one.alias} />
              ))}
            </datalist>
            <Field label="Version">
              <select className={inputClass} value={to} onChange={(event) => setTo(event.target.value)}>
                {versions.map(({ version }) => (
                  <option key={version}>{version}</option>
                ))}
              </select>
            </Field>
          </>
        )}
        <p className={styles.move}>{moveInWords(alias.trim(), from, to)}</p>
        <Field label="Why">
          <textarea
            className={inputClass}
            rows={3}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        {error !== undefined && <Problem>{error}</Problem>}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look={to === undefined ? 'danger' : 'primary'}
            disabled={isBusy || reason.trim() === '' || alias.trim() === '' || from === to}
          >
            {to === undefined ? 'Take away' : 'Move'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

function moveInWords(alias: string, from: string | undefined, to: string | undefined): string {
  if (alias === '') return 'Give the alias a name.'
  if (from === to) return `@${alias} points to version ${to} already.`
  if (to === undefined)
    return `@${alias} no longer points to version ${from}. What loads the model by this alias will fail.`
  if (from === undefined) return `@${alias} is new and points to version ${to}.`
  return `@${alias} moves from version ${from} to version ${to}. What loads the model by this alias gets version ${to} from now on.`
}
