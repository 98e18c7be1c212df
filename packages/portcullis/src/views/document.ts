import { type Html, html, trustedHtml } from "./html.ts";
import { mark } from "./mark.ts";
import { styles } from "./styles.ts";

export interface DocumentParts {
	/** Text of `<title>`: what the page is for. */
	readonly title: string;
	/** The request's CSP nonce; the one `<style>` carries it. */
	readonly nonce: string;
	/** Language of the text, as a BCP 47 tag. */
	readonly lang: string;
	/** Direction of the text. Default: from left to right. */
	readonly dir?: "ltr" | "rtl" | undefined;
	/** Content of `<main>`, with the page's only `<h1>`. */
	readonly body: Html;
	/** More for `<head>`, such as a `<style>` with the nonce that overrides the custom properties. */
	readonly head?: Html | undefined;
	/**
	 * What the page tells the next one about itself, for a page that is sent without the header
	 * `Referrer-Policy`. Default: nothing. Leave it out of a view: the gate says it in the header,
	 * for each page what it needs, and what stands here goes before the header. With `no-referrer`
	 * forms are sent with `Origin: null`, and links without a `Referer`.
	 */
	readonly referrer?: "no-referrer" | "same-origin" | undefined;
}

/**
 * The frame of the gate's pages: a whole HTML document with one card in the middle, for light and
 * dark. It loads nothing, and needs of a policy only `style-src 'nonce-...'`, besides what `head`
 * and `body` bring.
 */
export function document({ title, nonce, lang, dir, body, head, referrer }: DocumentParts): Html {
	return html`<!doctype html>
${dir === "rtl" ? html`<html lang="${lang}" dir="rtl">` : html`<html lang="${lang}">`}
<head>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${referrer !== undefined && html`<meta name="referrer" content="${referrer}">`}
<meta name="robots" content="noindex">
<title>${title}</title>
<style nonce="${nonce}">${trustedHtml(styles)}</style>
${head}
</head>
<body>
<main>
${mark}
${body}
</main>
</body>
</html>
`;
}
