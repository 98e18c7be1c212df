import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import {
	createSigningKey,
	FakeIdp,
	ISSUER,
	NOW,
	REDIRECT_URI,
	refusalOf,
	type SigningKey,
	start,
} from "./idp.fixture.ts";
import type { Provider } from "./provider.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { Generic } from "./providers/generic.ts";
import { Okta, type OktaClaims } from "./providers/okta.ts";
import type { ProviderRuntime } from "./types.ts";

let key: SigningKey;
let next: SigningKey;

beforeAll(async () => {
	[key, next] = await Promise.all([
		createSigningKey("ES256", "k1"),
		createSigningKey("ES256", "k2"),
	]);
});

function setUp(
	create: (settings?: ProviderSettings) => Generic = (settings) => new Generic(settings),
	changes: Partial<ProviderRuntime> = {},
	issuer: string = ISSUER,
) {
	const idp = new FakeIdp([key], issuer);
	const provider = create();
	expect(provider.connect(idp.runtime(changes))).toEqual([]);
	return { idp, provider };
}

async function login(
	{ idp, provider }: ReturnType<typeof setUp>,
	params: Record<string, string | undefined> = {},
) {
	const tx = start(provider);
	return provider.complete(tx, idp.callback(tx, params));
}

describe("set-up", () => {
	it("makes no request", () => {
		const { idp, provider } = setUp();
		start(provider);
		expect(idp.requests).toHaveLength(0);
	});

	it("reads OIDC variables only for the generic provider", () => {
		const idp = new FakeIdp([key]);
		const env = { GENERIC_ISSUER_URI: "https://wrong.example", GENERIC_CLIENT_ID: "wrong" };
		expect(new Generic().connect(idp.runtime({ env }))).toHaveLength(2);
	});

	it("reads OKTA variables for Okta, and labels its button", () => {
		const okta = new Okta();
		const env = {
			OKTA_ISSUER_URI: ISSUER,
			OKTA_CLIENT_ID: "app",
			OIDC_ISSUER_URI: "https://other.example",
		};
		expect(okta.connect(new FakeIdp([key]).runtime({ env }))).toEqual([]);
		expect([okta.issuer, okta.clientId, okta.clientSecret, okta.displayName]).toEqual([
			ISSUER,
			"app",
			undefined,
			"Okta",
		]);
		expect([new Generic().displayName, new Generic({ displayName: "Acme" }).displayName]).toEqual([
			"Single sign-on",
			"Acme",
		]);
	});

	it("shows no secret in JSON or in a log", () => {
		const { provider } = setUp(() => new Generic({ clientSecret: "canary-1" }), {
			env: { OIDC_ISSUER_URI: ISSUER, OIDC_CLIENT_ID: "app", OTHER: "canary-2" },
		});
		expect(provider.clientSecret).toBe("canary-1");
		const shown =
			JSON.stringify(provider) +
			inspect(provider, { depth: 20, showHidden: true, getters: true }) +
			JSON.stringify({ ...provider });
		expect(shown).toContain("app");
		expect(shown).not.toContain("canary");
	});

	it("refuses to work before connect, and after a connect with problems", () => {
		const provider = new Generic();
		expect(() => start(provider)).toThrow("before connect()");
		const idp = new FakeIdp([key]);
		provider.connect(idp.runtime());
		provider.connect(idp.runtime({ env: {} }));
		expect(() => provider.issuer).toThrow("before connect()");
	});

	it("delivers the declared claims as types", () => {
		type ClaimsOf<P> = P extends Provider<infer U> ? U : never;
		const groups: ClaimsOf<Okta>["groups"] = ["admins"];
		const same: OktaClaims = new Okta().claimsType ?? { sub: "x", groups };
		expect(same.groups).toEqual(["admins"]);
	});
});

describe("createTransaction", () => {
	it("makes every secret anew, long enough, with the id in front of state", () => {
		const { provider } = setUp();
		const all = Array.from({ length: 1000 }, () => start(provider));
		for (const field of ["id", "state", "nonce", "codeVerifier"] as const)
			expect(new Set(all.map((tx) => tx[field])).size).toBe(1000);
		for (const tx of all) {
			expect(tx.id).toMatch(/^[\w-]{16}$/);
			expect(tx.state.startsWith(`${tx.id}.`)).toBe(true);
			expect(tx.state).toMatch(/^[\w-]{16}\.[\w-]{22,}$/);
			expect(tx.nonce).toMatch(/^[\w-]{22,}$/);
			expect(tx.codeVerifier).toMatch(/^[\w-]{43}$/);
		}
	});

	it("binds provider, issuer, redirect URI, return target and time", () => {
		expect(start(setUp().provider)).toMatchObject({
			provider: "generic",
			issuer: ISSUER,
			redirectUri: REDIRECT_URI,
			returnTo: "/notes",
			startedAt: NOW,
		});
	});

	it("is marked when restarted, and survives JSON", () => {
		const tx = start(setUp().provider, { restarted: true, maxAge: 60, acrValues: ["mfa"] });
		expect(tx.state.endsWith(".r")).toBe(true);
		expect(JSON.parse(JSON.stringify(tx))).toEqual(tx);
	});

	it("asks for openid always and for every scope once", () => {
		const { provider } = setUp(() => new Generic({ scopes: ["groups"] }), {
			extraScopes: ["offline_access", "groups"],
		});
		expect(start(provider).scopes).toEqual(["openid", "groups", "offline_access"]);
	});

	it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses maxAge %d", (maxAge) => {
		expect(() => start(setUp().provider, { maxAge })).toThrow("maxAge");
	});
});

describe("authorizationUrl", () => {
	it("asks for a code with PKCE S256, and for nothing else", async () => {
		const { provider } = setUp();
		const tx = start(provider);
		const url = await provider.authorizationUrl(tx);
		const challenge = Buffer.from(
			await crypto.subtle.digest("SHA-256", new TextEncoder().encode(tx.codeVerifier)),
		).toString("base64url");
		expect(url.origin + url.pathname).toBe(`${ISSUER}/authorize`);
		expect(Object.fromEntries(url.searchParams)).toEqual({
			response_type: "code",
			client_id: "app",
			redirect_uri: REDIRECT_URI,
			scope: "openid email profile",
			state: tx.state,
			nonce: tx.nonce,
			code_challenge: challenge,
			code_challenge_method: "S256",
		});
		expect(url.href).not.toContain(tx.codeVerifier);
		expect(url.href).not.toContain("s3cret");
	});

	it("carries max_age, acr_values, prompt, hints and audience, and keeps the endpoint's own query", async () => {
		const { idp, provider } = setUp(() => new Generic({ audience: "api" }));
		idp.metadata.authorization_endpoint = `${ISSUER}/authorize?policy=b2c&prompt=consent`;
		const url = await provider.authorizationUrl(
			start(provider, { maxAge: 0, acrValues: ["a", "b"] }),
			{
				loginHint: "a@b.example",
				uiLocales: ["de", "en"],
			},
		);
		expect(Object.fromEntries(url.searchParams)).toMatchObject({
			policy: "b2c",
			prompt: "consent",
			audience: "api",
			max_age: "0",
			acr_values: "a b",
			login_hint: "a@b.example",
			ui_locales: "de en",
		});
	});

	it("lets a hook add and remove, but not touch what protects the login", async () => {
		class Bent extends Generic {
			override authorizationParameters() {
				return {
					response_type: "token",
					client_id: "x",
					redirect_uri: "https://evil.example",
					state: "x",
					nonce: undefined,
					code_challenge: undefined,
					code_challenge_method: "plain",
					scope: "email",
					domain_hint: "acme",
					audience: undefined,
				};
			}
		}
		const { provider } = setUp(() => new Bent({ audience: "api" }));
		const tx = start(provider);
		const params = Object.fromEntries((await provider.authorizationUrl(tx)).searchParams);
		expect(params).toMatchObject({
			response_type: "code",
			client_id: "app",
			redirect_uri: REDIRECT_URI,
			state: tx.state,
			nonce: tx.nonce,
			code_challenge_method: "S256",
			scope: "openid email",
			domain_hint: "acme",
		});
		expect(params.code_challenge).toHaveLength(43);
		expect(params).not.toHaveProperty("audience");
	});

	it.each([{ response_mode: "fragment" }, { request: "ey" }, { request_uri: "https://x.example" }])(
		"refuses a hook that returns %j",
		async (parameters) => {
			class Bent extends Generic {
				override authorizationParameters() {
					return parameters as Record<string, string>;
				}
			}
			const { provider } = setUp(() => new Bent());
			expect(await refusalOf(provider.authorizationUrl(start(provider)))).toEqual({
				code: "internal_error",
				reason: "authorizationParameters",
			});
		},
	);

	it("refuses a transaction of another provider or issuer", async () => {
		const { provider } = setUp();
		expect(
			await refusalOf(provider.authorizationUrl({ ...start(provider), provider: "okta" })),
		).toEqual({
			code: "transaction_invalid",
			reason: "provider",
		});
		expect(
			await refusalOf(provider.authorizationUrl({ ...start(provider), issuer: `${ISSUER}/` })),
		).toEqual({
			code: "transaction_invalid",
			reason: "issuer",
		});
	});
});

describe("complete", () => {
	it("returns tokens and verified claims", async () => {
		const set = setUp();
		set.idp.tokenResponse = { refresh_token: "rt", scope: "openid  email openid", tenant: "t1" };
		const result = await login(set);
		expect(result).toMatchObject({
			tokens: {
				accessToken: "the-access-token",
				accessTokenExpiresAt: NOW + 600,
				refreshToken: "rt",
				scopes: ["openid", "email"],
				extra: { tenant: "t1" },
			},
			claims: { sub: "alice", iss: ISSUER },
			userinfo: { email: "alice@example.com" },
		});
	});

	it("sends code, verifier and redirect URI once, and the secret to the token endpoint only", async () => {
		const set = setUp();
		const tx = start(set.provider);
		await set.provider.complete(tx, set.idp.callback(tx));
		const body = new URLSearchParams(String(set.idp.last("/token").init.body));
		expect(Object.fromEntries(body)).toEqual({
			grant_type: "authorization_code",
			code: "the-code",
			redirect_uri: REDIRECT_URI,
			code_verifier: tx.codeVerifier,
			client_id: "app",
			client_secret: "s3cret",
		});
		expect(set.idp.count("/token")).toBe(1);
		for (const { url, init } of set.idp.requests)
			if (!url.endsWith("/token"))
				expect(url + JSON.stringify(init.headers)).not.toContain("s3cret");
	});

	it.each(["http://localhost:8080", `${ISSUER}/`, `${ISSUER}/realms/x/`])(
		"works with the issuer %s",
		async (issuer) => {
			expect(await login(setUp(undefined, {}, issuer))).toMatchObject({ claims: { iss: issuer } });
		},
	);

	it("does without a userinfo endpoint", async () => {
		const set = setUp();
		delete set.idp.metadata.userinfo_endpoint;
		expect(await login(set)).not.toHaveProperty("userinfo");
	});

	it("costs one discovery and one key set for 100 logins at once", async () => {
		const set = setUp();
		const tx = start(set.provider);
		set.idp.callback(tx);
		await Promise.all(
			Array.from({ length: 100 }, () => set.provider.complete(tx, set.idp.callback(tx))),
		);
		expect([set.idp.count("/openid-configuration"), set.idp.count("/jwks")]).toEqual([1, 1]);
	});

	it("survives a key rotation between two logins", async () => {
		const set = setUp();
		await login(set);
		set.idp.keys = [next];
		expect(await login(set)).toMatchObject({ claims: { sub: "alice" } });
	});

	it("fails within the time-out while the provider hangs, and recovers", async () => {
		const set = setUp(undefined, { timeout: 0.05 });
		set.idp.overrides["/openid-configuration"] = () => new Promise(() => {});
		expect(await refusalOf(login(set))).toEqual({
			code: "provider_unreachable",
			reason: "timeout",
		});
		set.idp.overrides = {};
		set.idp.seconds += 2;
		expect(await login(set)).toMatchObject({ claims: { sub: "alice" } });
	});
});

describe("callback refusals", () => {
	async function refusalBefore(
		change: (params: URLSearchParams) => void,
		metadata: Record<string, unknown> = {},
	) {
		const { idp, provider } = setUp();
		Object.assign(idp.metadata, metadata);
		const tx = start(provider);
		const params = idp.callback(tx);
		change(params);
		const refusal = await refusalOf(provider.complete(tx, params));
		expect(idp.count("/token")).toBe(0);
		return refusal;
	}

	it.each(["code", "state", "iss", "error", "anything"])("refuses %s given twice", async (name) => {
		expect(
			await refusalBefore((params) => {
				params.append(name, params.get(name) ?? "x");
				if (params.getAll(name).length === 1) params.append(name, "x");
			}),
		).toEqual({ code: "callback_invalid", reason: "duplicate" });
	});

	it("refuses a value over 4 kB", async () => {
		expect(await refusalBefore((params) => params.set("code", "x".repeat(4097)))).toEqual({
			code: "callback_invalid",
			reason: "oversize",
		});
	});

	it.each(["id_token", "access_token", "token", "response"])(
		"refuses %s in the callback",
		async (name) => {
			expect(await refusalBefore((params) => params.set(name, "x"))).toEqual({
				code: "callback_invalid",
				reason: "response_mode",
			});
		},
	);

	it.each(["", "x", "AAAA.BBBB"])("refuses the state %j", async (state) => {
		expect(await refusalBefore((params) => params.set("state", state))).toEqual({
			code: "callback_invalid",
			reason: "state",
		});
	});

	it("looks at state before error", async () => {
		expect(
			await refusalBefore((params) => {
				params.set("state", "x");
				params.set("error", "access_denied");
			}),
		).toEqual({ code: "callback_invalid", reason: "state" });
	});

	it.each(["https://evil.example", `${ISSUER}/`, "HTTPS://idp.example.com"])(
		"refuses iss %s (mix-up)",
		async (iss) => {
			expect(await refusalBefore((params) => params.set("iss", iss))).toEqual({
				code: "issuer_mismatch",
				reason: "iss",
			});
		},
	);

	it("looks at iss before error", async () => {
		expect(
			await refusalBefore((params) => {
				params.set("iss", "https://evil.example");
				params.set("error", "access_denied");
			}),
		).toEqual({ code: "issuer_mismatch", reason: "iss" });
	});

	it.each([true, "true", 1])(
		"refuses a missing iss where metadata (%j) promises one",
		async (value) => {
			expect(
				await refusalBefore(() => {}, { authorization_response_iss_parameter_supported: value }),
			).toEqual({
				code: "issuer_mismatch",
				reason: "iss",
			});
		},
	);

	it("accepts the right iss", async () => {
		const set = setUp();
		set.idp.metadata.authorization_response_iss_parameter_supported = true;
		expect(await login(set, { iss: ISSUER })).toMatchObject({ claims: { sub: "alice" } });
	});

	it.each([undefined, ""])("refuses a callback without code (%j)", async (code) => {
		expect(
			await refusalBefore((params) =>
				code === undefined ? params.delete("code") : params.set("code", code),
			),
		).toEqual({ code: "callback_invalid", reason: "code" });
	});

	it("calls access_denied by its name, even beside a code", async () => {
		expect(await refusalBefore((params) => params.set("error", "access_denied"))).toEqual({
			code: "access_denied",
			reason: "access_denied",
		});
	});

	it("carries markup of the provider as capped text, outside the message", async () => {
		const { idp, provider } = setUp();
		const tx = start(provider);
		const params = idp.callback(tx, {
			code: undefined,
			error: "<script>",
			error_description: `<img src=x onerror=alert(1)>\r\nlevel=info\u202e${"x".repeat(1000)}`,
		});
		const error = await provider.complete(tx, params).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({
			name: "LoginError",
			code: "provider_error",
			providerError: "unreadable",
		});
		const { providerText, message } = error as { providerText: string; message: string };
		expect(providerText).toHaveLength(501);
		expect(providerText).toMatch(/^<img src=x onerror=alert\(1\)> level=info x+…$/);
		expect(message).not.toContain("<");
	});

	it("refuses a transaction of another provider or issuer", async () => {
		const { idp, provider } = setUp();
		const tx = start(provider);
		expect(
			await refusalOf(provider.complete({ ...tx, provider: "okta" }, idp.callback(tx))),
		).toEqual({
			code: "transaction_invalid",
			reason: "provider",
		});
		expect(
			await refusalOf(
				provider.complete({ ...tx, issuer: "https://old.example" }, idp.callback(tx)),
			),
		).toEqual({
			code: "transaction_invalid",
			reason: "issuer",
		});
		expect(idp.count("/token")).toBe(0);
	});
});

describe("token response", () => {
	async function refusalWith(tokenResponse: Record<string, unknown>) {
		const set = setUp();
		set.idp.tokenResponse = tokenResponse;
		return refusalOf(login(set));
	}

	it.each(["bearer", "BEARER", "Bearer"])("accepts token_type %s", async (token_type) => {
		const set = setUp();
		set.idp.tokenResponse = { token_type };
		expect((await login(set)).tokens.accessToken).toBe("the-access-token");
	});

	it.each([
		["token_type", "DPoP"],
		["token_type", "mac"],
		["token_type", undefined],
		["access_token", undefined],
		["access_token", ""],
		["access_token", 7],
		["access_token", "line\r\nbreak"],
		["access_token", "é"],
		["id_token", undefined],
		["id_token", null],
		["id_token", {}],
		["refresh_token", ""],
		["refresh_token", {}],
		["scope", ["openid"]],
		["expires_in", -1],
		["expires_in", 0],
		["expires_in", "soon"],
		["expires_in", {}],
		["expires_in", 1e300],
	])("refuses %s = %j", async (member, value) => {
		expect(await refusalWith({ [member]: value })).toEqual({
			code: "token_invalid",
			reason: member,
		});
	});

	it.each([
		[undefined, 3600],
		[null, 3600],
		["600", 600],
		[600.9, 600],
	])("takes expires_in %j for %i seconds", async (expires_in, seconds) => {
		const set = setUp();
		set.idp.tokenResponse = { expires_in };
		expect((await login(set)).tokens.accessTokenExpiresAt).toBe(NOW + seconds);
	});

	it("takes the asked scopes where none come back", async () => {
		expect((await login(setUp())).tokens.scopes).toEqual(["openid", "email", "profile"]);
	});

	it("keeps a member named __proto__ a member", async () => {
		const set = setUp();
		set.idp.overrides["/token"] = async () =>
			new Response(
				JSON.stringify(await set.idp.tokens()).replace(/}$/, ',"__proto__":{"polluted":1}}'),
			);
		const { extra } = (await login(set)).tokens;
		expect(Object.getPrototypeOf(extra)).toBe(Object.prototype);
		expect(extra.polluted).toBeUndefined();
	});

	it.each([
		["invalid_grant", 400, "provider_error"],
		["invalid_client", 401, "provider_misconfigured"],
		["unauthorized_client", 400, "provider_misconfigured"],
		["invalid_grant", 200, "provider_error"],
	])("passes on the refusal %s with status %i", async (error, status, code) => {
		const set = setUp();
		set.idp.overrides["/token"] = () =>
			Response.json(
				{ error, error_description: "no" },
				{ status, headers: { "www-authenticate": "Basic" } },
			);
		expect(await login(set).catch((thrown: unknown) => thrown)).toMatchObject({
			code,
			reason: error,
			providerText: "no",
		});
	});

	it.each([
		[
			() => new Response("<html>", { status: 400 }),
			{ code: "provider_error", reason: "status_400" },
		],
		[() => new Response("<html>"), { code: "token_invalid", reason: "format" }],
		[
			() => new Response("", { status: 503 }),
			{ code: "provider_unreachable", reason: "status_503" },
		],
		[
			() => new Response(null, { status: 307, headers: { location: "/token2" } }),
			{ code: "provider_misconfigured", reason: "redirect" },
		],
	])("refuses an answer that is none (%#)", async (answer, refusal) => {
		const set = setUp();
		set.idp.overrides["/token"] = answer;
		expect(await refusalOf(login(set))).toEqual(refusal);
	});

	it("lets no token, code, verifier or secret into an error", async () => {
		for (const tokenResponse of [
			{ token_type: "x" },
			{ access_token: "canary\n" },
			{ refresh_token: "canary\n" },
			{ id_token: "canary" },
		]) {
			const set = setUp();
			set.idp.tokenResponse = { tenant: "canary", ...tokenResponse };
			const tx = start(set.provider);
			const error = await set.provider
				.complete(tx, set.idp.callback(tx))
				.catch((thrown: unknown) => thrown);
			const shown = inspect(error, { depth: 20, showHidden: true });
			expect(shown).toContain("token_invalid");
			for (const secret of [
				"canary",
				"the-access-token",
				"the-code",
				"s3cret",
				tx.codeVerifier,
				tx.state,
			])
				expect(shown).not.toContain(secret);
		}
	});
});

describe("ID token and userinfo in the flow", () => {
	it.each([
		["iss", { iss: "https://evil.example" }],
		["aud", { aud: ["app", "other"] }],
		["nonce", { nonce: "another" }],
		["nonce", { nonce: undefined }],
		["at_hash", { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }],
		["sub", { sub: undefined }],
	])("refuses a wrong %s", async (reason, claims) => {
		const set = setUp();
		set.idp.claims = claims;
		expect(await refusalOf(login(set))).toEqual({ code: "token_invalid", reason });
		expect(set.idp.count("/userinfo")).toBe(0);
	});

	it("checks auth_time and acr as the transaction asked", async () => {
		const { idp, provider } = setUp();
		const tx = start(provider, { maxAge: 60 });
		expect(await refusalOf(provider.complete(tx, idp.callback(tx)))).toEqual({
			code: "token_invalid",
			reason: "auth_time",
		});
		const other = start(provider, { acrValues: ["mfa"] });
		expect(await refusalOf(provider.complete(other, idp.callback(other)))).toEqual({
			code: "token_invalid",
			reason: "acr",
		});
	});

	it.each([{ sub: "bob" }, {}, { sub: null }, { sub: ["alice"] }])(
		"refuses the userinfo %j",
		async (userinfo) => {
			const set = setUp();
			set.idp.userinfo = userinfo;
			expect(await refusalOf(login(set))).toEqual({ code: "userinfo_invalid", reason: "sub" });
		},
	);

	it.each([
		[() => new Response("", { status: 401 }), { code: "userinfo_invalid", reason: "status_401" }],
		[
			() => new Response("ey.ey.ey", { headers: { "content-type": "application/jwt" } }),
			{ code: "userinfo_invalid", reason: "format" },
		],
		[
			() => new Response("", { status: 500 }),
			{ code: "provider_unreachable", reason: "status_500" },
		],
	])("refuses a userinfo answer that is none (%#)", async (answer, refusal) => {
		const set = setUp();
		set.idp.overrides["/userinfo"] = answer;
		expect(await refusalOf(login(set))).toEqual(refusal);
	});

	it("refuses an ID token of another tenant than the callback named", async () => {
		class Tenants extends Generic {
			override validIssuers() {
				return [ISSUER, "https://login.example/{tenantid}"];
			}
		}
		const set = setUp(() => new Tenants());
		set.idp.claims = { iss: "https://login.example/t1", tid: "t1" };
		expect(await refusalOf(login(set, { iss: "https://login.example/t2" }))).toEqual({
			code: "issuer_mismatch",
			reason: "iss",
		});
		expect(await login(set, { iss: "https://login.example/t1" })).toMatchObject({
			claims: { tid: "t1" },
		});
	});
});

describe("hooks", () => {
	it("run in their order, each with what the one before returned", async () => {
		const order: string[] = [];
		class Traced extends Generic {
			override async verifyIdToken(...args: Parameters<Generic["verifyIdToken"]>) {
				order.push("verifyIdToken");
				return super.verifyIdToken(...args);
			}
			override validateExchange(exchange: Parameters<Generic["validateExchange"]>[0]) {
				order.push(`validateExchange ${exchange.claims.sub}`);
				return true;
			}
			override async tokensFromExchange(exchange: Parameters<Generic["tokensFromExchange"]>[0]) {
				order.push("tokensFromExchange");
				return { ...(await super.tokensFromExchange(exchange)), extra: { added: 1 } };
			}
			override validateTokens(tokens: Parameters<Generic["validateTokens"]>[0]) {
				order.push(`validateTokens ${JSON.stringify(tokens.extra)}`);
				return super.validateTokens(tokens);
			}
			override async fetchUserinfo(accessToken: string) {
				order.push(`fetchUserinfo ${accessToken}`);
				return { sub: "alice", role: "admin" };
			}
			override selectTokens(tokens: Parameters<Generic["selectTokens"]>[0]) {
				order.push("selectTokens");
				return { ...tokens, extra: {} };
			}
		}
		const result = await login(setUp(() => new Traced()));
		expect(order).toEqual([
			"verifyIdToken",
			"validateExchange alice",
			"tokensFromExchange",
			'validateTokens {"added":1}',
			"fetchUserinfo the-access-token",
			"selectTokens",
		]);
		expect(result).toMatchObject({ tokens: { extra: {} }, userinfo: { role: "admin" } });
	});

	const hooks = [
		"verifyIdToken",
		"validateExchange",
		"tokensFromExchange",
		"validateTokens",
		"fetchUserinfo",
		"selectTokens",
	] as const;

	it.each(hooks)("end the login when %s throws", async (hook) => {
		const cause = new Error("app trouble");
		const set = setUp();
		Object.defineProperty(set.provider, hook, { value: () => Promise.reject(cause) });
		const error = await login(set).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({
			code: "internal_error",
			reason: hook,
			provider: "generic",
			cause,
		});
	});

	it.each(["validateExchange", "validateTokens"] as const)(
		"take nothing but true from %s",
		async (hook) => {
			for (const value of [false, undefined, null, 1, "yes", {}]) {
				const set = setUp();
				Object.defineProperty(set.provider, hook, { value: () => value });
				expect(await refusalOf(login(set))).toEqual({ code: "token_invalid", reason: hook });
			}
		},
	);

	it("cannot skip nonce and subject by replacing verifyIdToken, nor sub by replacing fetchUserinfo", async () => {
		const claims = { iss: ISSUER, sub: "alice", aud: "app", exp: 0, iat: 0 };
		for (const [returned, reason] of [
			[{ ...claims, nonce: "x" }, "nonce"],
			[claims, "nonce"],
			[{ ...claims, sub: "" }, "sub"],
			[undefined, "sub"],
		]) {
			const set = setUp();
			Object.defineProperty(set.provider, "verifyIdToken", { value: async () => returned });
			expect(await refusalOf(login(set))).toEqual({ code: "token_invalid", reason });
		}
		const set = setUp();
		Object.defineProperty(set.provider, "fetchUserinfo", { value: async () => ({ sub: "bob" }) });
		expect(await refusalOf(login(set))).toEqual({ code: "userinfo_invalid", reason: "sub" });
	});
});

describe("endSessionUrl", () => {
	const session = {
		idToken: "ey.ey.ey",
		postLogoutRedirectUri: "https://app.example.com/logout",
		state: "s1",
	};

	it("carries hint, client, return address and state", async () => {
		const url = await setUp().provider.endSessionUrl(session);
		expect(url?.pathname).toBe("/logout");
		expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
			id_token_hint: "ey.ey.ey",
			post_logout_redirect_uri: session.postLogoutRedirectUri,
			client_id: "app",
			state: "s1",
		});
	});

	it.each([
		[2048, true],
		[2049, false],
	])("sends a hint of %i characters: %s", async (length, sent) => {
		const url = await setUp().provider.endSessionUrl({ ...session, idToken: "x".repeat(length) });
		expect(url?.searchParams.has("id_token_hint")).toBe(sent);
		expect(url?.searchParams.get("client_id")).toBe("app");
	});

	it("is undefined where the provider has no such endpoint", async () => {
		const { idp, provider } = setUp();
		delete idp.metadata.end_session_endpoint;
		expect(await provider.endSessionUrl(session)).toBeUndefined();
	});

	it("lets a hook reshape the request, client and state excepted", async () => {
		class Bent extends Generic {
			override endSessionParameters() {
				return {
					post_logout_redirect_uri: undefined,
					logout_uri: "https://app.example.com/",
					client_id: "x",
					state: undefined,
				};
			}
		}
		const url = await setUp(() => new Bent()).provider.endSessionUrl(session);
		expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
			id_token_hint: "ey.ey.ey",
			logout_uri: "https://app.example.com/",
			client_id: "app",
			state: "s1",
		});
	});
});
