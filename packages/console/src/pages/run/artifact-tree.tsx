import { type KeyboardEvent, useState } from 'react'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { ArtifactEntry } from '../../client/records.ts'
import { Icon } from '../../components/icon.tsx'
import { Problem } from '../../components/notice.tsx'
import { formatBytes } from '../../format/format.ts'
import styles from './artifact-tree.module.css'

export interface TreeProps {
  readonly runId: string
  readonly chosen: string | undefined
  readonly onChoose: (path: string) => void
}

/** Folders load when they are opened; arrows walk through what is seen. */
export function ArtifactTree({ root, ...rest }: TreeProps & { readonly root: readonly ArtifactEntry[] }) {
  return (
    <div role="tree" aria-label="Artifacts" onKeyDown={walk}>
      <Entries {...rest} entries={root} level={1} />
    </div>
  )
}

function Entries({
  entries,
  level,
  ...rest
}: TreeProps & { readonly entries: readonly ArtifactEntry[]; readonly level: number }) {
  return sorted(entries).map((entry, i) => (
    <Entry key={entry.path} entry={entry} level={level} isFirst={level === 1 && i === 0} {...rest} />
  ))
}

function Entry({
  entry,
  level,
  isFirst,
  ...rest
}: TreeProps & { readonly entry: ArtifactEntry; readonly level: number; readonly isFirst: boolean }) {
  const { chosen, onChoose } = rest
  const [isOpen, setOpen] = useState(chosen?.startsWith(`${entry.path}/`) ?? false)
  const isChosen = chosen === entry.path
  const press = (): void => (entry.isFolder ? setOpen(!isOpen) : onChoose(entry.path))
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') press()
    else if (event.key === 'ArrowRight' && entry.isFolder && !isOpen) setOpen(true)
    else if (event.key === 'ArrowLeft' && entry.isFolder && isOpen) setOpen(false)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <>
      <div
        role="treeitem"
        className={styles.entry}
        style={{ paddingInlineStart: level * 14 - 6 }}
        tabIndex={isChosen || (isFirst && chosen === undefined) ? 0 : -1}
        aria-level={level}
        aria-selected={isChosen}
        aria-expanded={entry.isFolder ? isOpen : undefined}
        onClick={press}
        onKeyDown={onKeyDown}
      >
        <span className={styles.twist}>{entry.isFolder && <Icon name={isOpen ? 'down' : 'right'} size={11} />}</span>
        <Icon name={entry.isFolder ? 'folder' : 'file'} size={14} />
        <span className={styles.name} title={entry.path}>
          {entry.path.slice(entry.path.lastIndexOf('/') + 1)}
        </span>
        {entry.sizeBytes !== undefined && <span className={styles.size}>{formatBytes(entry.sizeBytes)}</span>}
      </div>
      {isOpen && <Folder path={entry.path} level={level + 1} {...rest} />}
    </>
  )
}

function Folder({ path, level, ...rest }: TreeProps & { readonly path: string; readonly level: number }) {
  const client = useClient()
  const { data, error } = useQuery(`artifacts ${rest.runId} ${path}`, (signal) =>
    client.listArtifacts(rest.runId, path, signal),
  )
  if (error) return <Problem>{error.message}</Problem>
  if (data?.length === 0) return <p className={styles.empty}>Empty</p>
  return <Entries entries={data ?? []} level={level} {...rest} />
}

/** Folders first, then by name. */
const sorted = (entries: readonly ArtifactEntry[]): ArtifactEntry[] =>
  [...entries].sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.path.localeCompare(b.path))

function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=treeitem]')]
  const at = items.indexOf(document.activeElement as HTMLElement)
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: items.length - 1,
    ArrowLeft: parentOf(items, at),
    ArrowRight: at + 1,
  }
  const target = items[targets[event.key] ?? -1]
  if (!target) return
  event.preventDefault()
  target.focus()
}

function parentOf(items: readonly HTMLElement[], at: number): number {
  const level = Number(items[at]?.ariaLevel)
  return items.findLastIndex((item, i) => i < at && Number(item.ariaLevel) < level)
}
