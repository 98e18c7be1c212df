import { expect } from "vitest";
import type { ErrorCode } from "../../src/index.ts";
import type { FaultyEndpoint, TransportFault } from "../../src/testing/faulty-idp-faults.ts";
import { type RefusedLogin, refusesLogin } from "./refused-login.ts";

const endpoints = ["discovery", "jwks", "token", "userinfo"] as const;
type Endpoint = (typeof endpoints)[number] & FaultyEndpoint;

const faults: readonly TransportFault[] = [
	"hang",
	"reset",
	"drip",
	"endless",
	"huge",
	"not-json",
	"not-an-object",
	"redirect",
	"redirect-internal",
	"redirect-loop",
	401,
	403,
	404,
	408,
	429,
	500,
	502,
	503,
];

/** Seconds; short enough for tests, long enough for a busy machine. */
const TIMEOUT = 0.5;
/** What a busy machine may take besides. Milliseconds. */
const SLACK = 4000;

refusesLogin(
	"rp-endpoint-failures (R16, R40)",
	endpoints.flatMap((endpoint) =>
		faults.map((fault): RefusedLogin => {
			const refusal = refusalOf(endpoint, fault);
			const started = { at: 0 };
			return {
				name: `${endpoint}: ${fault}`,
				faults: { transport: { [endpoint]: fault } },
				auth: { platform: { timeout: TIMEOUT, fetch: timed(started) } },
				...refusal,
				also({ page }) {
					expect(page.headers.get("retry-after")).toBe(
						refusal.code === "provider_unreachable" ? "10" : null,
					);
					expect(performance.now() - started.at).toBeLessThan(TIMEOUT * 1000 + SLACK);
				},
			};
		}),
	),
);

/** Notes when the provider was last asked. */
function timed(started: { at: number }): typeof fetch {
	return (input, init) => {
		started.at = performance.now();
		return fetch(input, init);
	};
}

function refusalOf(
	endpoint: Endpoint,
	fault: TransportFault,
): { code: ErrorCode; reason: string; status: number } {
	const misconfigured = (reason: string) =>
		({ code: "provider_misconfigured", reason, status: 502 }) as const;
	const unreachable = (reason: string) =>
		({ code: "provider_unreachable", reason, status: 503 }) as const;
	if (fault === "hang" || fault === "drip") return unreachable("timeout");
	if (fault === "reset") return unreachable("network");
	if (fault === "endless" || fault === "huge") return misconfigured("too_large");
	if (fault === "not-json" || fault === "not-an-object") return unreadable(endpoint, "format");
	if (typeof fault === "string") return misconfigured("redirect");
	return fault >= 500 || fault === 408 || fault === 429
		? unreachable(`status_${fault}`)
		: unreadable(endpoint, `status_${fault}`);
}

/** An answer that came whole and on time, and says nothing usable. */
function unreadable(
	endpoint: Endpoint,
	reason: string,
): { code: ErrorCode; reason: string; status: number } {
	switch (endpoint) {
		case "discovery":
			return { code: "provider_misconfigured", reason, status: 502 };
		case "jwks":
			return {
				code: "provider_misconfigured",
				reason: reason === "format" ? "jwks" : reason,
				status: 502,
			};
		case "token":
			return {
				code: reason === "format" ? "token_invalid" : "provider_error",
				reason,
				status: 502,
			};
		case "userinfo":
			return { code: "userinfo_invalid", reason, status: 502 };
	}
}
