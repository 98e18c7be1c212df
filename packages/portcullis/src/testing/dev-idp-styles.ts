import { type Html, trustedHtml } from "../views/html.ts";

/**
 * The style sheet of the identity provider's pages. System fonts, light and dark, nothing loaded.
 */
export const styles: Html = trustedHtml(`
:root {
	color-scheme: light dark;
	--page: #f4f5fb; --card: #fff; --line: #d5d8ea; --edge: #868ba8; --text: #1b1e2e; --quiet: #535972;
	--accent: #3949ab; --on-accent: #fff; --tint: #eceefa;
	--warn: #7a4a00; --warn-tint: #fff3db; --warn-line: #ecd3a0;
	--shadow: 0 1px 2px rgb(27 30 46 / .06), 0 8px 24px rgb(27 30 46 / .06);
}
@media (prefers-color-scheme: dark) {
	:root {
		--page: #11131d; --card: #1b1e2c; --line: #343850; --edge: #6f7592; --text: #eceefa; --quiet: #abb1cb;
		--accent: #a9b4ff; --on-accent: #11131d; --tint: #262a40;
		--warn: #ffd58a; --warn-tint: #2d2413; --warn-line: #5a4622;
		--shadow: 0 8px 24px rgb(0 0 0 / .3);
	}
}
* { box-sizing: border-box; }
body {
	margin: 0; min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; align-items: center;
	padding: clamp(1.25rem, 5vh, 4.5rem) 1.25rem 2rem; background: var(--page); color: var(--text);
	font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-text-size-adjust: 100%;
}
main { width: 100%; max-width: 60rem; flex: 1; }
main.narrow { max-width: 30rem; }
.badge {
	display: inline-flex; align-items: center; gap: .5rem; margin: 0 0 1.25rem; padding: .25rem .75rem; border-radius: 99rem;
	border: 1px solid var(--warn-line); background: var(--warn-tint); color: var(--warn); font-size: .875rem; font-weight: 600;
}
.badge::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.75rem, 5vw, 2.25rem); line-height: 1.15; letter-spacing: -.02em; text-wrap: balance; }
p { margin: 0 0 1rem; text-wrap: pretty; }
.lead { color: var(--quiet); margin-bottom: 2rem; }
.lead strong { color: var(--text); font-weight: 600; }
.people { display: grid; gap: .875rem; margin: 0; padding: 0; list-style: none; }
.person {
	width: 100%; height: 100%; display: flex; align-items: center; gap: 1rem; padding: 1rem 1.125rem; text-align: start; font: inherit;
	color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 1rem; box-shadow: var(--shadow); cursor: pointer;
}
.person:hover { border-color: var(--accent); background: color-mix(in srgb, var(--card), var(--accent) 5%); }
.person:active { background: var(--tint); }
.person img { flex: none; width: 3.5rem; height: 3.5rem; border-radius: 50%; object-fit: cover; background: var(--tint); }
.person > span { min-width: 0; display: flex; flex-direction: column; gap: .125rem; overflow-wrap: anywhere; }
.name { font-size: 1.0625rem; font-weight: 650; }
.email { color: var(--quiet); font-size: .9375rem; }
.groups { display: flex; flex-wrap: wrap; gap: .375rem; margin-top: .375rem; }
.group { padding: .0625rem .5625rem; border-radius: 99rem; background: var(--tint); color: var(--accent); font-size: .8125rem; font-weight: 600; }
.group.none { background: none; padding-inline: 0; color: var(--quiet); font-weight: 400; }
.group.now { background: var(--accent); color: var(--on-accent); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem; }
.button {
	min-height: 2.875rem; padding: .5rem 1.25rem; border-radius: .75rem; border: 1px solid var(--edge); background: var(--card);
	color: var(--text); font: inherit; font-weight: 600; cursor: pointer;
}
.button:hover { border-color: var(--accent); }
.button.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.button.main:hover { background: color-mix(in srgb, var(--accent), var(--text) 15%); }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; box-shadow: var(--shadow); padding: clamp(1.5rem, 5vw, 2.25rem); }
.panel p:last-child { margin-bottom: 0; }
code { font: .875em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
footer { width: 100%; max-width: 60rem; margin-top: 2.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
footer p { margin: 0; }
footer p + p { margin-top: .375rem; }
footer code { margin-inline-end: .375rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
@media (min-width: 48rem) {
	.people { grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.25rem; }
	.person { flex-direction: column; align-items: flex-start; gap: 1.125rem; padding: 1.75rem 1.5rem; }
	.person img { width: 4.5rem; height: 4.5rem; }
}
@media (prefers-reduced-motion: no-preference) {
	.person, .button { transition: border-color .12s, background-color .12s; }
}
@media (forced-colors: active) {
	.group, .badge { border: 1px solid; }
}
`);
