import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { CheckBox, SearchField } from '../../components/field.tsx'
import { Popover } from '../../components/popover.tsx'
import { groupBy } from '../../state/group-by.ts'
import type { ColumnKind, RunColumn } from '../../state/run-columns.ts'
import styles from './pickers.module.css'

const KINDS: Readonly<Record<ColumnKind, string>> = {
  attribute: 'Attributes',
  metric: 'Metrics',
  param: 'Parameters',
  tag: 'Tags',
}

/** Which columns the table has; undefined goes back to the default ones. */
export function ColumnPicker(props: {
  readonly available: readonly RunColumn[]
  readonly shown: readonly string[]
  readonly onShown: (ids: readonly string[] | undefined) => void
}) {
  return (
    <Popover label="Columns" icon="columns">
      {() => <ColumnList {...props} />}
    </Popover>
  )
}

function ColumnList({ available, shown, onShown }: Parameters<typeof ColumnPicker>[0]) {
  const [words, setWords] = useState('')
  const found = available.filter(({ label }) => label.toLowerCase().includes(words.trim().toLowerCase()))
  const show = (ids: ReadonlySet<string>): void =>
    onShown([...shown.filter((id) => ids.has(id)), ...[...ids].filter((id) => !shown.includes(id))])
  const toggle = (id: string, isShown: boolean): void => {
    const ids = new Set(shown)
    if (isShown) ids.add(id)
    else ids.delete(id)
    show(ids)
  }
  return (
    <div className={styles.picker}>
      <SearchField label="Search columns" value={words} onValue={setWords} />
      <div className={styles.list}>
        {[...groupBy(found, ({ kind }) => kind)].map(([kind, columns]) => (
          <fieldset key={kind}>
            <legend>{KINDS[kind]}</legend>
            {columns.map(({ id, label }) => (
              <CheckBox
                key={id}
                label={label}
                isChecked={shown.includes(id)}
                onChange={(isShown) => toggle(id, isShown)}
              />
            ))}
          </fieldset>
        ))}
        {found.length === 0 && <p className={styles.quiet}>No column has this name.</p>}
      </div>
      <div className={styles.foot}>
        <Button look="plain" onClick={() => show(new Set([...shown, ...found.map(({ id }) => id)]))}>
          All
        </Button>
        <Button look="plain" onClick={() => onShown([])}>
          None
        </Button>
        <Button look="plain" onClick={() => onShown(undefined)}>
          Default
        </Button>
      </div>
    </div>
  )
}
