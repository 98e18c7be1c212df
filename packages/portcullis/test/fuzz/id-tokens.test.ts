import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { IdTokenParts } from "../../src/testing/faulty-idp-faults.ts";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, IDP } from "./fuzzed-gate.ts";
import { changeJson, changeTexts, type JsonChange, jsonChanges, textChanges } from "./mutations.ts";

let gate: FuzzedGate;

beforeAll(async () => {
	gate = await FuzzedGate.start();
});

/**
 * Takes a login to its end with an ID token that `make` makes of the good one.
 *
 * @param make Returns the token, and whether it is one that may sign in.
 */
async function login(
	make: (good: IdTokenParts) => { readonly jwt: string; readonly isGood: boolean },
): Promise<boolean> {
	const browser = gate.browser();
	const back = await gate.comeBack(browser);
	const allowed = { signsIn: false, badProvider: true };
	gate.idp.faults = {
		rawIdToken: (good) => {
			const { jwt, isGood } = make(good);
			allowed.signsIn = isGood;
			return jwt;
		},
	};
	const seen = await gate.ask(
		{ target: back.href, headers: { accept: "text/html", cookie: browser.cookieHeader(APP) } },
		allowed,
	);
	gate.idp.faults = {};
	// What was allowed may have changed under way: looked at once more.
	const signsIn = seen.setCookies.some((line) => /-at=/.test(line));
	expect([signsIn, allowed.signsIn]).toEqual([signsIn && allowed.signsIn, allowed.signsIn]);
	return signsIn;
}

it("starts from a token that is good", async () => {
	expect(
		await login(({ header, claims }) => ({ jwt: gate.idp.sign(claims, header), isGood: true })),
	).toBe(true);
});

const bytes = (text: string | undefined) => Buffer.from(text ?? "", "base64url").toString("hex");

it(
	"takes no ID token with a changed letter",
	async () => {
		const part = fc.constantFrom(0, 1, 2, undefined);
		await fuzz(
			"ID token bytes",
			gate.meter,
			fc.tuple(textChanges, part),
			async ([changes, only]) => {
				await login(({ header, claims }) => {
					const good = gate.idp.sign(claims, header);
					const parts = good.split(".");
					const jwt =
						only === undefined
							? changeTexts(good, changes)
							: parts.map((text, i) => (i === only ? changeTexts(text, changes) : text)).join(".");
					const [head, body, signature, ...more] = jwt.split(".");
					// The last letter of a signature has bits that mean nothing.
					const isSame =
						head === parts[0] &&
						body === parts[1] &&
						bytes(signature) === bytes(parts[2]) &&
						more.length === 0;
					return { jwt, isGood: isSame };
				});
			},
		);
	},
	FUZZ_TIMEOUT,
);

/** Values that are good in some claim, so that they stand in others as well. */
const values = () => {
	const now = Math.floor(Date.now() / 1000);
	const texts = [IDP, `${IDP}/`, gate.idp.clientId, "ada", "bob", "JWT", "ES256", "none", "HS256"];
	return [...texts, now, now - 4000, now + 4000];
};

it(
	"takes no ID token with a changed claim, though it is signed well",
	async () => {
		await fuzz("ID token claims", gate.meter, jsonChanges(values()), async (changes) => {
			await login(({ header, claims }) => {
				const changed = changeJson(claims, changes);
				return { jwt: gate.idp.sign(changed, header), isGood: areGood(changed, claims) };
			});
		});
	},
	FUZZ_TIMEOUT,
);

/**
 * OpenID Connect Core 1.0 section 3.1.3.7, said once more: of the claims as JSON, compared with
 * those that are good.
 */
function areGood(changed: Record<string, unknown>, good: Record<string, unknown>): boolean {
	const {
		iss,
		aud,
		azp,
		sub,
		exp,
		iat,
		nbf,
		nonce,
		at_hash: atHash,
	} = JSON.parse(JSON.stringify(changed));
	const now = Date.now() / 1000;
	const isTime = (time: unknown): time is number => typeof time === "number";
	const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
	return (
		[iss === good.iss, audience === good.aud, azp === undefined || azp === good.aud].every(
			Boolean,
		) &&
		[sub === good.sub, nonce === good.nonce, atHash === undefined || atHash === good.at_hash].every(
			Boolean,
		) &&
		isTime(exp) &&
		isTime(iat) &&
		// A second of doubt: time goes on while this is looked at.
		exp > now - 61 &&
		iat < now + 61 &&
		iat > now - 302 &&
		(nbf === undefined || (isTime(nbf) && nbf < now + 61))
	);
}

it(
	"takes no ID token with a header that says something else",
	async () => {
		const others = ["at+jwt", "logout+jwt", "jwt", ["b64"], { kty: "oct", k: "AA" }, ...values()];
		const names = fc.constantFrom(
			"alg",
			"kid",
			"typ",
			"crit",
			"b64",
			"jwk",
			"jku",
			"x5u",
			"x5c",
			"cty",
			"zip",
			"enc",
		);
		const added = fc
			.tuple(names, jsonChanges(others))
			.map(([name, [change]]): JsonChange[] => [
				{ ...(change as JsonChange), kind: "add", key: name },
			]);
		await fuzz(
			"ID token header",
			gate.meter,
			fc.oneof(jsonChanges(others), added),
			async (changes) => {
				await login(({ header, claims }) => {
					const changed = changeJson(header, changes);
					const missing = Object.keys(header).filter((name) => !Object.hasOwn(changed, name));
					const signed = {
						...changed,
						...Object.fromEntries(missing.map((name) => [name, undefined])),
					};
					const { alg, typ, kid, crit } = JSON.parse(JSON.stringify(signed));
					const isGood =
						alg === header.alg &&
						(typ === undefined || String(typ).toUpperCase() === "JWT") &&
						(kid === undefined || kid === header.kid) &&
						crit === undefined;
					return { jwt: gate.idp.sign(claims, signed), isGood };
				});
			},
		);
	},
	FUZZ_TIMEOUT,
);
