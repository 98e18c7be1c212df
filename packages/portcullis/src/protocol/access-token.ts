import { toClockTolerance } from "./id-token.ts";
import { acceptsIssuer, type IssuerRule, mayAskUnverified } from "./issuer-rule.ts";
import { isStringList, type JsonObject } from "./json.ts";
import type { KeySet } from "./jwks.ts";
import { invalidJwt, verifySignedJwt } from "./signed-jwt.ts";

/** Longest token that is looked at, in characters: about what servers take as a header. */
export const MAX_ACCESS_TOKEN = 16_384;
/**
 * Longest `sub`, `client_id` and `jti`, in characters. OpenID Connect Core 1.0 section 2 has this
 * limit for `sub`.
 */
const MAX_ID_LENGTH = 255;
const WHAT = "the access token";

/** What all access tokens of one provider must fit. */
export interface AccessTokenRules {
	/**
	 * Other keys than those of logins: who sends forged tokens must not use up the budget of
	 * refetches that logins have.
	 */
	readonly keys: KeySet;
	readonly issuers: IssuerRule;
	/**
	 * Names that this app has as an API. The token must be for one of them; it may be for others as
	 * well.
	 */
	readonly audiences: readonly string[];
	/** Seconds by which the provider's clock may differ; cut to 0..300. */
	readonly clockTolerance: number;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

type Fail = (reason: string, problem: string) => Error;

/** A verified access token. */
export interface AccessToken {
	/** All of them, as signed. */
	readonly claims: JsonObject & {
		readonly iss: string;
		readonly sub: string;
		readonly client_id: string;
	};
	/** The `scope` claim, one by one; none where there is no such claim. */
	readonly scopes: readonly string[];
	/** From then on it is void: `exp` with the tolerance. Seconds since the epoch. */
	readonly expiresAt: number;
}

/**
 * Verifies a JWT access token that was presented to this app (RFC 9068 section 4).
 *
 * A token that is bound to a key (`cnf`: DPoP, mutual TLS) is refused: a thief could present it
 * here without the key (RFC 9449 section 7.2, RFC 8705 section 3).
 *
 * @throws LoginError `token_invalid`, its reason `format`, `typ`, `crit`, `alg`, `kid`, `signature`
 *   or the name of the claim; what `KeySet.find` throws.
 */
export async function verifyAccessToken(
	jwt: string,
	rules: AccessTokenRules,
): Promise<AccessToken> {
	const fail: Fail = (reason, problem) =>
		invalidJwt({ what: WHAT, provider: rules.provider }, reason, problem);
	if (jwt.length > MAX_ACCESS_TOKEN) throw fail("format", "is too long");
	// The key set of the provider is what its access tokens are signed with; which algorithms its ID
	// tokens have says nothing about them.
	const requireWorthAsking = async (unverified: JsonObject): Promise<void> => {
		if (mayAskUnverified(rules.issuers)) await checkIssuer(unverified, rules, fail);
		checkAudience(unverified, rules, fail);
		checkTimes(unverified, rules, fail);
	};
	const signed = {
		...rules,
		algorithms: undefined,
		what: WHAT,
		acceptsType: isAccessTokenType,
		requireWorthAsking,
	};
	const { claims } = await verifySignedJwt(jwt, signed);

	const iss = await checkIssuer(claims, rules, fail);
	checkAudience(claims, rules, fail);
	const expiresAt = checkTimes(claims, rules, fail);
	const { sub, client_id, jti, scope, cnf } = claims;
	if (!isId(sub)) throw fail("sub", "names no usable subject");
	if (!isId(client_id)) throw fail("client_id", "names no usable client");
	if (!isId(jti)) throw fail("jti", "has no usable jti");
	if (scope !== undefined && typeof scope !== "string")
		throw fail("scope", "has a scope that is no text");
	if (cnf !== undefined) throw fail("cnf", "is bound to a key, and came without a proof of it");
	return {
		claims: { ...claims, iss, sub, client_id },
		scopes: (scope ?? "").split(" ").filter((entry) => entry !== ""),
		expiresAt,
	};
}

/**
 * RFC 9068 section 2.1. An ID token has another type, or none, and is thus never taken for an
 * access token (RFC 8725 section 3.11).
 */
function isAccessTokenType(typ: unknown): boolean {
	return typeof typ === "string" && /^(application\/)?at\+jwt$/i.test(typ);
}

async function checkIssuer(
	claims: JsonObject,
	{ issuers }: AccessTokenRules,
	fail: Fail,
): Promise<string> {
	const { iss } = claims;
	if (typeof iss !== "string" || !(await acceptsIssuer(issuers, iss, claims)))
		throw fail("iss", "names another issuer");
	return iss;
}

function checkAudience({ aud }: JsonObject, { audiences }: AccessTokenRules, fail: Fail): void {
	if (!isForOneOf(aud, audiences)) throw fail("aud", "is not meant for this app");
}

function isForOneOf(aud: unknown, audiences: readonly string[]): boolean {
	const named = typeof aud === "string" ? [aud] : aud;
	return isStringList(named) && named.some((audience) => audiences.includes(audience));
}

function checkTimes({ exp, iat, nbf }: JsonObject, rules: AccessTokenRules, fail: Fail): number {
	const now = Math.floor(rules.now() / 1000);
	const tolerance = toClockTolerance(rules.clockTolerance);
	if (!isTime(exp)) throw fail("exp", "has no exp that is a number");
	if (!isTime(iat)) throw fail("iat", "has no iat that is a number");
	if (now >= exp + tolerance) throw fail("exp", "has expired");
	if (iat > now + tolerance) throw fail("iat", "comes from the future");
	if (nbf !== undefined && !(isTime(nbf) && nbf <= now + tolerance))
		throw fail("nbf", "is not valid yet");
	return exp + tolerance;
}

function isTime(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}

function isId(value: unknown): value is string {
	return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH;
}
