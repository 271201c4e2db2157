import type { ReactNode } from 'react'
import { links } from '../../app/links.ts'
import type { ModelVersion, Run } from '../../client/records.ts'
import { Icon } from '../../components/icon.tsx'
import styles from './models.module.css'

/** Data, run, version, and the names by which it is loaded: from left to right. */
export function Lineage({ version, run }: { readonly version: ModelVersion; readonly run: Run | undefined }) {
  const hash = run?.tags['fivefold.dataHash']?.replace(/^sha256:/, '')
  const data = [
    ...(run?.datasets ?? []).map(({ name, digest }) => `${name} ${digest}`),
    ...(hash ? [`sha256 ${hash.slice(0, 12)}`] : []),
  ]
  return (
    <ol className={styles.lineage}>
      <Node title="Data" isFirst>
        {data.length === 0 ? 'not recorded' : data.map((text) => <span key={text}>{text}</span>)}
      </Node>
      <Node title="Run">
        {run ? <a href={links.run(run.id)}>{run.name}</a> : version.runId.slice(0, 8) || 'not recorded'}
      </Node>
      <Node title="Version">
        {version.name}, version {version.version}
      </Node>
      <Node title="Loaded as">
        {[...version.aliases.map((alias) => `${version.name}@${alias}`), `${version.name}/${version.version}`].map(
          (text) => (
            <code key={text}>{text}</code>
          ),
        )}
      </Node>
    </ol>
  )
}

function Node({
  title,
  isFirst = false,
  children,
}: {
  readonly title: string
  readonly isFirst?: boolean
  readonly children: ReactNode
}) {
  return (
    <>
      {!isFirst && (
        <li className={styles.arrow} aria-hidden="true">
          <Icon name="right" size={14} />
        </li>
      )}
      <li className={styles.node}>
        <small>{title}</small>
        {children}
      </li>
    </>
  )
}
