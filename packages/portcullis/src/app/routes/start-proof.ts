import type { LogEntry } from "../../audit/log.ts";
import { createErrorId } from "../../audit/log.ts";
import { createFormToken, isFormToken } from "../../guard/forms.ts";
import { COOKIE_PREFIX, type RequestCookies, type SetCookie } from "../../session/cookies.ts";
import { START_FIELD } from "../answers/links.ts";
import { createNonce } from "../answers/render.ts";
import type { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";

/**
 * What the links of a login page are bound to. A random value: it says nothing, and is good for
 * nothing by itself.
 */
export const START_COOKIE: string = `${COOKIE_PREFIX}portcullis-start`;
/** As long as the token in the link is good for. Seconds. */
const LIFETIME = 43_200;
/** What cannot be placed is logged once in so long. Milliseconds. */
const LOG_AGAIN = 60_000;
const NONCE = /^[a-f0-9]{32}$/;

/** What a page with login links needs so that its links are known for its own. */
export interface StartProof {
	/**
	 * Goes into each link. `undefined` where the browser says by itself where a navigation comes
	 * from.
	 */
	readonly from: string | undefined;
	/** Go with the page. */
	readonly cookies: readonly SetCookie[];
}

const NOT_NEEDED: StartProof = { from: undefined, cookies: [] };

/**
 * For browsers that send no `Sec-Fetch-Site`: old ones, and all behind a proxy that drops it.
 * `Referer` alone will not do for them: views of an app's own, proxies and extensions take it away.
 * So the links of our pages carry a token that another site cannot come by, nor have accepted: it
 * is good only together with a cookie of this browser.
 */
export async function createStartProof(exchange: Exchange): Promise<StartProof> {
	const { runtime } = exchange;
	if (exchange.navigation.site !== undefined) return NOT_NEEDED;
	// One for all tabs: a page that is open in another tab stays good.
	const value = nonceOf(exchange.requestCookies) ?? createNonce();
	const from = await createFormToken(runtime.ring, "start", value, exchange.now);
	return { from, cookies: [{ name: START_COOKIE, value, sameSite: "Strict", maxAge: LIFETIME }] };
}

/**
 * Where a start comes from: a page of ours or the person, another site, or the browser does not
 * say.
 */
export type StartOrigin = "own" | "foreign" | "unknown";

/** Places a navigation that would begin a login. Only `own` may. */
export async function startOrigin(exchange: Exchange): Promise<StartOrigin> {
	const { runtime, call, origin } = exchange;
	const { site } = exchange.navigation;
	// What is typed, or opened out of a mail, may be another site's address, which redirects here.
	// If a person is signed in, that would end their session.
	if (site === "none") return exchange.isProbablySignedIn ? "foreign" : "own"; // proven: start-by-mail
	if (site !== undefined) return site === "same-origin" ? "own" : "foreign";
	const nonce = nonceOf(exchange.requestCookies);
	const from = exchange.query.get(START_FIELD);
	// proven: start-without-token
	if (nonce !== undefined && (await isFormToken(runtime.ring, from, "start", nonce, exchange.now)))
		return "own";
	const referer = call.header("referer");
	if (!referer) return "unknown"; // proven: start-silent
	return referer.startsWith(`${origin}/`) ? "own" : "foreign";
}

/** The value that forms and links of this browser are bound to, if it has one. */
export function nonceOf(requestCookies: RequestCookies): string | undefined {
	const value = requestCookies.get(START_COOKIE);
	return value !== undefined && NONCE.test(value) ? value : undefined;
}

/**
 * Logs that a start could not be placed.
 *
 * @returns the id of the log line, which the page shows; `undefined` if there is none.
 */
export function logUnknownStart(exchange: Exchange): string | undefined {
	const keepsCookies = nonceOf(exchange.requestCookies) !== undefined;
	if (exchange.query.has(START_FIELD) && !keepsCookies) {
		const why =
			"It came from a login page without the cookie of that page: the browser keeps no cookies, or the page was open for too long";
		return logUnknownOrigin(exchange, {
			code: "cookies_blocked",
			message: `A login was not begun. ${why}`,
		});
	}
	const why =
		"If many people see this, a proxy or an extension drops the headers Sec-Fetch-Site and Referer, or the page with the link has Referrer-Policy: no-referrer";
	const message = `A login was not begun: the browser does not say where it comes from. ${why}`;
	return logUnknownOrigin(exchange, { code: "csrf_failed", message });
}

/**
 * Logs a request that was refused because its origin is unknown, each message once a minute for a
 * gate: anyone can send such requests.
 *
 * @param entry `message`: a constant, by which lines are counted.
 * @returns the id of the log line, or of the last one. `undefined` where the log is full of lines
 *   of this code, and none was written: a page must show no id that cannot be found.
 */
export function logUnknownOrigin(
	exchange: Exchange,
	entry: Pick<LogEntry, "code" | "message">,
): string | undefined {
	const { gate } = exchange;
	const { code, message } = entry;
	const lines = LINES.get(gate) ?? new Map<string, Line>();
	LINES.set(gate, lines);
	const now = gate.platform.now();
	const last = lines.get(message);
	if (last && Math.abs(now - last.at) < LOG_AGAIN) return last.id;
	const id = gate.log({ level: "warning", code, message, id: createErrorId() });
	if (id !== undefined) lines.set(message, { id, at: now });
	return id;
}

interface Line {
	readonly id: string;
	/** Milliseconds since the epoch. */
	readonly at: number;
}

const LINES = new WeakMap<GateContext, Map<string, Line>>();
