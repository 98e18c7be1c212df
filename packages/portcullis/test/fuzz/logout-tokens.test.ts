import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { LOGOUT_EVENT } from "../support/logout-token.ts";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, IDP, type Seen } from "./fuzzed-gate.ts";
import {
	changeJson,
	changeTexts,
	HOSTILE_TEXTS,
	type JsonChange,
	jsonChanges,
	type TextChange,
	textChanges,
} from "./mutations.ts";

let gate: FuzzedGate;
let cookie: string;

beforeAll(async () => {
	gate = await FuzzedGate.start();
	const browser = gate.browser({ signsIn: true });
	await gate.signIn(browser);
	cookie = browser.cookieHeader(APP);
});

type Claims = Record<string, unknown>;

/** Of a session of somebody else: none of these tokens is about the person who is signed in. */
function goodClaims(): Claims {
	const now = Math.floor(Date.now() / 1000);
	const times = { iat: now, exp: now + 120 };
	const about = { iss: IDP, aud: gate.idp.clientId, sub: "carl", sid: "session-of-carl" };
	return { ...about, ...times, jti: crypto.randomUUID(), events: { [LOGOUT_EVENT]: {} } };
}

/** OpenID Connect Back-Channel Logout 1.0 section 2.6, said once more. */
function areGood(claims: Claims): boolean {
	const { iss, aud, sub, sid, iat, exp, nbf, jti, events } = JSON.parse(JSON.stringify(claims));
	const now = Date.now() / 1000;
	const isId = (id: unknown) => typeof id === "string" && id !== "" && id.length <= 255;
	const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
	const event =
		typeof events === "object" &&
		events !== null &&
		Object.hasOwn(events, LOGOUT_EVENT) &&
		events[LOGOUT_EVENT];
	return (
		[iss === IDP, audience === gate.idp.clientId, isId(jti), !Object.hasOwn(claims, "nonce")].every(
			Boolean,
		) &&
		[sub === undefined || isId(sub), sid === undefined || isId(sid), isId(sub) || isId(sid)].every(
			Boolean,
		) &&
		[
			typeof iat === "number",
			typeof exp === "number",
			iat < now + 62,
			iat > now - 122,
			exp > now - 62,
		].every(Boolean) &&
		(nbf === undefined || (typeof nbf === "number" && nbf < now + 62)) &&
		typeof event === "object" &&
		event !== null &&
		!Array.isArray(event)
	);
}

function send(body: string, type = "application/x-www-form-urlencoded"): Promise<Seen> {
	const headers = { "content-type": type };
	return gate.ask({
		method: "POST",
		target: "/_portcullis/backchannel-logout/generic",
		headers,
		body,
	});
}

async function isSignedIn(): Promise<boolean> {
	return (
		(await gate.ask({ target: "/private", headers: { cookie } }, { signedInBefore: true }))
			.person === "ada"
	);
}

it("starts from a token that is good, and is not when it comes again", async () => {
	const form = new URLSearchParams({
		logout_token: gate.idp.sign(goodClaims(), { typ: "logout+jwt" }),
	}).toString();
	expect([(await send(form)).status, (await send(form)).status]).toEqual([200, 400]);
	expect(await isSignedIn()).toBe(true);
});

it(
	"takes no logout token that was changed, and ends nobody's session by one",
	async () => {
		const others = () => [
			IDP,
			gate.idp.clientId,
			"carl",
			{},
			{ [LOGOUT_EVENT]: {} },
			{ [LOGOUT_EVENT]: [] },
			"logout+jwt",
			"JWT",
			"none",
		];
		const inputs: fc.Arbitrary<{
			claims?: JsonChange[];
			header?: JsonChange[];
			text?: TextChange[];
			form?: string;
		}> = fc.oneof(
			{ arbitrary: fc.record({ claims: jsonChanges(others()) }), weight: 4 },
			{ arbitrary: fc.record({ header: jsonChanges(others()) }), weight: 2 },
			{ arbitrary: fc.record({ text: textChanges }), weight: 2 },
			fc.record({
				form: fc.constantFrom(
					...HOSTILE_TEXTS,
					"logout_token=a&logout_token=b",
					"logout_token",
					"a=b",
				),
			}),
		);
		await fuzz("logout tokens", gate.meter, inputs, async ({ claims, header, text, form }) => {
			const changed = claims ? changeJson(goodClaims(), claims) : goodClaims();
			const typed = { typ: "logout+jwt" };
			const head = header ? changeJson(typed, header) : typed;
			const jwt = gate.idp.sign(
				changed,
				Object.hasOwn(head, "typ") ? head : { ...head, typ: undefined },
			);
			const sent = text ? changeTexts(jwt, text) : jwt;
			const body = form ?? new URLSearchParams({ logout_token: sent.toWellFormed() }).toString();
			const { status } = await send(body.toWellFormed());
			expect([200, 400]).toContain(status);
			if (status === 200) {
				expect([
					areGood(changed),
					/^(application\/)?logout\+jwt$/i.test(String(head.typ)),
					form,
				]).toEqual([true, true, undefined]);
				// The last letter of a signature has bits that mean nothing.
				expect(sent.slice(0, -1)).toBe(jwt.slice(0, -1));
			}
			expect(await isSignedIn()).toBe(true);
		});
	},
	FUZZ_TIMEOUT,
);
