import { useState } from 'react'
import { links } from '../../app/links.ts'
import { navigate } from '../../app/location.ts'
import { useClient } from '../../app/use-client.ts'
import { useShortcuts } from '../../app/use-shortcuts.ts'
import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { Problem } from '../../components/notice.tsx'
import { formatCount } from '../../format/format.ts'
import styles from './runs-page.module.css'

/** More make no readable comparison, and no address that every browser takes. */
const MOST_COMPARED = 50

/** What can be done with the selected runs. */
export function SelectionBar({
  selected,
  isDeletedView,
  onClear,
  onDone,
}: {
  readonly selected: ReadonlySet<string>
  readonly isDeletedView: boolean
  readonly onClear: () => void
  /** Runs were deleted or restored. */
  readonly onDone: () => void
}) {
  const client = useClient()
  const [isAsking, setAsking] = useState(false)
  const ids = [...selected]
  const canCompare = ids.length >= 2 && ids.length <= MOST_COMPARED
  const compare = (): void => navigate(links.compare(ids))
  useShortcuts({ c: () => canCompare && compare() })
  return (
    <section className={styles.selection} aria-label="Selected runs">
      <strong aria-live="polite">{formatCount(ids.length, 'run')} selected</strong>
      <Button
        icon="compare"
        look={canCompare ? 'primary' : 'normal'}
        disabled={!canCompare}
        title={canCompare ? undefined : `Select 2 to ${MOST_COMPARED} runs to compare them`}
        onClick={compare}
      >
        Compare
      </Button>
      {client.canWrite && (
        <Button icon={isDeletedView ? 'restore' : 'trash'} onClick={() => setAsking(true)}>
          {isDeletedView ? 'Restore' : 'Delete'}
        </Button>
      )}
      <Button look="plain" onClick={onClear}>
        Clear
      </Button>
      {isAsking && (
        <ConfirmDialog
          verb={isDeletedView ? 'Restore' : 'Delete'}
          ids={ids}
          act={isDeletedView ? client.restoreRuns : client.deleteRuns}
          onClose={() => setAsking(false)}
          onDone={onDone}
        />
      )}
    </section>
  )
}

function ConfirmDialog({
  verb,
  ids,
  act,
  onClose,
  onDone,
}: {
  readonly verb: 'Delete' | 'Restore'
  readonly ids: readonly string[]
  readonly act: (ids: readonly string[]) => Promise<void>
  readonly onClose: () => void
  readonly onDone: () => void
}) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const confirm = (): void => {
    setBusy(true)
    act(ids)
      .then(() => {
        onClose()
        onDone()
      })
      .catch((cause: Error) => {
        setError(cause.message)
        setBusy(false)
      })
  }
  return (
    <Dialog title={`${verb} ${formatCount(ids.length, 'run')}?`} onClose={onClose}>
      <p>
        {verb === 'Delete'
          ? 'They leave the table and can be restored from “Deleted”, until somebody collects the garbage of the store.'
          : 'They come back to the table with everything that they had.'}
      </p>
      {error !== undefined && <Problem>{error}</Problem>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look={verb === 'Delete' ? 'danger' : 'primary'} disabled={isBusy} onClick={confirm}>
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
