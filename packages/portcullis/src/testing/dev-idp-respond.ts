import { randomBytes } from "node:crypto";
import type { Context } from "oidc-provider";
import type { Html } from "../views/html.ts";

/** A page as a function of the nonce that its `<style>` carries. */
export type Page = (nonce: string) => Html;

/**
 * Sends a page that runs no script, loads nothing from elsewhere (a person's picture excepted) and
 * is in no frame.
 */
export function sendPage(context: Context, page: Page): void {
	const nonce = randomBytes(16).toString("base64");
	context.type = "html";
	context.set("cache-control", "no-store");
	context.set("x-content-type-options", "nosniff");
	// Not no-referrer: a form would then be sent with `Origin: null`.
	context.set("referrer-policy", "same-origin");
	// No form-action: browsers apply it to the redirects after the form too, and these lead to the
	// app.
	context.set(
		"content-security-policy",
		`default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self' data: https: http:; base-uri 'none'; frame-ancestors 'none'`,
	);
	context.body = String(page(nonce));
}
