import { useState } from 'react'
import { links } from '../../app/links.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { ModelVersion, RegisteredModel } from '../../client/records.ts'
import { Button } from '../../components/button.tsx'
import { Chip, Chips } from '../../components/chip.tsx'
import { Section } from '../../components/facts.tsx'
import { Failure, Loading } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { TagEditor } from '../../components/tag-editor.tsx'
import { Age } from '../../components/time.tsx'
import { aliasMoves, plainTags, previousVersion } from '../../state/alias-moves.ts'
import { type TrailEntry, toTrail } from '../../state/trail.ts'
import { AuditTrail } from './audit-trail.tsx'
import styles from './models.module.css'
import { MoveAliasDialog, type MoveIntent } from './move-alias-dialog.tsx'

const CRUMBS = [{ label: 'Models', href: links.models() }]
const FIRST_ALIAS = 'champion'

/** One model: where its aliases point and why, and all its versions. */
export function ModelPage({ name }: { readonly name: string }) {
  const client = useClient()
  const model = useQuery(`model ${name}`, (signal) => client.model(name, signal))
  const versions = useQuery(`versions ${name}`, (signal) => client.modelVersions(name, signal))
  const audit = useQuery(`audit ${name}`, (signal) => client.auditTrail(name, signal))
  const reload = (): void => {
    model.reload()
    versions.reload()
    audit.reload()
  }
  const error = model.error ?? versions.error ?? audit.error
  if (error && !(model.data && versions.data && audit.data))
    return (
      <Page title={name} crumbs={CRUMBS}>
        <Failure error={error} onRetry={reload} />
      </Page>
    )
  if (!model.data || !versions.data || !audit.data)
    return (
      <Page title={name} crumbs={CRUMBS}>
        <Loading label="Loading the model" />
      </Page>
    )
  const trail = toTrail(audit.data.entries, aliasMoves(model.data.tags))
  return <LoadedModel model={model.data} versions={versions.data} trail={trail} onChange={reload} />
}

interface ModelProps {
  readonly model: RegisteredModel
  readonly versions: readonly ModelVersion[]
  readonly trail: readonly TrailEntry[]
  readonly onChange: () => void
}

function LoadedModel({ model, versions, trail, onChange }: ModelProps) {
  const client = useClient()
  const [intent, setIntent] = useState<MoveIntent>()
  const newest = versions[0]?.version
  const promote = (version: string): void =>
    setIntent({
      title: `Promote version ${version}`,
      alias: model.aliases[0]?.alias ?? FIRST_ALIAS,
      to: version,
      isOpen: true,
    })
  return (
    <Page
      title={model.name}
      crumbs={CRUMBS}
      facts={
        <span>
          changed <Age timeMs={model.updatedMs ?? model.createdMs} />
        </span>
      }
      actions={
        client.canWrite &&
        newest !== undefined && (
          <Button look="primary" onClick={() => promote(newest)}>
            Promote…
          </Button>
        )
      }
    >
      {model.description && <p className={styles.lead}>{model.description}</p>}
      <div className={styles.columns}>
        <div>
          <Section title="Aliases">
            <Aliases model={model} onIntent={setIntent} />
          </Section>
          <Section title={`Versions (${versions.length})`}>
            <VersionTable versions={versions} onPromote={client.canWrite ? promote : undefined} />
          </Section>
        </div>
        <aside className={styles.aside} aria-label="History and tags">
          <Section title="Audit trail">
            <AuditTrail name={model.name} entries={trail} />
          </Section>
          <Section title="Tags">
            <TagEditor
              tags={plainTags(model.tags)}
              isReadOnly={!client.canWrite}
              onSet={(key, value) => client.setModelTag(model.name, key, value)}
              onDelete={(key) => client.deleteModelTag(model.name, key)}
              onChange={onChange}
            />
          </Section>
        </aside>
      </div>
      {intent && (
        <MoveAliasDialog
          model={model}
          versions={versions}
          intent={intent}
          onClose={() => setIntent(undefined)}
          onMoved={onChange}
        />
      )}
    </Page>
  )
}

function Aliases({
  model,
  onIntent,
}: {
  readonly model: RegisteredModel
  readonly onIntent: (intent: MoveIntent) => void
}) {
  const { canWrite } = useClient()
  if (model.aliases.length === 0) return <p className={styles.none}>No alias points to a version of this model.</p>
  return (
    <ul className={styles.aliases}>
      {model.aliases.map(({ alias, version }) => {
        const before = previousVersion(model, alias)
        return (
          <li key={alias} className={styles.alias}>
            <Chip tone="accent">@{alias}</Chip>
            <a href={links.version(model.name, version)}>Version {version}</a>
            {canWrite && (
              <span>
                {before !== undefined && (
                  <Button
                    icon="back"
                    onClick={() => onIntent({ title: `Roll @${alias} back`, alias, to: before, isOpen: false })}
                  >
                    Roll back to {before}
                  </Button>
                )}
                <Button
                  icon="trash"
                  look="plain"
                  aria-label={`Take @${alias} away`}
                  title={`Take @${alias} away`}
                  onClick={() => onIntent({ title: `Take @${alias} away`, alias, to: undefined, isOpen: false })}
                />
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function VersionTable({
  versions,
  onPromote,
}: {
  readonly versions: readonly ModelVersion[]
  readonly onPromote: ((version: string) => void) | undefined
}) {
  return (
    <PlainTable
      caption="Versions"
      rows={versions}
      keyOf={({ version }) => version}
      columns={[
        { label: 'Version', cell: ({ name, version }) => <a href={links.version(name, version)}>Version {version}</a> },
        {
          label: 'Aliases',
          isWide: true,
          cell: ({ aliases, stage }) => (
            <Chips>
              {aliases.map((alias) => (
                <Chip key={alias} tone="accent">
                  @{alias}
                </Chip>
              ))}
              {stage && <Chip tone="good">{stage}</Chip>}
            </Chips>
          ),
        },
        {
          label: 'Run',
          cell: ({ runId }) =>
            runId ? <a href={links.run(runId)}>{runId.slice(0, 8)}</a> : <span className={styles.none}>–</span>,
        },
        {
          label: 'Registered',
          cell: ({ createdMs }) => (
            <span className={styles.age}>
              <Age timeMs={createdMs} />
            </span>
          ),
        },
        ...(onPromote
          ? [
              {
                label: 'Actions',
                cell: ({ version }: ModelVersion) => (
                  <Button look="plain" aria-label={`Promote version ${version}`} onClick={() => onPromote(version)}>
                    Promote…
                  </Button>
                ),
              },
            ]
          : []),
      ]}
    />
  )
}
