import { PlainTable } from '../../components/plain-table.tsx'
import { formatPercent } from '../../format/format.ts'
import type { TrafficRow } from '../../state/serving/traffic-rows.ts'

export function TrafficTable({ rows }: { readonly rows: readonly TrafficRow[] }) {
  return (
    <PlainTable
      caption="Who gets what of the requests, and why"
      rows={rows}
      keyOf={({ variant }) => variant}
      columns={[
        { label: 'Variant', cell: ({ variant }) => variant },
        { label: 'Model', cell: ({ model }) => model },
        { label: 'Share', isNumeric: true, cell: ({ share }) => formatPercent(share) },
        { label: 'Answered so far', isNumeric: true, cell: ({ answered }) => formatPercent(answered) },
        { label: 'Why', isWide: true, cell: ({ why }) => why },
      ]}
    />
  )
}
