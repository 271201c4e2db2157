import { links } from '../../app/links.ts'
import { replaceLocation } from '../../app/location.ts'
import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import { Empty, Failure, Loading } from '../../components/notice.tsx'
import { ArtifactPreview } from './artifact-preview.tsx'
import { ArtifactTree } from './artifact-tree.tsx'
import styles from './artifacts-tab.module.css'

/** The files of a run: a tree, and beside it what is chosen in it. */
export function ArtifactsTab({ runId, path }: { readonly runId: string; readonly path: string | null }) {
  const client = useClient()
  const { data, error, reload } = useQuery(`artifacts ${runId}`, (signal) => client.listArtifacts(runId, '', signal))
  if (error) return <Failure error={error} onRetry={reload} />
  if (!data) return <Loading label="Loading artifacts" />
  if (data.length === 0) return <Empty title="No artifacts">The run has logged no files.</Empty>
  return (
    <div className={styles.artifacts}>
      <div className={styles.tree}>
        <ArtifactTree
          runId={runId}
          root={data}
          chosen={path ?? undefined}
          onChoose={(chosen) => replaceLocation(links.artifact(runId, chosen))}
        />
      </div>
      <div className={styles.preview}>
        {path === null ? (
          <Empty title="Choose a file">Images, tables, texts and reports are shown here.</Empty>
        ) : (
          <ArtifactPreview key={path} owner={{ runId }} path={path} />
        )}
      </div>
    </div>
  )
}
