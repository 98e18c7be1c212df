/**
 * The style sheet of the gate's pages. A wrapper restyles them by setting the custom properties in
 * a `<style>` of its own.
 *
 * Sizes are in rem, so that text can grow to 200 % without loss (WCAG 2.2 1.4.4); side padding is
 * bounded by the window, to leave that text its room. Targets are at least 44 px high (2.5.5).
 * Borders that are transparent here become visible in forced-colors mode, where backgrounds are
 * dropped.
 */
export const styles = `
:root {
	color-scheme: light dark;
	--page: #eef0f8; --card: #fff; --line: #d5d8e8; --text: #1c1e2b; --muted: #555a70;
	--accent: #3949ab; --accent-strong: #2c3a8f; --on-accent: #fff; --wash: #eceefa;
	--notice: #fff6dd; --notice-line: #8a6100; --shadow: 0 1px 2px #1a237e14, 0 12px 32px #1a237e1a;
}
@media (prefers-color-scheme: dark) {
	:root {
		--page: #101119; --card: #191b27; --line: #343850; --text: #eceef8; --muted: #b0b5cc;
		--accent: #a3acff; --accent-strong: #c0c6ff; --on-accent: #14162b; --wash: #23273c;
		--notice: #2e2610; --notice-line: #e3b341; --shadow: none;
	}
}
*, ::before, ::after { box-sizing: border-box; }
body {
	margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem min(1rem, 4vw);
	background: var(--page); color: var(--text);
	font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
}
main {
	width: 100%; max-width: 27rem; min-width: 0; padding: 2.25rem min(2rem, 6vw) 2rem; border: 1px solid var(--line); border-radius: 1rem;
	background: var(--card); box-shadow: var(--shadow); overflow-wrap: anywhere;
}
.mark { display: block; width: 3rem; height: 3rem; margin: 0 0 1.25rem; color: var(--accent); }
h1 { margin: 0 0 .75rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance; word-break: auto-phrase; }
h2 { margin: 1.75rem 0 .25rem; font-size: 1rem; line-height: 1.4; }
p { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: .2em; }
a:hover { color: var(--accent-strong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .375rem; }
.actions { display: grid; gap: .75rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
h2 + .actions { margin-top: .75rem; }
.button {
	display: flex; align-items: center; justify-content: center; width: 100%; min-height: 3rem; margin: 0; padding: .625rem min(1.25rem, 2.5vw);
	border: 2px solid transparent; border-radius: .625rem; background: var(--accent); color: var(--on-accent);
	font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
}
.button:hover { background: var(--accent-strong); color: var(--on-accent); }
.button.second { border-color: var(--accent); background: transparent; color: var(--accent); }
.button.second:hover { background: var(--wash); color: var(--accent-strong); }
.button:focus-visible { border-radius: .625rem; }
.links { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 1rem 0 -.5rem; padding: 0; list-style: none; }
.links a { display: inline-flex; align-items: center; min-height: 2.75rem; min-width: 2.75rem; }
.notice { margin: 0 0 1.25rem; padding: .75rem 1rem; border: 1px solid transparent; border-left: 4px solid var(--notice-line); border-radius: .375rem; background: var(--notice); }
.muted { color: var(--muted); }
.said { margin: 1.25rem 0 0; color: var(--muted); font-size: .9375rem; }
blockquote { margin: .25rem 0 0; padding: .25rem 0 .25rem 1rem; border-left: 3px solid var(--line); color: var(--text); white-space: pre-wrap; }
.id { margin: 1.25rem 0 0; color: var(--muted); font-size: .9375rem; }
.id dt, .id dd { margin: 0; }
.id code {
	display: block; margin: .25rem 0 0; padding: .625rem .875rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--wash); color: var(--text);
	font: .9375rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; -webkit-user-select: all; user-select: all;
}
@media (max-width: 30rem) { main { padding: 1.75rem min(1.25rem, 5vw) 1.5rem; } }
@media (prefers-reduced-motion: no-preference) {
	.button { transition: background-color .12s; }
	main:has(.moving) { animation: appear .2s .4s both; }
}
@keyframes appear { from { opacity: 0; } }
@media print { body { min-height: 0; } main { border: 0; box-shadow: none; } }
`;
