import { SNAPSHOT_ELEMENT } from "../wire/snapshot-element.ts";
import type { Snapshot } from "../wire/state.ts";
import { type Html, html, trustedHtml } from "./html.ts";

export interface SnapshotScriptOptions {
	/** The page's CSP nonce. Browsers ask for none here: nothing runs. Some scanners do. */
	readonly nonce?: string | undefined;
}

/**
 * A snapshot (`gate.snapshot`) as an element of the page, for `readSnapshot` of
 * `portcullis/client`. Put it in front of the scripts of the app, and never cache the page:
 * `Cache-Control: no-store`.
 *
 * A snapshot holds what people have written. It cannot end the element it stands in, nor open a
 * comment there: without `<` nothing does.
 */
export function snapshotScript(snapshot: Snapshot, { nonce }: SnapshotScriptOptions = {}): Html {
	const json = trustedHtml(JSON.stringify(snapshot).replaceAll("<", "\\u003c")); // proven: snapshot-markup
	return nonce === undefined
		? html`<script type="application/json" id="${SNAPSHOT_ELEMENT}">${json}</script>`
		: html`<script type="application/json" id="${SNAPSHOT_ELEMENT}" nonce="${nonce}">${json}</script>`;
}
