import { toClockTolerance } from "./id-token.ts";
import { acceptsIssuer, type IssuerRule, mayAskUnverified } from "./issuer-rule.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { KeySet } from "./jwks.ts";
import { invalidJwt, isForClientAlone, verifySignedJwt } from "./signed-jwt.ts";

/**
 * Oldest `iat` that is accepted, in seconds before now: a token that was kept back says nothing
 * about the present.
 */
const MAX_AGE_OF_TOKEN = 120;
/**
 * Longest `sub`, `sid` and `jti`, in characters. OpenID Connect Core 1.0 section 2 has this limit
 * for `sub`.
 */
const MAX_ID_LENGTH = 255;
/** Longest token that is looked at, in characters. Real ones have less than 2,000. */
const MAX_TOKEN_LENGTH = 16_384;
/**
 * Member of `events` that makes a token a logout token (OpenID Connect Back-Channel Logout 1.0
 * section 2.4).
 */
const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";
const WHAT = "the logout token";

/** What all logout tokens of one provider must fit. */
export interface LogoutTokenRules {
	/**
	 * Other keys than those of logins: who sends forged tokens here must not use up the budget of
	 * refetches that logins have.
	 */
	readonly keys: KeySet;
	readonly issuers: IssuerRule;
	readonly clientId: string;
	/** `id_token_signing_alg_values_supported`: narrows the allow-list; never widens it. */
	readonly algorithms: readonly string[] | undefined;
	/**
	 * Whether tokens without a type, or of type `JWT`, are taken as well as those of type
	 * `logout+jwt`.
	 */
	readonly acceptsAnyType: boolean;
	/** Seconds by which the provider's clock may be ahead; cut to 0..300. */
	readonly clockTolerance: number;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

type Fail = (reason: string, problem: string) => Error;

/** A verified logout token. */
export interface LogoutToken {
	readonly issuer: string;
	/** The session at the provider that has ended. */
	readonly sid: string | undefined;
	/** Whose session, or, without a `sid`, whose sessions. */
	readonly sub: string | undefined;
	readonly jti: string;
	/** Seconds since the epoch, by the provider's clock. */
	readonly issuedAt: number;
	/**
	 * Seconds since the epoch; until then, and for the tolerance after it, the token could be
	 * presented again.
	 */
	readonly expiresAt: number;
	/** All of them, as signed. */
	readonly claims: JsonObject;
}

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6). Whether its `jti`
 * was seen before is up to the caller.
 *
 * Stricter than the standard: the type must be named, no audience besides the client id, not older
 * than two minutes.
 *
 * @throws LoginError `token_invalid`, its reason `format`, `typ`, `crit`, `alg`, `kid`, `signature`
 *   or the name of the claim; what `KeySet.find` throws.
 */
export async function verifyLogoutToken(
	jwt: string,
	rules: LogoutTokenRules,
): Promise<LogoutToken> {
	const fail: Fail = (reason, problem) =>
		invalidJwt({ what: WHAT, provider: rules.provider }, reason, problem);
	if (jwt.length > MAX_TOKEN_LENGTH) throw fail("format", "is too long"); // proven: logout-length
	const acceptsType = (typ: unknown) => isLogoutType(typ, rules.acceptsAnyType);
	const requireWorthAsking = async (unverified: JsonObject): Promise<void> => {
		if (mayAskUnverified(rules.issuers)) await checkIssuer(unverified, rules, fail);
		checkAudience(unverified, rules, fail);
		checkTimes(unverified, rules, fail);
		checkEvent(unverified, fail);
	};
	const { claims } = await verifySignedJwt(jwt, {
		...rules,
		what: WHAT,
		acceptsType,
		requireWorthAsking,
	});

	const iss = await checkIssuer(claims, rules, fail);
	checkAudience(claims, rules, fail);
	const expiresAt = checkTimes(claims, rules, fail);
	const { sub, sid, jti } = claims;
	if (!isId(jti)) throw fail("jti", "has no usable jti"); // proven: logout-no-jti
	if (sub !== undefined && !isId(sub)) throw fail("sub", "names no usable subject"); // proven: logout-no-sub
	if (sid !== undefined && !isId(sid)) throw fail("sid", "names no usable session"); // proven: logout-no-sid
	// proven: logout-about-nobody
	if (sub === undefined && sid === undefined)
		throw fail("sid", "names neither a session nor a subject");
	checkEvent(claims, fail);
	return { issuer: iss, sid, sub, jti, issuedAt: Number(claims.iat), expiresAt, claims };
}

/** RFC 7515 section 4.1.9: `application/` may be left out. */
function isLogoutType(typ: unknown, acceptsAny: boolean): boolean {
	if (typ === undefined) return acceptsAny;
	if (typeof typ !== "string") return false;
	const type = typ.toLowerCase().replace(/^application\//, "");
	return type === "logout+jwt" || (acceptsAny && type === "jwt"); // proven: logout-no-typ
}

async function checkIssuer(
	claims: JsonObject,
	{ issuers }: LogoutTokenRules,
	fail: Fail,
): Promise<string> {
	const { iss } = claims;
	// proven: logout-no-iss
	if (typeof iss !== "string" || !(await acceptsIssuer(issuers, iss, claims)))
		throw fail("iss", "names another issuer");
	return iss;
}

function checkAudience({ aud }: JsonObject, { clientId }: LogoutTokenRules, fail: Fail): void {
	// proven: logout-no-aud
	if (!isForClientAlone(aud, clientId)) throw fail("aud", "is not meant for this client alone");
}

function checkEvent(claims: JsonObject, fail: Fail): void {
	if (!hasLogoutEvent(claims)) throw fail("events", "does not tell of a logout"); // proven: logout-no-event
	// Section 2.4: what has a nonce is an ID token.
	if (Object.hasOwn(claims, "nonce")) throw fail("nonce", "has a nonce"); // proven: logout-nonce
}

function checkTimes({ iat, exp, nbf }: JsonObject, rules: LogoutTokenRules, fail: Fail): number {
	const now = Math.floor(rules.now() / 1000);
	const tolerance = toClockTolerance(rules.clockTolerance);
	if (!isTime(iat)) throw fail("iat", "has no iat that is a number");
	if (!isTime(exp)) throw fail("exp", "has no exp that is a number");
	if (iat > now + tolerance) throw fail("iat", "comes from the future"); // proven: logout-no-iat-future
	if (now - iat > MAX_AGE_OF_TOKEN) throw fail("iat", "is older than two minutes"); // proven: logout-no-iat-age
	if (now >= exp + tolerance) throw fail("exp", "has expired"); // proven: logout-no-exp
	if (nbf !== undefined && !(isTime(nbf) && nbf <= now + tolerance))
		throw fail("nbf", "is not valid yet");
	return exp;
}

function isTime(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}

function isId(value: unknown): value is string {
	return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH;
}

function hasLogoutEvent({ events }: JsonObject): boolean {
	return (
		isJsonObject(events) &&
		Object.hasOwn(events, LOGOUT_EVENT) &&
		isJsonObject(events[LOGOUT_EVENT])
	);
}
