import { createHash } from "node:crypto";
import {
	createRemoteJWKSet,
	customFetch,
	decodeJwt,
	decodeProtectedHeader,
	type JWTPayload,
	jwtVerify,
} from "jose";
import * as oauth from "oauth4webapi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type FaultyIdp, type FaultyIdpOptions, startFaultyIdp } from "./faulty-idp.ts";
import type {
	AuthorizationFault,
	DiscoveryFault,
	Faults,
	IdTokenFault,
	TransportFault,
} from "./faulty-idp-faults.ts";
import { idTokenFaultNames } from "./faulty-idp-id-token.ts";

const redirectUri = "https://app.example/callback";
const running: FaultyIdp[] = [];

afterEach(async () => {
	vi.unstubAllEnvs();
	await Promise.all(running.splice(0).map((idp) => idp.close()));
});

describe("without faults", () => {
	it.each(["RS256", "PS256", "ES256", "EdDSA"] as const)(
		"signs in with %s, as oauth4webapi and jose see it",
		async (algorithm) => {
			const idp = await start({ algorithm });
			const login = await signIn(idp);
			const { payload } = await verify(idp, login.tokens.id_token);
			expect(payload).toMatchObject({
				iss: idp.issuer,
				aud: idp.clientId,
				sub: "ada",
				nonce: login.nonce,
			});
			expect(await userinfo(idp, login)).toMatchObject({
				sub: "ada",
				name: "Ada Lovelace",
				groups: ["admins", "staff"],
			});
		},
	);

	it("does the same over a socket", async () => {
		const idp = await start({ listen: true, algorithm: "RS256" });
		const login = await signIn(idp, { redirectUri: "http://localhost:3000/callback", fetch });
		expect(oauth.getValidatedIdTokenClaims(login.tokens)?.sub).toBe("ada");
		expect(idp.requests.map(({ endpoint }) => endpoint)).toEqual([
			"discovery",
			"authorize",
			"token",
		]);
		expect(idp.requests[2]?.form.get("grant_type")).toBe("authorization_code");
	});

	it.each([oauth.ClientSecretPost, oauth.ClientSecretBasic])(
		"authenticates the client: %o",
		async (method) => {
			const idp = await start();
			expect(
				(await signIn(idp, { auth: method(idp.clientSecret ?? "") })).tokens.access_token,
			).toBeTypeOf("string");
			// Credentials in the header are answered with a challenge, which the library reports in its
			// own way.
			await expect(signIn(idp, { auth: method("wrong") })).rejects.toMatchObject({ status: 401 });
			await expect(signIn(idp, { auth: oauth.None() })).rejects.toMatchObject({
				error: "invalid_client",
			});
		},
	);

	it("takes a public client without a secret", async () => {
		const idp = await start({ clients: [{ clientId: "public" }] });
		expect((await signIn(idp, { auth: oauth.None() })).tokens.access_token).toBeTypeOf("string");
		await expect(signIn(idp, { auth: oauth.ClientSecretPost("any") })).rejects.toMatchObject({
			error: "invalid_client",
		});
	});

	it("refuses a wrong verifier, another redirect URI and a code that was used, and then ends that login", async () => {
		const idp = await start();
		const attempt = await authorize(idp);
		await expect(
			exchange(idp, { ...attempt, verifier: oauth.generateRandomCodeVerifier() }),
		).rejects.toMatchObject({
			error: "invalid_grant",
		});
		await expect(
			exchange(idp, { ...attempt, redirectUri: `${redirectUri}/` }),
		).rejects.toMatchObject({
			error: "invalid_grant",
		});
		const login = { ...attempt, tokens: await exchange(idp, attempt) };
		await expect(exchange(idp, attempt)).rejects.toMatchObject({ error: "invalid_grant" });
		await expect(userinfo(idp, login)).rejects.toThrow();
	});

	it.each([
		"https://evil.example/callback",
		"https://app.example/callback/",
		"https://app.example.evil.example/callback",
	])("refuses a redirect URI that is not registered: %s", async (uri) => {
		const response = await sendRequest(await start(), { redirect_uri: uri });
		expect(response.status).toBe(400);
		expect(response.headers.get("location")).toBeNull();
	});

	it("wants PKCE with S256, unless told otherwise", async () => {
		const idp = await start();
		const plain = await sendRequest(idp, { code_challenge_method: "plain" });
		expect(plain.headers.get("location")).toContain("error=invalid_request");
		idp.set({ pkceEnforced: false });
		const without = await sendRequest(idp, {
			code_challenge: undefined,
			code_challenge_method: undefined,
		});
		expect(without.headers.get("location")).toContain("code=");
	});

	it("rotates refresh tokens, and ends the login when one comes twice", async () => {
		const idp = await start();
		const login = await signIn(idp, { scope: "openid offline_access" });
		const second = await refresh(idp, login, login.tokens.refresh_token);
		expect(second.refresh_token).not.toBe(login.tokens.refresh_token);
		expect(decodeJwt(second.id_token ?? "")).not.toHaveProperty("nonce");
		await expect(refresh(idp, login, login.tokens.refresh_token)).rejects.toMatchObject({
			error: "invalid_grant",
		});
		await expect(refresh(idp, login, second.refresh_token)).rejects.toMatchObject({
			error: "invalid_grant",
		});
	});

	it("lets access tokens end", async () => {
		const idp = await start({ accessTokenLifetime: 10 });
		const login = await signIn(idp);
		idp.set({ clockSkew: 11 });
		await expect(userinfo(idp, login)).rejects.toThrow();
	});

	it("ends the session and returns the state, for its own ID tokens only", async () => {
		const idp = await start();
		const login = await signIn(idp);
		await idp.rotateKeys({ keepOld: false });
		const good = await idp.fetch(endSessionUrl(idp, login.tokens.id_token ?? ""), {
			redirect: "manual",
		});
		expect(good.headers.get("location")).toBe(`${redirectUri}?state=s1`);
		await expect(userinfo(idp, login)).rejects.toThrow();

		const [header, , signature] = (login.tokens.id_token ?? "").split(".");
		const forged = [
			header,
			Buffer.from('{"iss":"https://idp.example","aud":"x"}').toString("base64url"),
			signature,
		].join(".");
		expect((await idp.fetch(endSessionUrl(idp, forged), { redirect: "manual" })).status).toBe(400);
	});

	it("asks first where it is interactive", async () => {
		const idp = await start({ interactive: true });
		const page = await sendRequest(idp);
		expect(await page.text()).toContain("Continue as Ada Lovelace");
		const allowed = await sendRequest(idp, { choice: "allow" }, "POST");
		expect(allowed.headers.get("location")).toContain("code=");
		const denied = await sendRequest(idp, { choice: "deny" }, "POST");
		expect(denied.headers.get("location")).toContain("error=access_denied");
	});

	it("does not start in production, nor with an issuer that is not its own", async () => {
		await expect(startFaultyIdp({ issuer: "https://idp.example" })).rejects.toMatchObject({
			code: "config_invalid",
		});
		vi.stubEnv("NODE_ENV", "production");
		await expect(startFaultyIdp()).rejects.toMatchObject({ code: "config_invalid" });
	});
});

describe("faults of the ID token", () => {
	/**
	 * What two certified libraries take without a word, in the code flow. The rest they must refuse.
	 */
	const acceptable = [
		"aud-array",
		"at-hash-missing",
		"kid-missing",
		"iat-ancient",
		"auth-time-missing",
		"auth-time-old",
		"groups-overage",
		"sub-wrong",
	];
	/** Refusing these is left to whoever calls the libraries. */
	const leftToTheCaller = [
		"azp-wrong",
		"aud-extra",
		"aud-extra-azp",
		"sub-empty",
		"sub-too-long",
		"nbf-future",
		"iat-future",
		"typ-logout",
		"typ-access-token",
		"at-hash-wrong",
	];

	// Those of tenants: test/testing/faulty-idp.test.ts.
	it.each(idTokenFaultNames.filter((fault) => !fault.startsWith("tenant-")))(
		"%s takes effect, and goes away",
		async (fault) => {
			const idp = await start();
			idp.faults = { idToken: fault };
			const attempt = await authorize(idp);
			const raw: unknown = (await (await tokenRequest(idp, attempt)).json()).id_token;
			const works = await accepts(idp, raw, attempt.nonce);
			if (acceptable.includes(fault)) expect(works).toBe(true);
			else if (!leftToTheCaller.includes(fault)) expect(works).toBe(false);

			idp.reset();
			const { tokens, nonce } = await signIn(idp);
			expect(await accepts(idp, tokens.id_token, nonce)).toBe(true);
			expect(
				raw === undefined ||
					shapeOf(raw) !== shapeOf(tokens.id_token) ||
					changesTheSignatureOnly(fault),
			).toBe(true);
		},
	);

	it.each([
		["iat-future", ({ iat = 0 }, now) => iat > now + 3000],
		["iat-ancient", ({ iat = 0, exp = 0 }, now) => iat < now - 3e8 && exp > now],
		["exp-past", ({ exp = 0 }, now) => exp < now],
		["nbf-future", ({ nbf = 0 }, now) => nbf > now + 3000],
		["auth-time-old", ({ auth_time }, now) => Number(auth_time) < now - 80_000],
		["nonce-wrong", ({ nonce }) => nonce === "a-nonce-that-was-never-sent"],
		[
			"at-hash-wrong",
			({ at_hash }, _now, right) =>
				typeof at_hash === "string" && at_hash.length === 22 && at_hash !== right,
		],
	] as [IdTokenFault, (claims: JWTPayload, now: number, atHash: string) => boolean][])(
		"%s says so",
		async (fault, isSo) => {
			const idp = await start();
			const facts = async (): Promise<[JWTPayload, number, string]> => {
				const { id_token, access_token } = await (
					await tokenRequest(idp, await authorize(idp))
				).json();
				const hash = createHash("sha256")
					.update(access_token)
					.digest()
					.subarray(0, 16)
					.toString("base64url");
				return [decodeJwt(id_token), Date.now() / 1000, hash];
			};
			expect(isSo(...(await facts()))).toBe(false);
			expect((await facts())[0].at_hash).toHaveLength(22);
			idp.faults = { idToken: fault };
			expect(isSo(...(await facts()))).toBe(true);
		},
	);

	it("kid-missing is refused with two keys in the set", async () => {
		const idp = await start();
		await idp.rotateKeys();
		idp.faults = { idToken: "kid-missing" };
		const attempt = await authorize(idp);
		const { id_token: token } = await (await tokenRequest(idp, attempt)).json();
		expect(await accepts(idp, token, attempt.nonce)).toBe(false);
	});

	it("may be any claims and any header, or anything at all", async () => {
		const idp = await start();
		const token = async () =>
			(await (await tokenRequest(idp, await authorize(idp))).json()).id_token;
		idp.faults = { idTokenClaims: { tenant: 7, sid: undefined }, idTokenHeader: { cty: "x" } };
		const bent = await token();
		expect(decodeJwt(bent)).toMatchObject({ tenant: 7, sub: "ada" });
		expect(decodeJwt(bent)).not.toHaveProperty("sid");
		expect(decodeProtectedHeader(bent)).toMatchObject({ cty: "x" });
		idp.faults = { rawIdToken: ({ header, claims }) => `${header.alg}-${claims.sub}` };
		expect(await token()).toBe("ES256-ada");
	});

	it("rotateKeys signs with a key of its own, published beside the old one", async () => {
		const idp = await start();
		const before = await signIn(idp);
		await idp.rotateKeys();
		const after = await signIn(idp);
		expect(decodeProtectedHeader(after.tokens.id_token ?? "").kid).not.toBe(
			decodeProtectedHeader(before.tokens.id_token ?? "").kid,
		);
		await verify(idp, before.tokens.id_token);
		await verify(idp, after.tokens.id_token);
		await idp.rotateKeys({ keepOld: false });
		await expect(verify(idp, before.tokens.id_token)).rejects.toThrow();
	});
});

describe("faults of the metadata and the keys", () => {
	it.each([
		["issuer-other", "issuer", "https://another-issuer.invalid"],
		["issuer-trailing-slash", "issuer", "https://idp.example/"],
		["endpoint-http", "token_endpoint", "http://attacker.invalid/token"],
		["endpoint-internal", "token_endpoint", "https://169.254.169.254/token"],
		["no-s256", "code_challenge_methods_supported", undefined],
		["no-end-session", "end_session_endpoint", undefined],
		["hs256-advertised", "id_token_signing_alg_values_supported", ["RS256", "HS256", "none"]],
	] as [DiscoveryFault, string, unknown][])("%s", async (fault, member, value) => {
		const idp = await start();
		idp.faults = { discovery: fault };
		expect((await metadata(idp))[member]).toEqual(value);
	});

	it("several at once, and members of your own", async () => {
		const idp = await start();
		idp.faults = {
			discovery: ["no-userinfo", "plain-only"],
			metadata: { jwks_uri: "https://x.invalid/" },
			issParameter: false,
		};
		expect(await metadata(idp)).toMatchObject({
			code_challenge_methods_supported: ["plain"],
			jwks_uri: "https://x.invalid/",
			authorization_response_iss_parameter_supported: false,
		});
		expect(await metadata(idp)).not.toHaveProperty("userinfo_endpoint");
	});

	it("the right key is the last of 10,001", async () => {
		const idp = await start();
		const { tokens } = await signIn(idp);
		idp.faults = { jwks: "many-keys" };
		const { keys } = await (await idp.fetch(`${idp.issuer}/jwks`)).json();
		expect(keys).toHaveLength(10_001);
		expect(keys.at(-1).kid).toBe(decodeProtectedHeader(tokens.id_token ?? "").kid);
	});
});

describe("faults of the authorization response", () => {
	it.each([
		[
			"access-denied",
			(url) => url.searchParams.get("error") === "access_denied" && !url.searchParams.has("code"),
		],
		["error-markup", (url) => url.searchParams.get("error_description")?.includes("<script>")],
		[
			"error-without-state",
			(url) => url.searchParams.has("error") && !url.searchParams.has("state"),
		],
		["iss-missing", (url) => !url.searchParams.has("iss")],
		["iss-wrong", (url) => url.searchParams.get("iss") === "https://another-issuer.invalid"],
		["state-wrong", (url) => url.searchParams.get("state") === "a-state-that-was-never-sent"],
		["code-missing", (url) => !url.searchParams.has("code")],
		["code-twice", (url) => url.searchParams.getAll("code").length === 2],
		["state-twice", (url) => url.searchParams.getAll("state").length === 2],
	] as [AuthorizationFault, (url: URL) => boolean][])("%s", async (fault, isSo) => {
		const idp = await start();
		const location = async () => new URL((await sendRequest(idp)).headers.get("location") ?? "");
		expect(isSo(await location())).not.toBe(true);
		idp.faults = { authorization: fault };
		expect(isSo(await location())).toBe(true);
	});
});

describe("faults of the token and userinfo responses", () => {
	it.each([
		["token-type-unknown", "token_type", "mac"],
		["token-type-uppercase", "token_type", "BEARER"],
		["token-type-missing", "token_type", undefined],
		["expires-in-missing", "expires_in", undefined],
		["expires-in-string", "expires_in", "3600"],
		["access-token-missing", "access_token", undefined],
		["scope-missing", "scope", undefined],
	] as const)("%s", async (fault, member, value) => {
		const idp = await start();
		idp.faults = { token: fault, tokenResponse: { extra: "kept" } };
		const body = await (await tokenRequest(idp, await authorize(idp))).json();
		expect(body[member]).toEqual(value);
		expect(body.extra).toBe("kept");
	});

	it("an error leaves the refresh token good", async () => {
		const idp = await start();
		const login = await signIn(idp, { scope: "openid offline_access" });
		for (const faults of [
			{ token: "invalid-client" },
			{ token: "temporarily-unavailable" },
			{ transport: { token: 503 } },
		] as Faults[]) {
			idp.faults = faults;
			await expect(refresh(idp, login, login.tokens.refresh_token)).rejects.toThrow();
		}
		idp.reset();
		expect((await refresh(idp, login, login.tokens.refresh_token)).access_token).toBeTypeOf(
			"string",
		);
	});

	it("refresh-token-missing keeps the old one good", async () => {
		const idp = await start();
		const login = await signIn(idp, { scope: "openid offline_access" });
		idp.faults = { token: "refresh-token-missing" };
		for (let turn = 0; turn < 2; turn++) {
			expect((await refresh(idp, login, login.tokens.refresh_token)).refresh_token).toBeUndefined();
		}
	});

	it("userinfo of somebody else, refused, or a JWT", async () => {
		const idp = await start();
		const login = await signIn(idp);
		idp.faults = { userinfo: "sub-other" };
		expect((await userinfo(idp, login)).sub).toBe("somebody-else");
		idp.faults = { userinfo: "refused" };
		await expect(userinfo(idp, login)).rejects.toThrow();
		idp.faults = { userinfo: "jwt", userinfoClaims: { groups: undefined } };
		const response = await userinfoRequest(idp, login);
		expect(response.headers.get("content-type")).toBe("application/jwt");
		expect(decodeJwt(await response.text())).not.toHaveProperty("groups");
	});
});

describe.each(["in process", "over a socket"])("faults of the transport, %s", (how) => {
	async function send(
		fault: TransportFault | undefined,
		init: RequestInit = {},
		delay?: number,
	): Promise<Response> {
		const idp = await start({ listen: how !== "in process" });
		idp.faults = {
			transport: fault === undefined ? {} : { discovery: fault },
			delay: delay === undefined ? {} : { discovery: delay },
		};
		const request = how === "in process" ? idp.fetch : fetch;
		return request(`${idp.issuer}/.well-known/openid-configuration`, {
			redirect: "manual",
			...init,
		});
	}

	it.each([401, 404, 429, 500, 503] as const)("status %i", async (status) => {
		const response = await send(status);
		expect(response.status).toBe(status);
		expect(response.headers.get("retry-after")).toBe(
			status === 429 || status === 503 ? "30" : null,
		);
	});

	it("not JSON, or not an object, or not said to be JSON", async () => {
		await expect((await send("not-json")).json()).rejects.toThrow(SyntaxError);
		expect(await (await send("not-an-object")).json()).toEqual([1, 2, 3]);
		const html = await send("wrong-content-type");
		expect(html.headers.get("content-type")).toBe("text/html");
		expect(await html.json()).toHaveProperty("issuer");
	});

	it("huge, and correct all the same", async () => {
		const response = await send("huge");
		expect(response.headers.get("content-length")).toBeNull();
		const text = await response.text();
		expect(text.length).toBeGreaterThan(8 * 1024 * 1024);
		expect(JSON.parse(text)).toHaveProperty("issuer");
	});

	it.each(["hang", "drip", "endless"] as const)(
		"%s, until the caller has had enough",
		async (fault) => {
			const reading = send(fault, { signal: AbortSignal.timeout(150) }).then((response) =>
				response.text(),
			);
			await expect(reading).rejects.toMatchObject({ name: "TimeoutError" });
		},
	);

	it("a connection that is cut", async () => {
		await expect(send("reset")).rejects.toThrow("fetch failed");
	});

	it("redirects", async () => {
		expect((await send("redirect")).headers.get("location")).toMatch(
			/^https:\/\/another-origin\.invalid\//,
		);
		expect((await send("redirect-internal")).headers.get("location")).toMatch(
			/^http:\/\/169\.254\.169\.254\//,
		);
		await expect(send("redirect-loop", { redirect: "follow" })).rejects.toThrow("fetch failed");
		await expect(send("redirect", { redirect: "error" })).rejects.toThrow("fetch failed");
	});

	it("a delay, and a correct answer", async () => {
		const before = performance.now();
		expect((await send(undefined, {}, 120)).status).toBe(200);
		expect(performance.now() - before).toBeGreaterThan(110);
	});
});

it("tells its wrong clock in tokens and in the Date header", async () => {
	const idp = await start();
	idp.faults = { clockSkew: 600 };
	const response = await tokenRequest(idp, await authorize(idp));
	const ahead = (seconds: number) => Math.abs(seconds - Date.now() / 1000 - 600) < 5;
	expect(ahead(Date.parse(response.headers.get("date") ?? "") / 1000)).toBe(true);
	expect(ahead(decodeJwt((await response.json()).id_token).iat ?? 0)).toBe(true);
});

async function start(options: FaultyIdpOptions = {}): Promise<FaultyIdp> {
	const idp = await startFaultyIdp({
		listen: false,
		redirectUris: [redirectUri],
		algorithm: "ES256",
		...options,
	});
	running.push(idp);
	return idp;
}

interface Attempt {
	readonly callback: URL;
	readonly redirectUri: string;
	readonly verifier: string;
	readonly state: string;
	readonly nonce: string;
}

type SignedIn = Attempt & { readonly tokens: oauth.TokenEndpointResponse };

interface Flow {
	readonly scope?: string;
	readonly auth?: oauth.ClientAuth;
	readonly redirectUri?: string;
	readonly fetch?: typeof fetch;
}

async function signIn(idp: FaultyIdp, flow: Flow = {}): Promise<SignedIn> {
	const server = flow.fetch === undefined ? serverOf(idp) : await discover(idp, flow.fetch);
	const attempt = await authorize(idp, flow, server.authorization_endpoint);
	return { ...attempt, tokens: await exchange(idp, attempt, flow) };
}

function serverOf({ issuer }: FaultyIdp): oauth.AuthorizationServer {
	const supported = {
		authorization_response_iss_parameter_supported: true,
		id_token_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA"],
	};
	return {
		issuer,
		authorization_endpoint: `${issuer}/authorize`,
		token_endpoint: `${issuer}/token`,
		userinfo_endpoint: `${issuer}/userinfo`,
		...supported,
	};
}

async function discover(idp: FaultyIdp, via: typeof fetch): Promise<oauth.AuthorizationServer> {
	const issuer = new URL(idp.issuer);
	return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options(via)));
}

/** The callback address, without its being visited. */
async function authorize(
	idp: FaultyIdp,
	flow: Flow = {},
	endpoint = `${idp.issuer}/authorize`,
): Promise<Attempt> {
	const [verifier, state, nonce] = [
		oauth.generateRandomCodeVerifier(),
		oauth.generateRandomState(),
		oauth.generateRandomNonce(),
	];
	const target = flow.redirectUri ?? redirectUri;
	const url = await requestUrl(
		idp,
		endpoint,
		{ redirect_uri: target, scope: flow.scope, state, nonce },
		verifier,
	);
	const response = await (flow.fetch ?? idp.fetch)(url, { redirect: "manual" });
	return {
		callback: new URL(response.headers.get("location") ?? ""),
		redirectUri: target,
		verifier,
		state,
		nonce,
	};
}

async function requestUrl(
	idp: FaultyIdp,
	endpoint: string,
	overrides: Record<string, string | undefined>,
	verifier: string,
): Promise<URL> {
	const url = new URL(endpoint);
	const parameters = {
		client_id: idp.clientId,
		redirect_uri: redirectUri,
		response_type: "code",
		code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
		code_challenge_method: "S256",
		...overrides,
		scope: overrides.scope ?? "openid profile",
	};
	for (const [name, value] of Object.entries(parameters))
		if (value !== undefined) url.searchParams.set(name, value);
	return url;
}

async function sendRequest(
	idp: FaultyIdp,
	overrides: Record<string, string | undefined> = {},
	method = "GET",
): Promise<Response> {
	const url = await requestUrl(
		idp,
		`${idp.issuer}/authorize`,
		{ state: "s1", ...overrides },
		oauth.generateRandomCodeVerifier(),
	);
	if (method === "GET") return idp.fetch(url, { redirect: "manual" });
	return idp.fetch(`${idp.issuer}/authorize`, {
		method,
		body: url.searchParams,
		redirect: "manual",
	});
}

async function tokenRequest(
	idp: FaultyIdp,
	{ callback, redirectUri, verifier, state }: Attempt,
	flow: Flow = {},
): Promise<Response> {
	const client = { client_id: idp.clientId };
	const parameters = oauth.validateAuthResponse(serverOf(idp), client, callback, state);
	const auth = flow.auth ?? oauth.ClientSecretBasic(idp.clientSecret ?? "");
	return oauth.authorizationCodeGrantRequest(
		serverOf(idp),
		client,
		auth,
		parameters,
		redirectUri,
		verifier,
		options(flow.fetch ?? idp.fetch),
	);
}

async function exchange(
	idp: FaultyIdp,
	attempt: Attempt,
	flow: Flow = {},
): Promise<oauth.TokenEndpointResponse> {
	const response = await tokenRequest(idp, attempt, flow);
	const expected = { expectedNonce: attempt.nonce, requireIdToken: true };
	return oauth.processAuthorizationCodeResponse(
		serverOf(idp),
		{ client_id: idp.clientId },
		response,
		expected,
	);
}

async function refresh(
	idp: FaultyIdp,
	_login: SignedIn,
	token: string | undefined,
): Promise<oauth.TokenEndpointResponse> {
	const client = { client_id: idp.clientId };
	const auth = oauth.ClientSecretPost(idp.clientSecret ?? "");
	const response = await oauth.refreshTokenGrantRequest(
		serverOf(idp),
		client,
		auth,
		token ?? "",
		options(idp.fetch),
	);
	return oauth.processRefreshTokenResponse(serverOf(idp), client, response);
}

function userinfoRequest(idp: FaultyIdp, { tokens }: SignedIn): Promise<Response> {
	return oauth.userInfoRequest(
		serverOf(idp),
		{ client_id: idp.clientId },
		tokens.access_token,
		options(idp.fetch),
	);
}

async function userinfo(idp: FaultyIdp, login: SignedIn): Promise<oauth.UserInfoResponse> {
	const response = await userinfoRequest(idp, login);
	return oauth.processUserInfoResponse(
		serverOf(idp),
		{ client_id: idp.clientId },
		oauth.skipSubjectCheck,
		response,
	);
}

function options(via: typeof fetch): {
	[oauth.allowInsecureRequests]: true;
	[oauth.customFetch]: (url: string, init: object) => Promise<Response>;
} {
	return { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: via };
}

async function metadata(idp: FaultyIdp): Promise<Record<string, unknown>> {
	return (await idp.fetch(`${idp.issuer}/.well-known/openid-configuration`)).json();
}

function verify(idp: FaultyIdp, token: string | undefined) {
	const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`), { [customFetch]: idp.fetch });
	return jwtVerify(token ?? "", keys, {
		algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
		issuer: idp.issuer,
		audience: idp.clientId,
		requiredClaims: ["sub", "iat", "exp"],
	});
}

/**
 * What jose says of signature and claims, and the plainest check of the nonce and of the type of
 * `sub`.
 */
async function accepts(idp: FaultyIdp, token: unknown, nonce: string): Promise<boolean> {
	if (typeof token !== "string") return false;
	return verify(idp, token).then(
		({ payload }) => payload.nonce === nonce && typeof payload.sub === "string",
		() => false,
	);
}

function shapeOf(token: unknown): string {
	if (typeof token !== "string" || token.split(".").length !== 3) return String(token);
	try {
		const { kid: _kid, ...header } = decodeProtectedHeader(token);
		const claims = Object.entries(decodeJwt(token)).map(([name, value]) => [
			name,
			varying.includes(name) ? typeof value : value,
		]);
		return JSON.stringify([
			header,
			claims,
			token.endsWith("."),
			"kid" in decodeProtectedHeader(token),
		]);
	} catch {
		return token;
	}
}

const varying = ["exp", "iat", "auth_time", "nonce", "at_hash", "sid"];

function changesTheSignatureOnly(fault: string): boolean {
	// Their shape is that of a correct token: what is wrong is the signature, a key id, a hash or a
	// time.
	return [
		"signature-rogue-key",
		"kid-unknown",
		"nonce-wrong",
		"iat-future",
		"iat-ancient",
		"exp-past",
		"at-hash-wrong",
		"auth-time-old",
	].includes(fault);
}

function endSessionUrl(idp: FaultyIdp, hint: string): URL {
	const url = new URL(`${idp.issuer}/end-session`);
	for (const [name, value] of Object.entries({
		id_token_hint: hint,
		post_logout_redirect_uri: redirectUri,
		state: "s1",
	}))
		url.searchParams.set(name, value);
	return url;
}
