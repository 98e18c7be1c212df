import type { LogEntry } from "../../audit/log.ts";
import { createErrorId } from "../../audit/log.ts";
import type { AnyErrorCode } from "../../base/errors.ts";
import { oneLine } from "../../base/one-line.ts";
import { hasOwnOrigin, REQUEST_HEADER } from "../../guard/forms.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import { rawPath } from "../../guard/path.ts";
import { messageFor } from "../../views/messages.ts";
import type { Exchange } from "../exchange.ts";
import { problemResponse, type RefusalAnswer } from "./render.ts";

/**
 * Codes of the everyday course: nothing is wrong, the caller knows what to do next, and the audit
 * hook hears of it. `not_found` is for popup handoffs alone, where no store keeps them: the audit
 * hook hears of the login.
 */
export type EverydayCode =
	| "login_required"
	| "refresh_required"
	| "step_up_required"
	| "forbidden"
	| "not_found";

/** What the log says of a refusal. */
export interface RefusalLine {
	readonly code: AnyErrorCode;
	/** What came, as far as it may stand in a log. Values of a stranger go through `quoted`. */
	readonly seen: string;
	/** What should have come. */
	readonly expected?: string | undefined;
	/** What an operator can do about it. One sentence or more, without a full stop at the end. */
	readonly remedy?: string | undefined;
	/** Default `warning`; `error` from status 500 on. */
	readonly level?: LogEntry["level"];
	readonly reason?: string | undefined;
	readonly provider?: string | undefined;
	readonly cause?: unknown;
}

export type Refusal = RefusalAnswer & RefusalLine;

/**
 * Refuses a request: writes the one line about it, with what was seen and what was expected, and
 * answers with a problem that has the id of that line. No route answers with a problem by itself,
 * so that nothing is refused in silence.
 */
export function deny(exchange: Exchange, refusal: Refusal): Response {
	const level = refusal.level ?? (refusal.status >= 500 ? "error" : "warning");
	return denyLogged(refusal.code, refusal, logRefusal(exchange, { ...refusal, level }));
}

/**
 * Writes the line of a refusal whose answer is no problem, such as a page. Returns the id of the
 * line that tells of it.
 */
export function logRefusal(exchange: Exchange, line: RefusalLine, id?: string): string | undefined {
	const { code, seen, expected, remedy, level = "warning", reason, provider, cause } = line;
	const wanted = expected === undefined ? "" : `; expected ${expected}`;
	const advice = remedy === undefined ? "" : `. ${remedy}`;
	return exchange.log({
		...{ level, code, message: `${seen}${wanted}${advice}`, id: id ?? createErrorId() },
		...(reason === undefined ? {} : { reason }),
		...(provider === undefined ? {} : { provider }),
		...(cause === undefined ? {} : { cause }),
	});
}

/**
 * The answer to a request whose refusal the log has a line about already: by the id of that line,
 * if it was written.
 */
export function denyLogged(
	code: AnyErrorCode,
	answer: RefusalAnswer,
	id: string | undefined,
): Response {
	const { status, title = messageFor(code).title, headers, cookies, more } = answer;
	return problemResponse(status, code, title, {
		...(id === undefined ? {} : { id }),
		...(headers === undefined ? {} : { headers }),
		...(cookies === undefined ? {} : { cookies }),
		...(more === undefined ? {} : { more }),
	});
}

/**
 * A refusal of the everyday course, which has no line in the log. No other code can be refused like
 * that.
 */
export function denyQuietly(code: EverydayCode, answer: RefusalAnswer): Response {
	return denyLogged(code, answer, undefined);
}

/** 500 where even the page about an error could not be made. Cannot throw. */
export function denyUnforeseen(exchange: Exchange, cause: unknown): Response {
	const { gate } = exchange;
	const message = "An error could not be answered as it should be";
	const id = gate.log({
		level: "error",
		code: "internal_error",
		message,
		id: createErrorId(),
		cause,
	});
	return denyLogged("internal_error", { status: 500, title: "Internal error" }, id);
}

/** 405, with what the address takes. */
export function denyMethod(exchange: Exchange, allowed: string): Response {
	const { call } = exchange;
	return deny(exchange, {
		...{
			status: 405,
			code: "method_not_allowed",
			title: "Method not allowed",
			headers: { Allow: allowed },
		},
		...{ seen: where(call), expected: allowed },
	});
}

/** 404 for an address of the gate's own where there is nothing. */
export function denyEndpoint(exchange: Exchange, expected: string): Response {
	const { call } = exchange;
	const seen = `${where(call)} is no endpoint of this gate`;
	return deny(exchange, {
		status: 404,
		code: "not_found",
		title: "There is no such endpoint",
		seen,
		expected,
	});
}

/** 403 for a login that something else than a person's own navigation would begin or complete. */
export function denyBackground(
	exchange: Exchange,
	title = "A login is begun by opening its page, not in the background",
): Response {
	const { call } = exchange;
	const names = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-purpose", "purpose"];
	const sent = names.flatMap((name) => {
		const value = call.header(name);
		return value === null ? [] : [`${name}: ${quoted(value)}`];
	});
	return deny(exchange, {
		...{ status: 403, code: "forbidden", title },
		reason: "background",
		seen: `${where(call)} came with ${sent.join(", ") || "no Fetch Metadata"}`,
		expected: "a navigation of the whole window",
	});
}

/** 403 for a request that changes something and did not provably come from the app itself. */
export function denyForged(exchange: Exchange): Response {
	const title = "This request did not come from the app itself";
	return deny(exchange, { status: 403, title, ...forgedLine(exchange) });
}

/**
 * What the log says of a request that did not provably come from the app itself: the origin that it
 * names, the one that the gate believes in, and what to do where the two differ because of a proxy.
 *
 * @param needsHeader False where a form of the app's own, which cannot send a header, would do.
 */
export function forgedLine(exchange: Exchange, needsHeader = true): RefusalLine {
	const { call, knownOrigin: origin } = exchange;
	const sent = call.header("origin");
	if (origin !== undefined && hasOwnOrigin(call.header, origin)) {
		const header =
			call.header(REQUEST_HEADER) === null ? `no ${REQUEST_HEADER}` : `the ${REQUEST_HEADER}`;
		const site = call.header("sec-fetch-site");
		const seen = `${where(call)} came from our own origin with ${header}${site === null ? "" : ` and Sec-Fetch-Site ${quoted(site)}`}`;
		const expected = needsHeader
			? `a request of the app's own script, with ${REQUEST_HEADER}`
			: "a form that we have shown";
		return { code: "csrf_failed", reason: needsHeader ? "header" : "form", seen, expected };
	}
	const seen = `${where(call)} came with Origin ${sent === null ? "none" : quoted(sent)} and Host ${quoted(call.header("host") ?? "none")}`;
	const expected = `Origin ${origin ?? "of a known host"}`;
	return { code: "csrf_failed", reason: "origin", seen, expected, remedy: originRemedy(sent) };
}

function originRemedy(sent: string | null): string {
	if (sent === null)
		return `Browsers send Origin with every POST; a program sends ${REQUEST_HEADER} instead`;
	if (sent === "null")
		return "If it was a page of the app, it has Referrer-Policy no-referrer or is in a sandbox: use same-origin";
	return "If that is the address people see, a proxy hides it: set PORTCULLIS_ORIGIN to it, or let the proxy pass on Host, or name the proxy in trustProxy";
}

/**
 * Method and path of a request, for a line. Long segments are cut: they may hold a person's secret,
 * and do not help to understand the line.
 */
export function where({ method, url }: GateRequest): string {
	const segments = rawPath(url).slice(0, 1000).split("/");
	const path = segments
		.map((segment) => (segment.length > 40 ? `${segment.slice(0, 12)}...` : segment))
		.join("/");
	return `${oneLine(method, 20)} ${oneLine(path, 200)}`;
}

/** What a stranger sent, fit for a line. */
export function quoted(value: string): string {
	return oneLine(value, 120);
}
