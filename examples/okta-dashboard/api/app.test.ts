import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi } from "./app.ts";

const AUDIENCE = "https://devices.example/";
const [ours, foreign] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
/** A provider, as far as the API asks it. */
const provider = createServer(async (request, response) => {
	const isKeys = request.url === "/keys";
	const answer = isKeys
		? { keys: [{ ...(await exportJWK(ours.publicKey)), kid: "1", alg: "ES256", use: "sig" }] }
		: { issuer, jwks_uri: `${issuer}/keys` };
	response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer));
});
let issuer: string;
let api: ReturnType<typeof createApi>;

beforeAll(async () => {
	await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
	issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
	api = createApi({ issuer, audience: AUDIENCE });
});

afterAll(() => {
	provider.close();
	provider.closeAllConnections();
});

function token(claims: Record<string, unknown> = {}, key = ours.privateKey): Promise<string> {
	const all = {
		iss: issuer,
		aud: AUDIENCE,
		sub: "ada",
		exp: Math.floor(Date.now() / 1000) + 60,
		...claims,
	};
	return new SignJWT(all).setProtectedHeader({ alg: "ES256", kid: "1", typ: "at+jwt" }).sign(key);
}

const ask = (authorization?: string) =>
	api.request("/devices", {
		headers: authorization === undefined ? {} : { Authorization: authorization },
	});

test("whoever brings a token gets the devices of its person, and of no other", async () => {
	const answers = await Promise.all(
		["ada", "vic"].map(async (sub) => ask(`Bearer ${await token({ sub })}`)),
	);
	const [ada, vic] = await Promise.all(
		answers.map(async (answer) => [answer.status, await answer.json()]),
	);
	expect(ada).toEqual([
		200,
		expect.arrayContaining([
			{
				name: expect.any(String),
				system: expect.any(String),
				lastSeen: expect.any(String),
				isTrusted: true,
			},
		]),
	]);
	expect(vic).not.toEqual(ada);
});

test.each([
	["another audience", { aud: "dashboard" }],
	["no audience", { aud: undefined }],
	["another issuer", { iss: "http://127.0.0.1:1" }],
	["an end that has passed", { exp: Math.floor(Date.now() / 1000) - 5 }],
	["no end", { exp: undefined }],
	["no subject", { sub: undefined }],
])("refuses a token with %s", async (_, claims) => {
	const answer = await ask(`Bearer ${await token(claims)}`);
	expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([
		401,
		'Bearer error="invalid_token"',
	]);
});

test("refuses a token of somebody else's key, one without a signature, and no token", async () => {
	const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${(await token()).split(".")[1]}.`;
	for (const authorization of [
		`Bearer ${await token({}, foreign.privateKey)}`,
		`Bearer ${unsigned}`,
		"Basic YTpi",
		undefined,
	])
		expect((await ask(authorization)).status).toBe(401);
	expect((await ask()).headers.get("WWW-Authenticate")).toBe("Bearer");
});

test("says that it cannot tell while the provider is away, and recovers", async () => {
	const away = createApi({ issuer: "http://127.0.0.1:1", audience: AUDIENCE });
	const headers = { Authorization: `Bearer ${await token()}` };
	expect((await away.request("/devices", { headers })).status).toBe(503);
	expect((await ask(headers.Authorization)).status).toBe(200);
});
