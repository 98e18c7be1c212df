import * as base64url from "jose/base64url";
import { equalConstantTime } from "../base/constant-time.ts";
import { LoginError } from "../base/errors.ts";
import { acceptsIssuer, type IssuerRule, mayAskUnverified } from "./issuer-rule.ts";
import type { JsonObject } from "./json.ts";
import type { KeySet } from "./jwks.ts";
import { findAlgorithm } from "./signature-algorithms.ts";
import { invalidJwt, isForClientAlone, verifySignedJwt } from "./signed-jwt.ts";
import type { IdTokenClaims } from "./types.ts";

/**
 * Oldest `iat` that is accepted, in seconds before now. The nonce ties the token to an attempt of
 * at most ten minutes, and it comes straight from the token endpoint: one that seems older than
 * this tells of two clocks that disagree.
 */
const MAX_AGE_OF_TOKEN = 300;
/** OpenID Connect Core 1.0 section 2: `sub` has at most 255 characters. */
const MAX_SUB_LENGTH = 255;
/** Largest tolerance for clocks, in seconds, even if more is configured. */
const MAX_CLOCK_TOLERANCE = 300;
const WHAT = "the ID token";

/** What one ID token must fit. */
export interface IdTokenExpectation {
	/**
	 * As sent in the authorization request. There is no way to skip it at a login; `undefined` at a
	 * refresh alone, together with `previous`.
	 */
	readonly nonce: string | undefined;
	/**
	 * At a refresh: who the session belongs to. The token must say the same (OpenID Connect Core 1.0
	 * section 12.2).
	 */
	readonly previous?: { readonly iss: string; readonly sub: string } | undefined;
	/** The access token that came along: `at_hash`, if present, must fit it. */
	readonly accessToken: string;
	/** `max_age` as asked, in seconds. `auth_time` is then required. */
	readonly maxAge?: number | undefined;
	/** `acr_values` as asked. `acr` must then be one of them. */
	readonly acrValues?: readonly string[] | undefined;
}

/** What all ID tokens of one provider must fit. */
export interface IdTokenRules {
	readonly keys: KeySet;
	readonly issuers: IssuerRule;
	readonly clientId: string;
	/** `id_token_signing_alg_values_supported`: narrows the allow-list; never widens it. */
	readonly algorithms: readonly string[] | undefined;
	/** Seconds by which the provider's clock may differ; cut to 0..300. */
	readonly clockTolerance: number;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

/**
 * Verifies the ID token of a login (OpenID Connect Core 1.0 section 3.1.3.7): first the header,
 * then the signature, then every claim.
 *
 * Stricter than the standard in three points: no audience besides the client id, `azp` equal to it
 * wherever it is present, no `iat` more than 300 seconds old.
 *
 * @returns all claims, verified.
 * @throws LoginError `token_invalid`, its reason `format`, `typ`, `crit`, `alg`, `kid`, `signature`
 *   or the name of the claim; `clock_skew` with reason `iat` or `exp` where the two clocks
 *   disagree, the offset in the message; what `KeySet.find` throws.
 */
export async function verifyIdToken(
	jwt: string,
	expectation: IdTokenExpectation,
	rules: IdTokenRules,
): Promise<IdTokenClaims> {
	const requireWorthAsking = async (unverified: JsonObject): Promise<void> => {
		if (mayAskUnverified(rules.issuers)) await checkIssuer(unverified, rules);
		checkAudience(unverified, rules);
		checkTimes(unverified, rules);
	};
	const signed = { ...rules, what: WHAT, acceptsType: isIdTokenType, requireWorthAsking };
	const { alg, claims } = await verifySignedJwt(jwt, signed);
	await checkIssuer(claims, rules);
	checkAudience(claims, rules);
	checkSubject(claims, rules);
	checkTimes(claims, rules);
	checkNonce(claims, expectation, rules);
	await checkAccessTokenHash(claims, alg, expectation, rules);
	checkAuthentication(claims, expectation, rules);
	return claims as IdTokenClaims;
}

/**
 * RFC 8725 section 3.11: logout tokens and access tokens say what they are, and are none of ours.
 */
function isIdTokenType(typ: unknown): boolean {
	return typ === undefined || (typeof typ === "string" && typ.toUpperCase() === "JWT"); // proven: no-id-token-typ
}

async function checkIssuer(claims: JsonObject, rules: IdTokenRules): Promise<void> {
	// proven: no-issuer
	if (typeof claims.iss !== "string" || !(await acceptsIssuer(rules.issuers, claims.iss, claims))) {
		throw invalid(rules, "iss", "names another issuer");
	}
}

function checkAudience({ aud, azp }: JsonObject, rules: IdTokenRules): void {
	// proven: no-audience
	if (!isForClientAlone(aud, rules.clientId))
		throw invalid(rules, "aud", "is not meant for this client alone");
	// proven: no-azp
	if (azp !== undefined && azp !== rules.clientId)
		throw invalid(rules, "azp", "was issued to another client");
}

function checkSubject({ sub }: JsonObject, rules: IdTokenRules): void {
	// proven: no-sub, empty-sub, long-sub
	if (typeof sub !== "string" || sub === "" || sub.length > MAX_SUB_LENGTH)
		throw invalid(rules, "sub", "names no usable subject");
}

/**
 * A token comes straight from the token endpoint, so `now - iat` measures the offset between the
 * clocks: a future `iat`, or an expiry that passed although the token lives longer than that, is a
 * clock gone wrong. A token that is just expired is not.
 */
function checkTimes(claims: JsonObject, rules: IdTokenRules): void {
	const now = Math.floor(rules.now() / 1000);
	const tolerance = toClockTolerance(rules.clockTolerance);
	const exp = requireTime(claims, "exp", rules);
	const iat = requireTime(claims, "iat", rules);
	const nbf = claims.nbf === undefined ? undefined : requireTime(claims, "nbf", rules);
	const offset = now - iat;
	if (offset < -tolerance) throw skewed(rules, "iat", offset); // proven: no-iat-future
	// proven: no-exp
	if (now >= exp + tolerance) {
		if (exp > iat && offset > tolerance) throw skewed(rules, "exp", offset);
		throw invalid(rules, "exp", "has expired");
	}
	if (offset > MAX_AGE_OF_TOKEN) throw skewed(rules, "iat", offset); // proven: no-iat-age
	if (nbf !== undefined && nbf > now + tolerance) throw invalid(rules, "nbf", "is not valid yet"); // proven: no-nbf
}

function requireTime(
	claims: JsonObject,
	claim: "exp" | "iat" | "nbf" | "auth_time",
	rules: IdTokenRules,
): number {
	const time = claims[claim];
	// proven: no-times-needed
	if (typeof time !== "number" || !Number.isFinite(time))
		throw invalid(rules, claim, `has no ${claim} that is a number`);
	return time;
}

/** Seconds of tolerance that are meant by a setting: 0 to 300. */
export function toClockTolerance(seconds: number): number {
	return Number.isNaN(seconds) ? 0 : Math.min(Math.max(seconds, 0), MAX_CLOCK_TOLERANCE); // proven: unbounded-tolerance
}

function checkNonce(
	{ nonce, iss, sub }: JsonObject,
	expectation: IdTokenExpectation,
	rules: IdTokenRules,
): void {
	const { previous } = expectation;
	if (previous !== undefined && expectation.nonce === undefined) {
		// proven: no-refreshed-iss
		if (iss !== previous.iss)
			throw invalid(rules, "iss", "names another issuer than the session's");
		// proven: no-refreshed-sub
		if (sub !== previous.sub)
			throw invalid(rules, "sub", "names another subject than the session's");
		return;
	}
	// proven: no-nonce, no-nonce-needed
	if (
		typeof nonce !== "string" ||
		!expectation.nonce ||
		!equalConstantTime(nonce, expectation.nonce)
	) {
		throw invalid(rules, "nonce", "belongs to another login attempt");
	}
}

/**
 * OpenID Connect Core 1.0 section 3.1.3.8: the left half of the access token's hash. Optional in
 * the code flow, checked when present.
 */
async function checkAccessTokenHash(
	claims: JsonObject,
	alg: string,
	expectation: IdTokenExpectation,
	rules: IdTokenRules,
): Promise<void> {
	const { at_hash: actual } = claims;
	if (actual === undefined) return;
	const hash = findAlgorithm(alg)?.hash;
	if (hash === undefined) throw invalid(rules, "at_hash", "has an at_hash that cannot be checked");
	const digest = new Uint8Array(
		await crypto.subtle.digest(hash, new TextEncoder().encode(expectation.accessToken)),
	);
	const expected = base64url.encode(digest.subarray(0, digest.length / 2));
	// proven: no-at-hash
	if (typeof actual !== "string" || !equalConstantTime(actual, expected)) {
		throw invalid(rules, "at_hash", "belongs to another access token");
	}
}

/** OpenID Connect Core 1.0 section 3.1.3.7, 12 and 13: what was asked for must have happened. */
function checkAuthentication(
	claims: JsonObject,
	{ maxAge, acrValues }: IdTokenExpectation,
	rules: IdTokenRules,
): void {
	if (maxAge !== undefined) {
		const age = Math.floor(rules.now() / 1000) - requireTime(claims, "auth_time", rules);
		const tolerance = toClockTolerance(rules.clockTolerance);
		// Written so that NaN is refused as well.
		// proven: no-auth-time
		if (!(age <= maxAge + tolerance && age >= -tolerance))
			throw invalid(rules, "auth_time", "tells of a sign-in too long ago");
	}
	if (acrValues !== undefined && acrValues.length > 0) {
		const { acr } = claims;
		// proven: no-acr
		if (typeof acr !== "string" || !acrValues.includes(acr))
			throw invalid(rules, "acr", "tells of a weaker sign-in than was asked for");
	}
}

function skewed(rules: IdTokenRules, reason: "iat" | "exp", offset: number): LoginError {
	const relation = offset < 0 ? "behind" : "ahead of";
	const message = `This machine's clock is ${Math.abs(offset)} s ${relation} that of the identity provider (${reason} of the ID token).`;
	return new LoginError("clock_skew", message, { provider: rules.provider, reason });
}

function invalid(rules: IdTokenRules, reason: string, what: string, cause?: unknown): LoginError {
	return invalidJwt({ what: WHAT, provider: rules.provider }, reason, what, cause);
}
