import { type HoleContext, holeContexts } from "./hole-contexts.ts";

/**
 * Registered, so that two copies of this package know each other's markup; a symbol, so that no
 * JSON (a claim, a body, a stored value) can ever pass as markup.
 */
const markup: unique symbol = Symbol.for("portcullis.html");

/**
 * Markup that is safe to send: made by `html` or vouched for with `trustedHtml`. `String(value)`
 * gives the text.
 */
export interface Html {
	readonly [markup]: string;
	toString(): string;
}

/**
 * What may stand in a hole of the `html` template. `null`, `undefined` and `false` give nothing,
 * arrays are joined.
 */
export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[];

/**
 * Builds markup from a template: every value is escaped, except markup that comes from this tag or
 * from `trustedHtml`.
 *
 * Escaping holds in text and in quoted attribute values. A hole anywhere else (unquoted attribute,
 * tag name, comment, `on...`, `style` or `srcdoc` attribute) is refused, and `<script>` and
 * `<style>` take `Html` only. Escaping says nothing about where a URL leads: pass one through
 * `safeHref` or `safePath`. Markup in an attribute value counts as text.
 *
 * @throws {TypeError} if a hole stands where escaping cannot help, or a value is none of
 *   `HtmlValue`.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
	const contexts = contextsOf(strings);
	let text = strings[0] ?? "";
	values.forEach((value, index) => {
		text += render(value, contexts[index]) + strings[index + 1];
	});
	return trustedHtml(text);
}

/**
 * Declares a string to be markup, unescaped. Anything in it that a person, a provider or a request
 * has a say in is cross-site scripting: use it for constants.
 */
export function trustedHtml(text: string): Html {
	return Object.freeze({ [markup]: text, toString: () => text });
}

/**
 * True for markup made by this package, also by another copy of it; never for a string or for
 * anything parsed from JSON.
 */
export function isHtml(value: unknown): value is Html {
	return (
		typeof value === "object" &&
		value !== null &&
		Object.hasOwn(value, markup) &&
		typeof (value as Html)[markup] === "string"
	);
}

/**
 * Escapes a string for text and for quoted attribute values (HTML Living Standard section 13.1).
 */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? "");
}

const entities: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
	// Old engines take it for a quote.
	"`": "&#96;",
};

function render(value: HtmlValue, context: HoleContext | undefined): string {
	if (value === null || value === undefined || value === false) return "";
	if (isHtml(value)) {
		// Markup inside an attribute value could bring a quote of its own.
		return context === "attribute" ? escapeHtml(value[markup]) : value[markup];
	}
	if (Array.isArray(value)) return value.map((item: HtmlValue) => render(item, context)).join("");
	if (typeof value !== "string" && typeof value !== "number") {
		throw new TypeError(`html: a hole takes Html, text or a number, not ${typeof value}.`);
	}
	if (context === "raw") {
		throw new TypeError(
			"html: text cannot be escaped inside a script or style element. Put it into a data attribute and read it there.",
		);
	}
	return escapeHtml(String(value));
}

/**
 * Templates are scanned once: the language hands out the same strings array at each run of one
 * template.
 */
const scanned = new WeakMap<TemplateStringsArray, readonly HoleContext[]>();

function contextsOf(strings: TemplateStringsArray): readonly HoleContext[] {
	let contexts = scanned.get(strings);
	if (contexts === undefined) {
		contexts = holeContexts(strings);
		scanned.set(strings, contexts);
	}
	return contexts;
}
