import { expect } from "vitest";
import { MARKER } from "../support/gate-fixture.ts";
import type { Seen } from "./fuzzed-gate.ts";

/** What one request may bring about that no other may. */
export interface Allowed {
	/** The answer may set the cookies of a session. */
	readonly signsIn?: boolean;
	/** Whoever asks is signed in already. */
	readonly signedInBefore?: boolean;
	/** The provider's answers are broken, so 502 and 503 are right. */
	readonly badProvider?: boolean;
	/**
	 * Where logins are sent: what the metadata says, if that may be changed. Default: the provider's
	 * own endpoint.
	 */
	readonly authorize?: string;
	/** The app may be reached by nobody in particular: the page is open. */
	readonly open?: boolean;
}

export interface Looked {
	readonly allowed: Allowed;
	readonly secrets: readonly string[];
	/** Of the log. */
	readonly lines: readonly string[];
	readonly app: string;
	readonly idp: string;
}

/**
 * What holds for every answer, whatever was sent: no failure of ours, nobody signed in, no way off
 * the origin but to the provider, and no secret in the answer or in the log.
 */
export function expectHarmless(seen: Seen, { allowed, secrets, lines, app, idp }: Looked): void {
	const { status, headers, body, setCookies, reached, person, url } = seen;
	const { badProvider = false } = allowed;
	// That a provider says more of a person than cookies can hold is for the operator to solve.
	const isTooMuch = status === 500 && lines.some((line) => line.includes("cookies_too_large"));
	const broken = status >= 500 && !(badProvider && (status === 502 || status === 503 || isTooMuch));
	expect([status, broken], body.slice(0, 200)).toEqual([status, false]);

	const signedIn = setCookies.filter((line) => isSessionCookie(line));
	if (!allowed.signsIn && !allowed.signedInBefore) {
		expect(signedIn, "cookies of a session").toEqual([]);
		expect(person, "the person that the app was told of").toBeUndefined();
		if (!allowed.open)
			expect([reached, body.includes(MARKER)], "the app was reached").toEqual([false, false]);
	}

	for (const destination of destinations(seen)) {
		const { origin, pathname, protocol } = new URL(destination, url);
		const endpoints = [allowed.authorize ?? `${idp}/authorize`, `${idp}/end-session`];
		const isProvider = endpoints.includes(origin + pathname);
		expect([destination, origin === app || isProvider, protocol]).toEqual([
			destination,
			true,
			"https:",
		]);
	}
	expect(/<script>alert|<img src=x|"\s*onmouseover=/i.test(body), "markup of the caller").toBe(
		false,
	);

	const head = [...headers]
		.filter(([name]) => name !== "set-cookie")
		.map(([name, value]) => `${name}: ${value}`);
	const places = [body, ...head, ...setCookies, ...lines];
	for (const secret of secrets.flatMap(spellings))
		expect(
			places.filter((place) => place.includes(secret)),
			"a secret came out",
		).toEqual([]);
	for (const line of [...head, ...setCookies])
		expect(/[\r\n\0]/.test(line), "a header is broken").toBe(false);
}

/** True for a line that sets, and does not remove, a cookie of a session. */
export function isSessionCookie(line: string): boolean {
	return (
		/^__Host-[\w.]+-.{6}-(at|id|rt|sc|on)(\.\d+)?=/.test(line) && !/; Max-Age=0(;|$)/.test(line)
	);
}

/** Where an answer leads by itself or by a form, as a browser reads it. */
function destinations({ headers, body }: Seen): string[] {
	const found: string[] = [];
	const location = headers.get("location");
	if (location !== null) found.push(location);
	const refresh = headers.get("refresh");
	if (refresh !== null) found.push(refresh.replace(/^\d+;\s*url=/i, ""));
	if (!headers.get("content-type")?.startsWith("text/html")) return found;
	for (const [, url = ""] of body.matchAll(/http-equiv="refresh" content="\d+; url='([^']*)'"/gi))
		found.push(url);
	for (const [, url = ""] of body.matchAll(/\s(?:href|action|formaction|src)="([^"]*)"/gi))
		found.push(url);
	return found.map(unescapeHtml).filter((one) => one !== "data:,");
}

function unescapeHtml(text: string): string {
	return text
		.replace(/&(?:#39|#x27);/g, "'")
		.replaceAll("&quot;", '"')
		.replaceAll("&lt;", "<")
		.replaceAll("&gt;", ">")
		.replaceAll("&amp;", "&");
}

function spellings(secret: string): string[] {
	return [
		secret,
		encodeURIComponent(secret),
		Buffer.from(secret).toString("base64url"),
		Buffer.from(secret).toString("hex"),
	];
}
