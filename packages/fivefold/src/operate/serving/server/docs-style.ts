/** Style of the page under /docs, for light and dark. */
export const DOCS_STYLE = `
:root { --ink: #1c2430; --quiet: #5b6675; --line: #dbe1e8; --paper: #ffffff; --soft: #f4f6f9; --accent: #2456c9;
  --on-accent: #ffffff; --bad: #b3261e; --bar: #9db8f2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9f0; --quiet: #9aa7b8; --line: #313b48; --paper: #12171e;
  --soft: #1a212b; --accent: #8fb0ff; --on-accent: #0d1420; --bad: #ff9d94; --bar: #34528f; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
main { padding-bottom: 64px; }
h1 { margin: 0; font-size: 32px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 48px 0 16px; font-size: 21px; }
h3 { margin: 0 0 8px; font-size: 15px; }
.eyebrow { margin: 0 0 4px; color: var(--quiet); }
#about { margin: 8px 0 16px; color: var(--quiet); }
nav { display: flex; flex-wrap: wrap; gap: 6px 20px; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.split { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 4fr); gap: 40px; }
#fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 14px 20px; }
label { display: block; font-size: 14px; font-weight: 600; overflow-wrap: anywhere; }
label small { display: block; color: var(--quiet); font-weight: 400; }
input, select { width: 100%; margin-top: 3px; padding: 7px 9px; color: inherit; background: var(--soft); font: inherit;
  font-weight: 400; border: 1px solid var(--line); border-radius: 6px; }
[aria-invalid="true"] { border-color: var(--bad); }
.problem { color: var(--bad); font-size: 13px; font-weight: 400; }
button { padding: 8px 18px; color: var(--on-accent); background: var(--accent); font: inherit; font-weight: 600;
  border: 0; border-radius: 6px; cursor: pointer; }
form button { margin-top: 20px; }
#answer { min-height: 96px; margin-bottom: 28px; }
#answer p { margin: 0 0 8px; }
#answer .bar + p { margin-top: 8px; }
.value { font-size: 28px; font-weight: 650; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 14px; }
.bar { display: grid; grid-template-columns: minmax(70px, 1fr) 3fr 64px; gap: 10px; align-items: center; font-size: 14px; }
.bar i { display: block; height: 12px; min-width: 1px; background: var(--bar); border-radius: 3px; }
.bar b { font-weight: 400; text-align: right; font-variant-numeric: tabular-nums; }
.code { position: relative; }
pre { margin: 0; padding: 14px; overflow: auto; max-height: 420px; background: var(--soft); border-radius: 8px;
  font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.code pre { padding-right: 84px; }
.code button { position: absolute; top: 8px; right: 8px; padding: 2px 10px; font-size: 13px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 15px; }
th, td { padding: 8px 16px 8px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-size: 13px; }
td:first-child { min-width: 110px; font-weight: 600; overflow-wrap: break-word; }
td:last-child { min-width: 220px; }
details { border-bottom: 1px solid var(--line); }
summary { display: flex; flex-wrap: wrap; gap: 4px 14px; padding: 10px 0; cursor: pointer; }
summary code { font: 14px/1.7 ui-monospace, monospace; overflow-wrap: anywhere; }
summary .method { min-width: 46px; color: var(--quiet); }
summary span { color: var(--quiet); }
details > div { padding: 0 0 16px; }
dl { display: grid; grid-template-columns: 48px 1fr; gap: 2px 12px; margin: 12px 0 0; font-size: 14px; }
dd { margin: 0; }
@media (max-width: 760px) { .split { grid-template-columns: minmax(0, 1fr); } header { padding-top: 24px; } }
`
