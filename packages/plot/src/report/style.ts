/** The style of a report: light or dark as the reader's system is, and black on white on paper. */
export const style = `
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #ffffff; --line: #c8c8c8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #16181c; --line: #44484f; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2rem; } h1, h2, h3, td, th, p, dd { overflow-wrap: anywhere; }
figure { margin: 1rem 0; background: #ffffff; overflow-x: auto; } figure > svg { display: block; min-width: 40rem; max-width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
th { overflow-wrap: normal; } tbody th { white-space: nowrap; } thead th:not(:first-child) { text-align: right; }
dl { display: grid; grid-template-columns: minmax(6rem, 12rem) 1fr; gap: 0.3rem 1rem; } dt { font-weight: 600; } dd { margin: 0; }
@media print { :root { --ink: #000000; --paper: #ffffff; } body { max-width: none; padding: 0; } tr, figure { break-inside: avoid; } }
`;
