import type { ReactNode } from 'react'
import { links } from '../../app/links.ts'
import type { Dataset, Run } from '../../client/records.ts'
import { CopyButton } from '../../components/copy-button.tsx'
import type { Fact } from '../../components/facts.tsx'
import { Status } from '../../components/status.tsx'
import { Duration } from '../../components/time.tsx'
import { formatTime } from '../../format/format.ts'
import styles from './run-facts.module.css'

/** What the client libraries record about a run, in the order in which a reader asks. */
export function runFacts(run: Run): Fact[] {
  const { tags } = run
  const facts: (Fact | undefined)[] = [
    { label: 'Status', value: <Status status={run.status} /> },
    run.startedMs === undefined ? undefined : { label: 'Started', value: formatTime(run.startedMs) },
    run.endedMs === undefined ? undefined : { label: 'Ended', value: formatTime(run.endedMs) },
    {
      label: 'Duration',
      value: <Duration startMs={run.startedMs} endMs={run.endedMs} isRunning={run.status === 'running'} />,
    },
    fact('User', run.user),
    fact('Source', tags['mlflow.source.name']),
    fact('Commit', tags['mlflow.source.git.commit'], (commit) => <Hash text={commit} shown={commit.slice(0, 12)} />),
    fact('Branch', tags['mlflow.source.git.branch']),
    fact('Data', tags['fivefold.dataHash'], (hash) => (
      <Hash text={hash} shown={hash.replace(/^sha256:/, '').slice(0, 12)} />
    )),
    ...run.datasets.map((dataset) => ({ label: 'Dataset', value: <DatasetWords dataset={dataset} /> })),
    fact('Parent', tags['mlflow.parentRunId'], (parent) => <a href={links.run(parent)}>{parent.slice(0, 12)}</a>),
    { label: 'Run ID', value: <Hash text={run.id} shown={run.id.slice(0, 12)} /> },
  ]
  return facts.filter((one) => one !== undefined)
}

function fact(
  label: string,
  text: string | undefined,
  show: (text: string) => ReactNode = (same) => same,
): Fact | undefined {
  return text ? { label, value: show(text) } : undefined
}

function Hash({ text, shown }: { readonly text: string; readonly shown: string }) {
  return (
    <span className={styles.hash}>
      <code title={text}>{shown}</code>
      <CopyButton text={text} label="Copy all of it" />
    </span>
  )
}

function DatasetWords({ dataset }: { readonly dataset: Dataset }) {
  return (
    <>
      {dataset.name} <code>{dataset.digest}</code>
      {dataset.context && <span className={styles.context}> {dataset.context}</span>}
    </>
  )
}
