// How <text2sql-steps> looks: one sheet, shared by all of them. Pages set its colours and type by the custom
// properties `--text2sql-…`, and its parts by `::part(card | steps | sql | table | button)`.

export const sheet = new CSSStyleSheet();

sheet.replaceSync(`
:host {
  --_ink: var(--text2sql-ink, light-dark(#1c2024, #e9ebec));
  --_muted: var(--text2sql-muted, light-dark(#5c646b, #9fa8af));
  --_line: var(--text2sql-line, light-dark(#e5e3dd, #2e353a));
  --_surface: var(--text2sql-surface, light-dark(#ffffff, #1c2024));
  --_sunken: var(--text2sql-sunken, light-dark(#f3f2ee, #171b1e));
  --_accent: var(--text2sql-accent, light-dark(#0b6e64, #4fd0bf));
  --_good: var(--text2sql-good, light-dark(#1a7a3e, #67cf8b));
  --_bad: var(--text2sql-bad, light-dark(#b3261e, #ff9a8f));
  --_mono: var(--text2sql-mono, ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace);
  display: block;
  color: var(--_ink);
  line-height: 1.6;
}
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
article {
  overflow: clip;
  background: var(--_surface);
  border: 1px solid var(--_line);
  border-radius: 14px;
}
header {
  display: flex;
  align-items: center;
  gap: .75rem;
  min-height: 3rem;
  padding: .375rem .5rem .375rem 1.125rem;
}
.summary { margin-right: auto; font-weight: 600; }
.remaining, .seconds, .message, caption, .thinking { color: var(--_muted); font-size: .875em; }
.remaining, .seconds { font-variant-numeric: tabular-nums; white-space: nowrap; }
button {
  min-height: 2.25rem;
  padding: .25rem .875rem;
  font: inherit;
  font-size: .9375em;
  color: var(--_ink);
  background: var(--_sunken);
  border: 1px solid var(--_line);
  border-radius: 9px;
  cursor: pointer;
}
button:disabled { color: var(--_muted); cursor: default; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
progress {
  display: block;
  width: 100%;
  height: 3px;
  border: 0;
  appearance: none;
  background: var(--_line);
}
progress::-webkit-progress-bar { background: var(--_line); }
progress::-webkit-progress-value { background: var(--_accent); transition: inline-size .3s ease-out; }
progress::-moz-progress-bar { background: var(--_accent); }
ol {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr));
  column-gap: 2rem;
  padding: .75rem 1.125rem;
  list-style: none;
}
li { display: flex; align-items: center; gap: .625rem; min-height: 2rem; font-size: .9375em; }
li[data-status=waiting] .title, li[data-status=skipped] .title { color: var(--_muted); }
li[data-status=running] .title { font-weight: 600; }
.title { flex: none; }
.message { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.seconds { margin-left: auto; }
.mark {
  flex: none;
  width: 1.125rem;
  height: 1.125rem;
  border: 2px solid var(--_line);
  border-radius: 50%;
  font: 700 .6875rem/.875rem system-ui, sans-serif;
  text-align: center;
  color: var(--_surface);
}
[data-status=running] > .mark { border-top-color: var(--_accent); animation: turn .9s linear infinite; }
[data-status=done] > .mark, [data-status=completed] > .mark { background: var(--_good); border-color: var(--_good); }
[data-status=failed] > .mark, [data-status=lost] > .mark { background: var(--_bad); border-color: var(--_bad); }
[data-status=stopped] > .mark, [data-status=cancelled] > .mark { background: var(--_muted); border-color: var(--_muted); }
.part { padding: .75rem 1.125rem; border-top: 1px solid var(--_line); }
.thinking p { margin-top: .5rem; white-space: pre-wrap; }
summary { width: fit-content; cursor: pointer; }
.heading { margin-bottom: .375rem; font-size: .875em; font-weight: 600; color: var(--_muted); }
pre {
  overflow: auto;
  max-height: 20rem;
  padding: .75rem 1rem;
  font: .875em/1.6 var(--_mono);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  background: var(--_sunken);
  border-radius: 9px;
}
code { font: inherit; }
pre > code, .lines { display: block; }
pre + pre, .attempt + .attempt { margin-top: .75rem; }
.refusal, .fault .heading { color: var(--_bad); }
.fault .heading { font-size: 1em; }
.words { white-space: pre-wrap; }
.scroll { overflow: auto; max-height: 24rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9375em; }
caption { padding-bottom: .375rem; text-align: left; }
th, td { padding: .25rem .875rem .25rem 0; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--_line); }
th { position: sticky; top: 0; background: var(--_surface); font-weight: 600; }
.number { text-align: right; }
.null { color: var(--_muted); font-style: italic; }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) {
  *, ::-webkit-progress-value { animation: none !important; transition: none !important; }
}
`);
