import { decodeJwt, decodeProtectedHeader } from "jose";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasScope, inGroup } from "../../src/checks.ts";
import { type Gate, portcullis } from "../../src/index.ts";
import { type DevIdp, startDevIdp } from "../../src/testing.ts";
import { AUDIENCE } from "../support/access-token.ts";
import { SECRET } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const program = { clientId: "reporter", clientSecret: "a-secret-of-the-reporter-for-tests-only" };
let idp: DevIdp;
let gate: Gate;
beforeAll(async () => {
	idp = await startDevIdp({
		clients: [
			{ clientId: "app", clientSecret: "a-secret-of-the-app-that-is-for-tests-only" },
			program,
			{ clientId: "terminal" },
		],
		apis: [
			{ audience: AUDIENCE, scopes: ["reports:read", "reports:write"] },
			{ audience: "https://another.example/" },
		],
	});
	const auth = portcullis({
		secret: SECRET,
		platform: { env: idp.env, log: () => {} },
		http: { bearer: { audience: AUDIENCE } },
	});
	gate = auth.gate({
		pages: {
			"/reports": { auth: hasScope("reports:read") },
			"/admin": { auth: inGroup("admins") },
		},
	});
});
afterAll(() => idp.close());

const tokenOf = async (
	form: Record<string, string>,
	client: { clientId: string; clientSecret?: string },
) => {
	const response = await fetch(`${idp.issuer}/token`, {
		method: "POST",
		body: new URLSearchParams({
			...form,
			client_id: client.clientId,
			client_secret: client.clientSecret ?? "",
		}),
	});
	return { status: response.status, body: (await response.json()) as Record<string, string> };
};

async function statusOf(path: string, token: string | undefined): Promise<number> {
	const headers = { Authorization: `Bearer ${token}` };
	const answer = await gate.handle(
		new Request(`http://localhost:5173${path}`, { headers }),
		() => new Response("app"),
	);
	return answer.status;
}

describe("access tokens of the development identity provider", () => {
	test("a program gets one by its own credentials, and comes in by it", async () => {
		const form = { grant_type: "client_credentials", resource: AUDIENCE, scope: "reports:read" };
		const { body } = await tokenOf(form, program);
		expect(decodeProtectedHeader(body.access_token ?? "")).toMatchObject({
			typ: "at+jwt",
			alg: "RS256",
		});
		expect(decodeJwt(body.access_token ?? "")).toMatchObject({
			iss: idp.issuer,
			aud: AUDIENCE,
			sub: "reporter",
			client_id: "reporter",
			scope: "reports:read",
		});
		expect(await statusOf("/figures", body.access_token)).toBe(200);
		expect(await statusOf("/reports", body.access_token)).toBe(200);
		expect(await statusOf("/admin", body.access_token)).toBe(403);
	});

	test("one without the scope, one for another API and one for none are worth less", async () => {
		const form = { grant_type: "client_credentials", scope: "" };
		const narrow = await tokenOf({ ...form, resource: AUDIENCE }, program);
		expect(await statusOf("/figures", narrow.body.access_token)).toBe(200);
		expect(await statusOf("/reports", narrow.body.access_token)).toBe(403);
		const other = await tokenOf({ ...form, resource: "https://another.example/" }, program);
		expect(other.status).toBe(200);
		expect(await statusOf("/figures", other.body.access_token)).toBe(401);
		const opaque = await tokenOf(form, program);
		expect(opaque.status).toBe(200);
		expect(await statusOf("/figures", opaque.body.access_token)).toBe(401);
	});

	test("an API that is not listed, and a client without a secret, get none", async () => {
		const form = { grant_type: "client_credentials", resource: "https://unlisted.example/" };
		expect(await tokenOf(form, program)).toMatchObject({
			status: 400,
			body: { error: "invalid_target" },
		});
		const { status } = await tokenOf({ ...form, resource: AUDIENCE }, { clientId: "terminal" });
		expect(status).toBeGreaterThanOrEqual(400);
	});

	test("a person lets a program act for them: the token says who, with groups; their ID token is none", async () => {
		const verifier = oauth.generateRandomCodeVerifier();
		const redirectUri = "http://localhost:5173/done";
		const url = new URL(`${idp.issuer}/auth`);
		for (const [name, value] of Object.entries({
			client_id: "terminal",
			redirect_uri: redirectUri,
			response_type: "code",
			scope: "openid reports:read",
			resource: AUDIENCE,
			nonce: "n",
			code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
			code_challenge_method: "S256",
		}))
			url.searchParams.set(name, value);
		const browser = new ScriptedBrowser();
		let code: string | null = null;
		browser.servers.set(new URL(redirectUri).origin, async (request) => {
			code = new URL(request.url).searchParams.get("code");
			return new Response("done");
		});
		const people = await browser.navigate(url.href);
		const action = /<form method="post" action="([^"]+)"/.exec(people.body)?.[1] ?? "";
		await browser.navigate(new URL(action, people.url).href, {
			from: people.url,
			form: { person: "ada" },
		});
		expect(code).toEqual(expect.any(String));

		const response = await fetch(`${idp.issuer}/token`, {
			method: "POST",
			body: new URLSearchParams({
				grant_type: "authorization_code",
				code: code ?? "",
				redirect_uri: redirectUri,
				code_verifier: verifier,
				client_id: "terminal",
				resource: AUDIENCE,
			}),
		});
		const tokens = (await response.json()) as Record<string, string>;
		expect(decodeJwt(tokens.access_token ?? "")).toMatchObject({
			sub: "ada",
			client_id: "terminal",
			groups: ["admins", "staff"],
		});
		expect(await statusOf("/reports", tokens.access_token)).toBe(200);
		expect(await statusOf("/admin", tokens.access_token)).toBe(200);
		expect(await statusOf("/figures", tokens.id_token)).toBe(401);
	});

	test("what is no API is a mistake", async () => {
		const wrong = [
			{ audience: "app" },
			{ audience: "https://a.example/#b" },
			{ audience: AUDIENCE, scopes: ["a b"] },
		];
		for (const api of wrong)
			await expect(startDevIdp({ apis: [api] })).rejects.toThrow(/apis\[0\] is not well-formed/);
	});
});
