import { type Mutation, mutationsOf } from "./mutation.ts";
import {
	always,
	becomes,
	replace,
	returns,
	skip,
	swap,
	withoutCall,
	withoutElement,
	withoutOperand,
	withoutText,
} from "./operations.ts";

const SEALED = "src/session/sealed-session.test.ts";
const COOKIES = "src/session/cookies.test.ts";
const TRANSACTIONS = "src/session/transaction-cookies.test.ts";
const EMBEDDING = "test/security/embedding.test.ts";
const CALLBACKS = "test/security/callbacks.test.ts";

/** Sealing, cookies and sessions. */
export const SESSION: readonly Mutation[] = [
	...mutationsOf(
		["src/crypto/primitives.test.ts", "src/crypto/key-ring.test.ts"],
		[
			[
				"no-aad",
				"what a value is sealed for is not looked at",
				swap("associatedData", "associatedData.subarray(0, 0)"),
			],
			["no-tag", "the seal of a value is not verified"],
			["stray-bits", "several texts stand for the same bytes", withoutOperand(2, 2)],
			["base64-for-base64url", "base64 is taken for base64url"],
			[
				"one-nonce",
				"each value is sealed with the same nonce",
				becomes("target.fill(7, 0, NONCE_BYTES)"),
			],
		],
	),
	...mutationsOf(
		["src/crypto/primitives.test.ts"],
		[
			[
				"web-no-aad",
				"with Web Crypto, what a value is sealed for is not authenticated",
				swap("associatedData.slice()", "associatedData.slice(0, 0)"),
			],
			["web-stray-bits", "with Web Crypto, several texts stand for the same bytes", always],
		],
	),
	...mutationsOf(
		[
			"src/crypto/key-ring.test.ts",
			"test/security/key-derivation.test.ts",
			"test/security/key-rotation.test.ts",
		],
		[
			[
				"one-purpose",
				"one key serves all purposes",
				swap("derive(purpose, KEY_BYTES)", 'derive("session", KEY_BYTES)'),
			],
			["no-context-opened", "a value opens in every place", swap("context", '""')],
			[
				"current-secret-last",
				"of two secrets with one id the former wins",
				withoutCall("toReversed"),
			],
			[
				"no-former-secret",
				"former secrets open nothing",
				swap("rings.toReversed().map((ring) => [ring.id, ring])", "[[current.id, current]]"),
			],
		],
	),
	...mutationsOf(
		[COOKIES, "test/security/cookies-mutated.test.ts"],
		[
			["chunks-and-whole", "a whole cookie counts beside chunks", returns("whole")],
			["many-chunks", "any number of chunks is joined", withoutOperand(2, 2)],
			["one-chunk", "a single chunk is a value", withoutOperand(1, 2)],
			[
				"chunk-gap",
				"a gap between chunks is skipped",
				replace("if (chunk === undefined) continue;"),
			],
			["too-many-chunks-written", "a value of any size is written"],
		],
	),
	...mutationsOf(
		[COOKIES],
		[
			[
				"cookie-false-space",
				"a name counts as ours with another space in front",
				becomes("part.trim()"),
				{ tests: ["test/security/spelled-headers.test.ts"] },
			],
			["cookie-twice", "of a cookie that comes twice one counts", replace("if (twice) ")],
			[
				"no-host-prefix",
				"cookies without __Host- count",
				skip,
				{
					tests: [
						COOKIES,
						"test/security/cookies-mutated.test.ts",
						"test/security/isolation.test.ts",
					],
				},
			],
			["long-cookie-header", "cookie headers of any length are read", withoutOperand(2, 2)],
			["no-http-only", "script can read cookies", withoutText(" HttpOnly;")],
			["no-secure", "cookies go over plain http", withoutText(" Secure;")],
			[
				"no-same-site",
				"cookies go with requests of other sites",
				withoutText("; SameSite=${sameSite}"),
			],
		],
	),
	...mutationsOf(
		["src/session/cookie-names.test.ts", "test/security/isolation.test.ts", SEALED],
		[
			[
				"no-client-in-names",
				"two apps of one issuer share cookies",
				swap("`${issuer}\\n${clientId}`", "issuer"),
			],
			[
				"no-client-bound",
				"what is sealed is not bound to its client",
				becomes("`${provider}`"),
				{
					tests: [
						"src/session/cookie-names.test.ts",
						"test/security/isolation.test.ts",
						SEALED,
						"test/security/kinds-of-tokens.test.ts",
					],
				},
			],
			[
				"lax-session",
				"cookies of sessions are not strict",
				swap('"Strict"', '"Lax"'),
				{
					tests: [
						"test/security/isolation.test.ts",
						SEALED,
						"test/security/cookie-totals.test.ts",
						"test/hosts/web-standard.test.ts",
					],
				},
			],
		],
	),
	...mutationsOf(
		[SEALED, "test/security/expiry.test.ts"],
		[
			["no-deadline", "a session lasts for ever", withoutOperand(1, 2)],
			[
				"began-when-sealed",
				"a person who was put out during a login is in by it",
				swap("(began ?? now)", "now"),
				{ tests: [SEALED, "test/security/backchannel.test.ts", EMBEDDING] },
			],
			["future-session", "a session from the future is taken", withoutOperand(2, 2)],
			[
				"longer-session",
				"a renewal makes a session last longer",
				becomes("now + MAX_SESSION_AGE"),
				{
					tests: [
						SEALED,
						"test/security/expiry.test.ts",
						"test/refresh/refresh.test.ts",
						"test/refresh/ends-and-goes-on.test.ts",
					],
				},
			],
			[
				"no-cookie-name-bound",
				"one cookie's value counts in another",
				becomes("`${names.binding} ${companion}${cookie.slice(0, 0)}`"),
				{
					tests: [
						SEALED,
						"test/security/kinds-of-tokens.test.ts",
						"test/security/cookies-mutated.test.ts",
					],
				},
			],
			["no-generation", "cookies of two generations open together", returns("header.id")],
			["sub-less-session", "a session needs no subject"],
			[
				"no-refresh-cookie",
				"a session goes on without its refresh cookie",
				skip,
				{ tests: [SEALED, "test/security/cookies-mutated.test.ts"] },
			],
			[
				"mixed-claims",
				"claims that nobody can tell apart are taken for those of the ID token",
				returns("this.claims"),
				{ tests: [SEALED] },
			],
			["no-version", "cookies of another version are read", replace("reader.varint();")],
			["no-companions-bound", "cookies of two sessions open together", swap("companion", '""')],
			[
				"no-cookie-budget",
				"cookies may be of any size",
				becomes("candidates[0]"),
				{ tests: [SEALED, "test/security/cookie-budget.test.ts"] },
			],
			[
				"same-session-id",
				"a login does not change the id of a session",
				swap(
					"crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES))",
					"new Uint8Array(SESSION_ID_BYTES)",
				),
			],
			["kept-chunks", "former cookies of a session are left", returns("[]")],
		],
	),
	...mutationsOf(
		[TRANSACTIONS, CALLBACKS],
		[
			["long-attempt", "an attempt lasts for ever", withoutOperand(1, 2)],
			["future-attempt", "an attempt from the future is taken", withoutOperand(2, 2)],
			[
				"many-attempts",
				"any number of attempts is kept",
				withoutOperand(1, 2),
				{
					survives:
						"Five attempts never fit into the 2,048 bytes that all of them may take together (`large-attempts`).",
				},
			],
			["large-attempts", "attempts of any size are kept", withoutOperand(2, 2)],
			[
				"attempt-of-another-name",
				"an attempt opens under another id",
				swap("name", "name.slice(0, 0)"),
			],
		],
	),
	...mutationsOf(
		[CALLBACKS],
		[
			[
				"attempt-twice",
				"an attempt is good twice",
				skip,
				{ tests: [CALLBACKS, "test/conformance/rp-response-state.test.ts"] },
			],
		],
	),
	...mutationsOf(
		["src/session/popup-handoff.test.ts", EMBEDDING],
		[
			["old-handoff", "a hand-off lasts for ever", withoutOperand(2, 2)],
			[
				"future-handoff",
				"a hand-off from the future is taken",
				withoutOperand(1, 2),
				{
					survives:
						"Only a replica whose clock is ahead can seal one, and it is held to its single use either way.",
				},
			],
			["unbound-handoff", "a hand-off opens for every window", returns('""')],
			["any-verifier", "a verifier may be anything", withoutOperand(2, 2)],
		],
	),
	...mutationsOf(
		["src/session/revocations.test.ts", "test/security/backchannel.test.ts"],
		[
			[
				"no-signed-out",
				"a copy of a session that was signed out of is good",
				skip,
				{
					tests: [
						"src/session/revocations.test.ts",
						"test/refresh/logout-race.test.ts",
						"test/security/logout.test.ts",
					],
				},
			],
			["no-sid", "a logout by sid ends nothing"],
			["no-logout-sub", "a logout by subject ends nothing", returns("false")],
			["clocks-of-replicas", "a logout ends nothing that began on a replica whose clock is ahead"],
			["all-sessions", "a logout ends sessions that began later", withoutOperand(2, 2)],
			["sid-of-any-issuer", "a logout ends sessions of another issuer", withoutElement(3, 4)],
			["sub-of-any-provider", "a logout ends sessions of another provider", withoutElement(2, 4)],
			["future-revocation", "a revocation from the future ends sessions to come"],
			["forgotten-revocations", "when there are too many, the oldest revocations are forgotten"],
		],
	),
	...mutationsOf(
		["src/session/identity-cache.test.ts"],
		[
			[
				"any-header",
				"a cached person counts for another header",
				returns("entry?.value"),
				{ tests: ["src/session/identity-cache.test.ts", "test/security/cookies-mutated.test.ts"] },
			],
		],
	),
	...mutationsOf(
		["src/session/redirect-count.test.ts"],
		[
			["no-hop-limit", "the hops cookie says any number", becomes("/^([A-Za-z0-9]+)-([0-9]+)$/")],
			["many-hops", "the hops cookie may have any size", withoutCall("slice")],
		],
	),
	...mutationsOf(
		["src/session/write-headers.test.ts"],
		[
			["cached-pages", "private answers go into shared caches"],
			["public-pages", "the app can make private answers public", withoutOperand(3, 3)],
			["no-vary", "private answers do not differ by cookie"],
		],
	),
	...mutationsOf(
		["test/security/costs.test.ts"],
		[["attempts-looked-at", "a login opens every cookie that looks like an attempt"]],
	),
	...mutationsOf(
		["test/security/costs.test.ts"],
		[["chunks-found", "every cookie that looks like a chunk is deleted"]],
	),
];
