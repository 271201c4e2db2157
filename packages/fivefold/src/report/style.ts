/**
 * One restrained style: system fonts, one accent, generous space. The series colours are those of Okabe and Ito, told
 * apart with every common colour blindness, darkened or lightened for contrast on the page.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--surface:#f7f7f5;--line:#e2e1dc;--text:#1d1f21;--muted:#62666b;--accent:#0b5fa5;
--c1:#0b6fb3;--c2:#c05800;--c3:#008060;--c4:#a3487f;--c5:#8a7400;--c6:#3a8fc4;--good:#00714f;--warning:#8f5500;--bad:#b3261e;
--good-bg:#e8f5ef;--warning-bg:#fdf3e1;--bad-bg:#fceceb;--neutral-bg:#eef3f8;--bar:#d8e7f3}
@media (prefers-color-scheme:dark){:root{--bg:#16181a;--surface:#1e2124;--line:#34383c;--text:#e7e6e3;--muted:#a2a6ab;--accent:#7dbcf0;
--c1:#5aaee8;--c2:#f0954a;--c3:#3fc49a;--c4:#dd8fbd;--c5:#d6bf45;--c6:#9bd3f5;--good:#52c79d;--warning:#efb052;--bad:#f58a80;
--good-bg:#14291f;--warning-bg:#2e2413;--bad-bg:#331a18;--neutral-bg:#1a2530;--bar:#21394d}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99em}.skip:focus{left:1em;top:1em;background:var(--bg);padding:.5em 1em;z-index:9}
.page{max-width:1180px;margin:0 auto;padding:2.2rem 1.4rem 5rem;display:grid;grid-template-columns:minmax(0,1fr);gap:0 3rem}
@media (min-width:1020px){.page{grid-template-columns:180px minmax(0,1fr)}.page>header{grid-column:1/-1}}
header h1{font-size:1.9rem;line-height:1.2;margin:0;letter-spacing:-.015em;font-weight:650;overflow-wrap:anywhere}
.subtitle{margin:.35rem 0 0;color:var(--muted);font-size:1.05rem;max-width:70ch}
.facts{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin:1rem 0 0;padding:.8rem 0;border-block:1px solid var(--line);font-size:.85rem}
.facts div{display:flex;gap:.45em;min-width:0}.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
nav{font-size:.88rem;padding-top:1.6rem}nav ol{list-style:none;margin:0;padding:0}nav a{display:block;padding:.22rem 0;color:var(--muted);text-decoration:none}
nav a:hover,nav a:focus{color:var(--accent)}
@media (min-width:1020px){nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto}}
@media (max-width:1019px){nav ol{display:flex;flex-wrap:wrap;gap:0 1.2rem}}
main{min-width:0}
section{padding-top:1.6rem;margin-bottom:1.4rem}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 .5rem;font-weight:640;letter-spacing:-.01em}
p{margin:.5rem 0;max-width:75ch;overflow-wrap:anywhere}ul{padding-left:1.2rem;max-width:75ch}li{margin:.2rem 0}
.intro{color:var(--muted)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--surface);padding:.05em .3em;border-radius:3px;overflow-wrap:anywhere}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:1rem 0}
.figures>div{background:var(--bg);padding:.75rem .95rem}.figures dt{color:var(--muted);font-size:.8rem}
.figures dd{margin:0}.figure-value{font-size:1.4rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;overflow-wrap:anywhere}.figure-note{color:var(--muted);font-size:.8rem}
.callout{border-left:3px solid var(--tone);background:var(--tone-bg);padding:.6rem 1rem;border-radius:0 6px 6px 0;margin:.7rem 0}
.callout p{margin:.15rem 0}.callout-title{font-weight:600}
.good{--tone:var(--good);--tone-bg:var(--good-bg)}.warning{--tone:var(--warning);--tone-bg:var(--warning-bg)}.bad{--tone:var(--bad);--tone-bg:var(--bad-bg)}.neutral{--tone:var(--accent);--tone-bg:var(--neutral-bg)}
.mark{display:inline-block;width:1.25em;height:1.25em;line-height:1.25em;margin-right:.4em;border-radius:50%;background:var(--tone);color:var(--bg);font-size:.75em;font-weight:700;text-align:center;vertical-align:.08em;flex:none}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-size:.87rem;min-width:min(100%,26rem)}
caption{caption-side:top;text-align:left;font-weight:600;padding:0 0 .4rem;font-size:.9rem}
th,td{padding:.34rem .8rem .34rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:3.5rem}th[scope=row]:not(.n){min-width:9.8rem}
thead th{color:var(--muted);font-weight:500;font-size:.8rem;vertical-align:bottom;border-bottom-color:var(--muted)}
tbody th{font-weight:500}th.n,td.n{text-align:right;white-space:nowrap}th+th,td{max-width:34rem}
.share{display:block;min-width:7rem;padding:0 .3em;background:linear-gradient(to right,var(--bar) var(--share),transparent var(--share))}
figure{margin:1.1rem 0}figcaption{font-size:.88rem;margin-bottom:.35rem}figcaption span{color:var(--muted)}
svg{max-width:100%;height:auto;overflow:visible}svg text{font-family:inherit}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:0 2rem}.columns>div{min-width:0}
details>summary{cursor:pointer;padding:.3rem 0;color:var(--accent);font-size:.9rem}
.cards{border-top:1px solid var(--line)}.search{display:block;padding:.7rem 0;color:var(--muted);font-size:.88rem}.search[hidden]{display:none}
input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--muted);border-radius:6px;padding:.3rem .6rem;width:min(100%,18rem);margin-left:.4rem}
.card{border-bottom:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 64px}.card[hidden]{display:none}
.card>summary{display:grid;grid-template-columns:minmax(0,13rem) 5.6rem 130px minmax(0,1fr);gap:.2rem 1rem;align-items:center;color:inherit;padding:.5rem 0;list-style:none}
.card>summary::-webkit-details-marker{display:none}.card>summary:hover{background:var(--surface)}
.card-title{font-weight:600;overflow-wrap:anywhere}.card-title::before{content:"▸";color:var(--muted);display:inline-block;width:1em;font-weight:400}
.card[open] .card-title::before{content:"▾"}
.badge{font-size:.75rem;color:var(--muted);border:1px solid var(--line);border-radius:99px;padding:.02rem .55rem;justify-self:start;white-space:nowrap}
.card-facts{font-size:.83rem;color:var(--muted);display:flex;flex-wrap:wrap;gap:0 1.1rem;min-width:0}.card-facts span{overflow-wrap:anywhere}
.card-warnings{grid-column:1/-1;font-size:.83rem;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;padding-left:1em}
.card-chart svg{display:block}.card>:not(summary){margin-left:1em}
@media (max-width:700px){.card>summary{grid-template-columns:minmax(0,1fr) auto}.card-chart,.card-facts{grid-column:1/-1}}
footer{color:var(--muted);font-size:.8rem;border-top:1px solid var(--line);padding-top:.8rem;margin-top:2rem}
@media print{nav,.search,.skip{display:none}.page{display:block;padding:0;max-width:none}figure,tr,.callout,.card{break-inside:avoid}body{font-size:10.5pt}}
`
