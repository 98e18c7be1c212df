import { describe, expect, it } from "vitest";
import { createKeyRing, type KeyRing } from "../../src/crypto/key-ring.ts";
import { createFormToken } from "../../src/guard/forms.ts";
import { ConfigError } from "../../src/index.ts";
import type { LoginResult } from "../../src/protocol/types.ts";
import { type CookieNames, cookieNames } from "../../src/session/cookie-names.ts";
import { challengeOf, sealPopupHandoff } from "../../src/session/popup-handoff.ts";
import { sealSession } from "../../src/session/seal-session.ts";
import { writeTransaction } from "../../src/session/transaction-cookies.ts";
import { type GateFixture, type GateFixtureOptions, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

// Who issued a client secret knows it. With it one can make keys, and with keys whatever they open.
// So the keys of one provider open nothing of another, and nothing that belongs to all.

const OWN = "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0Re";
const PROVIDERS = ["one", "two"] as const;
const secretOf = ({ idps }: GateFixture, i: 0 | 1): string => idps[i]?.clientSecret ?? "";
const now = () => Math.floor(Date.now() / 1000);

/** A gate of two providers, with cookie secrets as given. */
const start = (
	secret: (fixtureSecrets: readonly [string, string]) => string | undefined,
	options: GateFixtureOptions = {},
) =>
	startGate({
		...options,
		providers: PROVIDERS,
		auth: { secret: undefined as never },
		env: (env) => ({
			...env,
			PORTCULLIS_SECRET: secret([env.ONE_CLIENT_SECRET ?? "", env.TWO_CLIENT_SECRET ?? ""]),
		}),
		app: (_, user) => new Response(user ? `${user.provider} ${user.sub}` : "nobody"),
	});

/** What the one who issued the client secret of `by` can make for sessions of `to`. */
async function forger(
	fixture: GateFixture,
	by: 0 | 1,
	to: 0 | 1,
): Promise<{ ring: KeyRing; names: CookieNames }> {
	const { issuer = "", clientId = "" } = fixture.idps[to] ?? {};
	const [ring, names] = await Promise.all([
		createKeyRing([secretOf(fixture, by)]),
		cookieNames(PROVIDERS[to], issuer, clientId),
	]);
	return { ring, names: names.ordinary };
}

function loginAt(fixture: GateFixture, to: 0 | 1): LoginResult {
	const { issuer: iss = "", clientId: aud = "" } = fixture.idps[to] ?? {};
	return {
		claims: { iss, aud, iat: now(), exp: now() + 3600, sub: "the-boss", groups: ["admins"] },
		tokens: { accessToken: "x", accessTokenExpiresAt: now() + 3600, scopes: ["openid"], extra: {} },
	} as LoginResult;
}

async function forgedSession(fixture: GateFixture, by: 0 | 1, to: 0 | 1): Promise<string> {
	const seal = await forger(fixture, by, to);
	const options = {
		now: now(),
		requestCookies: new Map(),
		otherBytes: 0,
		canRefetchUserinfo: false,
	};
	const { cookies } = await sealSession(seal, loginAt(fixture, to), options);
	return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

const ask = async (fixture: GateFixture, cookie: string) =>
	(await exchange(`${fixture.origin}/private`, "GET", { cookie })).body;

describe.each([
	["there is no other secret", () => undefined],
	[
		"the client secrets stand behind a secret of its own, for a while",
		([one, two]) => `${OWN},${one},${two}`,
	],
	["they stand before it", ([one, two]) => `${one},${two},${OWN}`],
] satisfies [string, (secrets: readonly [string, string]) => string | undefined][])(
	"where %s",
	(_where, secret) => {
		it("who issued one client secret seals no session of another provider", async () => {
			const fixture = await start(secret);
			for (const [by, to] of [
				[0, 1],
				[1, 0],
			] as const)
				expect(await ask(fixture, await forgedSession(fixture, by, to))).not.toContain("the-boss");
		});

		it("nor a login under way, a form, or a hand-off from a popup", async () => {
			const fixture = await start(secret);
			const { origin } = fixture;
			for (const by of [0, 1] as const) {
				const to = by === 0 ? 1 : 0;
				const { ring, names } = await forger(fixture, by, to);
				const idp = fixture.idps[to];
				const state = `${"s".repeat(16)}.${"t".repeat(43)}`;
				const [transaction] = await writeTransaction({ ring, names }, new Map(), {
					...{
						id: "s".repeat(16),
						provider: PROVIDERS[to],
						issuer: idp?.issuer ?? "",
						state,
						nonce: "n",
						returnTo: "/",
					},
					...{
						verifier: "v".repeat(43),
						redirectUri: `${origin}/callback/${PROVIDERS[to]}`,
						startedAt: now(),
					},
				} as never);
				const callback = `${origin}/callback/${PROVIDERS[to]}?code=c&state=${state}&iss=${encodeURIComponent(idp?.issuer ?? "")}`;
				await exchange(callback, "GET", { cookie: `${transaction?.name}=${transaction?.value}` });
				expect(idp?.count("token")).toBe(0);

				const token = await createFormToken(ring, "logout", undefined, now());
				const headers = {
					origin,
					"content-type": "application/x-www-form-urlencoded",
					"sec-fetch-site": "same-origin",
				};
				const logout = await exchange(
					`${origin}/logout`,
					"POST",
					headers,
					`form_token=${encodeURIComponent(token)}`,
				);
				expect(logout.status).toBe(403);

				const verifier = "v".repeat(43);
				const challenge = (await challengeOf(verifier)) ?? "";
				const content = {
					binding: names.binding,
					login: loginAt(fixture, to),
					returnTo: "/",
					sealedAt: now(),
				};
				const handoff = await sealPopupHandoff(ring, content, { challenge, ancestors: [], origin });
				const claim = await exchange(
					`${origin}/_portcullis/claim`,
					"POST",
					{
						...{
							origin,
							"content-type": "application/json",
							"portcullis-request": "1",
							"sec-fetch-site": "same-origin",
						},
						cookie: `${names.handoff}=${challenge}`,
					},
					JSON.stringify({ verifier, ancestors: [], handoff }),
				);
				expect([claim.status, claim.setCookies]).toEqual([403, []]);
				expect(fixture.log.at(-1)).toMatchObject({ code: "handoff_invalid", reason: "binding" });
			}
		});

		it("people sign in with each, and a replica with the same variables knows them", async () => {
			const fixture = await start(secret);
			const replica = await fixture.openReplica();
			for (const provider of PROVIDERS) {
				const browser = new ScriptedBrowser();
				expect((await fixture.signIn(browser, { provider })).body).toBe(`${provider} ada`);
				const cookie = [...browser.jar].map(([name, { value }]) => `${name}=${value}`).join("; ");
				expect((await exchange(`${replica.origin}/private`, "GET", { cookie })).body).toBe(
					`${provider} ada`,
				);
			}
		});
	},
);

it("what was sealed with a provider's own client secret opens while that secret stands in the list", async () => {
	const fixture = await start(([one, two]) => `${OWN},${one},${two}`);
	for (const i of [0, 1] as const)
		expect(await ask(fixture, await forgedSession(fixture, i, i))).toBe(`${PROVIDERS[i]} the-boss`);
});

it("a list of client secrets alone is refused: one of them would seal what belongs to all", async () => {
	await expect(start(([one, two]) => `${one},${two}`)).rejects.toThrow(ConfigError);
	await expect(start(([one, two]) => `${one},${two}`)).rejects.toThrow(
		/Every cookie secret is a client secret/,
	);
});
