/** A piece of running text. Everything is escaped when it is rendered; there is no raw HTML. */
export type Inline =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  /** A link inside the document (`#id` of a section or card). */
  | { readonly link: string; readonly to: string }
export type Text = string | readonly Inline[]

/** How good or bad something is. Always shown with a word or a sign, never by colour alone. */
export type Tone = 'good' | 'warning' | 'bad' | 'neutral'

export type Cell =
  | Text
  | number
  | null
  | undefined
  /** A word with a mark of its tone. */
  | { readonly tone: Tone; readonly text: string }
  /** A small chart made by `sparkline` or another chart function of this folder. */
  | { readonly svg: string }
  /** A share in [0, 1] drawn as a bar behind its text. */
  | { readonly share: number; readonly text: string }

export interface TableColumn {
  readonly label: string
  /** 'number' aligns right with tabular figures. Default: 'text'. */
  readonly kind?: 'text' | 'number'
}

export interface ParagraphBlock {
  readonly kind: 'paragraph'
  readonly text: Text
}
export interface ListBlock {
  readonly kind: 'list'
  readonly items: readonly Text[]
}
export interface CalloutBlock {
  readonly kind: 'callout'
  readonly tone: Tone
  readonly title: string
  readonly text: Text
}
export interface KeyFigure {
  readonly label: string
  readonly value: string
  /** Small print under the value: an interval, a comparison, a sample size. */
  readonly note?: string
  readonly tone?: Tone
}
export interface FiguresBlock {
  readonly kind: 'figures'
  readonly figures: readonly KeyFigure[]
}
export interface TableBlock {
  readonly kind: 'table'
  readonly caption: string
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly Cell[])[]
  /** Rows beyond this many are folded away under a summary. Default 25. */
  readonly openRows?: number
  /** Whether the first cell of a row is its header. Default true. */
  readonly rowHeaders?: boolean
}
export interface ChartBlock {
  readonly kind: 'chart'
  /** SVG made by a chart function of this folder; it is put into the page as it is. */
  readonly svg: string
  readonly title: string
  /** What is to be seen, how it was computed, on how many rows. */
  readonly caption?: Text
}
export interface ColumnsBlock {
  readonly kind: 'columns'
  /** Blocks side by side where the page is wide enough. */
  readonly columns: readonly (readonly Block[])[]
}
export interface DetailsBlock {
  readonly kind: 'details'
  readonly summary: string
  readonly blocks: readonly Block[]
  readonly open?: boolean
}
export interface Card {
  readonly id: string
  readonly title: string
  /** One word on what it is: the type of a column. */
  readonly badge?: string
  readonly svg?: string
  readonly facts: readonly string[]
  readonly warnings?: readonly { readonly tone: Tone; readonly text: string }[]
  readonly blocks: readonly Block[]
}
export interface CardsBlock {
  readonly kind: 'cards'
  /** Label of the search box; works on titles, badges, facts and warnings. */
  readonly searchLabel: string
  readonly cards: readonly Card[]
}
export type Block =
  | ParagraphBlock
  | ListBlock
  | CalloutBlock
  | FiguresBlock
  | TableBlock
  | ChartBlock
  | ColumnsBlock
  | DetailsBlock
  | CardsBlock

export interface SectionInput {
  /** Unique in the document; target of `#id` links. */
  readonly id: string
  readonly title: string
  readonly intro?: Text
  readonly blocks: readonly Block[]
}
export interface Section extends SectionInput {
  readonly kind: 'section'
}

export interface Fact {
  readonly label: string
  readonly value: string
}
export interface DocumentInput {
  readonly title: string
  readonly subtitle?: string
  /** What the document is about, in label and value: data, rows, hash, seed, version. */
  readonly facts?: readonly Fact[]
  readonly sections: readonly Section[]
}

export const section = (input: SectionInput): Section => ({ kind: 'section', ...input })
export const paragraph = (text: Text): ParagraphBlock => ({ kind: 'paragraph', text })
export const list = (items: readonly Text[]): ListBlock => ({ kind: 'list', items })
export const callout = (tone: Tone, title: string, text: Text): CalloutBlock => ({ kind: 'callout', tone, title, text })
export const keyFigures = (figures: readonly KeyFigure[]): FiguresBlock => ({ kind: 'figures', figures })
export const table = (input: Omit<TableBlock, 'kind'>): TableBlock => ({ kind: 'table', ...input })
export const chart = (input: Omit<ChartBlock, 'kind'>): ChartBlock => ({ kind: 'chart', ...input })
export const columns = (...parts: readonly (readonly Block[])[]): ColumnsBlock => ({ kind: 'columns', columns: parts })
export const details = (summary: string, blocks: readonly Block[], open = false): DetailsBlock => ({
  kind: 'details',
  summary,
  blocks,
  open,
})
export const cards = (searchLabel: string, items: readonly Card[]): CardsBlock => ({
  kind: 'cards',
  searchLabel,
  cards: items,
})
