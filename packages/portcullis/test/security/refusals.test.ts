import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Gate, UserClaims } from "../../src/index.ts";
import { protect } from "../../src/node.ts";
import { memory } from "../../src/state.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { sendLogout } from "../support/logout-token.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { readSources } from "../support/source-tree.ts";
import { listen } from "../support/web-server.ts";

const PROXIED = "https://app.example.com";
const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const SCRIPT = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };

/** Requests that are refused, by whom and why: method, path, headers, what the line has to name. */
const refusals: Readonly<
	Record<string, readonly [string, string, Record<string, string>, readonly string[]]>
> = {
	"an unknown endpoint": [
		"GET",
		"/_portcullis/nothing",
		SCRIPT,
		["GET /_portcullis/nothing", "expected"],
	],
	"the panel, where there is none": [
		"GET",
		"/_portcullis/panel",
		SCRIPT,
		["GET /_portcullis/panel", "expected"],
	],
	"a method of the state endpoints": [
		"GET",
		"/_portcullis/event",
		SCRIPT,
		["GET /_portcullis/event", "expected POST"],
	],
	"a method of the login page": ["PUT", "/login", SCRIPT, ["PUT /login", "expected GET, POST"]],
	"a method of a login": [
		"PUT",
		"/login/generic",
		SCRIPT,
		["PUT /login/generic", "expected GET, POST"],
	],
	"a method of the callback": [
		"PUT",
		"/callback",
		NAVIGATION,
		["PUT /callback", "expected GET, POST"],
	],
	"a method of the callback's form": ["GET", "/callback/continue", NAVIGATION, ["expected POST"]],
	"a method of the health endpoint": [
		"POST",
		"/_portcullis/health",
		{},
		["POST /_portcullis/health", "expected GET"],
	],
	"a method of back-channel logout": [
		"GET",
		"/_portcullis/backchannel-logout/generic",
		{},
		["expected POST"],
	],
	"back-channel logout of a stranger": [
		"POST",
		"/_portcullis/backchannel-logout/nobody",
		{},
		["name of a provider"],
	],
	"a login in the background": [
		"GET",
		"/login/generic",
		SCRIPT,
		["sec-fetch-mode: cors", "expected a navigation"],
	],
	"a popup in the background": [
		"POST",
		"/login",
		SCRIPT,
		["sec-fetch-mode: cors", "expected a navigation"],
	],
	"a callback in the background": [
		"GET",
		"/callback",
		SCRIPT,
		["sec-fetch-mode: cors", "expected a navigation"],
	],
	"a step-up in the background": [
		"GET",
		"/_portcullis/step-up/x",
		SCRIPT,
		["sec-fetch-mode: cors"],
	],
	"a refresh of another origin": [
		"POST",
		"/_portcullis/refresh",
		{ origin: PROXIED, ...SCRIPT },
		forged(),
	],
	"a hydrate of another origin": [
		"POST",
		"/_portcullis/hydrate",
		{ origin: PROXIED, ...SCRIPT },
		forged(),
	],
	"an event of another origin": [
		"POST",
		"/_portcullis/event",
		{ origin: PROXIED, ...SCRIPT },
		forged(),
	],
	"a stream of another origin": [
		"POST",
		"/_portcullis/stream",
		{ origin: PROXIED, ...SCRIPT },
		forged(),
	],
	"a claim of another origin": [
		"POST",
		"/_portcullis/claim",
		{ origin: PROXIED, ...SCRIPT },
		forged(),
	],
	"a logout of another origin": ["POST", "/logout", { origin: PROXIED, ...SCRIPT }, forged()],
	"a POST of the app of another origin": [
		"POST",
		"/notes",
		{ origin: PROXIED, ...SCRIPT },
		forged(),
	],
	"a POST of the app without an origin": [
		"POST",
		"/notes",
		SCRIPT,
		["Origin none", "expected Origin http://localhost"],
	],
	"a POST of a page without a referrer": [
		"POST",
		"/notes",
		{ origin: "null", ...SCRIPT },
		["Referrer-Policy"],
	],
};

function forged(): string[] {
	return [
		`Origin ${PROXIED}`,
		"Host localhost:",
		"expected Origin http://localhost:",
		"PORTCULLIS_ORIGIN",
		"trustProxy",
	];
}

describe("every refusal has one line in the log, with what was seen and what was expected, and its id", async () => {
	const fixture = await startGate({ auth: { store: memory() }, app: () => new Response("saved") });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);

	test.each(Object.entries(refusals))("%s", async (_, [method, path, headers, names]) => {
		fixture.log.length = 0;
		const cookie = allCookies(browser);
		const answer = await exchange(fixture.origin + path, method, { ...headers, cookie });
		expect(answer.status).toBeGreaterThanOrEqual(400);
		const problem = JSON.parse(answer.body) as { code: string; id?: string };
		expect(fixture.log).toMatchObject([{ code: problem.code, id: problem.id, level: "warning" }]);
		for (const name of names) expect(fixture.log[0]?.message).toContain(name);
	});

	test("a form sent to the logout page by another site's page, though it is answered with a page", async () => {
		fixture.log.length = 0;
		const headers = { origin: PROXIED, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
		const page = await exchange(`${fixture.origin}/logout`, "POST", {
			...headers,
			cookie: allCookies(browser),
		});
		expect(page.status).toBe(403);
		expect(fixture.log.map(({ code }) => code)).toEqual(["csrf_failed"]);
		for (const name of forged()) expect(fixture.log[0]?.message).toContain(name);
	});

	test("but the everyday course: nobody there, a session to be renewed, a plain no", async () => {
		const shut = await startGate({ auth: { auth: ({ user }) => user.sub === "vic" } });
		const ada = new ScriptedBrowser();
		await shut.signIn(ada);
		for (const cookie of ["", allCookies(ada)])
			expect(
				(await exchange(`${shut.origin}/x`, "GET", { ...SCRIPT, cookie })).status,
			).toBeGreaterThan(400);
		expect((await exchange(`${shut.origin}/_portcullis/refresh`, "POST", own(shut))).status).toBe(
			401,
		);
		expect(shut.log).toEqual([]);
	});
});

test("no route answers with a problem, or with an error by hand, past the function that writes the line", () => {
	// Everywhere but where it is written: the problem itself, the line, and the error page. A tag
	// without a gate writes its line itself, and so do requests that cannot be handed to one.
	const past = [...readSources()].filter(
		([file, source]) =>
			/^(app|hosts)\//.test(file) &&
			!/\.test\.ts$/.test(file) &&
			![
				"app/answers/render.ts",
				"app/answers/refuse.ts",
				"app/answers/responder.ts",
				"hosts/hono/access.ts",
				"hosts/node/upgrade.ts",
			].includes(file) &&
			/problemResponse\b|new Response\([^;]*status: [45]|writeHead\([45]/.test(source),
	);
	expect(past.map(([file]) => file)).toEqual([]);
	// Answered without a line: the one template that anonymous callers get, and codes that the
	// compiler limits.
	const templates = [...readSources()].filter(([, source]) => source.includes("problemTemplate("));
	expect(templates.map(([file]) => file).sort()).toEqual([
		"app/answers/refusals.ts",
		"app/answers/render.ts",
	]);
});

function own({ origin }: Pick<GateFixture, "origin">): Record<string, string> {
	return { ...SCRIPT, origin, "portcullis-request": "1", "content-type": "application/json" };
}

/** What a stranger can send without a cookie, and without end. */
const floods: Readonly<
	Record<string, (fixture: GateFixture, i: number, ip: string) => Promise<Answer | Response>>
> = {
	events: ({ origin }, _, ip) =>
		exchange(
			`${origin}/_portcullis/event`,
			"POST",
			{ ...own({ origin }), "x-forwarded-for": ip },
			"{}",
		),
	callbacks: ({ origin }, i, ip) =>
		exchange(`${origin}/callback?code=x&state=${"0".repeat(16)}.${i}.r`, "GET", {
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
			"x-forwarded-for": ip,
		}),
	"logout tokens": ({ origin }, i, ip) =>
		sendLogout(origin, `no token ${i}`, "generic", { headers: { "x-forwarded-for": ip } }),
	"unknown endpoints": ({ origin }, i, ip) =>
		exchange(`${origin}/_portcullis/${i}`, "GET", { "x-forwarded-for": ip }),
	claims: ({ origin }, _, ip) =>
		exchange(`${origin}/_portcullis/claim`, "POST", {
			...SCRIPT,
			origin: PROXIED,
			"x-forwarded-for": ip,
		}),
};

describe("a stranger cannot fill the disk", () => {
	test.each(Object.entries(floods))("%s", async (_, send) => {
		const fixture = await startGate({
			auth: { http: { trustProxy: true }, session: { loginLimit: 0 }, store: memory() },
		});
		const ids = new Set<string>();
		for (let i = 0; i < 100; i++) {
			const answer = await send(fixture, i, "198.51.100.1");
			const body =
				typeof answer.body === "string" ? answer.body : await (answer as Response).text();
			for (const [id] of body.matchAll(/(?<="id":"|<code>|the log \()[\w-]{12,}/g)) ids.add(id);
		}
		expect(fixture.log).toHaveLength(10);
		// Whatever id was told is to be found.
		const logged = fixture.log.map(({ id }) => id);
		expect([...ids].filter((id) => !logged.includes(id))).toEqual([]);
		expect(ids.size).toBe(10);
		// Another network's line is written all the same, and after a minute one says how many there
		// were.
		await send(fixture, 100, "203.0.113.9");
		expect(fixture.log).toHaveLength(11);
		fixture.clock.ahead += 60;
		await send(fixture, 101, "198.51.100.1");
		expect(fixture.log).toHaveLength(12);
		expect(fixture.log.at(-1)?.message).toMatch(/ \(and 90 more like this\)$/);
	});

	test("with as many networks as they like", async () => {
		const fixture = await startGate({ auth: { http: { trustProxy: true } } });
		for (let i = 0; i < 400; i++)
			await exchange(`${fixture.origin}/_portcullis/x`, "GET", {
				"x-forwarded-for": `2001:db8:0:${i.toString(16)}::1`,
			});
		expect(fixture.log.length).toBeLessThan(300);
	});
});

test("on node:http, a target that the gate cannot judge is refused with a line, too", async () => {
	const fixture = await startGate({
		serve: (gate) =>
			listen(protect((_, response) => response.end("served"), gate as Gate<UserClaims>)),
	});
	const { port } = new URL(fixture.origin);
	const socket = connect(Number(port), "localhost");
	socket.end("GET http:///secret?code=hidden HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n");
	expect(await text(socket)).toContain(" 400 ");
	expect(fixture.log).toMatchObject([{ level: "warning", code: "not_found", reason: "target" }]);
	expect(fixture.log[0]?.message).toContain("GET http:///secret came with Host");
	expect(fixture.log[0]?.message).not.toContain("hidden");
});
