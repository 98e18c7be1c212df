import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { pressButtonScript } from "./page-scripts.ts";

export interface PostFormParts {
	readonly nonce: string;
	/** Action of the form: a path of the own origin. */
	readonly action: string;
	/** Hidden fields, name and value. */
	readonly fields: Readonly<Record<string, string>>;
	/** Label of the button. */
	readonly label: string;
	/** True if a script presses the button. */
	readonly autoSubmit: boolean;
}

/**
 * For pages with such a form: what their header `Referrer-Policy` says, once more in the page. A
 * proxy may replace the header by `no-referrer`, and the form would be sent with `Origin: null`.
 */
export const FORM_REFERRER = "same-origin";

/**
 * A POST form of hidden fields with one button. The page needs the header `Referrer-Policy:
 * same-origin`, or its `Origin` is `null`.
 */
export function postForm({ nonce, action, fields, label, autoSubmit }: PostFormParts): Html {
	const inputs = Object.entries(fields).map(
		([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
	);
	return html`<form class="actions" method="post" action="${safePath(action)}" autocomplete="off">
${inputs}<button class="button" type="submit">${label}</button>
</form>
${autoSubmit && html`<script nonce="${nonce}">${pressButtonScript}</script>`}`;
}
