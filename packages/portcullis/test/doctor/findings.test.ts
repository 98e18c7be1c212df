import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../../src/cli/program.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { startDevIdp } from "../../src/testing/dev-idp.ts";
import { type FaultyIdp, startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { SECRET, startGate } from "../support/gate-fixture.ts";
import { complaints, diagnosis } from "./diagnosis.ts";

const CLIENT = { clientId: "portcullis-test", clientSecret: "client-secret-h7Kq2Vx9Tz4Lm6" };
const ORIGIN = "https://app.example.com";
const idp: FaultyIdp = await startFaultyIdp({
	algorithm: "ES256",
	clients: [CLIENT],
	redirectUris: [`${ORIGIN}/callback`],
});
const env = { ...idp.env, PORTCULLIS_ORIGIN: ORIGIN, PORTCULLIS_SECRET: SECRET };
const folder = mkdtempSync(join(tmpdir(), "portcullis-doctor-"));

beforeEach(() => idp.reset());
afterAll(async () => {
	await idp.close();
	rmSync(folder, { recursive: true });
});

const of = (findings: readonly Finding[], id: Finding["id"]) =>
	findings.filter((finding) => finding.id === id);

describe("what is not a mistake of one's own is told apart", () => {
	it("a provider that takes any secret until it has seen the code says nothing about the secret", async () => {
		idp.set({ token: "invalid-grant" });
		const [client] = of(
			await diagnosis({ env: { ...env, OIDC_CLIENT_SECRET: "wrong-secret-k3Wp8Zs5Bn" } }),
			"client",
		);
		expect(client).toMatchObject({
			status: "skipped",
			cause: expect.stringContaining("looks at the code before"),
		});
	});

	it("one that answers only once does not either", async () => {
		let asked = 0;
		const fetch: typeof globalThis.fetch = async (input, init) => {
			if (String(input).endsWith("/token") && asked++ > 0)
				return new Response("busy", { status: 429 });
			return idp.fetch(input, init);
		};
		const [client] = of(await diagnosis({ env, platform: { fetch } }), "client");
		expect(client).toMatchObject({
			status: "skipped",
			cause: expect.stringContaining("second question"),
		});
		expect(asked).toBe(2);
	});

	it("a sign-in page in place of an answer says nothing about the redirect URI", async () => {
		const fetch: typeof globalThis.fetch = async (input, init) =>
			String(input).includes("/authorize")
				? new Response(`<form action="/login?redirect_uri=${ORIGIN}/callback">`)
				: idp.fetch(input, init);
		const [redirect] = of(await diagnosis({ env, platform: { fetch } }), "redirect-uri");
		expect(redirect).toMatchObject({
			status: "skipped",
			fix: `Register exactly this: ${ORIGIN}/callback`,
		});
	});

	it.each([
		[
			"Google",
			`https://accounts.google.com/signin/oauth/error?authError=${btoa("\n\u0015redirect_uri_mismatch\u0012")}`,
		],
		["Cognito", "/error?error=redirect_mismatch&client_id=a"],
	])("%s sends the browser to a page that says so", async (_name, location) => {
		const fetch: typeof globalThis.fetch = async (input, init) =>
			String(input).includes("/authorize")
				? new Response(null, { status: 302, headers: { location } })
				: idp.fetch(input, init);
		const [redirect] = of(await diagnosis({ env, platform: { fetch } }), "redirect-uri");
		expect(redirect).toMatchObject({
			status: "fail",
			title: `${ORIGIN}/callback is not registered`,
		});
	});

	it("an unknown client is not taken for a wrong redirect URI", async () => {
		const findings = await diagnosis({ env: { ...env, OIDC_CLIENT_ID: "nobody" } });
		expect(of(findings, "redirect-uri")).toEqual([]);
		expect(of(findings, "client").map(({ status }) => status)).toEqual(["fail", "fail"]);
	});

	it("metadata of a token endpoint that is gone are out of date", async () => {
		idp.set({ metadata: { token_endpoint: `${idp.issuer}/gone`, scopes_supported: undefined } });
		expect(of(await diagnosis({ env }), "endpoints")).toMatchObject([
			{ status: "fail", cause: expect.stringMatching(/out of date: the token endpoint .* 404/) },
		]);
	});

	it.each([
		["empty", "no usable signature key"],
		["use-enc", "no usable signature key"],
	] as const)("a key set that is %s", async (jwks, cause) => {
		idp.set({ jwks });
		expect(of(await diagnosis({ env }), "keys")).toMatchObject([
			{ status: "fail", cause: expect.stringContaining(cause) },
		]);
	});

	it("keys that fit no algorithm of the metadata", async () => {
		idp.set({ metadata: { id_token_signing_alg_values_supported: ["RS512"] } });
		expect(of(await diagnosis({ env }), "keys")).toMatchObject([
			{ status: "fail", cause: expect.stringContaining("RS512") },
		]);
	});

	it("no PKCE, no logout, a clock that is a little off", async () => {
		idp.set({ discovery: ["no-s256", "no-end-session"], clockSkew: -30 });
		const findings = await diagnosis({ env });
		expect(complaints(findings)).toEqual([
			"warn pkce",
			"warn clock",
			"warn end-session",
			"warn claims",
		]);
		idp.set({ discovery: "plain-only" });
		expect(complaints(await diagnosis({ env }))).toEqual(["fail pkce"]);
	});

	it("a scope that the client may not have", async () => {
		const fetch: typeof globalThis.fetch = async (input, init) =>
			String(input).includes("/authorize")
				? new Response(null, {
						status: 303,
						headers: { location: `${ORIGIN}/callback?error=invalid_scope` },
					})
				: idp.fetch(input, init);
		const findings = await diagnosis({ env, scopes: ["groups"], platform: { fetch } });
		expect(complaints(findings)).toEqual(["fail scopes"]);
	});

	it("Entra's address for several tenants names none", async () => {
		const issuer = "https://login.microsoftonline.com/common/v2.0";
		const entra = await startFaultyIdp({ listen: false, issuer, clients: [CLIENT] });
		entra.set({ metadata: { issuer: "https://login.microsoftonline.com/{tenantid}/v2.0" } });
		const findings = await diagnosis({
			env: { ...env, OIDC_ISSUER_URI: issuer },
			platform: { fetch: entra.fetch },
		});
		expect(complaints(findings)).toEqual(["fail tenant"]);
	});

	it("a tenant that does not exist", async () => {
		const error = {
			error: "invalid_tenant",
			error_description: "AADSTS90002: Tenant 'x' not found. Check it.",
		};
		const fetch: typeof globalThis.fetch = async () => Response.json(error, { status: 400 });
		const issuer = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47";
		const azure = {
			AZURE_ISSUER_URI: issuer,
			AZURE_CLIENT_ID: "a",
			AZURE_CLIENT_SECRET: CLIENT.clientSecret,
		};
		const findings = await diagnosis({ env: azure, platform: { fetch } });
		expect(of(findings, "tenant")).toMatchObject([
			{ status: "fail", cause: expect.stringContaining("does not exist: AADSTS90002") },
		]);
	});
});

describe("an untrusted provider", () => {
	it("never holds doctor up: each call is bounded", async () => {
		idp.set({ transport: { discovery: "hang" } });
		const findings = await diagnosis({ env, timeout: 0.2 });
		expect(of(findings, "discovery")).toMatchObject([
			{ status: "fail", cause: expect.stringContaining("did not answer in time") },
		]);
		idp.set({ transport: { token: "hang", jwks: "hang", authorize: "hang" } });
		const late = (await diagnosis({ env, timeout: 0.2 })).filter(({ status }) => status === "fail");
		expect(late.map(({ id }) => id)).toEqual(["keys", "client", "redirect-uri"]);
	});

	it("brings neither the secret nor control characters to the terminal", async () => {
		const fetch: typeof globalThis.fetch = async (input, init) =>
			String(input).includes("/token")
				? Response.json(
						{
							error: "invalid_client",
							error_description: `\u001b[2J${CLIENT.clientSecret} is wrong\u202e`,
						},
						{ status: 401 },
					)
				: idp.fetch(input, init);
		const [client] = of(await diagnosis({ env, platform: { fetch } }), "client");
		expect(client?.cause).toContain("[2J*** is wrong");
		expect(JSON.stringify(client)).not.toMatch(/\\u001b|\u202e|h7Kq2Vx9/);
	});

	it("brings none by its metadata", async () => {
		idp.set({ metadata: { id_token_signing_alg_values_supported: ["\u001b]0;title\u0007"] } });
		const [keys] = of(await diagnosis({ env }), "keys");
		expect(keys?.cause).toContain("]0;title");
		expect(keys?.cause).not.toMatch(/\p{Cc}/u);
	});

	it("cannot lead doctor to an address of this network", async () => {
		idp.set({ discovery: "jwks-uri-internal" });
		expect(complaints(await diagnosis({ env }))).toEqual(["fail metadata"]);
	});
});

describe("a sample", () => {
	const jwt = (claims: object) =>
		`${btoa('{"alg":"none"}')}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
	const claims = ["groups"];

	it("that has the claim", async () => {
		const sample = { claims: { sub: "ada", groups: ["staff"] } };
		expect(of(await diagnosis({ env, claims, sample }), "claims")).toMatchObject([
			{ status: "ok" },
		]);
	});

	it("of somebody in too many groups", async () => {
		const sample = { claims: { sub: "ada", _claim_names: { groups: "src1" } } };
		const findings = of(await diagnosis({ env, claims, sample }), "claims");
		expect(findings).toMatchObject([
			{ status: "fail", cause: expect.stringContaining("too many groups") },
		]);
	});

	it.each([
		["fits", "a".repeat(1000), "ok", /takes \d{4} of 7168 bytes/],
		["does not fit into cookies", "a".repeat(9000), "fail", /does not fit/],
	])("whose session %s", async (_what, accessToken, status, title) => {
		const idToken = jwt({ sub: "ada", groups: ["staff"] });
		const file = join(folder, "sample.json");
		writeFileSync(
			file,
			JSON.stringify({ access_token: accessToken, id_token: idToken, token_type: "Bearer" }),
		);
		const { findings, text } = await doctor(["--sample", file, "--claim", "groups"]);
		expect(of(findings, "cookie-budget")).toMatchObject([
			{ status, title: expect.stringMatching(title) },
		]);
		expect(text).not.toContain("aaaaaaaa");
		expect(text).not.toContain(idToken);
	});

	it.each(["[1]", "secret-text", '{"access_token":"a","id_token":"secret-text"}'])(
		"that is none is not quoted: %s",
		async (text) => {
			const file = join(folder, "bad.json");
			writeFileSync(file, text);
			const { code, err } = await doctor(["--sample", file]);
			expect(code).toBe(2);
			expect(err).toContain("sample");
			expect(err).not.toContain("secret-text");
		},
	);
});

describe("a running app", () => {
	it("with its provider in order gets through to the callback", async () => {
		const gate = await startGate();
		const findings = await diagnosis({
			env: { ...gate.idp.env, PORTCULLIS_SECRET: SECRET },
			url: gate.origin,
		});
		expect(complaints(findings)).toEqual(["warn claims"]);
		expect(findings).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ id: "public-origin", status: "ok" }),
				expect.objectContaining({
					id: "cookies",
					status: "ok",
					title: expect.stringContaining("knows its attempt"),
				}),
				expect.objectContaining({
					id: "redirect-uri",
					status: "ok",
					title: `${gate.origin}/callback is registered`,
				}),
			]),
		);
	});

	it.each([
		["removes cookies", (headers: Headers) => headers.delete("set-cookie"), "does not arrive"],
		[
			"gives them a domain",
			(headers: Headers) =>
				headers.set("set-cookie", `${headers.get("set-cookie")}; Domain=example.com`),
			"is changed on its way",
		],
	])("behind a proxy that %s", async (_what, change, title) => {
		const gate = await startGate({ idp: { redirectUris: [`${ORIGIN}/callback`] } });
		const appFetch: typeof fetch = async (input, init) => {
			const response = await gate.gate.handle(new Request(input, init), () => new Response("app"));
			change(response.headers);
			return response;
		};
		const findings = await diagnosis({ env: gate.idp.env, url: ORIGIN, platform: { appFetch } });
		expect(of(findings, "cookies")).toMatchObject([
			{ status: "fail", title: expect.stringContaining(title) },
		]);
	});

	it("at another origin than it was told", async () => {
		const gate = await startGate({ auth: { origin: ORIGIN } });
		const findings = await diagnosis({ env: gate.idp.env, url: gate.origin });
		expect(of(findings, "public-origin")).toMatchObject([
			{
				status: "fail",
				title: `The app believes to be at ${ORIGIN}`,
				fix: expect.stringContaining("PORTCULLIS_ORIGIN"),
			},
		]);
	});

	it("with two replicas that seal with secrets of their own", async () => {
		const [one, other] = [
			await startGate(),
			await startGate({ auth: { secret: SECRET.split("").reverse().join("") } }),
		];
		const appFetch: typeof fetch = (input, init) => {
			const request = new Request(input, init);
			const { gate } = request.url.includes("/callback") ? other : one;
			return gate.handle(request, () => new Response("app"));
		};
		const findings = await diagnosis({ env: one.idp.env, url: one.origin, platform: { appFetch } });
		expect(of(findings, "cookies")).toMatchObject([
			{ status: "fail", fix: expect.stringContaining("the same PORTCULLIS_SECRET") },
		]);
	});

	it("that is none, or is not there", async () => {
		const findings = await diagnosis({ env, url: idp.issuer });
		expect(of(findings, "app")).toMatchObject([
			{ status: "fail", cause: expect.stringContaining("404") },
		]);
		const gone = await startFaultyIdp({ clients: [CLIENT] });
		await gone.close();
		expect(of(await diagnosis({ env, url: gone.issuer }), "app")).toMatchObject([
			{ status: "fail", cause: expect.stringContaining("ECONNREFUSED") },
		]);
	});
});

describe("the command", () => {
	it("is content with the embedded provider, and ends with 0", async () => {
		const dev = await startDevIdp();
		try {
			const { code, out, err } = await doctorWith(
				{ ...dev.env, PORTCULLIS_ORIGIN: "http://localhost:3000" },
				["--scope", "groups"],
			);
			expect({ code, err }).toEqual({ code: 0, err: "" });
			expect(out).toMatch(/^App\n {2}ok /);
			expect(out).toContain("Provider generic\n");
			expect(out).toMatch(/\nAll is well\.\n$/);
		} finally {
			await dev.close();
		}
	});

	it("ends with 1 if something has to be fixed, with cause and remedy, and never shows the secret", async () => {
		const file = join(folder, ".env");
		const wrong = "another-secret-k3Wp8Zs5Bn1Qy7";
		const variables = { ...env, OIDC_CLIENT_SECRET: wrong };
		writeFileSync(
			file,
			Object.entries(variables)
				.map(([name, value]) => `${name}="${value}"\n`)
				.join(""),
		);
		const { code, out } = await doctorWith({}, ["--env", file]);
		expect(code).toBe(1);
		expect(out).toMatch(
			/FAIL {2}The provider refuses the client .*\n +Cause: The client secret is wrong.*\n +Fix: {3}Copy/,
		);
		for (const secret of [wrong, SECRET]) expect(out).not.toContain(secret);
	});

	it("reads variables as the app does: those of the process before those of a file", async () => {
		const file = join(folder, ".env");
		writeFileSync(file, `OIDC_ISSUER_URI=http://localhost:1\nOIDC_CLIENT_ID=nobody\n`);
		expect((await doctorWith(env, ["--env", file])).code).toBe(0);
	});

	it("says what is missing where nothing is set", async () => {
		const { code, out } = await doctorWith({}, []);
		expect(code).toBe(1);
		expect(out).toContain("Set OIDC_ISSUER_URI");
	});

	it.each([
		["--url", "app.example.com"],
		["--url", "https://app.example.com/path"],
		["--url", "ftp://app.example.com"],
		["--timeout", "0"],
		["--provider", "No Such"],
		["--env", "no-such-file"],
	])("ends with 2 for %s %s", async (...args) => {
		const { code, out } = await doctorWith(env, args);
		expect({ code, out }).toEqual({ code: 2, out: "" });
	});
});

async function doctor(
	args: readonly string[],
): Promise<{ code: number; err: string; text: string; findings: Finding[] }> {
	const { code, out, err } = await doctorWith(env, [...args, "--json"]);
	return { code, err, text: out, findings: out === "" ? [] : JSON.parse(out).findings };
}

async function doctorWith(variables: Readonly<Record<string, string>>, args: readonly string[]) {
	for (const name of [
		"OIDC_ISSUER_URI",
		"OIDC_CLIENT_ID",
		"OIDC_CLIENT_SECRET",
		"PORTCULLIS_SECRET",
		"PORTCULLIS_ORIGIN",
	])
		vi.stubEnv(name, variables[name]);
	const written = { out: "", err: "" };
	const terminal = {
		out(text: string) {
			written.out += text;
		},
		err(text: string) {
			written.err += text;
		},
		signal: new AbortController().signal,
	};
	const code = await run(["doctor", ...args], terminal);
	return { code, ...written };
}
