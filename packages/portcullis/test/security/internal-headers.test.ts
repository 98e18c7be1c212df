import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { protect as protectHono } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import { protect } from "../../src/node.ts";
import { allCookies, MARKER, type Person, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { listen } from "../support/web-server.ts";

/**
 * Headers that some framework or proxy takes for proof that somebody has looked already, or for the
 * identity itself.
 */
const names = [
	"x-middleware-subrequest",
	"x-middleware-next",
	"x-middleware-rewrite",
	"x-middleware-override-headers",
	"x-middleware-request-x-user",
	"x-middleware-invoke",
	"x-invoke-path",
	"x-invoke-status",
	"x-nextjs-data",
	"x-prerender-revalidate",
	"x-matched-path",
	"x-forwarded-uri",
	"x-forwarded-path",
	"x-forwarded-prefix",
	"x-forwarded-method",
	"x-original-url",
	"x-original-uri",
	"x-rewrite-url",
	"x-override-url",
	"x-http-method-override",
	"x-method-override",
	"x-http-destinationurl",
	"x-forwarded-user",
	"x-forwarded-email",
	"x-forwarded-groups",
	"x-forwarded-preferred-username",
	"x-forwarded-access-token",
	"x-auth-request-user",
	"x-auth-request-email",
	"x-auth-request-groups",
	"x-remote-user",
	"remote-user",
	"x-user",
	"x-user-id",
	"x-email",
	"x-groups",
	"x-roles",
	"x-authenticated-userid",
	"x-webauth-user",
	"x-ms-client-principal",
	"x-ms-client-principal-name",
	"x-goog-authenticated-user-email",
	"x-amzn-oidc-identity",
	"x-amzn-oidc-data",
	"cf-access-authenticated-user-email",
	"x-portcullis-user",
	"x-portcullis-auth",
	"portcullis-user",
	"portcullis-auth",
	"portcullis-request",
	"portcullis-admitted",
	"x-forwarded-for",
	"x-real-ip",
	"client-ip",
	"true-client-ip",
	"x-client-ip",
	"x-cluster-client-ip",
	"via",
	"authorization",
	"proxy-authorization",
	"x-csrf-token",
	"x-requested-with",
	"x-internal",
	"x-internal-request",
	"x-health-check",
	"x-debug",
	"x-admin",
	"x-skip-auth",
];
const values = [
	"1",
	"true",
	"/",
	"/public",
	"ada",
	"ada@example.com",
	"admins",
	"127.0.0.1",
	"GET",
	"middleware:middleware:middleware:middleware:middleware",
	"src/middleware:src/middleware:src/middleware:src/middleware:src/middleware",
	"Bearer %",
	"Bearer a.b.c",
	"Basic %%%",
	"__Host-generic=1",
	'{"sub":"ada"}',
];

const agents = [
	"ELB-HealthChecker/2.0",
	"kube-probe/1.31",
	"GoogleHC/1.0",
	"GoogleStackdriverMonitoring-UptimeChecks",
	"Amazon-Route53-Health-Check-Service",
	"Azure Traffic Manager Endpoint Monitor",
	"AlwaysOn",
	"Prometheus/3.0",
	"Blackbox Exporter/0.25",
	"Consul Health Check",
	"UptimeRobot/2.0",
	"Pingdom.com_bot_version_1.4",
	"StatusCake",
	"Googlebot/2.1",
	"facebookexternalhit/1.1",
	"Slackbot-LinkExpanding 1.0",
	"curl/8",
	"",
	"oauth2-proxy",
	"internal",
	"node",
];

const serveNode = (gate: Gate<Person>) =>
	listen(protect((_, response) => response.end(MARKER), gate));
const serveHono = (gate: Gate<Person>) => {
	const app = protectHono(new Hono(), gate);
	app.all("*", (c) => c.text(MARKER));
	return listen(getRequestListener(app.fetch));
};

describe.each([
	["node", serveNode],
	["Hono", serveHono],
] as const)("headers that claim to have been checked, before %s (R73, R75)", (_, serve) => {
	it("sign nobody in, open nothing and promote nobody (B1, B2, B5, B6, B13)", async () => {
		const { origin, idp, signIn } = await startGate({
			serve,
			gate: (auth) => ({
				pages: {
					"/public": { auth: false },
					"/admin": {
						auth: auth.check(({ user }) => user.claims.groups?.includes("admins") === true),
					},
				},
			}),
		});
		idp.person = { sub: "grace", groups: ["staff"] };
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const cookie = allCookies(browser);
		const variants = (name: string) => [
			name,
			name.toUpperCase(),
			name.replaceAll("-", "_"),
			name.replace("-", "_"),
		];
		const corpus = [
			...names.flatMap((name) =>
				variants(name).map((variant, i) => ({
					[variant]: values[(name.length + i * 5) % values.length] ?? "1",
				})),
			),
			// All of them at once with each value, and each twice.
			...values.map((value) => Object.fromEntries(names.map((name) => [name, value]))),
			...values
				.slice(0, 4)
				.map((value) => Object.fromEntries(names.map((name) => [name, [value, "other"]]))),
			...agents.map((agent) => ({ "user-agent": agent, "x-forwarded-for": "127.0.0.1" })),
		];
		expect(corpus.length).toBeGreaterThan(250);
		for (const headers of corpus) {
			const anonymous = await exchange(`${origin}/admin?x=/public`, "GET", headers);
			expect([headers, anonymous.status]).toEqual([headers, 401]);
			const person = await exchange(`${origin}/admin`, "GET", { ...headers, cookie });
			expect([headers, person.status]).toEqual([headers, 403]);
		}
	}, 30_000);

	it("change no method: a POST is one", async () => {
		const { origin, signIn } = await startGate({ serve });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		for (const name of ["x-http-method-override", "x-method-override", "x-http-method"]) {
			const answer = await exchange(
				`${origin}/private`,
				"POST",
				{ cookie: allCookies(browser), [name]: "GET" },
				"_method=GET",
			);
			expect(answer.status).toBe(403);
		}
	});
});
