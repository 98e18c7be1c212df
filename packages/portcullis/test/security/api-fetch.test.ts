import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiFetch, ConfigError, portcullis, type User } from "../../src/index.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** What an API was asked, by path. */
let asked: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
let api: Server;
let foreign: Server;

function listen(
	answer: (url: string) => [status: number, headers: Record<string, string>],
): Promise<Server> {
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += String(chunk);
		asked.push({ url: request.url ?? "", headers: request.headers, body });
		if (request.url?.includes("hang")) return;
		const [status, headers] = answer(request.url ?? "");
		response.writeHead(status, headers).end("figures");
	});
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
	foreign = await listen(() => [200, {}]);
	api = await listen((url) =>
		url.includes("away") ? [302, { Location: `${originOf(foreign)}/taken` }] : [200, {}],
	);
});
afterAll(() => {
	for (const server of [api, foreign]) {
		server.closeAllConnections();
		server.close();
	}
});
beforeEach(() => {
	asked = [];
});

const auth = portcullis({
	platform: {
		env: { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" },
		log: () => {},
	},
	secret: "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac",
});
const somebody: Pick<User, "accessToken"> = { accessToken: async () => "the-token" };
const call = (): ApiFetch => auth.apiFetch(`${originOf(api)}/v1/`);

/** A gate whose app calls the API for whoever asks. */
function startCalling(
	calling: (user: User | undefined) => Promise<Response>,
): Promise<GateFixture> {
	return startGate({ app: (_, user) => calling(user), auth: { extraScopes: ["offline_access"] } });
}

describe("user.accessToken()", () => {
	test("is the token of the session, and says when it has ended", async () => {
		const answers: string[] = [];
		let wait: () => void = () => {};
		const fixture = await startCalling(async (user) => {
			const token = (await user?.accessToken()) ?? "";
			answers.push(token);
			wait();
			return new Response(
				await user?.accessToken().then(
					() => "good",
					(error: { name: string; code: string }) => `${error.name} ${error.code}`,
				),
			);
		});
		const browser = new ScriptedBrowser();
		const first = await fixture.signIn(browser);
		expect(first.body).toBe("good");
		expect(answers[0]?.length).toBeGreaterThan(10);
		expect(allCookies(browser)).not.toContain(answers[0]);
		// While the handler runs.
		wait = () => {
			fixture.clock.ahead += 7200;
		};
		expect((await browser.navigate(`${fixture.origin}/private`)).body).toBe(
			"TokenError token_expired",
		);
	});

	test("is good for a minute when a handler begins, else the handler does not run", async () => {
		let runs = 0;
		const fixture = await startCalling(async () => {
			runs++;
			return new Response("ran");
		});
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const ask = () =>
			fetch(`${fixture.origin}/private`, { headers: { Cookie: allCookies(browser) } });
		fixture.clock.ahead = 3600 - 65;
		expect((await ask()).status).toBe(200);
		fixture.clock.ahead = 3600 - 55;
		const refused = await ask();
		expect([refused.status, (await refused.json()).code, runs]).toEqual([
			401,
			"refresh_required",
			2,
		]);
	});
});

describe("auth.apiFetch", () => {
	test("sends the token, the request, and nothing that is between browser and app", async () => {
		const response = await call()(somebody, "figures?year=2026", {
			method: "POST",
			body: "x",
			headers: {
				Cookie: "__Host-okta-abc123-at=x",
				Authorization: "Basic x",
				"Portcullis-Request": "1",
				"X-Own": "1",
			},
		});
		expect(await response.text()).toBe("figures");
		expect(asked).toMatchObject([{ url: "/v1/figures?year=2026", body: "x" }]);
		expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer the-token", "x-own": "1" });
		expect(asked[0]?.headers).not.toHaveProperty("cookie");
		expect(asked[0]?.headers).not.toHaveProperty("portcullis-request");
	});

	test("goes to what is below the root, however it is written", async () => {
		for (const path of [
			"",
			"a/../b",
			"./c",
			`${originOf(api)}/v1/d`,
			"/v1/e",
			"100%25",
			"f#fragment",
			"..g",
		])
			await call()(somebody, path);
		expect(asked.map(({ url }) => url)).toEqual(
			["", "b", "c", "d", "e", "100%25", "f", "..g"].map((path) => `/v1/${path}`),
		);
	});

	test.each([
		"..",
		"../v2/x",
		"/admin",
		"/v1",
		"/v1x/y",
		"a/../../admin",
		"%2e%2e/admin",
		"..%2fadmin",
		"..%5cadmin",
		"..\\admin",
		"%252e%252e%252fadmin",
		"%25/%252e%252e/admin",
		"..;/admin",
		"..;x=1/admin",
		"//evil.example/v1/",
		"\\\\evil.example/v1/",
		"https://evil.example/v1/",
		"http://user@127.0.0.1/v1/",
		"javascript:alert(1)",
		"data:text/plain,x",
		"http://[/",
	])("%s is refused, and nothing is sent", async (path) => {
		await expect(call()(somebody, path)).rejects.toMatchObject({
			name: "TokenError",
			code: "destination_refused",
		});
		expect(asked).toEqual([]);
	});

	test("a redirect is returned, and the token does not follow it", async () => {
		const response = await call()(somebody, "away");
		expect([response.status, response.headers.get("location")]).toEqual([
			302,
			`${originOf(foreign)}/taken`,
		]);
		expect(asked).toHaveLength(1);
	});

	test("nothing is sent for somebody whose token has ended", async () => {
		const ended = { accessToken: () => Promise.reject(new Error("ended")) };
		await expect(call()(ended, "x")).rejects.toThrow("ended");
		expect(asked).toEqual([]);
	});

	test("gives up an API that does not answer, and when the caller does", async () => {
		const fetchSoon = auth.apiFetch(`${originOf(api)}/v1/`, { timeout: 0.1 });
		await expect(fetchSoon(somebody, "hang")).rejects.toMatchObject({ name: "TimeoutError" });
		const gone = AbortSignal.abort(new Error("gone"));
		await expect(call()(somebody, "x", { signal: gone })).rejects.toThrow("gone");
	});

	test.each([
		["http://api.example/v1/", "https"],
		["/v1/", "https"],
		["ftp://api.example/", "https"],
		["https://api.example/v1", "slash"],
		["https://user:word@api.example/", "user"],
		["https://api.example/?x=1", "query"],
	])("%s is refused at start", (base, remedy) => {
		expect(() => auth.apiFetch(base)).toThrow(ConfigError);
		expect(() => auth.apiFetch(base)).toThrow(remedy);
	});

	test("all mistakes are said at once", () => {
		expect(() => auth.apiFetch("http://api.example/", { timeout: 0 })).toThrow(
			/https URL(.|\n)*timeout is 0/,
		);
	});
});
