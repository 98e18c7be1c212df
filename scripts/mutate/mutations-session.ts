import { type Mutation, mutationsOf } from "./mutation.ts";

const SEALED = "src/session/sealed-session.test.ts";
const COOKIES = "src/session/cookies.test.ts";
const TRANSACTIONS = "src/session/transaction-cookies.test.ts";
const EMBEDDING = "test/security/embedding.test.ts";
const CALLBACKS = "test/security/callbacks.test.ts";

/** Sealing, cookies and sessions. */
export const SESSION: readonly Mutation[] = [
	...mutationsOf(
		"crypto/node.ts",
		["src/crypto/primitives.test.ts", "src/crypto/key-ring.test.ts"],
		[
			[
				"no-aad",
				"what a value is sealed for is not looked at",
				"decipher.setAAD(associatedData);",
				"decipher.setAAD(associatedData.subarray(0, 0));",
			],
			[
				"no-tag",
				"the seal of a value is not verified",
				"decipher.final();\n\t\t\treturn plaintext;",
				"return plaintext;",
			],
			[
				"stray-bits",
				"several texts stand for the same bytes",
				"|| hasStrayBits(text) ? undefined : bytes",
				"? undefined : bytes",
			],
			[
				"base64-for-base64url",
				"base64 is taken for base64url",
				'if (text.includes("+") || text.includes("/")) return undefined;',
				"",
			],
			[
				"one-nonce",
				"each value is sealed with the same nonce",
				"randomFillSync(target, 0, NONCE_BYTES);",
				"target.fill(7, 0, NONCE_BYTES);",
			],
		],
	),
	...mutationsOf(
		"crypto/web.ts",
		["src/crypto/primitives.test.ts"],
		[
			[
				"web-no-aad",
				"with Web Crypto, what a value is sealed for is not authenticated",
				"additionalData: associatedData.slice(), ",
				"additionalData: associatedData.slice(0, 0), ",
			],
			[
				"web-stray-bits",
				"with Web Crypto, several texts stand for the same bytes",
				"return primitives.toBase64url(bytes) === text ? bytes : undefined;",
				"return bytes;",
			],
		],
	),
	...mutationsOf(
		"crypto/key-ring.ts",
		["src/crypto/key-ring.test.ts", "test/security/key-derivation.test.ts", "test/security/key-rotation.test.ts"],
		[
			[
				"one-purpose",
				"one key serves all purposes",
				"primitives.importKey(await derive(purpose, KEY_BYTES))",
				'primitives.importKey(await derive("session", KEY_BYTES))',
			],
			[
				"no-context-opened",
				"a value opens in every place",
				"primitives.open(ring.keys[purpose], bytes, primitives.fromText(context))",
				'primitives.open(ring.keys[purpose], bytes, primitives.fromText(""))',
			],
			["current-secret-last", "of two secrets with one id the former wins", "rings.toReversed().map(", "rings.map("],
			[
				"no-former-secret",
				"former secrets open nothing",
				"new Map(rings.toReversed().map((ring) => [ring.id, ring]))",
				"new Map([[current.id, current]])",
			],
		],
	),
	...mutationsOf(
		"session/chunks.ts",
		[COOKIES, "test/security/cookies-mutated.test.ts"],
		[
			[
				"chunks-and-whole",
				"a whole cookie counts beside chunks",
				"return present.length === 0 ? whole : undefined;",
				"return whole;",
			],
			["many-chunks", "any number of chunks is joined", " || present.length > MAX_CHUNKS", ""],
			["one-chunk", "a single chunk is a value", "present.length < 2 || ", ""],
			[
				"chunk-gap",
				"a gap between chunks is skipped",
				"if (chunk === undefined) return undefined;\n\t\tvalue += chunk;",
				'value += chunk ?? "";',
			],
			["too-many-chunks-written", "a value of any size is written", "if (count > MAX_CHUNKS) return undefined;", ""],
		],
	),
	...mutationsOf(
		"session/cookies.ts",
		[COOKIES],
		[
			[
				"cookie-false-space",
				"a name counts as ours with another space in front",
				"const pair = trimSpace(part);",
				"const pair = part.trim();",
				{ tests: ["test/security/spelled-headers.test.ts"] },
			],
			["cookie-twice", "of a cookie that comes twice one counts", "for (const name of twice) jar.delete(name);", ""],
			[
				"no-host-prefix",
				"cookies without __Host- count",
				"if (!pair.startsWith(COOKIE_PREFIX)) continue;",
				"",
				{
					tests: [COOKIES, "test/security/cookies-mutated.test.ts", "test/security/isolation.test.ts"],
				},
			],
			["long-cookie-header", "cookie headers of any length are read", " || header.length > MAX_HEADER_LENGTH", ""],
			["no-http-only", "script can read cookies", "; Secure; HttpOnly; SameSite", "; Secure; SameSite"],
			["no-secure", "cookies go over plain http", "; Secure; HttpOnly", "; HttpOnly"],
			[
				"no-same-site",
				"cookies go with requests of other sites",
				"; SameSite=${sameSite}${partitioned}",
				"${partitioned}",
			],
		],
	),
	...mutationsOf(
		"session/cookie-names.ts",
		["src/session/cookie-names.test.ts", "test/security/isolation.test.ts", SEALED],
		[
			["no-client-in-names", "two apps of one issuer share cookies", "`${issuer}\\n${clientId}`", "issuer"],
			[
				"no-client-bound",
				"what is sealed is not bound to its client",
				"binding: `${provider} ${issuer} ${clientId}`",
				"binding: `${provider}`",
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
				'ordinary: { ...names, sameSite: "Strict" }',
				'ordinary: { ...names, sameSite: "Lax" as "Strict" }',
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
		"session/sealed-session.ts",
		[SEALED, "test/security/expiry.test.ts"],
		[
			["no-deadline", "a session lasts for ever", "now >= header.deadline || ", ""],
			[
				"began-when-sealed",
				"a person who was put out during a login is in by it",
				"(options.began ?? now) + MAX_SESSION_AGE",
				"now + MAX_SESSION_AGE",
				{ tests: ["test/security/backchannel.test.ts", EMBEDDING] },
			],
			["future-session", "a session from the future is taken", " || header.sealedAt > now + MAX_REPLICA_SKEW", ""],
			[
				"longer-session",
				"a renewal makes a session last longer",
				"deadline: renewal?.deadline ?? (options.began ?? now) + MAX_SESSION_AGE,",
				"deadline: now + MAX_SESSION_AGE,",
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
				"return `${cookie} ${names.binding} ${companion}`;",
				"return `${names.binding} ${companion}${cookie.slice(0, 0)}`;",
				{ tests: [SEALED, "test/security/kinds-of-tokens.test.ts", "test/security/cookies-mutated.test.ts"] },
			],
			[
				"no-generation",
				"cookies of two generations open together",
				"return `${header.id}.${header.generation}`;",
				"return header.id;",
			],
			[
				"sub-less-session",
				"a session needs no subject",
				'if (typeof claims.sub !== "string" || claims.sub === "") return undefined;',
				"",
			],
			[
				"no-refresh-cookie",
				"a session goes on without its refresh cookie",
				"if (hasRefresh && !refreshBytes) return undefined;",
				"",
				{ tests: [SEALED, "test/security/cookies-mutated.test.ts"] },
			],
			[
				"mixed-claims",
				"claims that nobody can tell apart are taken for those of the ID token",
				"if (!this.#isApart) return this.isMixed ? splitClaims(this.claims).signed : this.claims;",
				"if (!this.#isApart) return this.claims;",
				{ tests: [SEALED] },
			],
			[
				"no-version",
				"cookies of another version are read",
				'if (reader.varint() !== VERSION) throw new RangeError("another version");',
				"reader.varint();",
			],
			[
				"no-companions-bound",
				"cookies of two sessions open together",
				"openValue(seal, names.identity, identity, companion)",
				'openValue(seal, names.identity, identity, "")',
			],
			[
				"no-cookie-budget",
				"cookies may be of any size",
				"candidates.find((shape) => totalBytes(shape) <= COOKIE_BUDGET)",
				"candidates[0]",
				{ tests: [SEALED, "test/security/cookie-budget.test.ts"] },
			],
			[
				"same-session-id",
				"a login does not change the id of a session",
				"crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES))",
				"new Uint8Array(SESSION_ID_BYTES)",
			],
			[
				"kept-chunks",
				"former cookies of a session are left",
				"return [...clearSession(names, options.jar).filter(({ name }) => !written.has(name)), ...cookies];",
				"return cookies;",
			],
		],
	),
	...mutationsOf(
		"session/transaction-cookies.ts",
		[TRANSACTIONS, CALLBACKS],
		[
			[
				"long-attempt",
				"an attempt lasts for ever",
				"return age > TRANSACTION_LIFETIME || age < -TRANSACTION_LIFETIME;",
				"return age < -TRANSACTION_LIFETIME;",
			],
			[
				"future-attempt",
				"an attempt from the future is taken",
				"return age > TRANSACTION_LIFETIME || age < -TRANSACTION_LIFETIME;",
				"return age > TRANSACTION_LIFETIME;",
			],
			[
				"many-attempts",
				"any number of attempts is kept",
				"i + 1 >= MAX_TRANSACTIONS || ",
				"",
				{
					survives:
						"Five attempts never fit into the 2,048 bytes that all of them may take together (`large-attempts`).",
				},
			],
			[
				"large-attempts",
				"attempts of any size are kept",
				"if (i + 1 >= MAX_TRANSACTIONS || bytes > MAX_TRANSACTION_BYTES)",
				"if (i + 1 >= MAX_TRANSACTIONS)",
			],
			[
				"attempt-of-another-name",
				"an attempt opens under another id",
				'const bytes = await ring.open("transaction", value, `${name} ${names.binding}`);',
				'const bytes = await ring.open("transaction", value, `${name.slice(0, 0)} ${names.binding}`);',
			],
		],
	),
	...mutationsOf(
		"session/used-transactions.ts",
		[CALLBACKS],
		[
			[
				"attempt-twice",
				"an attempt is good twice",
				"if (this.#usedAt.has(id)) return false;",
				"",
				{ tests: [CALLBACKS, "test/conformance/rp-response-state.test.ts"] },
			],
		],
	),
	...mutationsOf(
		"session/handoff.ts",
		["src/session/handoff.test.ts", EMBEDDING],
		[
			["old-handoff", "a hand-off lasts for ever", " && age <= HANDOFF_LIFETIME", ""],
			[
				"future-handoff",
				"a hand-off from the future is taken",
				"age >= -REPLICA_SKEW && ",
				"",
				{ survives: "Only a replica whose clock is ahead can seal one, and it is held to its single use either way." },
			],
			[
				"unbound-handoff",
				"a hand-off opens for every window",
				"return JSON.stringify([challenge, ancestors, origin]);",
				'return "";',
			],
			[
				"any-verifier",
				"a verifier may be anything",
				'return typeof text === "string" && /^[A-Za-z0-9_-]{43}$/.test(text);',
				'return typeof text === "string";',
			],
		],
	),
	...mutationsOf(
		"session/revocations.ts",
		["src/session/revocations.test.ts", "test/security/backchannel.test.ts"],
		[
			[
				"no-signed-out",
				"a copy of a session that was signed out of is good",
				"if (this.#signedOut.size > 0 && this.#signedOut.has(idKey(cookie, session.id))) return true;",
				"",
				{
					tests: [
						"src/session/revocations.test.ts",
						"test/refresh/logout-race.test.ts",
						"test/security/logout.test.ts",
					],
				},
			],
			[
				"no-sid",
				"a logout by sid ends nothing",
				'if (typeof sid === "string" && this.#at.has(sidKey(cookie, issuer, sid))) return true;',
				"",
			],
			[
				"no-logout-sub",
				"a logout by subject ends nothing",
				"return until > 0 && began <= until + CLOCKS_APART;",
				"return false;",
			],
			[
				"all-sessions",
				"a logout ends sessions that began later",
				"return until > 0 && began <= until + CLOCKS_APART;",
				"return until > 0;",
			],
			[
				"sid-of-any-issuer",
				"a logout ends sessions of another issuer",
				'return JSON.stringify(["sid", cookie, issuer, sid]);',
				'return JSON.stringify(["sid", cookie, sid]);',
			],
			[
				"sub-of-any-provider",
				"a logout ends sessions of another provider",
				'return JSON.stringify(["sub", cookie, issuer, sub]);',
				'return JSON.stringify(["sub", issuer, sub]);',
			],
			[
				"future-revocation",
				"a revocation from the future ends sessions to come",
				"else if (at > now + REPLICA_SKEW) continue;",
				"",
			],
			[
				"forgotten-revocations",
				"when there are too many, the oldest revocations are forgotten",
				"this.#at.set(EVERYBODY, before);",
				"",
			],
		],
	),
	...mutationsOf(
		"session/identity-cache.ts",
		["src/session/identity-cache.test.ts"],
		[
			[
				"any-header",
				"a cached person counts for another header",
				"entry !== undefined && entry.header === header ? entry.value : undefined",
				"entry?.value",
				{ tests: ["src/session/identity-cache.test.ts", "test/security/cookies-mutated.test.ts"] },
			],
		],
	),
	...mutationsOf(
		"session/hops.ts",
		["src/session/hops.test.ts"],
		[
			[
				"no-hop-limit",
				"the hops cookie says any number",
				"const ENTRY = /^([A-Za-z0-9]{1,7})-([1-9])$/;",
				"const ENTRY = /^([A-Za-z0-9]+)-([0-9]+)$/;",
			],
			["many-hops", "the hops cookie may have any size", '.split(".").slice(0, MAX_ENTRIES)', '.split(".")'],
		],
	),
	...mutationsOf(
		"session/write-headers.ts",
		["src/session/write-headers.test.ts"],
		[
			[
				"cached-pages",
				"private answers go into shared caches",
				'headers.set("Cache-Control", privateCacheControl(headers.get("Cache-Control"), cookies));',
				"",
			],
			[
				"public-pages",
				"the app can make private answers public",
				"given && cookies.length === 0 && isPrivate(given) ? given",
				"given && cookies.length === 0 ? given",
			],
			[
				"no-vary",
				"private answers do not differ by cookie",
				'headers.set("Vary", varyByCookie(headers.get("Vary")));',
				"",
			],
		],
	),
	...mutationsOf(
		"session/transaction-cookies.ts",
		["test/security/costs.test.ts"],
		[["attempts-looked-at", "a login opens every cookie that looks like an attempt", "if (left-- === 0) break;", ""]],
	),
	...mutationsOf(
		"session/chunks.ts",
		["test/security/costs.test.ts"],
		[["chunks-found", "every cookie that looks like a chunk is deleted", "if (names.length === MAX_FOUND) break;", ""]],
	),
];
