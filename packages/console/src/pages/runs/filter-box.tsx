import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Run } from '../../client/records.ts'
import { IconButton } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { type Completion, completeFilter } from '../../state/complete-filter.ts'
import { findFault } from '../../state/filter-fault.ts'
import type { RunColumn } from '../../state/run-columns.ts'
import styles from './filter-box.module.css'

export interface FilterBoxProps {
  readonly filter: string
  readonly onFilter: (filter: string) => void
  /** What the server says against the filter. */
  readonly complaint: string | undefined
  readonly columns: readonly RunColumn[]
  readonly runs: readonly Run[]
}

/** The filter in the server's language, with names and values offered while it is typed; Enter applies it. */
export function FilterBox({ filter, onFilter, complaint, columns, runs }: FilterBoxProps) {
  const [draft, setDraft] = useState(filter)
  const input = useRef<HTMLInputElement>(null)
  const faultId = useId()
  const offers = useOffers(draft, setDraft, input, columns, runs)
  useEffect(() => setDraft(filter), [filter])

  const apply = (text: string): void => {
    offers.close()
    setDraft(text)
    onFilter(text.trim())
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (offers.onKeyDown(event)) return
    if (event.key === 'Enter') apply(draft)
    if (event.key === 'Escape') setDraft(filter)
  }
  return (
    <div className={styles.filter}>
      <div className={styles.line}>
        <Icon name="search" size={14} />
        <input
          ref={input}
          className={styles.input}
          role="combobox"
          aria-label="Filter runs"
          aria-autocomplete="list"
          aria-expanded={offers.list.length > 0}
          aria-controls={offers.listId}
          aria-activedescendant={offers.activeId}
          aria-invalid={complaint !== undefined}
          aria-describedby={complaint === undefined ? undefined : faultId}
          placeholder="metrics.rocAuc > 0.9 AND (params.estimator = 'boosting' OR tags.team IN ('risk'))"
          spellCheck={false}
          autoComplete="off"
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value)
            offers.ask()
          }}
          onKeyDown={onKeyDown}
          onBlur={offers.close}
        />
        {draft.trim() !== filter && <kbd className={styles.hint}>Enter</kbd>}
        {draft !== '' && <IconButton icon="close" label="Clear the filter" onClick={() => apply('')} />}
      </div>
      <Offers {...offers} />
      {complaint !== undefined && <Complaint id={faultId} filter={filter} complaint={complaint} />}
    </div>
  )
}

/** The applied filter again, with the part that is wrong underlined. */
function Complaint({
  id,
  filter,
  complaint,
}: {
  readonly id: string
  readonly filter: string
  readonly complaint: string
}) {
  const fault = findFault(filter, complaint)
  const whole = fault ? filter.padEnd(fault.to) : filter
  return (
    <div id={id} className={styles.complaint} role="alert">
      {fault && (
        <code>
          {whole.slice(0, fault.from)}
          <mark>{whole.slice(fault.from, fault.to)}</mark>
          {whole.slice(fault.to)}
        </code>
      )}
      <p>{complaint}</p>
    </div>
  )
}

interface OfferState {
  readonly listId: string
  readonly list: readonly Completion[]
  readonly active: number
  readonly activeId: string | undefined
  readonly accept: (completion: Completion) => void
}

function Offers({ listId, list, active, accept }: OfferState) {
  if (list.length === 0) return null
  return (
    <div id={listId} role="listbox" aria-label="Completions" className={styles.offers}>
      {list.map((completion, i) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box, which names the active offer
        <div
          key={completion.label}
          id={`${listId}-${i}`}
          role="option"
          aria-selected={i === active}
          className={styles.offer}
          onMouseDown={(event) => {
            event.preventDefault()
            accept(completion)
          }}
        >
          {completion.label}
        </div>
      ))}
    </div>
  )
}

function useOffers(
  draft: string,
  setDraft: (text: string) => void,
  input: { readonly current: HTMLInputElement | null },
  columns: readonly RunColumn[],
  runs: readonly Run[],
) {
  const listId = useId()
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const list = useMemo(() => {
    const cursor = input.current?.selectionStart ?? draft.length
    return isOpen ? completeFilter(draft, cursor, columns, runs) : []
  }, [isOpen, draft, columns, runs, input])
  const close = (): void => setOpen(false)
  const accept = ({ from, insert }: Completion): void => {
    const cursor = input.current?.selectionStart ?? draft.length
    setDraft(draft.slice(0, from) + insert + draft.slice(cursor))
    close()
    requestAnimationFrame(() => input.current?.setSelectionRange(from + insert.length, from + insert.length))
  }
  /** Whether the key belonged to the list. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (list.length === 0) return false
    const chosen = list[active] ?? (event.key === 'Tab' ? list[0] : undefined)
    if (event.key === 'ArrowDown') setActive((active + 1) % list.length)
    else if (event.key === 'ArrowUp') setActive((active - 1 + list.length) % list.length)
    else if (event.key === 'Escape') close()
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) accept(chosen)
    else return false
    event.preventDefault()
    return true
  }
  const ask = (): void => {
    setOpen(true)
    setActive(-1)
  }
  const activeId = list[active] ? `${listId}-${active}` : undefined
  return { listId, list, active, activeId, accept, ask, close, onKeyDown }
}
