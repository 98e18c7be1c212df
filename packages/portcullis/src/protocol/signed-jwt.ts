import { decodeProtectedHeader } from "jose/decode/protected_header";
import { decodeJwt } from "jose/jwt/decode";
import { LoginError } from "../base/errors.ts";
import { fromJose } from "./foreign-errors.ts";
import { isStringList, type JsonObject, parseJsonObject } from "./json.ts";
import type { KeySet } from "./jwks.ts";
import { findAlgorithm, isSameAlgorithm } from "./signature-algorithms.ts";

/** Longest `kid` that is looked up, in characters. */
const MAX_KID_LENGTH = 1024;

/** What all signed tokens of one kind and provider must fit. */
export interface SignedJwtRules {
	/** For messages: `the ID token`. */
	readonly what: string;
	/**
	 * Whether a token may say of itself that it is of this type (RFC 8725 section 3.11). `undefined`:
	 * it does not say.
	 */
	readonly acceptsType: (typ: unknown) => boolean;
	/**
	 * Throws where the claims already show that the token is refused, before its signature is known
	 * to hold. Called before the key set is fetched once more: a token that is refused either way is
	 * not worth that.
	 */
	readonly requireWorthAsking: (claims: JsonObject) => void | Promise<void>;
	readonly keys: KeySet;
	/** `id_token_signing_alg_values_supported`: narrows the allow-list; never widens it. */
	readonly algorithms: readonly string[] | undefined;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

/** A token whose signature holds. Nothing else of it has been looked at. */
export interface SignedJwt {
	readonly alg: string;
	readonly claims: JsonObject;
}

/**
 * Verifies header and signature of a token: first whether the header alone is acceptable, then by a
 * key that the provider publishes.
 *
 * @throws LoginError `token_invalid`, its reason `format`, `typ`, `crit`, `alg`, `kid` or
 *   `signature`; `provider_unreachable`, its reason `keys`, where the key may be published by now
 *   and the set was fetched too often lately; what `requireWorthAsking` and `KeySet.find` throw.
 */
export async function verifySignedJwt(jwt: string, rules: SignedJwtRules): Promise<SignedJwt> {
	const header = checkHeader(jwt, rules);
	const payload = await verifySignature(jwt, header, rules);
	const claims = parseJsonObject(new TextDecoder().decode(payload));
	if (claims === undefined) throw invalidJwt(rules, "format", "is not a JSON object"); // proven: no-json-claims
	return { alg: header.alg, claims };
}

/**
 * OpenID Connect Core 1.0 section 3.1.3.7, 3 to 5. An extra audience could use the token against us
 * as well as we could.
 */
export function isForClientAlone(aud: unknown, clientId: string): boolean {
	const audiences = typeof aud === "string" ? [aud] : aud;
	// proven: extra-audience, no-audience-at-all
	return (
		isStringList(audiences) &&
		audiences.length > 0 &&
		audiences.every((audience) => audience === clientId)
	);
}

/**
 * No sign that anything is wrong with the token: the provider may have a key that is new. To be
 * tried again, never refused for good.
 */
function unsettledKey({ what, provider }: SignedJwtRules): LoginError {
	const message = `The key that ${what} is signed with is not known, and the key set was fetched too often lately to be fetched once more.`;
	return new LoginError("provider_unreachable", message, { provider, reason: "keys" });
}

/** The refusal of a token. */
export function invalidJwt(
	{ what, provider }: Pick<SignedJwtRules, "what" | "provider">,
	reason: string,
	problem: string,
	cause?: unknown,
): LoginError {
	const message = `${what.charAt(0).toUpperCase()}${what.slice(1)} ${problem}.`;
	return new LoginError("token_invalid", message, { provider, reason, cause });
}

/** Decides on the unverified header alone whether it is worth looking for a key. */
function checkHeader(jwt: string, rules: SignedJwtRules): { alg: string; kid: string | undefined } {
	const { alg, typ, kid, crit } = decodeHeader(jwt, rules);
	if (!rules.acceptsType(typ)) throw invalidJwt(rules, "typ", "is a token of another type"); // proven: no-typ-check
	// No extension is understood here, b64 (RFC 7797) included, so each must be refused (RFC 7515
	// section 4.1.11).
	if (crit !== undefined) throw invalidJwt(rules, "crit", "asks for a header extension"); // proven: no-crit
	// proven: no-alg-list
	if (typeof alg !== "string" || !isAllowed(alg, rules.algorithms)) {
		throw invalidJwt(rules, "alg", "is signed with an algorithm that is not allowed");
	}
	// proven: long-kid
	if (kid !== undefined && (typeof kid !== "string" || kid.length > MAX_KID_LENGTH))
		throw invalidJwt(rules, "kid", "has no usable kid");
	return { alg, kid };
}

function decodeHeader(jwt: string, rules: SignedJwtRules): JsonObject {
	// Three parts: an encrypted token has five, and no key to open it is configured.
	// proven: no-three-parts
	if (typeof jwt !== "string" || jwt.split(".").length !== 3)
		throw invalidJwt(rules, "format", "is not a signed JWT");
	try {
		return { ...decodeProtectedHeader(jwt) };
	} catch (cause) {
		throw invalidJwt(rules, "format", "has no readable header", cause);
	}
}

/** The claims as they stand there. Nothing of them is verified. */
function readClaims(jwt: string, rules: SignedJwtRules): JsonObject {
	try {
		return { ...decodeJwt(jwt) };
	} catch (cause) {
		throw invalidJwt(rules, "format", "is not a JSON object", cause);
	}
}

function isAllowed(alg: string, supported: readonly string[] | undefined): boolean {
	// proven: no-provider-algs, widened-algs
	return (
		findAlgorithm(alg) !== undefined &&
		(supported?.some((name) => isSameAlgorithm(name, alg)) ?? true)
	);
}

async function verifySignature(
	jwt: string,
	header: { alg: string; kid: string | undefined },
	rules: SignedJwtRules,
): Promise<Uint8Array> {
	const found = await rules.keys.find(header, () =>
		rules.requireWorthAsking(readClaims(jwt, rules)),
	);
	if (found.keys.length === 0) {
		if (!found.isSettled) throw unsettledKey(rules);
		throw invalidJwt(rules, "kid", "is signed with a key that the provider does not publish");
	}
	try {
		return await verifyWithOne(jwt, header.alg, found.keys);
	} catch (error) {
		const failure = fromJose(error, rules.what, rules.provider);
		if (failure.reason !== "signature") throw failure;
		const keys = await found.again();
		if (keys.length === 0) throw failure;
		return verifyWithOne(jwt, header.alg, keys).catch((again: unknown) => {
			throw fromJose(again, rules.what, rules.provider);
		});
	}
}

/** Verifies with the first key that fits; throws what the last one threw. */
async function verifyWithOne(
	jwt: string,
	alg: string,
	keys: readonly CryptoKey[],
): Promise<Uint8Array> {
	// At the first login: the import of the package takes 9 ms less without it.
	const { compactVerify } = await import("jose/jws/compact/verify");
	let last: unknown;
	for (const key of keys) {
		try {
			return (await compactVerify(jwt, key, { algorithms: [alg] })).payload; // proven: no-signature
		} catch (error) {
			last = error;
		}
	}
	throw last;
}
