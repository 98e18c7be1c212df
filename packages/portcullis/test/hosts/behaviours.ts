import { beforeAll, describe, expect, it } from "vitest";
import type { Gate, User } from "../../src/index.ts";
import {
	allCookies,
	type GateFixture,
	MARKER,
	type Person,
	sessionCookies,
	startGate,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import type { Listening } from "../support/web-server.ts";
import { http1 } from "../support/wire.ts";
import { expectOneLine, type StreamHost, streamBehaviours } from "./stream-behaviours.ts";

/** What the app under test answers to a request, for each host to write in its own way. */
export interface AppAnswer {
	readonly status: number;
	readonly headers: readonly (readonly [string, string])[];
	readonly chunks: readonly string[];
	/** The host throws where it can, in place of an answer. */
	readonly throws?: boolean;
	/** The body fails after its chunks. */
	readonly breaks?: boolean;
	/**
	 * The host answers with a response whose headers cannot be changed, where it has such a thing.
	 */
	readonly immutable?: boolean;
}

/** Puts the gate in front of the app of `appAnswer` and serves it. */
export type HostFactory = (gate: Gate<Person>) => Promise<Listening>;

/** Paths that the app has a route for. */
export const APP_PATHS = [
	"/",
	"/private",
	"/admin",
	"/cached",
	"/cookies",
	"/moved",
	"/stream",
	"/save",
	"/boom",
	"/breaks",
	"/breaks-at-once",
	"/assets/app.js",
] as const;

/** The app: what it answers does not depend on the host. */
export function appAnswer(
	method: string,
	path: string,
	body: string,
	user: User<Person> | undefined,
): AppAnswer {
	const text = `${MARKER} ${method} ${path} for ${user?.sub ?? "nobody"} in ${user?.claims.groups?.join("+") ?? "no groups"}`;
	const plain = { status: 200, headers: [["Content-Type", "text/plain"]], chunks: [text] } as const;
	switch (path) {
		case "/":
		case "/cached":
		case "/assets/app.js":
			return {
				...plain,
				headers: [
					["Cache-Control", "public, max-age=600"],
					["Vary", "Accept-Encoding"],
				],
			};
		case "/cookies":
			return {
				...plain,
				headers: [
					["Set-Cookie", "a=1; Path=/"],
					["Set-Cookie", "b=2, with a comma; Path=/"],
				],
			};
		case "/moved":
			return {
				status: 302,
				headers: [["Location", "http://localhost/elsewhere"]],
				chunks: [],
				immutable: true,
			};
		case "/stream":
			return { ...plain, chunks: [text, " first", " second", " third"] };
		case "/save":
			return { ...plain, chunks: [`${text} saved ${body}`] };
		case "/boom":
			return { status: 500, headers: [], chunks: [`${MARKER} error`], throws: true };
		case "/breaks":
			return { ...plain, breaks: true };
		case "/breaks-at-once":
			return { ...plain, chunks: [], breaks: true };
		default:
			return path === "/private" || path === "/admin"
				? plain
				: { status: 404, headers: [], chunks: [`${MARKER} not found`] };
	}
}

/** The same for hosts that speak web-standard responses. Throws where the app throws. */
export async function appResponse(
	request: Request,
	user: User<Person> | undefined,
): Promise<Response> {
	const answer = appAnswer(
		request.method,
		new URL(request.url).pathname,
		await request.text(),
		user,
	);
	if (answer.throws) throw new Error(`${MARKER} error`);
	const location = answer.immutable && answer.headers[0]?.[1];
	if (location) return Response.redirect(location, 302);
	const headers = new Headers();
	for (const [name, value] of answer.headers) headers.append(name, value);
	const encoder = new TextEncoder();
	const chunks = answer.chunks.values();
	const body = new ReadableStream<Uint8Array>({
		pull(controller) {
			const { value, done } = chunks.next();
			if (!done) controller.enqueue(encoder.encode(value));
			else if (answer.breaks) controller.error(new Error(`${MARKER} broke`));
			else controller.close();
		},
	});
	return new Response(body, { status: answer.status, headers });
}

const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};
const FETCH = {
	accept: "*/*",
	"sec-fetch-mode": "cors",
	"sec-fetch-dest": "empty",
	"sec-fetch-site": "same-origin",
};

/**
 * What every host must do, whatever framework it speaks.
 *
 * @param logsTo Where the host says that the body of an answer has failed.
 */
export function hostBehaviours(
	host: string,
	serve: HostFactory,
	logsTo: StreamHost["logsTo"],
): void {
	streamBehaviours(host, { serve, wire: http1, logsTo });

	describe(`${host} host`, () => {
		let fixture: GateFixture;
		let origin: string;
		let browser: ScriptedBrowser;
		let cookie: string;
		/** One request of the signed-in person, with just these headers. */
		const ask = (
			path: string,
			headers: Record<string, string> = FETCH,
			method = "GET",
			body?: string,
		) => exchange(origin + path, method, { cookie, ...headers }, body);

		beforeAll(async () => {
			fixture = await startGate({
				serve,
				gate: (auth) => ({
					pages: {
						"/": { auth: false },
						"/admin": {
							auth: auth.check(({ user }) => user.claims.groups?.includes("admins") === true),
						},
					},
					assets: ["/assets/*"],
				}),
			});
			origin = fixture.origin;
			fixture.idp.person = { sub: "grace", name: "Grace Hopper", groups: ["staff"] };
			browser = new ScriptedBrowser();
			await fixture.signIn(browser);
			cookie = allCookies(browser);
		});

		describe("deny by default (R111)", () => {
			const shut = APP_PATHS.filter((path) => path !== "/" && path !== "/assets/app.js");

			it.each(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])(
				"refuses an anonymous %s everywhere",
				async (method) => {
					for (const path of [
						...shut,
						"/unknown",
						"/private/",
						"/private?x=/",
						"/Private",
						"/%70rivate",
					]) {
						const answer = await exchange(
							origin + path,
							method,
							FETCH,
							method === "POST" ? "x=1" : undefined,
						);
						expect.soft([method, path, answer.status]).toEqual([method, path, 401]);
						expect(answer.body).not.toContain(MARKER);
					}
				},
			);

			it("challenges a fetch with a problem that no cache keeps", async () => {
				const answer = await exchange(`${origin}/private`, "GET", FETCH);
				expect(answer.headers.get("content-type")).toBe("application/problem+json");
				expect(answer.headers.get("www-authenticate")).toMatch(/^Cookie .*form-action="\/login"/);
				expect(answer.headers.get("cache-control")).toBe("private, no-store");
				expect(answer.headers.get("vary")).toContain("Cookie");
				expect(JSON.parse(answer.body)).toEqual({
					type: "about:blank",
					title: expect.any(String),
					status: 401,
					code: "login_required",
				});
			});

			it("sends a navigation to the login page, and nothing else with it (B53)", async () => {
				const answer = await exchange(`${origin}/private?a=1&b=%26`, "GET", NAVIGATION);
				expect(answer.status).toBe(302);
				expect(answer.headers.get("location")).toBe(
					"/login?redirect_to=%2Fprivate%3Fa%3D1%26b%3D%2526",
				);
				expect(answer.body).toBe("");
				expect(answer.headers.get("cache-control")).toBe("private, no-store");
			});

			it("answers a posted navigation with 303 (R13)", async () => {
				const answer = await exchange(
					`${origin}/save`,
					"POST",
					{ ...NAVIGATION, origin, referer: `${origin}/form` },
					"x=1",
				);
				expect([answer.status, answer.headers.get("location")]).toEqual([
					303,
					"/login?redirect_to=%2Fform",
				]);
			});
		});

		it("serves a public page and an asset to everyone, with the app's own cache headers", async () => {
			for (const path of ["/", "/assets/app.js"]) {
				const answer = await exchange(origin + path, "GET", NAVIGATION);
				expect(answer.status).toBe(200);
				expect(answer.body).toContain(`${MARKER} GET ${path} for nobody`);
				expect(answer.headers.get("cache-control")).toBe("public, max-age=600");
				expect(answer.setCookies).toEqual([]);
			}
		});

		it("knows the person on a public page, and keeps that answer out of caches (R59)", async () => {
			const answer = await ask("/");
			expect(answer.body).toContain("for grace in staff");
			expect(answer.headers.get("cache-control")).toBe("private, no-store");
			expect(answer.headers.get("vary")).toBe("Accept-Encoding, Cookie");
		});

		it("takes a person through login to the very page that was asked for, with its query", async () => {
			const other = new ScriptedBrowser();
			const page = await fixture.signIn(other, { path: "/private?a=1&b=%26&c=%2F" });
			expect(page.body).toContain("GET /private for grace in staff");
			expect(other.trail.at(-1)).toBe(`GET ${origin}/private?a=1&b=%26&c=%2F`);
			// The page before it was a 200: a redirect would come without the Strict cookies.
			expect(other.trail.at(-2)).toMatch(/^GET .*\/callback\?/);
		});

		it("hands the person and the claims to the handler", async () => {
			expect((await ask("/private")).body).toBe(`${MARKER} GET /private for grace in staff`);
		});

		it("runs a check: granted, denied to a navigation, denied to a fetch (R113)", async () => {
			const denied = await ask("/admin", NAVIGATION);
			expect([denied.status, denied.headers.get("content-type")]).toEqual([
				403,
				"text/html; charset=utf-8",
			]);
			expect(denied.body).not.toContain(MARKER);
			const problem = await ask("/admin");
			expect([problem.status, problem.headers.get("content-type")]).toEqual([
				403,
				"application/problem+json",
			]);
			expect(JSON.parse(problem.body)).toMatchObject({ code: "forbidden" });

			fixture.idp.person = { sub: "ada", groups: ["admins"] };
			const admin = new ScriptedBrowser();
			expect((await fixture.signIn(admin, { path: "/admin" })).body).toContain(
				"GET /admin for ada in admins",
			);
			fixture.idp.person = { sub: "grace", name: "Grace Hopper", groups: ["staff"] };
		});

		it.each(["/private", "/cached", "/cookies", "/moved", "/stream", "/save", "/unknown", "/boom"])(
			"keeps %s out of shared caches, whatever the app wrote (R59)",
			async (path) => {
				const answer = await ask(path);
				expect(answer.headers.get("cache-control")).toBe("private, no-store");
				expect(answer.headers.get("vary")).toMatch(/(^|, )Cookie$/);
				expect(answer.headers.get("cross-origin-resource-policy")).toBe("same-origin");
			},
		);

		it("leaves the app's cookies apart", async () => {
			expect((await ask("/cookies")).setCookies).toEqual([
				"a=1; Path=/",
				"b=2, with a comma; Path=/",
			]);
		});

		it("sets its own cookies one by one, all with the same attributes (R49, R51)", async () => {
			const { setCookies } = await callback(fixture);
			expect(setCookies.length).toBeGreaterThan(4);
			for (const line of setCookies) {
				expect(line).toMatch(
					/^__Host-[\w.-]+=[\w.-]*; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=(Strict|Lax)$/,
				);
				expect(line.includes("SameSite=Strict")).toBe(/-(at|id|rt|sc)(\.\d)?=/.test(line));
			}
		});

		it("answers the callback with a page that moves on, not with a redirect", async () => {
			const page = await callback(fixture);
			expect(page.status).toBe(200);
			expect(page.headers.get("location")).toBeNull();
			expect(page.headers.get("referrer-policy")).toBe("no-referrer");
			expect(page.headers.get("cross-origin-opener-policy")).toBeNull();
			expect(page.headers.get("cache-control")).toContain("no-store");
			expect(page.body).toContain(`url='/private'`);
		});

		it("passes a response with immutable headers on", async () => {
			const answer = await ask("/moved", NAVIGATION);
			expect([answer.status, answer.headers.get("location")]).toEqual([
				302,
				"http://localhost/elsewhere",
			]);
		});

		it("streams", async () => {
			expect((await ask("/stream")).body).toBe(
				`${MARKER} GET /stream for grace in staff first second third`,
			);
		});

		it.each(["/breaks", "/breaks-at-once"])(
			"never lets %s pass for a whole answer, says so once and goes on",
			async (path) => {
				fixture.log.length = 0;
				const answer = await http1(origin, "GET", path, { ...FETCH, cookie });
				const isWhole = await answer.isWhole;
				expect([answer.status, isWhole]).not.toEqual([200, true]);
				await expectOneLine(logsTo, fixture.log, /broke/);
				expect((await ask("/private")).status).toBe(200);
			},
		);

		it("passes the app's 404 and 500 on", async () => {
			expect((await ask("/unknown")).status).toBe(404);
			expect((await ask("/boom")).status).toBe(500);
		});

		it("answers HEAD like GET, without a body", async () => {
			const answer = await ask("/private", NAVIGATION, "HEAD");
			expect([answer.status, answer.body]).toEqual([200, ""]);
			const login = await exchange(`${origin}/login`, "HEAD", NAVIGATION);
			expect([login.status, login.body]).toEqual([200, ""]);
		});

		describe("its own routes", () => {
			it("says who the caller is, and never a token", async () => {
				const anonymous = await exchange(`${origin}/_portcullis/session`, "GET", FETCH);
				expect(JSON.parse(anonymous.body)).toEqual({ signedIn: false });
				const answer = await ask("/_portcullis/session");
				expect(answer.headers.get("cache-control")).toBe("private, no-store");
				const user = {
					sub: "grace",
					name: "Grace Hopper",
					email: null,
					picture: null,
					provider: "generic",
				};
				expect(JSON.parse(answer.body)).toEqual({
					signedIn: true,
					user,
					expiresAt: expect.any(Number),
				});
			});

			it.each([
				["GET", "/_portcullis", 404],
				["GET", "/_portcullis/unknown", 404],
				["GET", "/callback/a/b/c", 404],
				["GET", "/login/unknown", 404],
				["POST", "/login", 403],
				["POST", "/login/generic", 403],
				["PUT", "/login", 405],
				["PUT", "/login/generic", 405],
				["PUT", "/logout", 405],
				["DELETE", "/callback", 405],
				["GET", "/callback/continue", 405],
				["POST", "/_portcullis/session", 405],
				["OPTIONS", "/login", 405],
			])("answers %s %s by itself with %i", async (method, path, status) => {
				const answer = await exchange(origin + path, method, FETCH);
				expect(answer.status).toBe(status);
				expect(answer.body).not.toContain(MARKER);
				expect(answer.headers.get("cache-control")).toContain("no-store");
				if (status === 405) expect(answer.headers.get("allow")).not.toContain(method);
			});

			it("completes a form_post, whose first request brings no cookie (A.12)", async () => {
				const other = new ScriptedBrowser();
				const sent = await start(fixture, other);
				const url = new URL(sent);
				url.searchParams.set("response_mode", "form_post");
				const form = await other.navigate(url.href, { from: origin });
				const page = await other.submit(form);
				expect(other.trail.at(-1)).toBe(`POST ${origin}/callback`);
				const done = await other.submit(page);
				expect(done.body).toContain("GET /private for grace");
			});

			it("ends the session by POST, and forgets it everywhere", async () => {
				const other = new ScriptedBrowser();
				await fixture.signIn(other);
				await other.submit(await other.navigate(`${origin}/logout`));
				expect(sessionCookies(other)).toEqual([]);
				expect((await other.navigate(`${origin}/private`)).body).not.toContain(MARKER);
			});

			it.each<[string, { origin?: string; "portcullis-request"?: string }, string]>([
				["without a token", { origin: "own" }, ""],
				["with a made-up token", { origin: "own" }, "form_token=AAAA"],
				["from another origin", { origin: "http://attacker.invalid" }, ""],
				[
					"by a foreign script",
					{ origin: "http://attacker.invalid", "portcullis-request": "1" },
					"",
				],
				["with our header and no origin", { "portcullis-request": "1" }, ""],
			])("signs nobody out %s (R90)", async (_, { origin: from, ...headers }, body) => {
				const sent = {
					...FETCH,
					...headers,
					...(from ? { origin: from === "own" ? origin : from } : {}),
					"content-type": "application/x-www-form-urlencoded",
				};
				const answer = await ask("/logout", sent, "POST", body);
				expect([answer.status, answer.setCookies]).toEqual([403, []]);
			});
		});

		describe("forged requests (R67, R68)", () => {
			const own = "own";
			it.each<[string, Record<string, string>, number]>([
				["its own origin", { origin: own }, 200],
				["our header and no origin", { "portcullis-request": "1" }, 200],
				["our header and its own origin", { origin: own, "portcullis-request": "1" }, 200],
				["another origin", { origin: "http://attacker.invalid" }, 403],
				["another port", { origin: "http://localhost:1" }, 403],
				["another scheme", { origin: "https" }, 403],
				["a null origin", { origin: "null" }, 403],
				["an empty origin", { origin: "" }, 403],
				["its own origin with a slash", { origin: "slash" }, 403],
				[
					"another origin and our header",
					{ origin: "http://attacker.invalid", "portcullis-request": "1" },
					403,
				],
				["no origin", {}, 403],
				[
					"no origin, same-origin by Sec-Fetch-Site alone",
					{ "sec-fetch-site": "same-origin" },
					403,
				],
				["no origin, and JSON", { "content-type": "application/json" }, 403],
				["no origin, and an upper-case type", { "content-type": "TEXT/PLAIN" }, 403],
			])("a POST with %s: status %#", async (_, headers, status) => {
				const special: Record<string, string> = {
					own: origin,
					https: origin.replace("http", "https"),
					slash: `${origin}/`,
				};
				const from = headers.origin;
				const sent = from === undefined ? headers : { ...headers, origin: special[from] ?? from };
				for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
					const answer = await ask(
						"/save",
						{ accept: "*/*", ...sent },
						method,
						method === "DELETE" ? undefined : "x=1",
					);
					expect(answer.status).toBe(status);
					if (status === 200 && method === "POST")
						expect(answer.body).toContain("for grace in staff saved x=1");
					if (status === 403)
						expect(JSON.parse(answer.body)).toMatchObject({ code: "csrf_failed" });
				}
			});
		});

		it.each([
			["empty", ""],
			["separators alone", ";;;=;=;,"],
			["a name without a value", "__Host-; __Host-generic"],
			["percent signs", "__Host-a=%; a=%E0%A4%A; %=%"],
			["latin-1 bytes", "__Host-x=\u00ff\u00fe; \u00e9=1"],
			["quotes", `"__Host-x="y"; a="`],
			["prototype names", "__proto__=1; constructor=2; __Host-__proto__=3"],
			["300 cookies", Array.from({ length: 300 }, (_, i) => `__Host-c${i}=v`).join("; ")],
			["12 kB", `__Host-x=${"y".repeat(12_000)}`],
			["100 kB", `__Host-x=${"y".repeat(100_000)}`],
		])("takes a Cookie header for what it is: %s (R77)", async (_, header) => {
			const answer = await exchange(`${origin}/private`, "GET", { ...FETCH, cookie: header });
			// 431: Node itself refuses headers beyond 16 KiB.
			expect(answer.status).toBe(header.length > 16_000 ? 431 : 401);
		});
	});
}

/** The authorization request that a click on the login button leads to. */
async function start(fixture: GateFixture, browser: ScriptedBrowser): Promise<string> {
	await browser.navigate(`${fixture.origin}/login?redirect_to=/private`);
	const sent = await browser.click("/login/generic?redirect_to=%2Fprivate", { follow: false });
	return sent.headers.get("location") ?? "";
}

/** The answer of the callback itself. */
async function callback(fixture: GateFixture) {
	const browser = new ScriptedBrowser();
	const answer = await browser.navigate(await start(fixture, browser), {
		from: fixture.origin,
		follow: false,
	});
	return browser.navigate(answer.headers.get("location") ?? "", {
		from: fixture.idp.issuer,
		follow: false,
	});
}
