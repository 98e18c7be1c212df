import { get } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type DevIdp, startDevIdp } from "./dev-idp.ts";
import type { DevIdpOptions } from "./dev-idp-options.ts";

const redirectUri = "http://localhost:5173/callback";
const insecure = { [oauth.allowInsecureRequests]: true };
const running: DevIdp[] = [];

afterEach(async () => {
	vi.unstubAllEnvs();
	vi.restoreAllMocks();
	await Promise.all(running.splice(0).map((idp) => idp.close()));
});

// First, because the engine is loaded once: it would print then, if ever.
it("prints nothing", async () => {
	const printed = ["log", "info", "warn", "error"].map((name) => vi.spyOn(console, name as "log"));
	const idp = await start();
	await signIn(idp, "ada", { scope: "openid offline_access" });
	for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});

describe("the code flow", () => {
	it("signs in the person that was clicked, with claims in the ID token and in userinfo", async () => {
		const idp = await start();
		const login = await signIn(idp, "ada");
		expect(login.tokens.token_type.toLowerCase()).toBe("bearer");
		expect(login.tokens.expires_in).toBe(3600);
		expect(login.tokens.refresh_token).toBeUndefined();

		const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
		const { payload, protectedHeader } = await jwtVerify(login.tokens.id_token ?? "", keys, {
			issuer: idp.issuer,
			audience: idp.clientId,
		});
		const claims = {
			sub: "ada",
			name: "Ada Lovelace",
			email: "ada@example.com",
			email_verified: true,
			groups: ["admins", "staff"],
		};
		expect(protectedHeader.alg).toBe("RS256");
		expect(payload).toMatchObject(claims);
		expect(await userinfo(login)).toMatchObject({
			...claims,
			picture: `${idp.issuer}/avatars/ada.svg`,
		});
	});

	it("sends no groups claim at all for somebody without one", async () => {
		const login = await signIn(await start(), "nora", { scope: "openid profile email groups" });
		expect(await userinfo(login)).not.toHaveProperty("groups");
		expect(oauth.getValidatedIdTokenClaims(login.tokens)).not.toHaveProperty("groups");
	});

	it("names the issuer in the authorization response (RFC 9207)", async () => {
		const idp = await start();
		const { callback } = await signIn(idp, "ada");
		expect(callback.searchParams.get("iss")).toBe(idp.issuer);
	});

	it("takes the client secret in the header and in the body", async () => {
		const idp = await start();
		for (const auth of [oauth.ClientSecretPost, oauth.ClientSecretBasic]) {
			const login = await signIn(idp, "ada", { auth: auth(idp.clientSecret ?? "") });
			expect(login.tokens.access_token).toBeTypeOf("string");
		}
		await expect(
			signIn(idp, "ada", { auth: oauth.ClientSecretPost("wrong") }),
		).rejects.toMatchObject({
			error: "invalid_client",
		});
	});

	it("signs in a public client with PKCE alone", async () => {
		const idp = await start({ clients: [{ clientId: "spa" }] });
		expect(idp.clientSecret).toBeUndefined();
		expect(idp.env).not.toHaveProperty("OIDC_CLIENT_SECRET");
		const login = await signIn(idp, "vic", { auth: oauth.None(), scope: "openid offline_access" });
		expect(login.tokens.refresh_token).toBeTypeOf("string");
	});

	it("sends the claims of people of your own", async () => {
		const person = {
			sub: "t|1",
			name: "Test Person",
			email: "t@example.com",
			groups: [],
			claims: { tenant: "t1", level: 3 },
		};
		const login = await signIn(await start({ people: [person] }), "t|1");
		expect(await userinfo(login)).toMatchObject({ sub: "t|1", tenant: "t1", level: 3, groups: [] });
	});

	it("keeps to the lifetimes that it was given", async () => {
		const idp = await start({ accessTokenLifetime: 7, idTokenLifetime: 11 });
		const { tokens } = await signIn(idp, "ada");
		const claims = oauth.getValidatedIdTokenClaims(tokens);
		expect(tokens.expires_in).toBe(7);
		expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(11);
	});

	it("answers access_denied when nobody is chosen, or somebody who is not there", async () => {
		for (const choice of [{ cancel: "yes" }, { person: "mallory" }]) {
			const idp = await start();
			const browser = new Browser();
			const request = await authorizationRequest(idp);
			const callback = await browser.choose(await browser.open(request.url), choice);
			expect(callback.searchParams.get("error")).toBe("access_denied");
			expect(callback.searchParams.get("state")).toBe(request.state);
		}
	});
});

describe("access tokens for an API", () => {
	const audience = "https://orders.example/";
	const scope = "openid profile email offline_access";

	it.each(["audience", "resource"])(
		"are JWTs for the one that %s names (RFC 9068), also after a refresh",
		async (name) => {
			const idp = await start({ apis: [{ audience }, { audience: "https://other.example/" }] });
			const login = await signIn(idp, "ada", { scope, parameters: { [name]: audience } });
			const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`));
			const renewed = await refresh(login, login.tokens.refresh_token);
			for (const { access_token: token, scope: granted } of [login.tokens, renewed]) {
				const { payload, protectedHeader } = await jwtVerify(token, keys, {
					issuer: idp.issuer,
					audience,
					typ: "at+jwt",
				});
				expect(protectedHeader.alg).toBe("RS256");
				expect(payload).toMatchObject({
					sub: "ada",
					aud: audience,
					client_id: idp.clientId,
					scope,
				});
				expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
				expect(granted).toBe(scope);
			}
			expect(await userinfo(login)).toMatchObject({
				sub: "ada",
				email: "ada@example.com",
				groups: ["admins", "staff"],
			});
		},
	);

	it("userinfo answers none that is forged, or no access token", async () => {
		const idp = await start({ apis: [{ audience }] });
		const login = await signIn(idp, "ada", { parameters: { audience } });
		const [header, payload, signature = ""] = login.tokens.access_token.split(".");
		const forged = `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
		for (const token of [forged, login.tokens.id_token ?? ""]) {
			const answer = await fetch(`${idp.issuer}/me`, {
				headers: { authorization: `Bearer ${token}` },
			});
			expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
				401,
				'Bearer error="invalid_token"',
			]);
		}
	});

	it("are opaque where none is asked for, or one that is not there; as a resource, that is refused (RFC 8707 section 2)", async () => {
		const idp = await start({ apis: [{ audience }] });
		for (const parameters of [{}, { audience: "https://nobody.example/" }]) {
			const login = await signIn(idp, "ada", { parameters });
			expect(login.tokens.access_token).not.toContain(".");
			expect(await userinfo(login)).toMatchObject({ sub: "ada" });
		}
		const request = await authorizationRequest(idp, { resource: "https://nobody.example/" });
		const refused = await new Browser().open(request.url);
		expect(new URL(refused.headers.get("location") ?? "").searchParams.get("error")).toBe(
			"invalid_target",
		);
	});

	it("are announced in the variables; a name that is no absolute URI is a mistake", async () => {
		expect((await start({ apis: [{ audience }] })).env.OIDC_AUDIENCE).toBe(audience);
		expect((await start()).env).not.toHaveProperty("OIDC_AUDIENCE");
		await expect(
			start({ apis: [{ audience: "orders" }, { audience: "https://a.example/#b" }] }),
		).rejects.toThrow(/apis\[0\] is not well-formed[\s\S]*apis\[1\] is not well-formed/);
	});
});

describe("what is refused", () => {
	it.each([
		"https://evil.example/callback",
		"http://localhost.evil.example/callback",
		"http://localhost@evil.example/callback",
		"http://user:pass@localhost/callback",
		"http://127.0.0.1.evil.example/callback",
		"http://0x7f.evil.example/",
		"//localhost/callback",
		"myapp://localhost/callback",
		"javascript://localhost/%0aalert(1)",
		"http://localhost/callback#fragment",
		"http://192.168.0.1/callback",
	])("a redirect URI that leads to another machine, or nowhere: %s", async (uri) => {
		const idp = await start();
		const { url } = await authorizationRequest(idp, { redirect_uri: uri });
		const response = await new Browser().open(url);
		expect(response.status).toBe(400);
		expect(response.headers.get("location")).toBeNull();
		expect(await response.text()).toContain("invalid_redirect_uri");
	});

	it.each([
		"https://localhost:8443/cb",
		"http://127.0.0.1:1/cb",
		"http://[::1]:3000/cb",
		"http://app.localhost/cb?x=1",
	])("but not one that leads to this machine: %s", async (uri) => {
		const { callback } = await signIn(await start(), "ada", { redirectUri: uri });
		expect(callback.href.startsWith(uri)).toBe(true);
	});

	it("a request without PKCE, or with the plain method", async () => {
		const idp = await start();
		for (const extra of [
			{ code_challenge: undefined, code_challenge_method: undefined },
			{ code_challenge_method: "plain" },
		]) {
			const { url } = await authorizationRequest(idp, extra);
			const response = await new Browser().open(url);
			expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe(
				"invalid_request",
			);
		}
	});

	it("a code that is used twice", async () => {
		const idp = await start();
		const login = await signIn(idp, "ada");
		await expect(exchange(idp, login)).rejects.toMatchObject({ error: "invalid_grant" });
	});

	it("a client that it does not know, without sending anybody anywhere", async () => {
		const { url } = await authorizationRequest(await start(), { client_id: "unknown" });
		const response = await new Browser().open(url);
		expect(response.status).toBe(400);
		expect(response.headers.get("location")).toBeNull();
	});

	it("a request that came here by another host name (DNS rebinding)", async () => {
		const idp = await start();
		const status = await new Promise((resolve) => {
			get(
				{
					port: idp.port,
					host: "127.0.0.1",
					path: "/.well-known/openid-configuration",
					headers: { host: "evil.example" },
				},
				(response) => resolve(response.resume().statusCode),
			);
		});
		expect(status).toBe(421);
	});

	it("a choice that another origin posts", async () => {
		const idp = await start();
		const browser = new Browser();
		const page = await browser.open((await authorizationRequest(idp)).url);
		const action = /action="([^"]+)"/.exec(await page.text())?.[1] ?? "";
		for (const headers of [
			{ origin: "http://localhost:666" },
			{ "sec-fetch-site": "same-site" },
			{ origin: "null" },
		]) {
			const response = await browser.send(new URL(action, idp.issuer), {
				method: "POST",
				headers,
				body: new URLSearchParams({ person: "ada" }),
			});
			expect(response.status).toBe(403);
		}
	});

	it("to start in production", async () => {
		vi.stubEnv("NODE_ENV", "production");
		await expect(startDevIdp()).rejects.toMatchObject({
			name: "ConfigError",
			code: "config_invalid",
		});
	});

	it("wrong options, all at once", async () => {
		const people = [
			{ sub: "", name: "", email: "x" },
			{
				sub: "a",
				name: "A",
				email: "a@example.com",
				picture: "javascript:alert(1)",
				claims: { iss: "x" },
				admin: true,
			},
		];
		const error = await startDevIdp({
			people,
			port: -1,
			accessTokenLifetime: 0,
			typo: 1,
		} as DevIdpOptions).catch((thrown) => thrown);
		expect(error.problems.map(({ problem }: { problem: string }) => problem)).toEqual([
			'Unknown option "typo".',
			"accessTokenLifetime is 0.",
			"port is -1.",
			"people[0]: sub is missing or not well-formed.",
			"people[0]: name is missing or empty.",
			'people[1]: has an unknown member "admin"; other claims go into "claims".',
			"people[1]: picture is not an http(s) or data:image URL.",
			'people[1]: claims cannot set "iss".',
		]);
	});

	it("a port that is taken", async () => {
		const { port } = await start();
		await expect(startDevIdp({ port })).rejects.toMatchObject({ code: "config_invalid" });
	});
});

describe("refresh tokens", () => {
	const scope = "openid profile offline_access";

	it("are issued when offline_access is asked for, without prompt=consent, and rotate", async () => {
		const login = await signIn(await start(), "ada", { scope });
		expect(login.tokens.scope?.split(" ")).toContain("offline_access");
		const refreshed = await refresh(login, login.tokens.refresh_token);
		expect(refreshed.refresh_token).not.toBe(login.tokens.refresh_token);
		expect(refreshed.access_token).not.toBe(login.tokens.access_token);
		expect((await refresh(login, refreshed.refresh_token)).access_token).toBeTypeOf("string");
	});

	it("are issued for a silent sign-on too", async () => {
		const idp = await start();
		const browser = new Browser();
		await signIn(idp, "ada", { browser, scope: "openid" });
		const { tokens } = await signIn(idp, undefined, { browser, scope });
		expect(tokens.refresh_token).toBeTypeOf("string");
	});

	it("used twice end the whole family", async () => {
		const login = await signIn(await start(), "ada", { scope });
		const refreshed = await refresh(login, login.tokens.refresh_token);
		await expect(refresh(login, login.tokens.refresh_token)).rejects.toMatchObject({
			error: "invalid_grant",
		});
		await expect(refresh(login, refreshed.refresh_token)).rejects.toMatchObject({
			error: "invalid_grant",
		});
		await expect(userinfo({ ...login, tokens: refreshed })).rejects.toThrow();
	});

	it("used twice at the same moment work once at most", async () => {
		const login = await signIn(await start(), "ada", { scope });
		const attempts = await Promise.allSettled(
			Array.from({ length: 8 }, () => refresh(login, login.tokens.refresh_token)),
		);
		expect(attempts.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
	});

	it("can be revoked", async () => {
		const login = await signIn(await start(), "ada", { scope });
		const token = login.tokens.refresh_token ?? "";
		await oauth.processRevocationResponse(
			await oauth.revocationRequest(login.server, login.client, login.auth, token, insecure),
		);
		await expect(refresh(login, token)).rejects.toMatchObject({ error: "invalid_grant" });
	});
});

describe("single sign-on and sign-out", () => {
	it("answers a second request without a page, and prompt=none too", async () => {
		const idp = await start();
		const browser = new Browser();
		await signIn(idp, "ada", { browser });
		for (const extra of [{}, { prompt: "none" }]) {
			const response = await browser.open((await authorizationRequest(idp, extra)).url);
			expect(response.headers.get("location")).toMatch(/^http:\/\/localhost:5173\/callback\?code=/);
		}
	});

	it("answers prompt=none without a session with login_required", async () => {
		const response = await new Browser().open(
			(await authorizationRequest(await start(), { prompt: "none" })).url,
		);
		expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe(
			"login_required",
		);
	});

	it("shows the people page again for prompt=login, and lets somebody else sign in", async () => {
		const idp = await start();
		const browser = new Browser();
		const first = await signIn(idp, "ada", { browser, scope: "openid offline_access" });
		const { url } = await authorizationRequest(idp, { prompt: "login" });
		expect(await (await browser.open(url)).text()).toContain("signed in now");
		const second = await signIn(idp, "vic", { browser, prompt: "login" });
		expect(oauth.getValidatedIdTokenClaims(second.tokens)?.sub).toBe("vic");
		expect((await userinfo(first)).sub).toBe("ada");
	});

	it("ends the session at once with an ID token of the person, and returns the state", async () => {
		const idp = await start();
		const browser = new Browser();
		const login = await signIn(idp, "ada", { browser });
		const response = await browser.send(
			endSessionUrl(idp, { id_token_hint: login.tokens.id_token ?? "" }),
		);
		expect(response.status).toBe(303);
		expect(response.headers.get("location")).toBe("http://localhost:5173/?state=s1");
		expect(await (await browser.open((await authorizationRequest(idp)).url)).text()).toContain(
			"Choose who you are",
		);
		await expect(userinfo(login)).rejects.toThrow();
	});

	it("takes the request as a form too", async () => {
		const idp = await start();
		const browser = new Browser();
		const login = await signIn(idp, "ada", { browser });
		const { searchParams } = endSessionUrl(idp, { id_token_hint: login.tokens.id_token ?? "" });
		const response = await browser.open(new URL("/session/end", idp.issuer), {
			method: "POST",
			body: searchParams,
		});
		expect(response.headers.get("location")).toBe("http://localhost:5173/?state=s1");
	});

	it("asks once where only the client is named", async () => {
		const idp = await start();
		const browser = new Browser();
		await signIn(idp, "ada", { browser });
		const page = await (await browser.send(endSessionUrl(idp, { client_id: idp.clientId }))).text();
		const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
		expect(page).toContain("Sign out?");
		const body = new URLSearchParams({ xsrf, logout: "yes" });
		const response = await browser.send(new URL("/session/end/confirm", idp.issuer), {
			method: "POST",
			body,
		});
		expect(response.headers.get("location")).toBe("http://localhost:5173/?state=s1");
	});

	it("returns at once where nobody is signed in", async () => {
		const idp = await start();
		const response = await new Browser().send(endSessionUrl(idp, { client_id: idp.clientId }));
		expect(response.headers.get("location")).toBe("http://localhost:5173/?state=s1");
	});

	it("never returns to another machine", async () => {
		const idp = await start();
		const browser = new Browser();
		const { tokens } = await signIn(idp, "ada", { browser });
		const url = endSessionUrl(idp, {
			id_token_hint: tokens.id_token ?? "",
			post_logout_redirect_uri: "https://evil.example/",
		});
		const response = await browser.send(url);
		expect(response.status).toBe(400);
		expect(response.headers.get("location")).toBeNull();
	});
});

describe("the pages", () => {
	it("escape what comes from people and requests", async () => {
		const markup = '"><script>alert(1)</script>';
		const idp = await start({
			people: [{ sub: markup, name: markup, email: markup, groups: [markup] }],
		});
		const page = await new Browser().open(
			(await authorizationRequest(idp, { scope: "openid" })).url,
		);
		expect(await page.text()).not.toContain("<script");
		expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
		const wrong = await new Browser().open(
			(await authorizationRequest(idp, { client_id: markup })).url,
		);
		expect(await wrong.text()).not.toContain("<script");
	});

	it("bring their own pictures", async () => {
		const idp = await start();
		const avatar = await fetch(`${idp.issuer}/avatars/ada.svg`);
		expect(avatar.headers.get("content-type")).toContain("image/svg+xml");
		expect(await avatar.text()).toContain(">AL</text>");
	});
});

async function start(options?: DevIdpOptions): Promise<DevIdp> {
	const idp = await startDevIdp(options);
	running.push(idp);
	return idp;
}

interface Login {
	readonly server: oauth.AuthorizationServer;
	readonly client: oauth.Client;
	readonly auth: oauth.ClientAuth;
	readonly callback: URL;
	readonly redirectUri: string;
	readonly verifier: string;
	readonly state: string;
	readonly nonce: string;
}

type SignedIn = Login & { readonly tokens: oauth.TokenEndpointResponse };

interface SignInOptions {
	/** Further parameters of the authorization request. */
	readonly parameters?: Readonly<Record<string, string>>;
	browser?: Browser;
	scope?: string;
	auth?: oauth.ClientAuth;
	redirectUri?: string;
	prompt?: string;
}

/** A whole login. Without a person the identity provider must answer silently. */
async function signIn(
	idp: DevIdp,
	person: string | undefined,
	options: SignInOptions = {},
): Promise<SignedIn> {
	const { browser = new Browser(), auth = oauth.ClientSecretBasic(idp.clientSecret ?? "") } =
		options;
	const request = await authorizationRequest(idp, {
		redirect_uri: options.redirectUri ?? redirectUri,
		scope: options.scope ?? "openid profile email",
		prompt: options.prompt,
		...options.parameters,
	});
	const response = await browser.open(request.url);
	const silent = response.headers.get("location");
	const callback =
		silent !== null
			? new URL(silent)
			: await browser.choose(response, person === undefined ? {} : { person });
	const issuer = new URL(idp.issuer);
	const server = await oauth.processDiscoveryResponse(
		issuer,
		await oauth.discoveryRequest(issuer, insecure),
	);
	const login: Login = {
		server,
		client: { client_id: idp.clientId },
		auth,
		callback,
		redirectUri: options.redirectUri ?? redirectUri,
		verifier: request.verifier,
		state: request.state,
		nonce: request.nonce,
	};
	return { ...login, tokens: await exchange(idp, login) };
}

async function exchange(
	_idp: DevIdp,
	{ server, client, auth, callback, redirectUri, verifier, state, nonce }: Login,
) {
	const parameters = oauth.validateAuthResponse(server, client, callback, state);
	const response = await oauth.authorizationCodeGrantRequest(
		server,
		client,
		auth,
		parameters,
		redirectUri,
		verifier,
		insecure,
	);
	return oauth.processAuthorizationCodeResponse(server, client, response, {
		expectedNonce: nonce,
		requireIdToken: true,
	});
}

async function refresh(
	{ server, client, auth }: Login,
	token: string | undefined,
): Promise<oauth.TokenEndpointResponse> {
	return oauth.processRefreshTokenResponse(
		server,
		client,
		await oauth.refreshTokenGrantRequest(server, client, auth, token ?? "", insecure),
	);
}

async function userinfo({ server, client, tokens }: SignedIn): Promise<oauth.UserInfoResponse> {
	const response = await oauth.userInfoRequest(server, client, tokens.access_token, insecure);
	return oauth.processUserInfoResponse(server, client, oauth.skipSubjectCheck, response);
}

async function authorizationRequest(
	idp: DevIdp,
	overrides: Record<string, string | undefined> = {},
) {
	const verifier = oauth.generateRandomCodeVerifier();
	const state = oauth.generateRandomState();
	const nonce = oauth.generateRandomNonce();
	const url = new URL("/auth", idp.issuer);
	const parameters = {
		client_id: idp.clientId,
		redirect_uri: redirectUri,
		response_type: "code",
		scope: "openid profile email",
		state,
		nonce,
		code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
		code_challenge_method: "S256",
		...overrides,
	};
	for (const [name, value] of Object.entries(parameters))
		if (value !== undefined) url.searchParams.set(name, value);
	return { url, verifier, state, nonce };
}

function endSessionUrl(idp: DevIdp, parameters: Record<string, string>): URL {
	const url = new URL("/session/end", idp.issuer);
	const all = { post_logout_redirect_uri: "http://localhost:5173/", state: "s1", ...parameters };
	for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
	return url;
}

/** As much of a browser as a login needs: cookies by path, and redirects up to the app's door. */
class Browser {
	readonly #cookies = new Map<string, { value: string; path: string }>();

	async send(url: URL, init: RequestInit = {}): Promise<Response> {
		const cookie = [...this.#cookies]
			.filter(
				([, { path }]) =>
					url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`),
			)
			.map(([name, { value }]) => `${name}=${value}`)
			.join("; ");
		const headers = {
			accept: "text/html",
			cookie,
			...(init.headers as Record<string, string> | undefined),
		};
		const response = await fetch(url, { ...init, redirect: "manual", headers });
		for (const line of response.headers.getSetCookie()) this.#keep(line);
		return response;
	}

	/** Follows redirects within the identity provider. */
	async open(url: URL, init?: RequestInit): Promise<Response> {
		const response = await this.send(url, init);
		const location = response.headers.get("location");
		const next = location === null ? undefined : new URL(location, url);
		return next?.origin === url.origin ? this.open(next) : response;
	}

	/** Sends the form of the people page. Returns the address at the app. */
	async choose(page: Response, fields: Record<string, string>): Promise<URL> {
		const action = /<form method="post" action="([^"]+)"/.exec(await page.text())?.[1];
		if (action === undefined) throw new Error(`No people page at ${page.url}.`);
		const response = await this.open(new URL(action, page.url), {
			method: "POST",
			body: new URLSearchParams(fields),
		});
		return new URL(response.headers.get("location") ?? "");
	}

	#keep(line: string): void {
		const [pair = "", ...attributes] = line.split("; ");
		const [name = "", value = ""] = [
			pair.slice(0, pair.indexOf("=")),
			pair.slice(pair.indexOf("=") + 1),
		];
		const path =
			attributes.find((attribute) => attribute.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
		if (value === "") this.#cookies.delete(name);
		else this.#cookies.set(name, { value, path });
	}
}
