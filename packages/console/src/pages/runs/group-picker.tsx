import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { SearchField } from '../../components/field.tsx'
import { Popover } from '../../components/popover.tsx'
import { columnOf, type RunColumn } from '../../state/run-columns.ts'
import styles from './pickers.module.css'

const ATTRIBUTES = new Set(['status', 'user', 'source', 'dataset', 'model'])

/** By the values of which column the runs stand together. */
export function GroupPicker(props: {
  readonly available: readonly RunColumn[]
  readonly group: string | undefined
  readonly onGroup: (id: string | undefined) => void
}) {
  const { group } = props
  return (
    <Popover label={group === undefined ? 'Group' : `Group: ${columnOf(group).label}`} icon="group">
      {(close) => <GroupList {...props} close={close} />}
    </Popover>
  )
}

function GroupList({
  available,
  group,
  onGroup,
  close,
}: Parameters<typeof GroupPicker>[0] & { readonly close: () => void }) {
  const [words, setWords] = useState('')
  const found = available
    .filter(({ kind, key }) => kind === 'param' || kind === 'tag' || (kind === 'attribute' && ATTRIBUTES.has(key)))
    .filter(({ label }) => label.toLowerCase().includes(words.trim().toLowerCase()))
  const choose = (id: string | undefined): void => {
    onGroup(id)
    close()
  }
  return (
    <div className={styles.picker}>
      <SearchField label="Search parameters and tags" value={words} onValue={setWords} />
      <div className={styles.list}>
        <Button
          look="plain"
          className={styles.option}
          aria-pressed={group === undefined}
          onClick={() => choose(undefined)}
        >
          No groups
        </Button>
        {found.map(({ id, kind, label }) => (
          <Button
            key={id}
            look="plain"
            className={styles.option}
            aria-pressed={group === id}
            onClick={() => choose(id)}
          >
            <span>{label}</span>
            {kind !== 'attribute' && <small>{kind === 'param' ? 'parameter' : 'tag'}</small>}
          </Button>
        ))}
      </div>
    </div>
  )
}
