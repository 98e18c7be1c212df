import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as checks from "../../src/checks.ts";
import type * as hono from "../../src/hono.ts";
import type * as main from "../../src/index.ts";
import type * as node from "../../src/node.ts";
import type * as state from "../../src/state.ts";
import type * as testing from "../../src/testing.ts";
import type * as views from "../../src/views.ts";
import { assertFreshBuild, manifest } from "../support/built-package.ts";
import { expectConsole } from "../support/expect-console.ts";
import { packageFolder, repositoryFolder } from "../support/source-tree.ts";

// pnpm installs one version twice as soon as two packages of a workspace have different versions of
// a peer. What belongs together then comes from two copies: it works all the same, or is refused in
// words that name both.

type Copy = typeof main &
	typeof checks &
	typeof hono &
	typeof state &
	typeof testing &
	typeof views & { readonly node: typeof node; readonly place: string };

const folder = realpathSync(mkdtempSync(join(tmpdir(), "portcullis-copies-")));
let a: Copy;
let b: Copy;
/** The same code under another number. */
let newer: Copy;
/** One whose tags and guards go by other rules. */
let stranger: Copy;

beforeAll(() => {
	assertFreshBuild();
	a = install(`portcullis@${manifest.version}_hono@4.12.0`);
	b = install(`portcullis@${manifest.version}_hono@4.13.0`);
	newer = install("portcullis@9.9.9", (text) =>
		text.replaceAll(`"${manifest.version}"`, '"9.9.9"'),
	);
	stranger = install("portcullis@10.0.0", (text) =>
		text.replace(/(portcullis\.hono\.\w+)\.1/g, "$1.2"),
	);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Puts a copy where pnpm would, with its dependencies beside it as links, and a package that uses
 * it.
 */
function install(name: string, change?: (text: string) => string): Copy {
	const modules = join(folder, "node_modules/.pnpm", name, "node_modules");
	const place = join(modules, "portcullis");
	mkdirSync(place, { recursive: true });
	for (const part of ["dist", "package.json"])
		cpSync(join(packageFolder, part), join(place, part), { recursive: true });
	for (const dependency of [
		...Object.keys(manifest.dependencies),
		...Object.keys(manifest.peerDependencies),
	]) {
		mkdirSync(dirname(join(modules, dependency)), { recursive: true });
		symlinkSync(
			join(repositoryFolder, "node_modules", dependency),
			join(modules, dependency),
			"junction",
		);
	}
	if (change)
		for (const path of readdirSync(join(place, "dist"), { recursive: true, encoding: "utf8" })) {
			if (!path.endsWith(".js")) continue;
			const file = join(place, "dist", path);
			writeFileSync(file, change(readFileSync(file, "utf8")));
		}
	const user = join(folder, "packages", name);
	mkdirSync(join(user, "node_modules"), { recursive: true });
	symlinkSync(place, join(user, "node_modules/portcullis"), "junction");
	const load = createRequire(join(user, "index.js"));
	const entries = [
		"portcullis",
		"portcullis/checks",
		"portcullis/hono",
		"portcullis/state",
		"portcullis/testing",
		"portcullis/views",
	];
	return Object.assign({}, ...entries.map((entry) => load(entry)), {
		node: load("portcullis/node"),
		place,
	});
}

function kitOf(copy: Copy, log: main.LogEntry[] = [], options: object = {}) {
	const provider = new copy.Generic({
		issuer: "http://localhost:9",
		clientId: "app",
		clientSecret: "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac",
	});
	return copy.portcullis({
		providers: [provider],
		platform: { env: {}, log: (entry) => log.push(entry) },
		...options,
	});
}

async function ask(
	app: { fetch(request: Request): Response | Promise<Response> },
	path: string,
	cookie = "",
) {
	const response = await app.fetch(
		new Request(`https://app.example${path}`, { headers: { cookie } }),
	);
	return [response.status, await response.text()] as const;
}

const onlyAdmins: main.Check<main.PageAuthContext> = ({ user }) =>
	user.claims.groups?.toString() === "admins";

test("a copy that is required is the one that is imported", async () => {
	const url = pathToFileURL(join(a.place, "dist/hono.js")).href;
	expect((await import(/* @vite-ignore */ url)).access).toBe(a.access);
});

describe.each([
	["one copy", () => a, () => b],
	["the other copy", () => b, () => a],
	["a copy of another version", () => a, () => newer],
])("tags of another copy count: the guard is of %s", (_, guarding, tagging) => {
	test("a check, an open route, a tag that is reached late", async () => {
		const log: main.LogEntry[] = [];
		const gate = kitOf(guarding(), log).gate();
		const app = guarding().protect(new Hono(), gate);
		const { access } = tagging();
		app.get("/payroll", access(onlyAdmins), (c) => c.text("salaries"));
		app.get(
			"/late",
			(_c, next) => next(),
			access(onlyAdmins),
			(c) => c.text("salaries"),
		);
		app.get("/healthz", access(false), (c) => c.text("fine"));
		const viewer = await guarding().sessionCookie(gate, { sub: "vic", groups: ["viewers"] });
		const admin = await guarding().sessionCookie(gate, { sub: "ada", groups: ["admins"] });
		for (const path of ["/payroll", "/late"]) {
			expect((await ask(app, path))[0]).toBe(401);
			expect((await ask(app, path, viewer))[0]).toBe(403);
			expect(await ask(app, path, admin)).toEqual([200, "salaries"]);
		}
		expect(await ask(app, "/healthz")).toEqual([200, "fine"]);
		const warnings = log.filter(({ reason }) => reason === "two_copies");
		expect(warnings.map(({ message }) => message)).toEqual([
			expect.stringContaining("Two copies of portcullis"),
		]);
		for (const copy of [guarding(), tagging()]) expect(warnings[0]?.message).toContain(copy.place);
	});
});

test("tags count in an app of another copy of hono, such as the one that is required", async () => {
	const other = createRequire(import.meta.url)("hono") as { Hono: typeof Hono };
	expect(other.Hono).not.toBe(Hono);
	const gate = kitOf(a).gate();
	const app = a.protect(new other.Hono(), gate);
	app.get("/payroll", b.access(onlyAdmins), (c) => c.text("salaries"));
	app.get(
		"/late",
		(_c, next) => next(),
		b.access(onlyAdmins),
		(c) => c.text("salaries"),
	);
	for (const [group, status] of [
		["viewers", 403],
		["admins", 200],
	] as const)
		for (const path of ["/payroll", "/late"])
			expect((await ask(app, path, await a.sessionCookie(gate, { groups: [group] })))[0]).toBe(
				status,
			);
});

test.each([
	["of one to come", () => a, () => stranger],
	["of one that was", () => stranger, () => a],
])("a tag %s, which the guard does not know, is no permission", async (_, guarding, tagging) => {
	expectConsole(
		"error",
		/tag_without_guard.*copies of portcullis are loaded.*Install portcullis once/,
	);
	const gate = kitOf(guarding()).gate();
	const app = guarding().protect(new Hono(), gate);
	app.get("/payroll", tagging().access(onlyAdmins), (c) => c.text("salaries"));
	const [status, body] = await ask(
		app,
		"/payroll",
		await guarding().sessionCookie(gate, { sub: "vic" }),
	);
	expect([status, body.includes("salaries")]).toEqual([500, false]);
});

describe.each([
	["one copy", () => a, () => b],
	["the other", () => b, () => a],
])("a gate of %s", (_, own, other) => {
	test("goes with protect() and the test kit of the other", async () => {
		const gate = kitOf(own()).gate();
		const app = other().protect(new Hono(), gate);
		app.get("/", (c) => c.text(`for ${c.var.user?.sub}`));
		expect(await ask(app, "/", await other().sessionCookie(gate, { sub: "ada" }))).toEqual([
			200,
			"for ada",
		]);
	});

	test("and with userOf() of the other", async () => {
		const gate = kitOf(own()).gate();
		const server = createServer(
			own().node.protect(
				(request, response) => response.end(other().node.userOf(request)?.sub),
				gate,
			),
		);
		await new Promise<void>((resolve) => server.listen(0, resolve));
		const cookie = await own().sessionCookie(gate, { sub: "ada" });
		const answer = await fetch(`http://localhost:${(server.address() as AddressInfo).port}/`, {
			headers: { cookie },
		});
		expect(await answer.text()).toBe("ada");
		server.closeAllConnections();
		server.close();
	});

	test("understands what checks of the other throw: neither a no, nor a failure", async () => {
		const log: main.LogEntry[] = [];
		const { stepUp, not, inGroup } = other();
		const gate = kitOf(own(), log).gate({
			pages: {
				"/fresh": { auth: stepUp({ maxAge: 60 }) },
				"/others": { auth: not(inGroup("admins")) },
			},
		});
		const cookie = await own().sessionCookie(gate, { sub: "ada" });
		const answer = await gate.handle(
			new Request("https://app.example/fresh", { headers: { cookie } }),
			() => new Response(),
		);
		expect([answer.status, await answer.json()]).toEqual([
			401,
			expect.objectContaining({ code: "step_up_required" }),
		]);
		await gate.handle(
			new Request("https://app.example/others", { headers: { cookie } }),
			() => new Response(),
		);
		expect(log.map(({ reason }) => reason)).toContain("claim_missing");
	});

	test("lists checks of the other by their names", () => {
		const isAdmin = kitOf(other()).check("isAdmin", () => true);
		const gate = kitOf(own()).gate({ pages: { "/admin": { auth: isAdmin } } });
		expect(gate.surfaces()).toContainEqual(
			expect.objectContaining({
				name: "/admin",
				check: expect.objectContaining({ name: "isAdmin" }),
			}),
		);
	});

	test("shows what views of the other build", async () => {
		const gate = kitOf(own(), [], {
			ui: { views: { login: () => other().html`<p>ours</p>` } },
		}).gate();
		const headers = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
		const answer = await gate.handle(
			new Request("https://app.example/login", { headers }),
			() => new Response(),
		);
		expect(await answer.text()).toContain("<p>ours</p>");
	});

	test("takes State of the other, and refuses its fields and topics by name", () => {
		const auth = kitOf(own());
		const { field, computed } = auth;
		class Notes extends other().State {
			readonly draft = field("");
		}
		expect(() => auth.gate({ states: { notes: Notes } })).not.toThrow();
		expect(() => auth.gate({ states: { user: other().AuthUserState } })).toThrow(other().place);
		const topic = kitOf(other()).topic("notes");
		class Shared extends own().State {
			readonly count = computed(() => 0, { initial: 0, on: [topic] });
		}
		expect(() => auth.gate({ states: { shared: Shared } })).toThrow(other().place);
	});

	test("takes a store and a provider of the other", async () => {
		class Corporate extends other().Generic {}
		const provider = new Corporate({
			issuer: "http://localhost:9",
			clientId: "app",
			clientSecret: "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac",
		});
		const gate = kitOf(own(), [], { providers: [provider], store: other().memory() }).gate();
		const cookie = await own().sessionCookie(gate, { sub: "ada" });
		expect(
			(
				await gate.handle(
					new Request("https://app.example/", { headers: { cookie } }),
					() => new Response(),
				)
			).status,
		).toBe(200);
	});

	test("and its errors are errors of the other", () => {
		const error = new (own().StateError)("state_busy", "busy");
		expect([error instanceof other().StateError, error instanceof other().PortcullisError]).toEqual(
			[true, true],
		);
		expect([error instanceof other().ConfigError, {} instanceof other().StateError]).toEqual([
			false,
			false,
		]);
		class Mine extends other().StateError {}
		expect([
			error instanceof Mine,
			new Mine("state_busy", "busy") instanceof own().StateError,
		]).toEqual([false, true]);
	});
});

test("what is of another version is refused, with both versions and places", async () => {
	const both = new RegExp(`of portcullis 9.9.9 at \\S+, and this is ${manifest.version} at `);
	const gate = kitOf(newer).gate();
	expect(() => a.protect(new Hono(), gate)).toThrow(both);
	expect(() => a.node.protect(() => {}, gate)).toThrow(both);
	expect(() => a.registerAuthEndpoints(new Hono(), gate)).toThrow(both);
	await expect(a.sessionCookie(gate)).rejects.toThrow(both);
	const provider = new newer.Generic({
		issuer: "http://localhost:9",
		clientId: "app",
		clientSecret: "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac",
	});
	expect(() => kitOf(a, [], { providers: [provider] }).gate()).toThrow(both);
});
