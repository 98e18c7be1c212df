import { errorPage, signedOutPage } from "./dev-idp-pages.ts";
import { type EndSessionFault, listFaults } from "./faulty-idp-faults.ts";
import { pageResponse, redirect } from "./faulty-idp-respond.ts";
import { type FaultyIdpRequest, type FaultyIdpState, isRegistered } from "./faulty-idp-state.ts";
import { tenantIssuer } from "./faulty-idp-tenants.ts";

/**
 * Ends the session without a question (OpenID Connect RP-Initiated Logout 1.0), and returns to the
 * app if the request says which client it comes from and the address is registered.
 */
export function endSession(state: FaultyIdpState, request: FaultyIdpRequest): Response {
	const parameters = request.method === "POST" ? request.form : request.query;
	const hint = parameters.get("id_token_hint");
	const claims = hint === null ? undefined : ownClaims(state, hint);
	if (hint !== null && claims === undefined) return refuse("id_token_hint is not one of ours.");
	const named = parameters.get("client_id");
	const clientId = claims?.aud ?? named;
	if (named !== null && named !== clientId)
		return refuse("client_id is not the one of id_token_hint.");
	const faults = listFaults(state.faults.endSession);
	if (faults.includes("refused")) return refuse("This is refused for a test.");
	endTokens(state, claims?.sid);

	const target = parameters.get("post_logout_redirect_uri");
	if (
		faults.includes("stays") ||
		target === null ||
		typeof clientId !== "string" ||
		!state.clients.has(clientId)
	)
		return pageResponse(signedOutPage());
	if (!isRegistered(state, target))
		return refuse("post_logout_redirect_uri is neither registered nor on this machine.");
	const url = new URL(target);
	const echoed = parameters.get("state");
	if (echoed !== null) url.searchParams.set("state", echoed);
	for (const fault of faults) endSessionFaults[fault]?.(url.searchParams);
	return redirect(url.href);
}

const endSessionFaults: Partial<
	Readonly<Record<EndSessionFault, (parameters: URLSearchParams) => void>>
> = {
	"state-missing": (parameters) => parameters.delete("state"),
	"state-wrong": (parameters) => parameters.set("state", "a-state-that-was-never-sent"),
};

function refuse(description: string): Response {
	return pageResponse(errorPage({ error: "invalid_request", error_description: description }), 400);
}

/**
 * The claims of an ID token that was issued here. It may have expired: that is no reason to stay
 * signed in.
 */
function ownClaims(state: FaultyIdpState, token: string): Record<string, unknown> | undefined {
	const [header = "", payload = "", signature = ""] = token.split(".");
	if (!state.keys.verifies(`${header}.${payload}`, signature)) return undefined;
	const claims = parse(payload);
	return claims?.iss === tenantIssuer(state.issuer, state.tenant) ? claims : undefined;
}

function parse(part: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
		return typeof value === "object" && value !== null
			? (value as Record<string, unknown>)
			: undefined;
	} catch {
		return undefined;
	}
}

/** Access tokens end with the session, unless offline access was granted. */
function endTokens(state: FaultyIdpState, sid: unknown): void {
	for (const [value, { login }] of state.accessTokens) {
		if (login.sid === sid && !login.scope.split(" ").includes("offline_access"))
			state.accessTokens.delete(value);
	}
}
