import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { inGroup, stepUp } from "../../src/checks.ts";
import { access, protect } from "../../src/hono.ts";
import { type Auth, portcullis, type UserClaims } from "../../src/index.ts";
import { State } from "../../src/state.ts";
import {
	actAs,
	eventContext,
	expectPolicy,
	pageContext,
	sessionCookie,
	signIn,
	testUser,
	valueContext,
} from "../../src/testing.ts";
import { SECRET, startGate } from "../support/gate-fixture.ts";

interface Claims extends UserClaims {
	groups?: string[];
}

/** No provider runs anywhere: whatever asks one fails. */
const auth = portcullis({
	secret: SECRET,
	platform: {
		env: { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" },
		log: () => {},
		fetch: () => Promise.reject(new Error("no network in this test")),
	},
}) as unknown as Auth<Claims>;
const { field, computed, event, check } = auth;

const isAdmin = check(({ user }) => user.claims.groups?.includes("admins") === true);
const isOwn = check<import("../../src/index.ts").EventAuthContext<Claims>>(
	({ user, payload }) => (payload as { owner?: string } | undefined)?.owner === user.sub,
);

class Notes extends State {
	dark = field(false, { auth: false });
	draft = field("");
	secret = field("s3cret", { auth: inGroup("admins") });
	count = computed(() => this.draft.value.length, { initial: 0 });
	toggle = event({ auth: false }, () => {
		this.dark.value = !this.dark.value;
	});
	write = event({ input: z.string().min(1) }, ({ input: text, user, toast }) => {
		this.draft.value = text;
		toast(`Thanks, ${user.name}`);
		return text.length;
	});
	remove = event({ auth: isOwn, input: z.object({ owner: z.string() }) }, () => "removed");
	clear = event({ auth: isAdmin }, () => {
		throw new Error("broken");
	});
}

const createGate = () =>
	auth.gate({
		states: { notes: Notes },
		pages: { "/": { auth: false }, "/admin/*": { auth: isAdmin } },
		assets: ["/web/*"],
	});
const ada = { sub: "ada", name: "Ada", groups: ["admins"] };
const vic = { sub: "vic", name: "Vic", groups: ["viewers"] };
const nora = { sub: "nora" };

afterEach(() => void vi.unstubAllEnvs());

describe("contexts by hand", () => {
	test("are what checks get", async () => {
		expect(await isAdmin(pageContext(ada))).toBe(true);
		expect(await isAdmin(valueContext(vic, { name: "notes.draft" }))).toBe(false);
		expect(await isOwn(eventContext(vic, { payload: { owner: "vic" } }))).toBe(true);
		expect(await isOwn(eventContext(vic, { payload: { owner: "ada" } }))).toBe(false);
		const context = eventContext(ada, {
			event: "notes.clear",
			scopes: ["openid"],
			provider: "okta",
		});
		expect([
			context.kind,
			context.event,
			context.user.grantedScopes,
			context.user.provider,
		]).toEqual([...["event", "notes.clear", ["openid"], "okta"]]);
	});

	test("have the states that the test gives them, and say which one is missing", () => {
		const notes = new Notes();
		expect(pageContext(ada, { states: [notes] }).getState(Notes)).toBe(notes);
		expect(() => pageContext(ada).getState(Notes)).toThrow(
			"asked for Notes, which the test has not put into states",
		);
	});

	test("have a person like any other", async () => {
		const user = testUser({ sub: "x", preferred_username: "exx" }, { accessToken: "t" });
		expect([user.name, await user.accessToken(), Object.isFrozen(user.claims)]).toEqual([
			"exx",
			"t",
			true,
		]);
	});
});

describe("sessionCookie", () => {
	test("signs somebody in at that gate, and at no other", async () => {
		const fixture = await startGate({
			app: (_, user) => new Response(`let in ${user?.name} ${user?.claims.groups}`),
		});
		const cookie = await sessionCookie(fixture.gate, ada);
		const ask = (Cookie: string) => fetch(`${fixture.origin}/private`, { headers: { Cookie } });
		expect(await (await ask(cookie)).text()).toBe("let in Ada admins");
		expect((await ask(await sessionCookie(createGate(), ada))).status).toBe(401);
		fixture.clock.ahead += 3601;
		expect((await ask(cookie)).status).toBe(401);
		await expect(sessionCookie(fixture.gate, ada, { provider: "okta" })).rejects.toThrow(
			'no provider "okta"',
		);
	});

	test("is refused in production, and for what is no gate", async () => {
		await expect(sessionCookie({} as never, ada)).rejects.toThrow("no gate");
		vi.stubEnv("NODE_ENV", "production");
		await expect(sessionCookie(createGate(), ada)).rejects.toThrow("NODE_ENV=production");
		await expect(actAs(createGate(), ada)).rejects.toThrow("NODE_ENV=production");
	});
});

describe("actAs", () => {
	test("sees what that person sees", async () => {
		const gate = createGate();
		const seen = async (claims: typeof ada | typeof nora | null) => {
			const values = await (await actAs(gate, claims)).values();
			return Object.entries(values).map(([name, { value, withheld }]) =>
				withheld ? `${name} withheld` : [name, value],
			);
		};
		expect(await seen(ada)).toEqual([
			...[
				["notes.dark", false],
				["notes.draft", ""],
				["notes.secret", "s3cret"],
				["notes.count", 0],
			],
		]);
		expect(await seen(nora)).toContain("notes.secret withheld");
		expect(await seen(null)).toEqual([
			...[
				["notes.dark", false],
				"notes.draft withheld",
				"notes.secret withheld",
				"notes.count withheld",
			],
		]);
		await expect((await actAs(gate, ada)).value("notes.nothing")).rejects.toThrow(
			"no value notes.nothing",
		);
	});

	test("does what that person may do, in order, and nothing else", async () => {
		const gate = createGate();
		const persona = await actAs(gate, vic);
		const results = await Promise.all([
			persona.event("notes.write", "hello"),
			persona.event("notes.write", ""),
			persona.event("notes.clear"),
			persona.event("notes.remove", { owner: "vic" }),
			persona.event("notes.nothing"),
		]);
		expect(results).toEqual([
			{ status: "ok", value: 5, toasts: [{ message: "Thanks, Vic", kind: "info" }] },
			{ status: "refused", code: "input_invalid", issues: [expect.objectContaining({ path: [] })] },
			{ status: "refused", code: "forbidden" },
			{ status: "ok", value: "removed", toasts: [] },
			{ status: "refused", code: "event_unknown" },
		]);
		expect(await persona.value("notes.count")).toEqual({ value: 5, withheld: false });
		// Another tab of the same person has a draft of its own.
		expect(await (await actAs(gate, vic)).value("notes.draft")).toEqual({
			value: "",
			withheld: false,
		});
		expect(await (await actAs(gate, ada)).event("notes.clear")).toMatchObject({
			status: "failed",
			code: "event_failed",
		});
		expect(await (await actAs(gate, null)).event("notes.write", "x")).toEqual({
			...{ status: "refused", code: "login_required" },
		});
	});

	test("opens what that person may open", async () => {
		const gate = createGate();
		const opened = async (claims: typeof ada | null, ...paths: string[]) => {
			const persona = await actAs(gate, claims);
			return Promise.all(paths.map((path) => persona.opens(path)));
		};
		expect(await opened(ada, "/", "/notes", "/admin/x")).toEqual(["allow", "allow", "allow"]);
		expect(await opened(vic as never, "/", "/notes", "/admin/x")).toEqual([
			"allow",
			"allow",
			"forbidden",
		]);
		expect(await opened(null, "/", "/notes", "/admin/x")).toEqual(["allow", "login", "login"]);
		const persona = await actAs(gate, vic);
		expect(await (await persona.fetch("/notes")).text()).toBe("let in");
		expect((await persona.fetch("/admin")).status).toBe(403);
		expect((await (await actAs(gate, null)).fetch("/notes")).status).toBe(401);
	});
});

test("a persona of an app knows the tags of its routes", async () => {
	const gate = createGate();
	const app = protect(new Hono(), gate);
	app.get("/healthz", access(false), (c) => c.text("ok"));
	const anonymous = await actAs(app, null);
	expect(await anonymous.opens("/healthz")).toBe("allow");
	expect(await anonymous.opens("/notes")).toBe("login");
	expect(await (await anonymous.fetch("/healthz")).text()).toBe("ok");
	expect(await (await actAs(gate, null)).opens("/healthz")).toBe("login");
	const person = await actAs(app, vic);
	expect(await person.opens("/admin/x")).toBe("forbidden");
	expect((await person.event("notes.write", "Milk")).status).toBe("ok");
});

test("expectPolicy shows who may have what", async () => {
	const gate = createGate();
	const app = protect(new Hono(), gate);
	app.get("/healthz", access(false), (c) => c.text("ok"));
	app.get("/admin/log", (c) => c.text("log"));
	const table = await expectPolicy(
		app,
		{ anonymous: null, ada, vic, nora },
		{ payloads: { "notes.remove": { owner: "vic" } } },
	);
	expect(table).toMatchInlineSnapshot(`
		"                            anonymous  ada  vic  nora
		asset     /web/*            yes        yes  yes  yes
		computed  notes.count       login      yes  yes  yes
		event     notes.clear       login      yes  no   no
		event     notes.remove      login      no   yes  no
		event     notes.toggle      yes        yes  yes  yes
		event     notes.write       login      yes  yes  yes
		field     notes.dark        yes        yes  yes  yes
		field     notes.draft       login      yes  yes  yes
		field     notes.secret      login      yes  no   no (claim missing)
		page      (any other path)  login      yes  yes  yes
		page      /                 yes        yes  yes  yes
		page      /admin/*          login      yes  no   no
		route     GET /admin/log    login      yes  no   no
		route     GET /healthz      yes        yes  yes  yes"
	`);
});

test("expectPolicy says where a check gave no answer, which is a no", async () => {
	const gate = auth.gate({
		pages: {
			"/throws": {
				auth: () => {
					throw new Error("broken");
				},
			},
			"/truthy": { auth: (() => "yes") as never },
			"/unknown": { auth: inGroup("admins") },
			"/strong": { auth: stepUp({ acr: "strong" }) },
		},
	});
	const words = (await expectPolicy(gate, { nora }))
		.split("\n")
		.slice(1)
		.map((line) => line.trim().split(/ {2,}/).at(-1));
	expect(words.toSorted()).toEqual([
		"after another sign-in",
		"no (check gave no boolean)",
		"no (check threw)",
		"no (claim missing)",
		"yes",
	]);
});

test("signIn clicks like a person, and quotes what it is given", async () => {
	const done: unknown[] = [];
	const note =
		(name: string) =>
		async (...args: unknown[]) =>
			void done.push([name, ...args]);
	let isThere: (url: URL) => boolean = () => false;
	const waitForURL = async (test: typeof isThere) => {
		isThere = test;
	};
	await signIn({ goto: note("goto"), click: note("click"), waitForURL }, 'a"da\\', {
		url: "http://localhost:3000/notes?x=1",
		provider: "okta",
	});
	expect(done).toEqual([
		["goto", "http://localhost:3000/login?redirect_to=%2Fnotes%3Fx%3D1"],
		["click", 'a[href^="/login/okta"]'],
		["click", 'button[name="person"][value="a\\22 da\\5c "]'],
	]);
	const urls = [
		"http://localhost:3000/notes?x=1",
		"http://localhost:3000/login",
		"http://localhost:9000/notes",
	];
	expect(urls.map((url) => isThere(new URL(url)))).toEqual([true, false, false]);
});
