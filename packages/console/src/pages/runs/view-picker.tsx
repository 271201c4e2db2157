import { type FormEvent, useState } from 'react'
import { links } from '../../app/links.ts'
import { Button, IconButton } from '../../components/button.tsx'
import { inputClass } from '../../components/field.tsx'
import { Problem } from '../../components/notice.tsx'
import { Popover } from '../../components/popover.tsx'
import { type RunView, sameView } from '../../state/run-view.ts'
import { readSavedViews, type SavedView, withView, writeSavedViews } from '../../state/saved-views.ts'
import styles from './pickers.module.css'

/** Views that this browser keeps for the experiment; the address of the page is a view too, for others. */
export function ViewPicker({ experimentId, view }: { readonly experimentId: string; readonly view: RunView }) {
  const current = readSavedViews(localStorage, experimentId).find((saved) => sameView(saved.view, view))
  return (
    <Popover label={current?.name ?? 'Views'} icon="views">
      {(close) => <ViewList experimentId={experimentId} view={view} close={close} />}
    </Popover>
  )
}

function ViewList({
  experimentId,
  view,
  close,
}: {
  readonly experimentId: string
  readonly view: RunView
  readonly close: () => void
}) {
  const [views, setViews] = useState(() => readSavedViews(localStorage, experimentId))
  const [isKept, setKept] = useState(true)
  const [name, setName] = useState('')
  const change = (next: readonly SavedView[]): void => {
    setViews([...next])
    setKept(writeSavedViews(localStorage, experimentId, next))
  }
  const save = (event: FormEvent): void => {
    event.preventDefault()
    change(withView(views, { name: name.trim(), view }))
    setName('')
  }
  return (
    <div className={styles.picker}>
      {views.length === 0 && <p className={styles.quiet}>Keep filter, order, columns and groups under a name.</p>}
      <ul className={styles.list}>
        {views.map((saved) => (
          <li key={saved.name} className={styles.saved}>
            <a
              href={links.experiment(experimentId, saved.view)}
              onClick={close}
              aria-current={sameView(saved.view, view) ? 'true' : undefined}
            >
              {saved.name}
            </a>
            <IconButton
              icon="trash"
              label={`Forget the view ${saved.name}`}
              onClick={() => change(views.filter((one) => one !== saved))}
            />
          </li>
        ))}
      </ul>
      <form className={styles.save} onSubmit={save}>
        <input
          className={inputClass}
          aria-label="Name of the view"
          placeholder="Name of this view"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          Save
        </Button>
      </form>
      {!isKept && <Problem>This browser keeps nothing: the view is gone with the page.</Problem>}
    </div>
  )
}
