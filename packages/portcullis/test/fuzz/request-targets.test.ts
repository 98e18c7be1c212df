import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Auth, Gate, GateOptions, PageAuthContext, Rule } from "../../src/index.ts";
import { expectConsole } from "../support/expect-console.ts";
import { allCookies, type Person, startGate } from "../support/gate-fixture.ts";
import { type RawAnswer, rawRequest } from "../support/raw-request.ts";
import { LEVELS, type Level, ROUTER_HOSTS, serveRouter } from "../support/routers.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { FUZZ_TIMEOUT, fuzz, Meter } from "./fuzz.ts";

/** A request line, before the version. */
interface Line {
	readonly method: string;
	readonly target: string;
}

type Caller = "anonymous" | "viewer" | "admin";

const MAY: Readonly<Record<Caller, readonly Level[]>> = {
	anonymous: ["public"],
	viewer: ["public", "member"],
	admin: ["public", "member", "admin"],
};

/**
 * By exact patterns and by wide ones, with a default that shuts and with one that opens: the second
 * has nothing but readings to rely on.
 */
const CONFIGURATIONS: Readonly<
	Record<
		string,
		{ auth: boolean; gate: (isAdmin: Rule<PageAuthContext<Person>>) => GateOptions<Person> }
	>
> = {
	"shut by default": {
		auth: true,
		gate: (isAdmin) => ({
			pages: {
				"/": { auth: false },
				"/open": { auth: false },
				"/open/*": { auth: false },
				"/open/secret": { auth: isAdmin },
				"/admin/*": { auth: isAdmin },
				"/reports": { auth: isAdmin },
			},
			assets: ["/assets/*", "/favicon.ico"],
		}),
	},
	"open by default": {
		auth: false,
		gate: (isAdmin) => ({
			pages: {
				"/secret": { auth: true },
				"/members/*": { auth: true },
				"/open/secret": { auth: isAdmin },
				"/admin/*": { auth: isAdmin },
				"/reports": { auth: isAdmin },
			},
			assets: ["/assets/*"],
		}),
	},
};

interface Host {
	readonly name: string;
	readonly origin: string;
	readonly cookies: Readonly<Record<Caller, string>>;
}

const hosts: Host[] = [];
const stops: (() => void)[] = [];
/** Routes whose code ran, by the number of the request. */
const ran = new Map<string, string[]>();
let requests = 0;

beforeAll(async () => {
	for (const [configuration, { auth, gate: options }] of Object.entries(CONFIGURATIONS)) {
		let isAdmin: Rule<PageAuthContext<Person>> = () => false;
		const fixture = await startGate({
			auth: { auth },
			gate: (auth: Auth<Person>) => {
				isAdmin = auth.check(({ user }) => user.claims.groups?.includes("admins") === true);
				return options(isAdmin);
			},
		});
		const cookies = { anonymous: "", viewer: "", admin: "" };
		for (const caller of ["viewer", "admin"] as const) {
			fixture.idp.person = { sub: caller, groups: caller === "admin" ? ["admins"] : ["staff"] };
			const browser = new ScriptedBrowser();
			await fixture.signIn(browser, { path: "/secret" });
			cookies[caller] = allCookies(browser);
		}
		for (const [router, serve] of Object.entries(ROUTER_HOSTS)) {
			const note = (route: string, id: string | null | undefined) => ran.get(id ?? "")?.push(route);
			const { port, close } = await serveRouter(serve, fixture.gate as Gate<Person>, note, isAdmin);
			stops.push(close);
			hosts.push({
				name: `${router}, ${configuration}`,
				origin: `http://localhost:${port}`,
				cookies,
			});
		}
	}
}, 60_000);

afterAll(() => {
	for (const stop of stops) stop();
});

/** Sends a request line, and says which routes have run. */
async function ask(
	host: Host,
	caller: Caller,
	{ method, target }: Line,
): Promise<RawAnswer & { routes: string[] }> {
	const id = String(requests++);
	ran.set(id, []);
	const cookie = host.cookies[caller];
	// As its own pages ask, so that nothing is refused for where it comes from.
	const lines = [
		`X-Case: ${id}`,
		`Origin: ${host.origin}`,
		...(cookie ? [`Cookie: ${cookie}`] : []),
	];
	const answer = await rawRequest(host.origin, target, { method, lines });
	const routes = ran.get(id) ?? [];
	ran.delete(id);
	return { ...answer, routes };
}

/** No code of a route runs for those who may not reach it, however its address is written. */
async function holds(line: Line): Promise<void> {
	const answers = hosts.flatMap((host) =>
		(["anonymous", "viewer"] as const).map(async (caller) => {
			const { routes, status } = await ask(host, caller, line);
			const forbidden = routes.filter((route) => !MAY[caller].includes(LEVELS[route] ?? "admin"));
			return { host: host.name, caller, ...line, status, forbidden };
		}),
	);
	expect((await Promise.all(answers)).filter(({ forbidden }) => forbidden.length > 0)).toEqual([]);
}

const METHODS = ["GET", "HEAD", "POST", "OPTIONS"];
const PATHS = [
	"/secret",
	"/admin",
	"/admin/panel",
	"/members/list",
	"/members/7",
	"/reports",
	"/open/secret",
	"/",
	"/open",
];
const SEGMENTS = [...new Set(PATHS.flatMap((path) => path.split("/")))].filter(Boolean);

/** What is put between segments, before them and behind them. */
const JOINTS = [
	"/",
	"//",
	"///",
	"/./",
	"/../",
	"/..;/",
	"/;/",
	"/;x=1/",
	"/x/../",
	"/%2e/",
	"/%2e%2e/",
	"/.%2e/",
	"/%252e%252e/",
	"%2f",
	"%252f",
	"%5c",
	"\\",
	"/\\",
	"\\/",
	"/%00/",
	"/%09/",
	"/\t/",
	"/%c0%ae%c0%ae/",
	"%c0%af",
	"%ef%bc%8f",
	"/%ef%bc%8e%ef%bc%8e/",
	"/assets/../",
	"/open/../",
];
const ENDINGS = [
	"",
	"/",
	"//",
	"/.",
	"/..",
	"/x/..",
	".",
	"..",
	";",
	";x=1",
	";/../x",
	"%3b",
	"%00",
	"%20",
	"%09",
	"%0a",
	"?",
	"?x=/open",
	"?/../open",
	"#",
	"#/open",
	"%23",
	"%3f",
	"%3f/../open",
	"%2f",
	"%5c",
	"\\",
	"~",
	".html",
	".json",
	".data",
	"/.data",
	"/_.data",
	".rsc",
	"/__data.json",
	".html__data.json",
	"/__route.js",
	"/__data.json?x-sveltekit-trailing-slash=1",
	"%2edata",
	"/__data%2ejson",
	"/...data",
	"/../open",
	"/../assets/a.js",
];
const BEGINNINGS = [
	"",
	"/",
	"//",
	"//x",
	"/\\x",
	"/\\",
	"\\",
	"http://x",
	"http://x:1",
	"http://a@x",
	"http://x\\",
	"http:/",
	"http:",
	"http://",
	"HTTP://x",
	"https://x",
	"ws://x",
	"x:80",
	"*",
	"/*",
	"/.",
	"/..",
	"/x/..",
	"/%2e%2e",
	"/open/..",
	"/open/%2e%2e",
	"/assets/..",
	"/assets/%2e%2e",
	"/assets/..%2f..",
	"/_next/data/b",
	"/page-data",
	"/base",
];

const percent = (text: string) =>
	[...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const wide = (text: string) =>
	text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

/** One way in which a piece of a path can be written otherwise. */
const SPELLINGS: readonly ((text: string) => string)[] = [
	(text) => text,
	(text) => text.toUpperCase(),
	(text) => text.slice(0, 1).toUpperCase() + text.slice(1),
	percent,
	(text) => percent(text.slice(0, 1)) + text.slice(1),
	(text) => percent(text).replaceAll("%", "%25"),
	(text) => percent(text.slice(0, 1)).replaceAll("%", "%2525") + text.slice(1),
	(text) => percent(text.slice(0, 1)).replaceAll("%", "%252525") + text.slice(1),
	(text) => percent(text.slice(0, 1)).replaceAll("%", "%25252525") + text.slice(1),
	(text) => percent(wide(text)),
	(text) => Buffer.from(wide(text)).toString("latin1"),
	(text) => text.replace(/s/, "%c5%bf").replace(/k/, "%e2%84%aa"),
	(text) => `${text.slice(0, 2)}%09${text.slice(2)}`,
	(text) => `${text.slice(0, 2)}%e2%80%8b${text.slice(2)}`,
	(text) => `%ff${text}`,
	(text) => `${text}%ff`,
	(text) => `${text};x`,
	(text) => `${text}.`,
];

const spelled = (text: fc.Arbitrary<string>) =>
	fc.tuple(text, fc.constantFrom(...SPELLINGS)).map(([piece, spell]) => spell(piece));
const usually = <T>(value: T, other: fc.Arbitrary<T>) =>
	fc.oneof({ arbitrary: fc.constant(value), weight: 3 }, other);

/** A path of the app, each segment and slash of which may be written otherwise. */
const path = fc
	.oneof(
		{ arbitrary: fc.constantFrom(...PATHS).map((one) => one.split("/").slice(1)), weight: 4 },
		fc.array(fc.constantFrom(...SEGMENTS, "x", "..", ".", ""), { maxLength: 4 }),
	)
	.chain((segments) =>
		fc
			.tuple(
				...segments.map((segment) =>
					fc.tuple(
						usually("/", fc.constantFrom(...JOINTS)),
						usually(segment, spelled(fc.constant(segment))),
					),
				),
			)
			.map((pairs) => pairs.map(([joint, segment]) => joint + segment).join("")),
	);

const LINES: fc.Arbitrary<Line> = fc.record({
	method: fc.oneof({ arbitrary: fc.constant("GET"), weight: 4 }, fc.constantFrom(...METHODS)),
	target: fc
		.tuple(
			usually("", fc.constantFrom(...BEGINNINGS)),
			path,
			usually("", fc.constantFrom(...ENDINGS)),
			usually("", fc.constantFrom(...ENDINGS)),
			usually(0, fc.constantFrom(200, 1000, 1030, 2040, 2100, 8000)),
		)
		// A space or line break would end the target, and is another request.
		.map(([beginning, middle, ending, end, length]) =>
			(beginning + (length > 0 ? middle.padEnd(length, "/x") : middle) + ending + end).replace(
				/[ \r\n]/g,
				"",
			),
		),
});

describe("request targets before real routers", () => {
	it("bring nothing to those who may not have it, in ways that were found to", async () => {
		const targets = [
			"http:///secret",
			"http://x/secret",
			"http://x/admin/..",
			"http://x/secret/x/../../assets/a.js",
			"http://x\\secret",
			"//x/secret",
			"/\\x/secret",
			"///secret",
			"/assets/../secret",
			"/assets/%2e%2e/admin",
			"/SECRET",
			"/secret/",
			"/secret;/../open",
			"/%73ecret",
			"/reports.data",
			"/reports/.data",
			"/reports/_.data",
			"/reports/__data.json",
			"/open/secret.data",
			"/admin/panel/__data.json",
			"/members/list/__route.js",
			"/x%2fy/../%61dmin/panel",
			"/x%2fy/../%72eports",
			"/x%2fy/..;/%73ecret",
			"*",
		];
		for (const target of targets)
			for (const method of ["GET", "HEAD", "POST"]) await holds({ method, target });
	}, 60_000);

	it("bring what they name to those who may", async () => {
		for (const host of hosts) {
			for (const [route, level] of Object.entries(LEVELS)) {
				if (route === "/admin/*" || (host.name.startsWith("SvelteKit") && route === "/open/page"))
					continue;
				for (const [caller, may] of Object.entries(MAY) as [Caller, readonly Level[]][]) {
					const line = { method: "GET", target: route.replace(":id", "7") };
					const { routes, status } = await ask(host, caller, line);
					const isShown = may.includes(level);
					const found = {
						host: host.name,
						caller,
						route,
						ran: routes.length > 0,
						isServed: status === 200,
					};
					expect(found).toEqual({
						host: host.name,
						caller,
						route,
						ran: isShown,
						isServed: isShown,
					});
				}
			}
		}
	}, 60_000);

	it("leave signed-in people the addresses that they have", async () => {
		const targets = [
			"/members/a%20b",
			"/members/%C3%BC",
			"/members/a%2Fb",
			"/members/x.y",
			"/members/7?next=//x/..%2f",
		];
		for (const host of hosts)
			for (const target of targets) {
				const { status, routes } = await ask(host, "viewer", { method: "GET", target });
				expect([host.name, target, status, routes.length > 0]).toEqual([
					host.name,
					target,
					200,
					true,
				]);
			}
	}, 60_000);

	it(
		"bring nothing to those who may not have it",
		async () => {
			// React Router says so on the console, of this and of many others.
			expectConsole("warn", /could not be decoded/);
			await holds({ method: "GET", target: "/x%ff" });
			await fuzz("request targets", new Meter(), LINES, holds);
		},
		FUZZ_TIMEOUT * 4,
	);
});
