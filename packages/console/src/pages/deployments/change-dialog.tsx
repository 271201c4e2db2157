import { type FormEvent, type ReactNode, useState } from 'react'
import type { Author } from '../../client/serving-client.ts'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { Field, inputClass } from '../../components/field.tsx'
import { Problem } from '../../components/notice.tsx'
import { keepAuthor, keptAuthor } from '../../state/serving/kept-author.ts'
import styles from './deployments.module.css'

export interface ChangeDialogProps {
  readonly title: string
  /** What comes of it. */
  readonly effect: string
  /** What the reason begins as. */
  readonly reason?: string
  readonly look: 'primary' | 'danger'
  /** Of the button that does it. */
  readonly label: string
  /** Why it cannot be done as the form stands. */
  readonly fault?: string | undefined
  readonly children?: ReactNode
  readonly onSubmit: (author: Author) => Promise<void>
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Asks who and why before a change of what answers, says what comes of it, and makes it. */
export function ChangeDialog(props: ChangeDialogProps) {
  const { title, effect, look, label, fault, children, onSubmit, onDone, onClose } = props
  const [by, setBy] = useState(keptAuthor)
  const [reason, setReason] = useState(props.reason ?? '')
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setBusy(true)
    keepAuthor(by.trim())
    onSubmit({ by: by.trim(), reason: reason.trim() })
      .then(() => {
        onDone()
        onClose()
      })
      .catch((cause: Error) => {
        setError(cause.message)
        setBusy(false)
      })
  }
  const isReady = !isBusy && fault === undefined && reason.trim() !== '' && by.trim() !== ''
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {children}
        <p className={styles.effect} aria-live="polite">
          {fault ?? effect}
        </p>
        <Field label="Why">
          <textarea
            className={inputClass}
            rows={2}
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <Field label="Who">
          <input
            className={inputClass}
            required
            maxLength={200}
            autoComplete="name"
            value={by}
            onChange={(event) => setBy(event.target.value)}
          />
        </Field>
        {error !== undefined && <Problem>{error}</Problem>}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={look} disabled={!isReady}>
            {label}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
