import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import { page, protect } from "../../src/hono.ts";
import type { Gate, Kit } from "../../src/index.ts";
import { protect as protectNode, userOf } from "../../src/node.ts";
import { allCookies, type GateFixture, type Person, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { type Listening, listen } from "../support/web-server.ts";

/** In the body of every handler that only signed-in people may reach. */
const SIGNED_IN = "for-people-who-signed-in";
/** In the body of every handler that only admins may reach. */
const ADMIN = "for-admins-alone";

const gateOptions = (kit: Kit<Person>) => ({
	pages: {
		"/admin/*": { auth: kit.check(({ user }) => user.userinfo.groups?.includes("admins") === true) },
		"/open/:name": { auth: false },
		"/open/private": { auth: true },
		"/open/private/*": { auth: true },
		"/public/*": { auth: false },
		"/public/internal/*": { auth: true },
	},
	assets: ["/assets/*"],
});

/** What each handler of the apps says, by its path. Shut ones beside open ones. */
const BODIES: Readonly<Record<string, string>> = {
	"/private": SIGNED_IN,
	"/private/deep/page": SIGNED_IN,
	"/open/private": SIGNED_IN,
	"/public/internal/page": SIGNED_IN,
	"/admin": ADMIN,
	"/admin/panel": ADMIN,
	"/open/page": "open",
	"/public/page": "open",
	"/assets/app.js": "open",
};

async function serveHono(gate: Gate<Person>): Promise<Listening> {
	const app = protect(new Hono(), gate);
	for (const [path, body] of Object.entries(BODIES)) app.get(path, (c) => c.text(body));
	app.get("/:any", page({ auth: false }), (c) => c.text("open"));
	return listen(getRequestListener(app.fetch));
}

/** Hono with a router that forgives trailing slashes. */
async function serveLooseHono(gate: Gate<Person>): Promise<Listening> {
	const app = protect(new Hono({ strict: false }), gate);
	for (const [path, body] of Object.entries(BODIES)) app.get(path, (c) => c.text(body));
	return listen(getRequestListener(app.fetch));
}

/** An app that reads paths in every forgiving way at once, as old servers and careless file look-ups do. */
async function serveForgiving(gate: Gate<Person>): Promise<Listening> {
	return listen(
		protectNode((request: IncomingMessage, response: ServerResponse) => {
			const bodies = forgivingReadings(request.url ?? "/").map((path) => BODIES[path]);
			// The most secret reading is what is served: if one of them may be wrong, none may be open.
			const body = [ADMIN, SIGNED_IN, "open"].find((one) => bodies.includes(one)) ?? "nothing here";
			response.end(`${body} ${userOf(request)?.sub ?? "nobody"}`);
		}, gate),
	);
}

function forgivingReadings(target: string): string[] {
	const readings: string[] = [];
	let current = target.split("?", 1)[0] ?? "/";
	for (let round = 0; round < 4; round++) {
		for (const base of [current, current.split(/[?#\0\r\n]/, 1)[0] ?? "/"]) {
			for (const withParameters of [base, base.replace(/;[^/]*/g, "")]) {
				const slashes = withParameters.replaceAll("\\", "/").replace(/\/+/g, "/");
				readings.push(tidy(slashes), tidy(dotless(slashes)));
			}
		}
		current = current.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	}
	return readings;
}

function tidy(path: string): string {
	return (
		path
			.toLowerCase()
			.normalize("NFKC")
			.replace(/[.\s/]+$/, "") || "/"
	);
}

function dotless(path: string): string {
	return new URL(path.replace(/[?#].*$/s, ""), "http://a").pathname;
}

/** More than 60 ways to write one path. */
function spellings(path: string): string[] {
	const first = path.slice(1).split("/")[0] ?? "";
	const encoded = (text: string) => [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join("");
	const twice = encoded(first).replaceAll("%", "%25");
	const wide = [...first]
		.map((character) => encodeURIComponent(String.fromCharCode(character.charCodeAt(0) + 0xfee0)))
		.join("");
	const rest = path.slice(1 + first.length);
	const one = `%${first.charCodeAt(0).toString(16)}${first.slice(1)}`;
	return [
		path,
		`${path}/`,
		`${path}//`,
		`/${path}`,
		`//${path}`,
		`///${path}`,
		`/.${path}`,
		`/./${path}`,
		`/..${path}`,
		`/../..${path}`,
		`/x/..${path}`,
		`/x/%2e%2e${path}`,
		`/x/%2E%2E${path}`,
		`/x/.%2e${path}`,
		`/x/%252e%252e${path}`,
		`/open/..${path}`,
		`/public/..${path}`,
		`/public/%2e%2e${path}`,
		`/public/%2e%2e%2f${path.slice(1)}`,
		`/public/..%2f${path.slice(1)}`,
		`/public/..%5c${path.slice(1)}`,
		`/public/..\\${path.slice(1)}`,
		`/public/page/../..${path}`,
		`/public/..;${path}`,
		`/public/..;/..${path}`,
		`/public/.;/..${path}`,
		`/open/%2e%2e${path}`,
		`/open/page/..%2f..${path}`,
		`/assets/..${path}`,
		`/assets/%2e%2e${path}`,
		`/assets/..%2f${path.slice(1)}`,
		`/assets/..;${path}`,
		`/assets/%252e%252e%252f${path.slice(1)}`,
		`/${encoded(first)}${rest}`,
		`/${one}${rest}`,
		`/${twice}${rest}`,
		`/%25${one.slice(1)}${rest}`,
		`/${wide}${rest}`,
		`/%2f${path.slice(1)}`,
		`/%2F${path.slice(1)}`,
		`/%5c${path.slice(1)}`,
		`/\\${path.slice(1)}`,
		`\\${path.slice(1)}`,
		`/${first.toUpperCase()}${rest}`,
		`/${first[0]?.toUpperCase()}${first.slice(1)}${rest}`,
		`${path};`,
		`${path};a=b`,
		`/${first};a=b${rest}`,
		`/;${path}`,
		`/;x=/..${path}`,
		`${path}.`,
		`${path}..`,
		`${path}%20`,
		`${path}%09`,
		`${path}%00`,
		`${path}%00.js`,
		`${path}%0a`,
		`${path}%0d%0aX:%20y`,
		`${path}%23`,
		`${path}%23/../../public/page`,
		`${path}%3f`,
		`${path}%3fx=/public/page`,
		`${path}#`,
		`${path}#/public/page`,
		`${path}?`,
		`${path}?x=/public/page`,
		`${path}?/../../public/page`,
		`${path}/.`,
		`${path}/./`,
		`${path}/..${path}`,
		`${path}/%2e`,
		`${path}/x/..`,
		`${path}/x/%2e%2e`,
		`${path}%2f`,
		`${path}%5c`,
		`${path}/%20`,
		`${path}%`,
		`${path}%zz`,
		`${path}%c0%af`,
		`/%c0%ae%c0%ae${path}`,
		`/%e0%80%af${path.slice(1)}`,
		`${path}/..;/..;${path}`,
		`http://localhost${path}`,
		`http://public.invalid${path}`,
		`http://a@b${path}`,
		`http:${path}`,
		`*`,
		`${path}/../${first}${rest}`,
		`/${first}%2f${rest.slice(1)}`,
		`/${first}//${rest.slice(1)}`,
		`/${first}/.${rest}`,
		`/${first}\\${rest.slice(1)}`,
		`/${first}/%2e/${rest.slice(1)}`,
		`${path}.html`,
		`${path}.json`,
		`${path}~`,
	];
}

const shut = Object.keys(BODIES).filter((path) => BODIES[path] !== "open");
const corpus = shut.flatMap(spellings);

const hosts = {
	"Hono's router": serveHono,
	"Hono without strict": serveLooseHono,
	"a forgiving node handler": serveForgiving,
};

describe.each(Object.entries(hosts))("path spellings before %s (R74, B3, B4)", (name, serve) => {
	let fixture: GateFixture;
	const cookies: Record<"nobody" | "grace" | "ada", string> = { nobody: "", grace: "", ada: "" };

	beforeAll(async () => {
		fixture = await startGate({ serve, gate: gateOptions });
		for (const [sub, groups] of [
			["grace", ["staff"]],
			["ada", ["admins"]],
		] as const) {
			fixture.idp.person = { sub, groups };
			const browser = new ScriptedBrowser();
			await fixture.signIn(browser);
			cookies[sub] = allCookies(browser);
		}
	});

	/** Which spellings of the corpus bring a body with the text. */
	async function reached(
		text: string,
		who: keyof typeof cookies,
		headers: Record<string, string> = {},
	): Promise<string[]> {
		const found: string[] = [];
		for (const target of corpus) {
			const cookie = cookies[who];
			const answer = await exchange(
				fixture.origin,
				"GET",
				{ ...(cookie ? { cookie } : {}), ...headers },
				undefined,
				target,
			);
			expect(answer.status, target).toBeLessThan(500);
			if (answer.body.includes(text)) found.push(target);
		}
		return found;
	}

	it("brings nothing to anonymous callers", async () => {
		expect(await reached(SIGNED_IN, "nobody")).toEqual([]);
		expect(await reached(ADMIN, "nobody", { accept: "text/html" })).toEqual([]);
	}, 30_000);

	it("brings nothing of the admins' to other people", async () => {
		expect(await reached(ADMIN, "grace")).toEqual([]);
	}, 30_000);

	it("is a corpus that does reach those pages for those who may", async () => {
		const forAdmin = await reached(ADMIN, "ada");
		expect(forAdmin.length).toBeGreaterThan(name.startsWith("a forgiving") ? 100 : 10);
		expect(new Set(corpus).size / shut.length).toBeGreaterThan(60);
		for (const [path, body] of Object.entries(BODIES)) {
			const answer = await exchange(fixture.origin + path, "GET", body === "open" ? {} : { cookie: cookies.ada });
			expect(answer.body).toContain(body);
		}
	}, 30_000);
});
