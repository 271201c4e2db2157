import { createHash } from 'node:crypto'
import type { DocumentInput, Fact, Section } from './blocks.ts'
import { escapeFragment, escapeHtml } from './escape.ts'
import { renderBlocks, renderText } from './render-block.ts'
import { STYLE } from './style.ts'

/** Search boxes over cards; links to a card open it. Without it the page shows everything and no box. */
const SCRIPT = `for(const input of document.querySelectorAll('input[data-filter]')){
input.parentElement.hidden=false
const box=input.closest('.cards'),nothing=box.querySelector('.nothing')
const cards=[...box.querySelectorAll('.card')].map(card=>[card,card.querySelector('summary').textContent.toLowerCase()])
input.addEventListener('input',()=>{const wanted=input.value.trim().toLowerCase();let shown=0
for(const [card,text] of cards){card.hidden=!text.includes(wanted);if(!card.hidden)shown++}
nothing.hidden=shown>0})}
const openTarget=()=>{const card=document.getElementById(decodeURIComponent(location.hash.slice(1)))
if(card&&card.tagName==='DETAILS')card.open=true}
addEventListener('hashchange',openTarget);openTarget()`

/** Only the script above may run and nothing may be fetched, even if something slipped through the escaping. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`

/** A complete HTML page in one string: no request leaves it, it prints, and it follows the reader's light or dark theme. */
export function htmlDocument({ title, subtitle, facts = [], sections }: DocumentInput): string {
  const links = sections.map(({ id, title }) => `<li><a href="#${escapeFragment(id)}">${escapeHtml(title)}</a></li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Fivefold">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<div class="page">
<header><h1>${escapeHtml(title)}</h1>${subtitle ? `<p class="subtitle">${escapeHtml(subtitle)}</p>` : ''}${renderFacts(facts)}</header>
<nav aria-label="Sections"><ol>${links.join('')}</ol></nav>
<main id="content" tabindex="-1">
${sections.map(renderSection).join('\n')}
</main>
</div>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function renderFacts(facts: readonly Fact[]): string {
  if (facts.length === 0) return ''
  const items = facts.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`)
  return `<dl class="facts">${items.join('')}</dl>`
}

function renderSection({ id, title, intro, blocks }: Section): string {
  const heading = escapeHtml(`${id}-heading`)
  const opening = intro === undefined ? '' : `<p class="intro">${renderText(intro)}</p>`
  return `<section id="${escapeHtml(id)}" aria-labelledby="${heading}"><h2 id="${heading}">${escapeHtml(title)}</h2>${opening}
${renderBlocks(blocks)}
</section>`
}
