import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { Problem } from '../../components/notice.tsx'

/** Asks before a model is taken away. */
export function UnloadDialog({
  name,
  onUnload,
  onDone,
  onClose,
}: {
  readonly name: string
  readonly onUnload: () => Promise<void>
  readonly onDone: () => void
  readonly onClose: () => void
}) {
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const unload = (): void => {
    setBusy(true)
    onUnload()
      .then(() => {
        onDone()
        onClose()
      })
      .catch((cause: Error) => {
        setError(cause.message)
        setBusy(false)
      })
  }
  return (
    <Dialog title={`Unload ${name}`} onClose={onClose}>
      <p>
        What was asked is still answered. After that every request that names {name} fails until it is loaded again.
      </p>
      {error !== undefined && <Problem>{error}</Problem>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={isBusy} onClick={unload}>
          Unload
        </Button>
      </DialogActions>
    </Dialog>
  )
}
