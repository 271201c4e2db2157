import { useMemo } from 'react'
import styles from './markdown.module.css'
import { type MarkdownBlock, parseInline, parseMarkdown } from './parse-markdown.ts'

/** Markdown as elements of the page; nothing of it is taken for HTML. */
export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text])
  return (
    <div className={styles.markdown}>
      {blocks.map((block, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text does not move its blocks
        <Block key={i} block={block} />
      ))}
    </div>
  )
}

function Block({ block }: { readonly block: MarkdownBlock }) {
  switch (block.kind) {
    case 'heading': {
      // The page and its parts have the first two levels.
      const Heading = `h${Math.min(6, block.level + 2)}` as 'h3'
      return (
        <Heading data-level={block.level}>
          <Words text={block.text} />
        </Heading>
      )
    }
    case 'paragraph':
      return (
        <p>
          <Words text={block.text} />
        </p>
      )
    case 'quote':
      return (
        <blockquote>
          <Words text={block.text} />
        </blockquote>
      )
    case 'code':
      return <pre>{block.text}</pre>
    case 'metadata':
      return (
        <details>
          <summary>Metadata</summary>
          <pre>{block.text}</pre>
        </details>
      )
    case 'rule':
      return <hr />
    case 'list':
      return <ListBlock block={block} />
    case 'table':
      return <TableBlock block={block} />
  }
}

function ListBlock({ block }: { readonly block: MarkdownBlock & { kind: 'list' } }) {
  const List = block.isOrdered ? 'ol' : 'ul'
  return (
    <List>
      {block.items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text does not move its items
        <li key={i}>
          <Words text={item} />
        </li>
      ))}
    </List>
  )
}

function TableBlock({ block }: { readonly block: MarkdownBlock & { kind: 'table' } }) {
  const alignOf = (i: number) => ({ textAlign: block.aligns[i] ?? 'left' }) as const
  return (
    <div className={styles.scroll}>
      <table>
        <thead>
          <tr>
            {block.head.map((cell, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
              <th key={i} scope="col" style={alignOf(i)}>
                <Words text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows do not move
            <tr key={i}>
              {row.map((cell, j) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                <td key={j} style={alignOf(j)}>
                  <Words text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Words({ text }: { readonly text: string }) {
  return parseInline(text).map((part, i) => {
    const key = `${i}`
    if (part.kind === 'code') return <code key={key}>{part.text}</code>
    if (part.kind === 'strong') return <strong key={key}>{part.text}</strong>
    if (part.kind === 'em') return <em key={key}>{part.text}</em>
    if (part.kind === 'link')
      return (
        <a key={key} href={part.href} rel="noreferrer" target="_blank">
          {part.text}
        </a>
      )
    return <span key={key}>{part.text}</span>
  })
}
