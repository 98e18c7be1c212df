import { describe, expect, it } from "vitest";
import { LoginError, Provider, type Tokens, type UserClaims } from "../../src/index.ts";
import type {
	IdTokenClaims,
	IssuerRule,
	RefreshRefusal,
	RequestParameters,
	TokenExchange,
	TokenKind,
} from "../../src/provider.ts";
import { memory } from "../../src/state.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import {
	type GateFixture,
	type Person,
	sessionCookies,
	startGate,
} from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";

// Each hook is overridden in a class of an app, and what that changes is looked at from outside: by
// the browser, the app or the provider.

class Base extends Provider<Person> {
	readonly name: string = "generic";
}

/** A gate whose provider has these members instead of its own. */
function startWith(
	Bent: typeof Base,
	options: Parameters<typeof startGate>[0] = {},
): Promise<GateFixture> {
	return startGate({
		app: (_, user) => Response.json({ userinfo: user?.claims, scopes: user?.grantedScopes }),
		...options,
		providerClass: () => Bent,
		auth: { extraScopes: ["offline_access"], ...options.auth },
	});
}

/** The authorization request that the provider got. */
const authorization = ({ idp }: GateFixture) =>
	idp.requests.findLast(({ endpoint }) => endpoint === "authorize")?.query;

function renew({ origin, clock, idp }: GateFixture, browser: ScriptedBrowser): Promise<Answer> {
	clock.ahead += 3590;
	idp.set({ clockSkew: clock.ahead });
	return browser.send(`${origin}/_portcullis/refresh`, {
		method: "POST",
		initiator: origin,
		crossSite: false,
		headers: { "portcullis-request": "1", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
	});
}

async function refusal(fixture: GateFixture): Promise<{ status: number; log: unknown }> {
	const browser = new ScriptedBrowser();
	const { status } = await fixture.signIn(browser);
	expect(sessionCookies(browser)).toEqual([]);
	return { status, log: fixture.log[0] };
}

const tests: Readonly<Record<string, () => Promise<void>>> = {
	async environmentPrefixes() {
		const fixture = await startWith(
			class extends Base {
				protected override get environmentPrefixes(): readonly string[] {
					return ["GENERIC_PARTNERS_", ...super.environmentPrefixes];
				}
			},
			{
				env: (env) => ({
					...env,
					GENERIC_CLIENT_ID: "wrong",
					GENERIC_PARTNERS_CLIENT_ID: env.GENERIC_CLIENT_ID,
				}),
			},
		);
		await fixture.signIn();
		expect(authorization(fixture)?.get("client_id")).toBe(fixture.idp.clientId);
	},

	async configuredIssuer() {
		const fixture = await startWith(
			class extends Base {
				protected override configuredIssuer(configured: string | undefined): string | undefined {
					return configured?.replace("https://id.example", "http://localhost");
				}
			},
			{
				env: (env) => ({
					...env,
					GENERIC_ISSUER_URI: env.GENERIC_ISSUER_URI?.replace(
						"http://localhost",
						"https://id.example",
					),
				}),
			},
		);
		expect((await fixture.signIn()).status).toBe(200);
	},

	async displayName() {
		const fixture = await startWith(
			class extends Base {
				override get displayName(): string {
					return "Acme <ID>";
				}
			},
		);
		const page = await new ScriptedBrowser().navigate(`${fixture.origin}/login`);
		expect(page.body).toContain("Login with <bdi>Acme &lt;ID&gt;</bdi>");
	},

	async requestedScopes() {
		const fixture = await startWith(
			class extends Base {
				override requestedScopes(): readonly string[] {
					return [...super.requestedScopes(), "team", "email"];
				}
			},
		);
		await fixture.signIn();
		expect(authorization(fixture)?.get("scope")).toBe("openid email profile team offline_access");
	},

	async authorizationParameters() {
		const fixture = await startWith(
			class extends Base {
				override async authorizationParameters(): Promise<RequestParameters> {
					return { prompt: "select_account", response_type: "token", state: "mine" };
				}
			},
		);
		expect((await fixture.signIn()).status).toBe(200);
		const sent = authorization(fixture);
		expect([
			sent?.get("prompt"),
			sent?.get("response_type"),
			sent?.get("state") === "mine",
		]).toEqual(["select_account", "code", false]);
	},

	async validIssuers() {
		const fixture = await startWith(
			class extends Base {
				override validIssuers(): IssuerRule {
					return [this.issuer, "https://tenants.example/{tenantid}"];
				}
			},
		);
		fixture.idp.set({
			issParameter: false,
			idTokenClaims: { iss: "https://tenants.example/north", tid: "north" },
		});
		expect((await fixture.signIn()).status).toBe(200);
		fixture.idp.set({ idTokenClaims: { iss: "https://tenants.example/north", tid: "south" } });
		expect(await refusal(fixture)).toMatchObject({ log: { code: "token_invalid", reason: "iss" } });
	},

	async verifyIdToken() {
		const fixture = await startWith(
			class extends Base {
				override async verifyIdToken(
					...input: Parameters<Provider<Person>["verifyIdToken"]>
				): Promise<IdTokenClaims> {
					const claims = await super.verifyIdToken(...input);
					if (claims.tenant === "acme") return claims;
					throw new LoginError("token_invalid", "Another tenant.", {
						provider: this.name,
						reason: "tenant",
					});
				}
			},
		);
		expect(await refusal(fixture)).toMatchObject({
			log: { code: "token_invalid", reason: "tenant" },
		});
		fixture.idp.set({ idTokenClaims: { tenant: "acme" } });
		expect((await fixture.signIn()).status).toBe(200);
	},

	async verifyClaims() {
		const kinds: string[] = [];
		const fixture = await startWith(
			class extends Base {
				override async verifyClaims(
					claims: Readonly<Record<string, unknown>>,
					kind: TokenKind,
				): Promise<boolean> {
					kinds.push(kind);
					return (await super.verifyClaims(claims, kind)) && claims.tenant === "acme";
				}
			},
			{ auth: { http: { bearer: { audience: AUDIENCE } }, store: memory() } },
		);
		const acme = { tenant: "acme" };
		const api = async (claims: Readonly<Record<string, unknown>>) =>
			(await callWith(accessToken(fixture, { claims }), `${fixture.origin}/api`)).status;
		const logout = async (claims: Readonly<Record<string, unknown>>) =>
			(
				await sendLogout(
					fixture.origin,
					logoutToken(fixture, { claims: { sub: "somebody", ...claims } }),
				)
			).status;

		expect(await refusal(fixture)).toMatchObject({
			log: { code: "access_denied", reason: "verifyClaims" },
		});
		expect([await api({}), await api(acme)]).toEqual([401, 200]);
		expect([await logout({}), await logout(acme)]).toEqual([400, 200]);
		fixture.idp.set({ idTokenClaims: acme });
		const browser = new ScriptedBrowser();
		expect((await fixture.signIn(browser)).status).toBe(200);
		// Whoever has moved to another tenant is out with the next renewal.
		expect((await renew(fixture, browser)).status).toBe(200);
		fixture.idp.set({ idTokenClaims: { tenant: "other" } });
		expect((await renew(fixture, browser)).status).toBe(401);
		expect([...new Set(kinds)].sort()).toEqual([
			"access_token",
			"id_token",
			"logout_token",
			"refreshed_id_token",
		]);
	},

	async validateExchange() {
		const fixture = await startWith(
			class extends Base {
				override validateExchange({ response }: TokenExchange): boolean {
					return response.mfa === true;
				}
			},
		);
		expect(await refusal(fixture)).toMatchObject({
			log: { code: "token_invalid", reason: "validateExchange" },
		});
		fixture.idp.set({ tokenResponse: { mfa: true } });
		expect((await fixture.signIn()).status).toBe(200);
	},

	async tokensFromExchange() {
		const fixture = await startWith(
			class extends Base {
				override async tokensFromExchange(exchange: TokenExchange): Promise<Tokens> {
					const tokens = await super.tokensFromExchange(exchange);
					return { ...tokens, scopes: String(exchange.response.permissions).split(",") };
				}
			},
		);
		fixture.idp.set({ tokenResponse: { permissions: "read,write" } });
		expect(JSON.parse((await fixture.signIn()).body)).toMatchObject({ scopes: ["read", "write"] });
	},

	async validateTokens() {
		let isActive = true;
		const fixture = await startWith(
			class extends Base {
				override async validateTokens(tokens: Tokens): Promise<boolean> {
					return isActive && (await super.validateTokens(tokens));
				}
			},
		);
		expect((await fixture.signIn()).status).toBe(200);
		isActive = false;
		expect(await refusal(fixture)).toMatchObject({
			log: { code: "token_invalid", reason: "validateTokens" },
		});
	},

	async fetchUserinfo() {
		const fixture = await startWith(
			class extends Base {
				override async fetchUserinfo(accessToken: string): Promise<Person | undefined> {
					const userinfo = await super.fetchUserinfo(accessToken);
					return userinfo && { ...userinfo, groups: ["from-elsewhere"] };
				}
			},
		);
		const browser = new ScriptedBrowser();
		expect(JSON.parse((await fixture.signIn(browser)).body).userinfo).toMatchObject({
			groups: ["from-elsewhere"],
		});
		await renew(fixture, browser);
		const page = await browser.navigate(`${fixture.origin}/private`);
		expect(JSON.parse(page.body).userinfo).toMatchObject({ groups: ["from-elsewhere"] });
	},

	async parseClaims() {
		const fixture = await startWith(
			class extends Base {
				override async parseClaims(claims: UserClaims): Promise<Person> {
					const { groups } = await super.parseClaims(claims);
					if (groups?.includes("banned")) throw new LoginError("access_denied", "Banned");
					return { sub: "another", groups: groups?.map((group) => group.toUpperCase()) ?? [] };
				}
			},
		);
		fixture.idp.set({ userinfoClaims: { groups: ["editors"] } });
		const browser = new ScriptedBrowser();
		const { userinfo } = JSON.parse((await fixture.signIn(browser)).body);
		expect(userinfo).toMatchObject({ groups: ["EDITORS"] });
		expect(userinfo.sub).not.toBe("another");
		fixture.idp.set({ userinfoClaims: { groups: ["banned"] } });
		expect(await refusal(fixture)).toMatchObject({ status: 403, log: { code: "access_denied" } });
	},

	async selectTokens() {
		const fixture = await startWith(
			class extends Base {
				override selectTokens({ refreshToken: _unused, ...kept }: Tokens): Tokens {
					return kept;
				}
			},
		);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		expect(sessionCookies(browser).some((name) => name.endsWith("-at"))).toBe(true);
		expect(sessionCookies(browser).some((name) => name.endsWith("-rt"))).toBe(false);
	},

	async endsSession() {
		const fixture = await startWith(
			class extends Base {
				override endsSession(response: RefreshRefusal): boolean | Promise<boolean> {
					return response.error === "temporarily_unavailable" || super.endsSession(response);
				}
			},
		);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		fixture.idp.set({ token: "temporarily-unavailable" });
		expect((await renew(fixture, browser)).status).toBe(401);
		expect(sessionCookies(browser)).toEqual([]);
	},

	async popupLogin() {
		const fixture = await startWith(
			class extends Base {
				override popupLogin(request: Request): boolean {
					return new URL(request.url).searchParams.get("redirect_to") === "/widget";
				}
			},
		);
		const browser = new ScriptedBrowser();
		expect((await browser.navigate(`${fixture.origin}/login?redirect_to=/widget`)).body).toContain(
			'data-opens="popup"',
		);
		expect((await browser.navigate(`${fixture.origin}/login`)).body).not.toContain("data-opens");
	},

	async endSessionEndpoint() {
		const fixture = await startWith(
			class extends Base {
				override async endSessionEndpoint(): Promise<string | undefined> {
					return (await super.endSessionEndpoint())?.replace("/end-session", "/bye?tenant=acme");
				}
			},
		);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		await browser.submit(await browser.click("/logout"));
		const left = new URL(browser.trail.find((line) => line.includes("/bye"))?.slice(4) ?? "");
		expect([left.origin, left.pathname]).toEqual([fixture.idp.issuer, "/bye"]);
		expect([left.searchParams.get("tenant"), left.searchParams.get("client_id")]).toEqual([
			"acme",
			fixture.idp.clientId,
		]);
	},

	async endSessionParameters() {
		const fixture = await startWith(
			class extends Base {
				override endSessionParameters(): RequestParameters {
					return { id_token_hint: undefined, logout_hint: "ada", state: "mine" };
				}
			},
		);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		await browser.submit(await browser.click("/logout"));
		const sent = fixture.idp.requests.findLast(({ endpoint }) => endpoint === "end-session")?.query;
		expect([
			sent?.has("id_token_hint"),
			sent?.get("logout_hint"),
			sent?.get("state") === "mine",
		]).toEqual([false, "ada", false]);
	},

	async onTokens() {
		const heard: unknown[] = [];
		const fixture = await startWith(
			class extends Base {
				override onTokens(tokens: Tokens, change: { readonly isRefresh: boolean }): void {
					heard.push([tokens.accessToken, change]);
				}
			},
			{ app: async (_, user) => new Response(await user?.accessToken()) },
		);
		const browser = new ScriptedBrowser();
		const first = (await fixture.signIn(browser)).body;
		await renew(fixture, browser);
		const second = (await browser.navigate(`${fixture.origin}/private`)).body;
		expect(first).not.toBe(second);
		expect(heard).toEqual([
			[first, { isRefresh: false }],
			[second, { isRefresh: true }],
		]);
	},
};

describe("the hook", () => {
	it.each(Object.entries(tests))("%s", (_, run) => run());

	it("has a test here, whichever it is", () => {
		const operations = [
			"constructor",
			"connect",
			"toJSON",
			"metadata",
			"createTransaction",
			"authorizationUrl",
			"complete",
		];
		operations.push(
			"refresh",
			"revoke",
			"endSessionUrl",
			"verifyLogoutToken",
			"issuer",
			"clientId",
			"clientSecret",
		);
		operations.push("audience", "fetch", "verifyAccessToken");
		const classes = [
			Provider,
			Object.getPrototypeOf(Provider),
			Object.getPrototypeOf(Object.getPrototypeOf(Provider)),
		];
		const all = classes
			.flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
			.filter((name) => !operations.includes(name));
		expect(all.sort()).toEqual(Object.keys(tests).sort());
	});
});

describe("the hook that only hears of new tokens", () => {
	it("ends a login if it throws, like every other hook", async () => {
		const fixture = await startWith(
			class extends Base {
				override onTokens(): void {
					throw new Error("the cache is down");
				}
			},
		);
		expect(await refusal(fixture)).toMatchObject({
			log: { code: "internal_error", reason: "onTokens" },
		});
	});

	it("never keeps a new refresh token from the browser: the old one is spent", async () => {
		let isBroken = false;
		class Broken extends Base {}
		Broken.prototype.onTokens = () => {
			if (isBroken) throw new Error("the cache is down");
		};
		const fixture = await startWith(Broken);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		isBroken = true;
		for (const _ of [1, 2]) {
			expect(JSON.parse((await renew(fixture, browser)).body)).toMatchObject({ renewed: true });
		}
		expect(fixture.log).toMatchObject(
			Array(2).fill({
				level: "error",
				code: "internal_error",
				provider: "generic",
				id: expect.any(String),
			}),
		);
		expect(fixture.log[0]?.message).toContain("renewed all the same");
	});

	it("is not waited for if it never ends", async () => {
		const never = new Promise<void>(() => {});
		const fixture = await startWith(
			class extends Base {
				override onTokens(
					_tokens: Tokens,
					{ isRefresh }: { readonly isRefresh: boolean },
				): Promise<void> {
					return isRefresh ? never : Promise.resolve();
				}
			},
		);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		expect(JSON.parse((await renew(fixture, browser)).body)).toMatchObject({ renewed: true });
	});

	it("hears of no token that was refused", async () => {
		const heard: string[] = [];
		const fixture = await startWith(
			class extends Base {
				override onTokens({ accessToken }: Tokens): void {
					heard.push(accessToken);
				}
			},
		);
		fixture.idp.set({ userinfo: "sub-other" });
		await refusal(fixture);
		expect(heard).toEqual([]);
	});
});

describe("a code of a class's own", () => {
	const refusing = (code: `${string}:${string}`) =>
		class extends Base {
			override validateExchange(): boolean {
				throw new LoginError(code, "No seat is left", { provider: this.name, reason: "seats" });
			}
		};

	it("ends the login with it, and the person reads what a refusal says", async () => {
		const fixture = await startWith(refusing("generic:no_seat"));
		expect(await refusal(fixture)).toMatchObject({
			status: 403,
			log: { code: "generic:no_seat", reason: "seats", message: "No seat is left" },
		});
		const browser = new ScriptedBrowser();
		expect((await fixture.signIn(browser)).body).toContain("Sign-in was not completed");
	});

	it.each([
		"okta:no_seat",
		"generic:",
		":no_seat",
		"generic:No seat",
		"generic:a\nb",
		"generic:a:b",
		`generic:${"x".repeat(65)}`,
	] as const)("is of the provider's name and a word: not %j", async (code) => {
		const fixture = await startWith(refusing(code));
		expect(await refusal(fixture)).toMatchObject({
			status: 500,
			log: { code: "internal_error", reason: "validateExchange" },
		});
	});

	it("is no valid token to a program that presents one", async () => {
		const fixture = await startWith(
			class extends Base {
				override verifyClaims(): boolean {
					throw new LoginError("generic:no_seat", "No seat is left");
				}
			},
			{ auth: { http: { bearer: { audience: AUDIENCE } } } },
		);
		const answer = await callWith(accessToken(fixture), `${fixture.origin}/private`);
		expect([answer.status, (await answer.json()).code]).toEqual([401, "token_invalid"]);
		fixture.log.length = 0;
		expect(await refusal(fixture)).toMatchObject({
			status: 403,
			log: { code: "generic:no_seat" },
		});
	});
});

it("a code that there is not, thrown by a hook in JavaScript, is an unforeseen error", async () => {
	const fixture = await startWith(
		class extends Base {
			override validateExchange(): boolean {
				throw new LoginError("nonsense" as "access_denied", "What is this?");
			}
		},
	);
	expect((await refusal(fixture)).status).toBe(500);
});
