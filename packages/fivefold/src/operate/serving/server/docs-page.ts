import { createHash } from 'node:crypto'
import { DOCS_SCRIPT } from './docs-script.ts'
import { DOCS_STYLE } from './docs-style.ts'

/** The page under /docs: one file without anything from elsewhere; it draws itself from /openapi.json. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Model API</title>
<style>${DOCS_STYLE}</style>
</head>
<body>
<header>
  <p class="eyebrow">Model API</p>
  <h1 id="title">…</h1>
  <p id="about"></p>
  <nav aria-label="On this page"><a href="#try">Try it</a><a href="#columns">Columns</a><a href="#routes">Routes</a>
  <a href="openapi.json">openapi.json</a><a href="metrics">metrics</a>
  <a href="console/">console</a></nav>
</header>
<main>
  <section id="try" aria-labelledby="try-heading">
    <h2 id="try-heading">Try it</h2>
    <div class="split">
      <form id="form" autocomplete="off"><div id="fields"></div><button type="submit">Predict</button></form>
      <div>
        <h3>Answer</h3>
        <div id="answer" role="status" aria-live="polite"><p class="quiet">Fill in the row and press Predict.</p></div>
        <h3>The same from a shell</h3>
        <div class="code"><pre id="curl" tabindex="0"></pre><button type="button" id="copy">Copy</button></div>
      </div>
    </div>
  </section>
  <section id="columns" aria-labelledby="columns-heading">
    <h2 id="columns-heading">Columns</h2>
    <div class="scroll"><table><thead><tr><th>Name</th><th>Type</th><th>Needed</th><th>What it is</th></tr></thead>
    <tbody id="column-rows"></tbody></table></div>
  </section>
  <section id="routes" aria-labelledby="routes-heading"><h2 id="routes-heading">Routes</h2><div id="route-list"></div></section>
</main>
<noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> says the same.</noscript>
<script>${DOCS_SCRIPT}</script>
</body>
</html>
`

/** Content-Security-Policy of the page: its own script and style, and requests to its own server, nothing else. */
export const DOCS_POLICY = [
  "default-src 'none'",
  `script-src '${sourceHash(DOCS_SCRIPT)}'`,
  `style-src '${sourceHash(DOCS_STYLE)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`
}
