import { links } from '../app/links.ts'
import { Empty } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page">
        <a href={links.experiments()}>All experiments</a>
      </Empty>
    </Page>
  )
}
