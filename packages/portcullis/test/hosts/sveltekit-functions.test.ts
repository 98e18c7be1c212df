import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Auth, Gate, GateOptions } from "../../src/index.ts";
import { allCookies, type Person, startGate } from "../support/gate-fixture.ts";
import { rawRequest } from "../support/raw-request.ts";
import { ROUTER_HOSTS, serveRouter } from "../support/routers.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** The built app in `hosts/sveltekit`, whose page `/admin` brings a query, a command and a form. */
const HOSTS = [
	"SvelteKit by gate.handle",
	"SvelteKit naming the page",
	"SvelteKit behind portcullis/node",
] as const;
type Host = (typeof HOSTS)[number];
type Caller = "anonymous" | "viewer" | "admin";
const FORM = "Content-Type: application/x-www-form-urlencoded";

const stops: (() => void)[] = [];
let ran: string[] = [];
let cookies: Record<Caller, string>;
/** Of the module, the same in every build of these sources. */
let module: string;

afterAll(() => {
	for (const stop of stops) stop();
});

/** Serves the app behind a gate with these pages besides an open and a shut one. */
async function serve(
	host: Host,
	pages: (auth: Auth<Person>) => GateOptions<Person>["pages"] = () => ({}),
) {
	const fixture = await startGate({
		gate: (auth) => ({
			pages: {
				"/open": { auth: false },
				"/admin/*": {
					auth: auth.check(({ user }) => user.claims.groups?.includes("admins") === true),
				},
				...pages(auth),
			},
		}),
	});
	const start = ROUTER_HOSTS[host];
	if (!start) throw new Error(`No host ${host}`);
	const note = (route: string) => ran.push(route);
	const { port, close } = await serveRouter(start, fixture.gate as Gate<Person>, note, true);
	stops.push(close);
	cookies = { anonymous: "", viewer: "", admin: "" };
	for (const caller of ["viewer", "admin"] as const) {
		fixture.idp.person = { sub: caller, groups: [caller === "admin" ? "admins" : "staff"] };
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser, { path: "/secret" });
		cookies[caller] = allCookies(browser);
	}
	/**
	 * Asks as the app's own pages do; SvelteKit takes itself to be reached by https. What ran comes
	 * back.
	 */
	return async (
		caller: Caller,
		method: string,
		target: string,
		lines: string[] = [],
		body = "",
	) => {
		ran = [];
		const own = [
			`Origin: https://localhost:${port}`,
			...(cookies[caller] ? [`Cookie: ${cookies[caller]}`] : []),
		];
		const answer = await rawRequest(`http://localhost:${port}`, target, {
			method,
			lines: [...own, ...lines],
			body,
		});
		return { status: answer.status, body: answer.body, ran };
	};
}

/** Pages that browsers ask for say the address of the form. */
beforeAll(async () => {
	const ask = await serve("SvelteKit by gate.handle");
	const { body } = await ask("admin", "GET", "/admin");
	module = /\?\/remote=(\w+)(?:%2F|\/)remove/.exec(body)?.[1] ?? "";
	expect(module).not.toBe("");
}, 60_000);

const asForm = (page: string, name = "remove") => `${page}?/remote=${module}%2F${name}`;
const asBrowser = [FORM, "Accept: text/html"];

describe.each(HOSTS)("remote functions of a shut page, in %s", (host) => {
	it("do not run at an open page that a form without script is sent to", async () => {
		const ask = await serve(host);
		for (const target of [
			asForm("/open"),
			`/open?/remote=${module}/remove`,
			`/open?%2fremote=${module}%2fremove`,
			`/open?x=1&/remote=${module}/remove`,
			`/open?/remote=${module}/remove/%2522key%2522`,
			`/open?/remote=${module}/remove&/remote=x/y`,
		]) {
			const found = await ask("anonymous", "POST", target, asBrowser);
			expect([target, found.status, found.ran]).toEqual([target, 303, []]);
		}
		expect((await ask("anonymous", "GET", "/open")).status).toBe(200);
	}, 30_000);

	it("do not run at their own address as the data of an open page, whichever page the caller names", async () => {
		const ask = await serve(host);
		const named = ["x-sveltekit-pathname: /open", "x-sveltekit-search:"];
		const command = '{"payload":"","refreshes":[]}';
		for (const lines of [[], named]) {
			const query = await ask("anonymous", "GET", `/_app/remote/${module}/secrets`, lines);
			expect([query.status, query.ran]).toEqual([401, []]);
			const change = await ask("anonymous", "POST", `/_app/remote/${module}/wipe`, lines, command);
			expect([change.status, change.ran]).toEqual([401, []]);
		}
	}, 30_000);

	it("run at an open page where a pattern opens their own address", async () => {
		const ask = await serve(host, () => ({ [`/_app/remote/${module}/remove`]: { auth: false } }));
		expect((await ask("anonymous", "POST", asForm("/open"), asBrowser)).ran).toEqual([
			"form of /admin",
			"/open",
		]);
		expect((await ask("anonymous", "POST", asForm("/open", "other"), asBrowser)).status).toBe(303);
		expect((await ask("anonymous", "POST", asForm("/admin"), asBrowser)).ran).toEqual([]);
	}, 30_000);
});

describe("a rule for remote functions, in SvelteKit by gate.handle", () => {
	it("counts for their forms at every page", async () => {
		const ask = await serve("SvelteKit by gate.handle", (auth) => ({
			"/_app/remote/*": {
				auth: auth.check(({ user }) => user.claims.groups?.includes("admins") === true),
			},
		}));
		for (const page of ["/open", "/secret"]) {
			expect((await ask("viewer", "POST", asForm(page), asBrowser)).ran).toEqual([]);
			expect((await ask("admin", "POST", asForm(page), asBrowser)).ran).toContain("form of /admin");
		}
		expect((await ask("viewer", "GET", `/_app/remote/${module}/secrets`)).ran).toEqual([]);
		expect((await ask("admin", "GET", `/_app/remote/${module}/secrets`)).ran).toEqual([
			"query of /admin",
		]);
	}, 30_000);
});
