/**
 * What the panel adds to the style sheet of the gate's pages: width, tables, and marks for
 * findings.
 */
export const panelStyles = `
body { place-items: start center; }
main { max-width: 72rem; }
section { margin: 2rem 0 0; padding: 1.25rem 0 0; border-top: 1px solid var(--line); }
section > h2 { margin: 0 0 .75rem; font-size: 1.25rem; }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
code { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.facts { margin: 0 0 1rem; }
.facts div { display: grid; grid-template-columns: minmax(0, 10rem) minmax(0, 1fr); gap: 0 1rem; padding: .25rem 0; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
.scroll { margin: 0 0 1.25rem; overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
caption { padding: .625rem .875rem; text-align: left; color: var(--muted); }
th, td { padding: .5rem .875rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: normal; }
td:last-child { min-width: 9rem; }
td:last-child code { overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; }
.public { color: var(--notice-line); text-transform: uppercase; font-size: .8125rem; letter-spacing: .04em; }
.findings { display: grid; gap: .25rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.findings li { display: grid; grid-template-columns: 5.25rem minmax(0, 1fr); gap: 0 .75rem; padding: .375rem .75rem; border: 1px solid transparent; border-left: 4px solid var(--line); border-radius: .375rem; }
.findings p { margin: .25rem 0 0; }
.findings .status { font-weight: 600; color: var(--muted); }
.findings .warn, .findings .fail { border-left-color: var(--notice-line); background: var(--notice); }
.findings .warn .status, .findings .fail .status { color: var(--text); }
.findings .fail .status { text-transform: uppercase; }
.findings .ok { border-left-color: var(--accent); }
@media (max-width: 40rem) { .facts div, .findings li { grid-template-columns: minmax(0, 1fr); } }
`;
