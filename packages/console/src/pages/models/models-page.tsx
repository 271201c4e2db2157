import { useState } from 'react'
import { links } from '../../app/links.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { RegisteredModel } from '../../client/records.ts'
import { Chip, Chips } from '../../components/chip.tsx'
import { SearchField } from '../../components/field.tsx'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { PlainTable, type TableColumn } from '../../components/plain-table.tsx'
import { Age } from '../../components/time.tsx'
import { plainTags } from '../../state/alias-moves.ts'
import styles from './models.module.css'

/** The registry: every model with where its aliases point. */
export function ModelsPage() {
  const client = useClient()
  const [words, setWords] = useState('')
  const { data, error, isLoading, reload } = useQuery('models', client.searchModels, { refreshMs: 20_000 })
  const found = (data ?? []).filter(({ name }) => name.toLowerCase().includes(words.trim().toLowerCase()))
  return (
    <Page
      title="Models"
      facts={data && <span>{data.length.toLocaleString('en-US')}</span>}
      actions={<SearchField label="Search models" value={words} onValue={setWords} />}
    >
      {error && !data && <Failure error={error} onRetry={reload} />}
      {isLoading && <Loading label="Loading models" />}
      {data?.length === 0 && (
        <Empty title="No registered models">
          <p>A run that meets its criteria registers its model.</p>
          <pre>fivefold run --data customers.csv --target churned</pre>
        </Empty>
      )}
      {data && data.length > 0 && found.length === 0 && <Empty title={`No model is called “${words}”`} />}
      {found.length > 0 && (
        <PlainTable caption="Registered models" columns={COLUMNS} rows={found} keyOf={({ name }) => name} />
      )}
    </Page>
  )
}

const COLUMNS: readonly TableColumn<RegisteredModel>[] = [
  {
    label: 'Name',
    isWide: true,
    cell: ({ name, description }) => (
      <>
        <a href={links.model(name)}>{name}</a>
        {description && <div className={styles.description}>{description.split('\n')[0]}</div>}
      </>
    ),
  },
  {
    label: 'Latest',
    cell: ({ name, latestVersion }) =>
      latestVersion ? <a href={links.version(name, latestVersion)}>Version {latestVersion}</a> : '–',
  },
  {
    label: 'Aliases',
    cell: ({ name, aliases }) => (
      <Chips>
        {aliases.map(({ alias, version }) => (
          <a key={alias} href={links.version(name, version)}>
            <Chip tone="accent">
              @{alias} → {version}
            </Chip>
          </a>
        ))}
      </Chips>
    ),
  },
  {
    label: 'Tags',
    cell: ({ tags }) => (
      <Chips>
        {Object.entries(plainTags(tags)).map(([key, value]) => (
          <Chip key={key}>
            {key}: {value}
          </Chip>
        ))}
      </Chips>
    ),
  },
  {
    label: 'Changed',
    cell: ({ updatedMs, createdMs }) => (
      <span className={styles.age}>
        <Age timeMs={updatedMs ?? createdMs} />
      </span>
    ),
  },
]
