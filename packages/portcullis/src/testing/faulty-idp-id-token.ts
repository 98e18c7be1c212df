import { createHash } from "node:crypto";
import { type IdTokenFault, listFaults, override } from "./faulty-idp-faults.ts";
import { compact, encode, hmac, withChangedClaims } from "./faulty-idp-jws.ts";
import type { SigningKey } from "./faulty-idp-keys.ts";
import { type FaultyIdpState, type Login, nowOf } from "./faulty-idp-state.ts";
import { inTenant, OTHER_TENANT, tenantIssuer } from "./faulty-idp-tenants.ts";

/**
 * Makes the ID token of a token response: a correct one, or one with the faults that are set.
 *
 * @param nonce Absent at a refresh (OpenID Connect Core 1.0 section 12.2).
 * @param changes Claims, replaced or (undefined) removed before any fault.
 * @returns the token, any other JSON value where a fault says so, or undefined for none.
 */
export async function makeIdToken(
	state: FaultyIdpState,
	login: Login,
	accessToken: string,
	nonce: string | undefined,
	changes: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
	const draft = await draftOf(state, login, accessToken, nonce);
	const { faults } = state;
	override(draft.claims, changes);
	if (faults.rawIdToken !== undefined)
		return faults.rawIdToken({ header: draft.header, claims: draft.claims });

	for (const fault of listFaults(faults.idToken)) idTokenFaults[fault](draft);
	override(draft.claims, faults.idTokenClaims);
	override(draft.header, faults.idTokenHeader);
	return draft.finish(compact(draft));
}

/** Signs any claims, as an ID token would be. */
export function signJwt(
	key: SigningKey,
	claims: Readonly<Record<string, unknown>>,
	header: Readonly<Record<string, unknown>> = {},
): string {
	return compact({
		header: { alg: key.alg, kid: key.kid, typ: "JWT", ...header },
		claims,
		sign: key.sign,
	});
}

/** An ID token in the making. Faults change it in place. */
interface Draft {
	header: Record<string, unknown>;
	claims: Record<string, unknown>;
	sign(input: string): string;
	/** Runs last, on the finished token. */
	finish(token: string): unknown;
	readonly key: SigningKey;
	readonly rogue: SigningKey;
	readonly clientId: string;
	readonly clientSecret: string;
}

async function draftOf(
	state: FaultyIdpState,
	login: Login,
	accessToken: string,
	nonce: string | undefined,
): Promise<Draft> {
	const key = state.keys.published[0] as SigningKey;
	const now = nowOf(state);
	return {
		header: { alg: key.alg, kid: key.kid, typ: "JWT" },
		claims: {
			iss: tenantIssuer(state.issuer, state.tenant),
			...(state.tenant !== undefined && { tid: state.tenant, ver: "2.0" }),
			sub: login.person.sub,
			aud: login.clientId,
			exp: now + state.idTokenLifetime,
			iat: now,
			auth_time: login.authTime,
			...(nonce !== undefined && { nonce }),
			at_hash: halfHash(accessToken, key.alg),
			sid: login.sid,
		},
		sign: key.sign,
		finish: (token) => token,
		key,
		// Only faults use it, and an RSA key takes its time.
		rogue: listFaults(state.faults.idToken).length > 0 ? await state.keys.rogue() : key,
		clientId: login.clientId,
		clientSecret: state.clients.get(login.clientId)?.clientSecret ?? "",
	};
}

/**
 * Left half of the hash (OpenID Connect Core 1.0 section 3.1.3.6); EdDSA with Ed25519 uses SHA-512.
 */
function halfHash(text: string, alg: string): string {
	const hash = createHash(alg === "EdDSA" ? "sha512" : "sha256")
		.update(text)
		.digest();
	return hash.subarray(0, hash.length / 2).toString("base64url");
}

/** Seconds. */
const hour = 3600;
const otherClient = "another-client";

function claim(name: string, value: (draft: Draft) => unknown): (draft: Draft) => void {
	return (draft) => {
		draft.claims[name] = value(draft);
	};
}

function without(name: string): (draft: Draft) => void {
	return (draft) => {
		delete draft.claims[name];
	};
}

function later(name: string, seconds: number): (draft: Draft) => void {
	return (draft) => {
		draft.claims[name] = Number(draft.claims.iat) + seconds;
	};
}

function header(changes: (draft: Draft) => Record<string, unknown>): (draft: Draft) => void {
	return (draft) => override(draft.header, changes(draft));
}

function forged(changes: (draft: Draft) => Record<string, unknown>): (draft: Draft) => void {
	return (draft) => {
		override(draft.header, changes(draft));
		draft.sign = draft.rogue.sign;
	};
}

function finished(change: (token: string) => unknown): (draft: Draft) => void {
	return (draft) => {
		draft.finish = change;
	};
}

const idTokenFaults: Readonly<Record<IdTokenFault, (draft: Draft) => void>> = {
	"iss-wrong": claim("iss", () => "https://another-issuer.invalid"),
	"iss-missing": without("iss"),
	"aud-wrong": claim("aud", () => otherClient),
	"aud-missing": without("aud"),
	"aud-extra": claim("aud", ({ clientId }) => [clientId, otherClient]),
	"aud-extra-azp"(draft) {
		draft.claims.aud = [draft.clientId, otherClient];
		draft.claims.azp = draft.clientId;
	},
	"aud-array": claim("aud", ({ clientId }) => [clientId]),
	"azp-wrong": claim("azp", () => otherClient),
	"nonce-wrong": claim("nonce", () => "a-nonce-that-was-never-sent"),
	"nonce-missing": without("nonce"),
	"sub-wrong": claim("sub", () => "somebody-else"),
	"sub-missing": without("sub"),
	"sub-empty": claim("sub", () => ""),
	"sub-not-a-string": claim("sub", () => 12345),
	"sub-too-long": claim("sub", () => "s".repeat(300)),
	"iat-missing": without("iat"),
	"iat-future"(draft) {
		later("iat", hour)(draft);
		later("exp", hour)(draft);
	},
	"iat-ancient": later("iat", -10 * 365 * 24 * hour),
	"exp-missing": without("exp"),
	"exp-past"(draft) {
		later("exp", -hour)(draft);
		later("iat", -2 * hour)(draft);
	},
	"nbf-future": later("nbf", hour),
	"at-hash-wrong": claim("at_hash", ({ key }) => halfHash("another access token", key.alg)),
	"at-hash-missing": without("at_hash"),
	"auth-time-missing": without("auth_time"),
	"auth-time-old": later("auth_time", -24 * hour),
	"signature-rogue-key": forged(() => ({})),
	"signature-tampered": finished((token) => withChangedClaims(token, { admin: true })),
	"signature-stripped": finished((token) => token.slice(0, token.lastIndexOf(".") + 1)),
	"alg-none"(draft) {
		override(draft.header, { alg: "none", kid: undefined });
		draft.sign = () => "";
	},
	"alg-hs256-public-key"(draft) {
		draft.header.alg = "HS256";
		draft.sign = hmac(draft.key.publicKey.export({ type: "spki", format: "pem" }) as string);
	},
	"alg-hs256-client-secret"(draft) {
		override(draft.header, { alg: "HS256", kid: undefined });
		draft.sign = hmac(draft.clientSecret);
	},
	"kid-unknown": forged(({ rogue }) => ({ kid: rogue.kid })),
	"kid-missing": header(() => ({ kid: undefined })),
	"jwk-embedded": forged(({ rogue }) => ({ kid: undefined, jwk: rogue.jwk })),
	"jku-header": forged(({ rogue }) => ({ kid: rogue.kid, jku: "https://attacker.invalid/jwks" })),
	"x5u-header": forged(({ rogue }) => ({
		kid: rogue.kid,
		x5u: "https://attacker.invalid/certificate.pem",
	})),
	"crit-unknown": header(() => ({ crit: ["urn:example:unknown"], "urn:example:unknown": true })),
	"b64-false": header(() => ({ b64: false, crit: ["b64"] })),
	"typ-logout": header(() => ({ typ: "logout+jwt" })),
	"typ-access-token": header(() => ({ typ: "at+jwt" })),
	"tenant-other"(draft) {
		override(draft.claims, {
			tid: OTHER_TENANT,
			iss: inTenant(String(draft.claims.iss), OTHER_TENANT),
		});
	},
	"tenant-mismatch": claim("iss", ({ claims }) => inTenant(String(claims.iss), OTHER_TENANT)),
	"tenant-missing": without("tid"),
	"groups-overage"(draft) {
		override(draft.claims, {
			groups: undefined,
			_claim_names: { groups: "src1" },
			_claim_sources: {
				src1: {
					endpoint: `https://graph.microsoft.com/v1.0/users/${draft.claims.sub}/getMemberObjects`,
				},
			},
		});
	},
	missing: finished(() => undefined),
	"not-a-jwt": finished(() => "this is not a token"),
	"five-parts": finished((token) =>
		[encode('{"alg":"RSA-OAEP","enc":"A256GCM"}'), ...token.split("."), "tag"].join("."),
	),
	"not-a-string": finished(() => 12345),
};

/** Every fault of an ID token, for tests that go through them all. */
export const idTokenFaultNames: readonly IdTokenFault[] = Object.keys(
	idTokenFaults,
) as IdTokenFault[];
