import { createHash, timingSafeEqual } from "node:crypto";
import type { DevClient } from "./dev-idp-options.ts";
import { listFaults, override, type RefreshFault, type TokenFault } from "./faulty-idp-faults.ts";
import { makeIdToken } from "./faulty-idp-id-token.ts";
import { invalidClient, json, oauthError } from "./faulty-idp-respond.ts";
import {
	type FaultyIdpRequest,
	type FaultyIdpState,
	type Issued,
	issue,
	lookUp,
} from "./faulty-idp-state.ts";
import type { Outcome } from "./faulty-idp-transport.ts";

/**
 * Answers a token request: authorization code and refresh token grants (RFC 6749 sections 4.1.3 and
 * 6).
 */
export async function token(state: FaultyIdpState, request: FaultyIdpRequest): Promise<Outcome> {
	const faults = listFaults(state.faults.token);
	for (const fault of faults) {
		const error = tokenErrors[fault]?.(request);
		if (error !== undefined) return error;
	}
	if (request.method !== "POST")
		return oauthError("invalid_request", "The token endpoint takes POST.", 405);
	const client = authenticate(state, request);
	if (client === undefined) return invalidClient(request.headers);

	const grant = request.form.get("grant_type");
	if (grant === "authorization_code") return byCode(state, request.form, client);
	if (grant === "refresh_token") return byRefreshToken(state, request.form, client);
	return oauthError(
		"unsupported_grant_type",
		"Only authorization_code and refresh_token are supported.",
	);
}

/**
 * Forgets a token of the client (RFC 7009); a refresh token takes all that was issued for the login
 * with it.
 */
export function revoke(state: FaultyIdpState, request: FaultyIdpRequest): Response {
	const client = authenticate(state, request);
	if (client === undefined) return invalidClient(request.headers);
	const value = request.form.get("token");
	const refreshToken = lookUp(state, state.refreshTokens, value);
	if (refreshToken?.login.clientId === client.clientId) refreshToken.login.revoked = true;
	if (lookUp(state, state.accessTokens, value)?.login.clientId === client.clientId)
		state.accessTokens.delete(value ?? "");
	return new Response(null, { status: 200 });
}

async function byCode(
	state: FaultyIdpState,
	form: URLSearchParams,
	client: DevClient,
): Promise<Response> {
	const code = lookUp(state, state.codes, form.get("code"));
	if (code === undefined || code.login.clientId !== client.clientId)
		return oauthError("invalid_grant", "The code is unknown or has expired.");
	if (code.used) return endLogin(code, "The code was used before.");
	if (code.login.redirectUri !== form.get("redirect_uri"))
		return oauthError("invalid_grant", "redirect_uri is not the one of the request.");
	if (
		state.faults.pkceEnforced !== false &&
		!matches(form.get("code_verifier"), code.login.codeChallenge)
	) {
		return oauthError("invalid_grant", "code_verifier does not match.");
	}
	code.used = true;
	const refreshToken = code.login.hasRefreshToken
		? issue(state, state.refreshTokens, code.login, refreshTokenLifetime)
		: undefined;
	return answer(state, code, refreshToken, code.login.nonce);
}

async function byRefreshToken(
	state: FaultyIdpState,
	form: URLSearchParams,
	client: DevClient,
): Promise<Outcome> {
	const faults = listFaults(state.faults.refresh);
	const value = form.get("refresh_token");
	const old = lookUp(state, state.refreshTokens, value);
	if (old === undefined || old.login.clientId !== client.clientId)
		return oauthError("invalid_grant", "The refresh token is unknown or has ended.");
	if (faults.includes("refused"))
		return oauthError("invalid_grant", "The refresh token has ended.");
	if (old.used || faults.includes("reused"))
		return endLogin(old, "The refresh token was used before.");
	const granted = old.login.scope.split(" ");
	if (
		form
			.get("scope")
			?.split(" ")
			.some((scope) => !granted.includes(scope))
	) {
		return oauthError("invalid_scope", "More was asked for than was granted.");
	}
	const changes = {
		scope: faults.includes("fewer-scopes") ? "openid" : undefined,
		idToken: faults.includes("id-token-missing")
			? null
			: Object.assign({}, ...faults.map((fault) => refreshClaims[fault])),
	};
	if (!rotates(state, faults)) return answer(state, old, undefined, undefined, changes);
	old.used = true;
	const successor = issue(state, state.refreshTokens, old.login, refreshTokenLifetime);
	if (faults.includes("answer-lost")) return "reset";
	return answer(state, old, successor, undefined, changes);
}

function rotates(
	{ rotateRefreshTokens, faults: { token } }: FaultyIdpState,
	faults: readonly RefreshFault[],
): boolean {
	if (listFaults(token).includes("refresh-token-missing") || faults.includes("not-rotated"))
		return false;
	return rotateRefreshTokens || faults.includes("rotated") || faults.includes("answer-lost");
}

/** Seconds: 14 days. */
const refreshTokenLifetime = 1_209_600;

/**
 * Used twice, so it counts as stolen: every token of that login becomes invalid (RFC 9700 section
 * 4.14.2).
 */
function endLogin({ login }: Issued, description: string): Response {
	login.revoked = true;
	return oauthError("invalid_grant", description);
}

async function answer(
	state: FaultyIdpState,
	{ login }: Issued,
	refreshToken: string | undefined,
	nonce: string | undefined,
	changes: TokenChanges = {},
): Promise<Response> {
	const accessToken = issue(state, state.accessTokens, login, state.accessTokenLifetime);
	const body: Record<string, unknown> = {
		access_token: accessToken,
		token_type: "Bearer",
		expires_in: state.accessTokenLifetime,
		scope: changes.scope ?? login.scope,
		...(refreshToken !== undefined && { refresh_token: refreshToken }),
		...(changes.idToken !== null && {
			id_token: await makeIdToken(state, login, accessToken, nonce, changes.idToken),
		}),
	};
	for (const fault of listFaults(state.faults.token)) override(body, tokenChanges[fault] ?? {});
	override(body, state.faults.tokenResponse);
	return json(body);
}

/**
 * Takes `client_secret_basic`, `client_secret_post` and, of a public client, nothing (RFC 6749
 * section 2.3); one way only.
 */
function authenticate(
	{ clients }: FaultyIdpState,
	{ headers, form }: FaultyIdpRequest,
): DevClient | undefined {
	const basic = basicCredentials(headers.authorization);
	if (headers.authorization !== undefined && (basic === undefined || form.has("client_secret")))
		return undefined;
	const clientId = basic?.clientId ?? form.get("client_id");
	if (clientId === null || (form.has("client_id") && form.get("client_id") !== clientId))
		return undefined;
	const client = clients.get(clientId);
	if (client === undefined) return undefined;
	const secret = basic?.clientSecret ?? form.get("client_secret") ?? undefined;
	if (client.clientSecret === undefined) return secret === undefined ? client : undefined;
	return secret !== undefined && isSame(secret, client.clientSecret) ? client : undefined;
}

/** Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1). */
function basicCredentials(
	header: string | undefined,
): { clientId: string; clientSecret: string } | undefined {
	const encoded = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(header ?? "")?.[1];
	const [, clientId, clientSecret] =
		/^([^:]*):(.*)$/.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
	if (clientId === undefined || clientSecret === undefined) return undefined;
	try {
		return { clientId: formDecode(clientId), clientSecret: formDecode(clientSecret) };
	} catch {
		return undefined;
	}
}

function formDecode(text: string): string {
	return decodeURIComponent(text.replaceAll("+", " "));
}

function matches(verifier: string | null, challenge: string | undefined): boolean {
	if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier) || challenge === undefined)
		return false;
	return isSame(createHash("sha256").update(verifier).digest("base64url"), challenge);
}

function isSame(a: string, b: string): boolean {
	const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest()) as [
		Buffer,
		Buffer,
	];
	return timingSafeEqual(left, right);
}

const tokenErrors: Partial<Readonly<Record<TokenFault, (request: FaultyIdpRequest) => Response>>> =
	{
		"invalid-client": ({ headers }) => invalidClient(headers),
		"invalid-grant": () => oauthError("invalid_grant", "The grant has ended."),
		"invalid-code": () => oauthError("invalid_code", "The code is not good."),
		"temporarily-unavailable": () => oauthError("temporarily_unavailable", "Try again later."),
		"error-markup": () => oauthError("invalid_request", `<script>alert(1)</script>"'`),
	};

/** What a fault of refreshes makes of the answer. */
interface TokenChanges {
	readonly scope?: string | undefined;
	/** Claims of the ID token, replaced; null: none comes. */
	readonly idToken?: Readonly<Record<string, unknown>> | null;
}

const refreshClaims: Partial<Readonly<Record<RefreshFault, Readonly<Record<string, unknown>>>>> = {
	"sub-other": { sub: "somebody-else" },
	"iss-other": { iss: "https://another-issuer.invalid" },
	"aud-other": { aud: "another-client" },
	"nonce-other": { nonce: "a-nonce-of-another-login" },
};

/** Those of the token response itself; the others are errors, or decided before it is made. */
const tokenChanges: Partial<Readonly<Record<TokenFault, Readonly<Record<string, unknown>>>>> = {
	"token-type-unknown": { token_type: "mac" },
	"token-type-lowercase": { token_type: "bearer" },
	"token-type-uppercase": { token_type: "BEARER" },
	"token-type-missing": { token_type: undefined },
	"expires-in-missing": { expires_in: undefined },
	"expires-in-string": { expires_in: "3600" },
	"expires-in-negative": { expires_in: -1 },
	"scope-missing": { scope: undefined },
	"scope-narrowed": { scope: "openid" },
	"access-token-missing": { access_token: undefined },
	"access-token-not-a-string": { access_token: 12345 },
	"access-token-huge": { access_token: "a".repeat(6000) },
	"refresh-token-missing": { refresh_token: undefined },
};
