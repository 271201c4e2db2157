import { useMemo } from 'react'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { ArtifactOwner, TextArtifact } from '../../client/console-client.ts'
import { Icon } from '../../components/icon.tsx'
import { Markdown } from '../../components/markdown.tsx'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { formatBytes, formatCount } from '../../format/format.ts'
import { artifactKind } from './artifact-kinds.ts'
import styles from './artifact-preview.module.css'
import { type ReadTable, readDelimited, tableInJson } from './read-table.ts'

const MOST_BYTES = 1_000_000
const MOST_ROWS = 500

export interface PreviewProps {
  readonly owner: ArtifactOwner
  readonly path: string
}

/** A file as its kind is best seen, with a way to have it whole. */
export function ArtifactPreview({ owner, path }: PreviewProps) {
  const url = useClient().artifactUrl(owner, path)
  return (
    <>
      <div className={styles.head}>
        <code>{path}</code>
        <a href={url} download={path.slice(path.lastIndexOf('/') + 1)}>
          <Icon name="download" size={14} /> Download
        </a>
      </div>
      <Content owner={owner} path={path} url={url} />
    </>
  )
}

function Content({ owner, path, url }: PreviewProps & { readonly url: string }) {
  const kind = artifactKind(path)
  if (kind === 'image') return <img className={styles.image} src={url} alt={path} />
  // Scripts of a report run, but in an origin of their own: they reach neither this page nor the server.
  if (kind === 'page') return <iframe className={styles.frame} title={path} src={url} sandbox="allow-scripts" />
  if (kind === 'other') return <Empty title="No preview">This kind of file can be downloaded.</Empty>
  return <TextContent owner={owner} path={path} kind={kind} />
}

type TextKind = Exclude<ReturnType<typeof artifactKind>, 'image' | 'page' | 'other'>

function TextContent({ owner, path, kind }: PreviewProps & { readonly kind: TextKind }) {
  const client = useClient()
  const { data, error, reload } = useQuery(`text ${JSON.stringify(owner)} ${path}`, (signal) =>
    client.readText(owner, path, MOST_BYTES, signal),
  )
  if (error) return <Failure error={error} onRetry={reload} />
  if (!data) return <Loading label="Loading the file" />
  return (
    <div className={styles.content}>
      {data.isCut && <p className={styles.note}>Only the first {formatBytes(MOST_BYTES)} are shown.</p>}
      <Shown data={data} kind={kind} path={path} />
    </div>
  )
}

function Shown({ data, kind, path }: { readonly data: TextArtifact; readonly kind: TextKind; readonly path: string }) {
  const read = useMemo(() => readAs(data.text, kind, path), [data.text, kind, path])
  if (kind === 'markdown') return <Markdown text={data.text} />
  if (typeof read === 'string') return <pre className={styles.text}>{read}</pre>
  return <TablePreview table={read} />
}

function readAs(text: string, kind: TextKind, path: string): ReadTable | string {
  if (kind === 'table') return readDelimited(text, path.toLowerCase().endsWith('.tsv') ? '\t' : ',')
  if (kind !== 'json') return text
  try {
    const value = JSON.parse(text) as unknown
    return tableInJson(value) ?? JSON.stringify(value, null, 2)
  } catch {
    return text
  }
}

function TablePreview({ table }: { readonly table: ReadTable }) {
  const shown = table.rows.slice(0, MOST_ROWS).map((cells, i) => ({ cells, place: i + 1 }))
  return (
    <>
      <p className={styles.note}>
        {formatCount(table.rows.length, 'row')}, {formatCount(table.columns.length, 'column')}
        {table.rows.length > MOST_ROWS && `; the first ${MOST_ROWS} are shown`}
      </p>
      <PlainTable
        caption="Rows of the file"
        rows={shown}
        keyOf={({ place }) => String(place)}
        columns={[
          { label: '#', isNumeric: true, cell: ({ place }) => place },
          ...table.columns.map((label, i) => ({
            label: label || `column ${i + 1}`,
            isNumeric: shown.every(({ cells }) => !cells[i] || Number.isFinite(Number(cells[i]))),
            cell: ({ cells }: { cells: readonly string[] }) => cells[i] ?? '',
          })),
        ]}
      />
    </>
  )
}
