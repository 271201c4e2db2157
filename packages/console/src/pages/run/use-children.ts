import { useClient } from '../../app/use-client.ts'
import { useQuery } from '../../app/use-query.ts'
import type { Run } from '../../client/records.ts'

const MOST = 1000

/** The runs that name this one their parent, oldest first. */
export function useChildren(run: Run): readonly Run[] {
  const client = useClient()
  const { data } = useQuery(`children ${run.id}`, (signal) =>
    client.searchRuns(
      {
        experimentIds: [run.experimentId],
        filter: `tags.\`mlflow.parentRunId\` = '${run.id}'`,
        orderBy: ['attributes.start_time ASC'],
        deleted: false,
        limit: MOST,
      },
      signal,
    ),
  )
  return data?.items ?? []
}
