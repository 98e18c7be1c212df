import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { assertFreshBuild } from "../support/built-package.ts";
import { type Outcome, run } from "../support/run.ts";
import { packageFolder, repositoryFolder } from "../support/source-tree.ts";

// `portcullis surfaces` as it is installed, on an app of several files that is imported as
// TypeScript.

const files = {
	"server/auth.ts": `
import { portcullis } from "portcullis";

export const auth = portcullis();
export const { State, check, computed, event, field } = auth;
`,
	"server/authz.ts": `
import { allOf, inGroup, not } from "portcullis/checks";
import { check } from "./auth.ts";

interface Claims { readonly groups?: readonly string[] }

export const isAdmin = check(({ user }) => (user.userinfo as Claims).groups?.includes("admins") === true);
export const isStaff: typeof isAdmin =
	check(({ user }) => user.email?.endsWith("@example.com") === true);
export const policies = {
	canEdit: allOf(isStaff, not(inGroup("banned"))),
};
`,
	"server/notes.ts": `
import { isAdmin, policies } from "./authz.ts";
import { computed, event, field, State } from "./auth.ts";

export class NotesState extends State {
	darkMode = field(false, { auth: false });
	draft = field("");
	count = computed(() => this.draft.value.length, { initial: 0, auth: policies.canEdit });
	toggle = event({ auth: false }, () => { this.darkMode.value = !this.darkMode.value; });
	clear = event({ auth: isAdmin }, () => { this.draft.value = ""; });
}
`,
	"server/app.ts": `
import { Hono } from "hono";
import { access, protect } from "portcullis/hono";
import { isAdmin } from "./authz.ts";
import { auth } from "./auth.ts";
import { NotesState } from "./notes.ts";

console.log("The app writes to its standard output");
export const gate = auth.gate({
	states: { notes: NotesState },
	pages: {
		"/": { auth: false },
		"/admin/*": { auth: isAdmin },
	},
	assets: ["/assets/*"],
});
export const app = protect(new Hono(), gate);
app.get("/healthz", access(false), (c) => c.text("ok"));
app.get("/notes", (c) => c.text("notes"));
`,
} as const;

const table = `  Surface            Rule                                           Check                Defined

Pages
  (any other path)   signed-in (default)                                                 server/app.ts:9
! /                  PUBLIC                                                              server/app.ts:12
  /admin/*           isAdmin                                        server/authz.ts:7    server/app.ts:13

Assets
! /assets/*          PUBLIC                                                              server/app.ts:15

Routes
! GET /healthz       PUBLIC                                                              server/app.ts:18
  GET /notes         signed-in (default)

Events
  notes.clear        isAdmin                                        server/authz.ts:7    server/notes.ts:10
! notes.toggle       PUBLIC                                                              server/notes.ts:9

Fields
! notes.darkMode     PUBLIC                                                              server/notes.ts:6
  notes.draft        signed-in (default)                                                 server/notes.ts:7

Computed values
  notes.count        canEdit = allOf(isStaff, not(inGroup("banned")))  server/authz.ts:11  server/notes.ts:8

11 surfaces, 5 of them public.
`;

const temporary = join(repositoryFolder, ".tmp");
let folder: string;

beforeAll(() => {
	mkdirSync(temporary, { recursive: true });
	folder = mkdtempSync(join(temporary, "surfaces-"));
	mkdirSync(join(folder, "server"));
	assertFreshBuild();
});
beforeEach(() => {
	for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the list", () => {
	test("is a table, with names and places from the sources", async () => {
		const { code, stdout, stderr } = await surfaces("server/app.ts");
		expect(code, stderr).toBe(0);
		expect(columns(stdout)).toEqual(columns(table));
		expect(stderr).toBe("The app writes to its standard output\n");
	});

	test("is the same from another folder, with other paths", async () => {
		const { code, stdout } = await surfaces("app.ts", { cwd: join(folder, "server") });
		expect(code).toBe(0);
		expect(columns(stdout)).toEqual(columns(table.replaceAll(" server/", " ")));
	});

	test("is JSON", async () => {
		const { code, stdout } = await surfaces("server/app.ts --json");
		expect(code).toBe(0);
		const listed = JSON.parse(stdout);
		expect(listed).toHaveLength(11);
		expect(listed).toContainEqual({
			kind: "event",
			name: "notes.clear",
			rule: "check",
			isDefault: false,
			check: "isAdmin",
			checkAt: { file: "server/authz.ts", line: 7 },
			at: { file: "server/notes.ts", line: 10 },
		});
	});

	test("warns of checks that a review cannot tell apart", async () => {
		edit("server/notes.ts", "auth: isAdmin", "auth: () => true");
		const { code, stdout, stderr } = await surfaces("server/app.ts");
		expect(code).toBe(0);
		expect(columns(stdout)).toContain("notes.clear | (unnamed) | server/notes.ts:10");
		expect(stderr).toContain("Warning: The check of event notes.clear has no name");
	});

	test("says when routes are not known", async () => {
		edit("server/app.ts", "export const app", "const app");
		const { code, stdout } = await surfaces("server/app.ts");
		expect(code).toBe(0);
		expect(stdout).not.toContain("/healthz");
		expect(stdout).toContain("Routes are not listed");
	});
});

describe("the check", () => {
	const check = () => surfaces("server/app.ts --check portcullis.surfaces.json");

	beforeEach(async () => {
		const { code, stderr } = await surfaces("server/app.ts --write portcullis.surfaces.json");
		expect(code, stderr).toBe(0);
	});

	test("passes for what was reviewed, wherever it has moved within its file and wherever the command runs", async () => {
		expect(await check()).toMatchObject({
			code: 0,
			stdout: "11 surfaces, 5 of them public, as reviewed in portcullis.surfaces.json.\n",
		});
		for (const [path, text] of Object.entries(files))
			writeFileSync(join(folder, path), `// A comment.\n\n${text}`);
		expect(await check()).toMatchObject({ code: 0 });
		const below = { cwd: join(folder, "server") };
		expect(await surfaces("app.ts --check ../portcullis.surfaces.json", below)).toMatchObject({
			code: 0,
		});
	});

	test("fails for an event that became public", async () => {
		edit("server/notes.ts", "clear = event({ auth: isAdmin }", "clear = event({ auth: false }");
		const { code, stdout } = await check();
		expect(code).toBe(1);
		expect(stdout).toContain(
			"Public, and not reviewed as public:\n! event notes.clear  check isAdmin in server/authz.ts -> public\n",
		);
		expect(stdout).toContain("portcullis surfaces server/app.ts --write portcullis.surfaces.json");
	});

	test.each<[string, keyof typeof files, string, string, string]>([
		[
			"a field that became public",
			"server/notes.ts",
			'field("")',
			'field("", { auth: false })',
			"! field notes.draft",
		],
		["a new public route", "server/app.ts", '"/healthz"', '"/debug"', "! route GET /debug"],
		[
			"a page without its check",
			"server/app.ts",
			"{ auth: isAdmin }",
			"{ auth: true }",
			"! page /admin/*",
		],
		[
			"a new event",
			"server/notes.ts",
			"\tclear =",
			"\twipe = event(() => {});\n\tclear =",
			"  event notes.wipe",
		],
		["an event that is gone", "server/notes.ts", "\ttoggle =", "\tflip =", "  event notes.toggle"],
		[
			"another check",
			"server/notes.ts",
			"auth: isAdmin",
			"auth: policies.canEdit",
			"  event notes.clear",
		],
		[
			"other groups in a check",
			"server/authz.ts",
			'"banned"',
			'"suspended"',
			"  computed notes.count",
		],
		[
			"everything open by default",
			"server/auth.ts",
			"portcullis()",
			"portcullis({ auth: false })",
			"! field notes.draft",
		],
	])("fails for %s", async (_, path, before, after, line) => {
		edit(path, before, after);
		const { code, stdout } = await check();
		expect(code).toBe(1);
		expect(stdout).toContain(`\n${line} `);
	});

	test("ends with 2 where the reviewed file cannot be used", async () => {
		const missing = await surfaces("server/app.ts --check none.json");
		expect(missing).toMatchObject({ code: 2, stdout: "" });
		expect(missing.stderr).toContain("none.json cannot be used");
		expect(missing.stderr).toContain("--write none.json");
		const reviewed = readFileSync(join(folder, "portcullis.surfaces.json"), "utf8");
		const twice = reviewed.replace('"/": "public"', '"/": "signed-in",\n\t\t"/": "public"');
		writeFileSync(join(folder, "portcullis.surfaces.json"), twice);
		const refused = await check();
		expect(refused.code).toBe(2);
		expect(refused.stderr).toContain("has a surface twice");
	});
});

describe("a module", () => {
	test("that opens a port does not keep the command from ending, nor its secret from being unknown", async () => {
		write("server/main.ts", [
			'import { createServer } from "node:http";',
			'export { gate } from "./app.ts";',
			'await new Promise((resolve) => createServer().listen(0, "127.0.0.1", () => resolve(undefined)));',
			'console.log("secret=" + process.env.PORTCULLIS_SECRET);',
		]);
		const secrets: string[] = [];
		for (let i = 0; i < 2; i++) {
			const { code, stderr } = await surfaces("server/main.ts");
			expect(code, stderr).toBe(0);
			secrets.push(/secret=(.{32,})/.exec(stderr)?.[1] ?? "");
		}
		expect(secrets[0]).not.toBe("");
		expect(secrets[0]).not.toBe(secrets[1]);
	});

	test("keeps the variables that are set", async () => {
		write("server/main.ts", [
			'export { gate } from "./app.ts";',
			"console.log(process.env.OIDC_ISSUER_URI);",
		]);
		const { stderr } = await surfaces("server/main.ts", {
			env: { OIDC_ISSUER_URI: "https://id.example.com" },
		});
		expect(stderr).toContain("https://id.example.com\n");
	});

	test("with mistakes in its set-up ends with 2 and every remedy", async () => {
		edit("server/auth.ts", "portcullis()", "portcullis({ platform: { timeout: 900 } })");
		edit("server/app.ts", '["/assets/*"]', '["/*"]');
		const { code, stdout, stderr } = await surfaces("server/app.ts");
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain("Leave it out for 5 seconds.");
		expect(stderr).toContain("assets has /*, which would open the whole app");
	});

	test.each<[string, readonly string[], string]>([
		["without a gate", ["export const a = 1;"], "exports no gate"],
		["that throws", ['throw new Error("no database");'], "no database"],
		["that is no module", ["export const = ;"], "cannot be imported"],
		[
			"with two gates",
			[
				'import { auth } from "./auth.ts";',
				"export const one = auth.gate();",
				"export const two = auth.gate();",
			],
			"several gates (one, two): name one with --export",
		],
	])("%s ends with 2", async (_, lines, message) => {
		write("server/other.ts", lines);
		const { code, stdout, stderr } = await surfaces("server/other.ts");
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(message);
	});

	test("has its gate named, or only an app to find it by", async () => {
		const [one, two] = ["one", "two"].map(
			(name) => `export const ${name} = auth.gate({ pages: { "/${name}": { auth: false } } });`,
		);
		write("server/other.ts", ['import { auth } from "./auth.ts";', one ?? "", two ?? ""]);
		const named = await surfaces("server/other.ts --export two");
		expect(columns(named.stdout)).toContain("! /two | PUBLIC | server/other.ts:3");
		expect(named.stdout).not.toContain("/one");
		expect(await surfaces("server/other.ts --export three")).toMatchObject({ code: 2, stdout: "" });
		write("server/other.ts", ['export { app as default } from "./app.ts";']);
		const app = await surfaces("server/other.ts");
		expect(columns(app.stdout)).toEqual(columns(table));
	});

	test.each([
		["hono", "new Hono()"],
		["node", "() => {}"],
	])("has its gate found where protect() of portcullis/%s made it", async (host, app) => {
		write("server/other.ts", [
			'import { Hono } from "hono";',
			`import { protect } from "portcullis/${host}";`,
			'import { auth } from "./auth.ts";',
			"void Hono;",
			`export const app = protect(${app}, auth, { pages: { "/one": { auth: false } } });`,
		]);
		const { code, stdout, stderr } = await surfaces("server/other.ts");
		expect(code, stderr).toBe(0);
		expect(columns(stdout)).toContain("! /one | PUBLIC | server/other.ts:5");
	});

	test("has its gate named by the app that protect() made it for", async () => {
		write("server/other.ts", [
			'import { Hono } from "hono";',
			'import { protect } from "portcullis/hono";',
			'import { auth } from "./auth.ts";',
			'export const one = protect(new Hono(), auth, { pages: { "/one": { auth: false } } });',
			'export const two = protect(new Hono(), auth, { pages: { "/two": { auth: false } } });',
		]);
		const { code, stderr } = await surfaces("server/other.ts");
		expect({ code, stderr }).toEqual({
			code: 2,
			stderr: expect.stringContaining("several gates (one, two): name one with --export"),
		});
		const named = await surfaces("server/other.ts --export two");
		expect(columns(named.stdout)).toContain("! /two | PUBLIC | server/other.ts:5");
		expect(named.stdout).not.toContain("/one");
	});

	test("that is missing ends with 2", async () => {
		expect(await surfaces("server/none.ts")).toMatchObject({ code: 2, stdout: "" });
		expect(await surfaces("")).toMatchObject({ code: 2, stdout: "" });
		expect(await surfaces("server/app.ts --json --check x.json")).toMatchObject({
			code: 2,
			stdout: "",
		});
	});
});

/** Runs the built command line as a project with an empty environment would. */
function surfaces(
	args: string,
	options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
	const command = [
		join(packageFolder, "dist", "cli.js"),
		"surfaces",
		...args.split(" ").filter(Boolean),
	];
	return run(process.execPath, command, {
		cwd: options.cwd ?? folder,
		env: { PATH: process.env.PATH, ...options.env },
	});
}

/** Lines with their cells, however wide the columns are. */
function columns(text: string): string[] {
	return text.split("\n").map((line) => line.trim().split(/ {2,}/).join(" | "));
}

function write(path: string, lines: readonly string[]): void {
	writeFileSync(join(folder, path), lines.join("\n"));
}

function edit(path: keyof typeof files, before: string, after: string): void {
	const text = readFileSync(join(folder, path), "utf8");
	expect(text).toContain(before);
	writeFileSync(join(folder, path), text.replace(before, after));
}
