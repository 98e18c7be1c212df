import { authorize } from "./faulty-idp-authorize.ts";
import { endSession } from "./faulty-idp-end-session.ts";
import type { FaultyEndpoint } from "./faulty-idp-faults.ts";
import { discovery, jwks } from "./faulty-idp-metadata.ts";
import { type FaultyIdpRequest, type FaultyIdpState, nowOf } from "./faulty-idp-state.ts";
import { revoke, token } from "./faulty-idp-token.ts";
import { faultyAnswer, type Outcome } from "./faulty-idp-transport.ts";
import { userinfo } from "./faulty-idp-userinfo.ts";

/**
 * Answers one request: logs it, waits, then lets the endpoint or a fault of the transport answer.
 */
export async function handle(state: FaultyIdpState, request: Request): Promise<Outcome> {
	const url = new URL(request.url);
	const seen = await record(state, request, url);
	if (seen.endpoint === undefined) return new Response("Not found\n", { status: 404 });

	const { endpoint } = seen;
	// Read before the wait: a test that changes the faults meanwhile means the next request.
	const { delay, transport } = state.faults;
	const wait = delay?.[endpoint];
	if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait));
	const fault = transport?.[endpoint];
	const correct = async () => endpoints[endpoint](state, seen);
	return stamp(
		state,
		endpoint,
		await (fault === undefined ? correct() : faultyAnswer(fault, url, correct)),
	);
}

async function record(
	state: FaultyIdpState,
	request: Request,
	url: URL,
): Promise<FaultyIdpRequest> {
	const body = await request.text();
	const seen: FaultyIdpRequest = {
		endpoint: endpointAt(state, url.pathname),
		method: request.method,
		path: url.pathname,
		query: url.searchParams,
		headers: Object.fromEntries(request.headers),
		body,
		form: new URLSearchParams(body),
	};
	state.requests.push(seen);
	return seen;
}

function endpointAt({ issuer }: FaultyIdpState, path: string): FaultyEndpoint | undefined {
	const base = new URL(issuer).pathname.replace(/\/$/, "");
	return path.startsWith(base) ? paths[path.slice(base.length)] : undefined;
}

const paths: Readonly<Record<string, FaultyEndpoint>> = {
	"/.well-known/openid-configuration": "discovery",
	"/jwks": "jwks",
	"/authorize": "authorize",
	"/token": "token",
	"/userinfo": "userinfo",
	"/end-session": "end-session",
	"/revoke": "revoke",
};

const endpoints: Readonly<
	Record<
		FaultyEndpoint,
		(state: FaultyIdpState, request: FaultyIdpRequest) => Outcome | Promise<Outcome>
	>
> = {
	discovery,
	jwks,
	authorize,
	token,
	userinfo,
	"end-session": endSession,
	revoke,
};

/** The `Date` header tells the clock, which may be wrong on purpose. */
function stamp(state: FaultyIdpState, endpoint: FaultyEndpoint, outcome: Outcome): Outcome {
	if (!(outcome instanceof Response)) return outcome;
	outcome.headers.set("date", new Date(nowOf(state) * 1000).toUTCString());
	const { openerPolicy } = state.faults;
	if (openerPolicy !== undefined && hasPages.has(endpoint))
		outcome.headers.set("cross-origin-opener-policy", openerPolicy);
	return outcome;
}

/** What a person's browser goes to. */
const hasPages: ReadonlySet<FaultyEndpoint> = new Set(["authorize", "end-session"]);
