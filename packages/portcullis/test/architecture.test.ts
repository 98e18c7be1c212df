import { describe, expect, test } from "vitest";
import { architectureProblems } from "./support/architecture.ts";
import { moduleReferences } from "./support/module-references.ts";
import { readSources } from "./support/source-tree.ts";

test("the sources keep to the layout", () => {
	const sources = readSources();
	expect(sources.size).toBeGreaterThan(10);
	expect(architectureProblems(sources)).toEqual([]);
});

test("the session manager alone makes, replaces and ends the sessions of a gate", () => {
	const others = [...readSources()].filter(
		([file, source]) =>
			file.startsWith("app/") &&
			file !== "app/sessions/session-manager.ts" &&
			/\b(?:sealSession|clearSession|renewSession)\(|\.signOut\(/.test(source),
	);
	expect(others.map(([file]) => file)).toEqual([]);
});

describe("a small tree that keeps to the layout", () => {
	const tree = {
		"base/errors.ts": `export class E extends Error {}`,
		"base/time.ts": `import { E } from "./errors.ts"; export const e = E;`,
		"wire/user.ts": `import type { E } from "../base/errors.ts"; export type U = E;`,
		"crypto/aead.ts": `export interface A {}`,
		"crypto/node.ts": `import { seal } from "node:crypto"; import type { A } from "./aead.ts"; process.env;`,
		"crypto/web.ts": `import type { A } from "./aead.ts";`,
		"crypto/key-ring.ts": `import { seal } from "#aead";`,
		"protocol/start.ts": `import * as o from "oauth4webapi"; import { jwtVerify } from "jose"; export { E } from "../base/errors.ts";`,
		"views/login.ts": `import type { U } from "../wire/user.ts";`,
		"app/gate.ts": `import "../views/login.ts"; import "../config/environment.ts"; const m = await import(specifier);`,
		"config/environment.ts": `export const env = globalThis.process.env;`,
		"hosts/hono/protect.ts": `import type { Context } from "hono"; import { gate } from "../../app/gate.ts";`,
		"testing/idp.ts": `import { createServer } from "node:http"; import Provider from "oidc-provider"; import "../app/gate.ts";`,
		"client/tabs.ts": `import type { U } from "../wire/user.ts";`,
		"pages/parts/tabs.ts": `import { ownPath } from "../../client/own-path.ts";`,
		"pages/move-on.ts": `import "./parts/tabs.ts"; import type { U } from "../wire/user.ts";`,
		"client/own-path.ts": "export const ownPath = 1;",
		"views/page-scripts.ts": `export const a = "(function(){window.close()})()";`,
		"views/moving.ts": `import { a } from './page-scripts.ts'; export const p = html\`<p>let it be</p><script nonce="\${n}">\${a}</script>\`;`,
		"react/hooks.tsx": `import "../client/tabs.ts"; export const A = () => <p>process</p>;`,
		"cli/doctor.ts": `import "../hosts/hono/protect.ts"; import "../testing/idp.ts"; process.exit(0);`,
		"index.ts": `export { gate } from "./app/gate.ts";`,
		"testing.ts": `export { idp } from "./testing/idp.ts";`,
		"base/time.test.ts": `import "../app/gate.ts"; import { test } from "vitest"; process.env;`,
	};

	/** The tree with some files added or replaced. */
	const problemsWith = (changes: Record<string, string>) =>
		architectureProblems(new Map(Object.entries({ ...tree, ...changes })));

	test("has no problems", () => {
		expect(problemsWith({})).toEqual([]);
	});

	test.each<[string, Record<string, string>, string]>([
		[
			"an import to the right",
			{ "base/time.ts": `import "../wire/user.ts";` },
			"base may not import wire",
		],
		[
			"a type import to the right",
			{ "session/a.ts": `import type { G } from "../app/gate.ts";` },
			"session may not import app",
		],
		[
			"an import type",
			{ "session/a.ts": `export type G = import("../app/gate.ts").G;` },
			"session may not import app",
		],
		[
			"a re-export",
			{ "session/a.ts": `export { G } from "../app/gate.ts";` },
			"session may not import app",
		],
		[
			"a bare re-export",
			{ "session/a.ts": `export * from "../app/gate.ts";` },
			"session may not import app",
		],
		[
			"a dynamic import",
			{ "session/a.ts": `await import("../app/gate.ts");` },
			"session may not import app",
		],
		[
			"a dynamic import by a template",
			{ "session/a.ts": "await import(`../app/gate.ts`);" },
			"session may not import app",
		],
		[
			"a dynamic import by a variable",
			{ "session/a.ts": `await import(name);` },
			"session/a.ts imports what a variable names",
		],
		[
			"views that reach the guard",
			{ "views/login.ts": `import "../guard/a.ts";`, "guard/a.ts": "" },
			"views may not import guard",
		],
		[
			"a guard that reaches views",
			{ "guard/a.ts": `import "../views/login.ts";` },
			"guard may not import views",
		],
		[
			"a client that reaches the server",
			{ "client/tabs.ts": `import type { A } from "../crypto/aead.ts";` },
			"client may not import crypto",
		],
		[
			"a page that takes all of the client",
			{ "pages/move-on.ts": `import "../client/tabs.ts";` },
			"pages/move-on.ts imports client/tabs.ts, which is not meant for pages",
		],
		[
			"a page that reaches the views",
			{ "pages/move-on.ts": `import "../views/login.ts";` },
			"pages may not import views",
		],
		[
			"a view that reaches the source of a script",
			{ "views/login.ts": `import "../pages/move-on.ts";` },
			"views may not import pages",
		],
		[
			"an entry that loads the source of a script",
			{ "index.ts": `export * as p from "./pages/move-on.ts";` },
			"only pages.ts may",
		],
		[
			"a script in a template",
			{ "views/login.ts": `html\`<script nonce='\${n}'>window.close();</script>\`;` },
			"views/login.ts has a script in its text: <script nonce=",
		],
		[
			"a hole and more in a script",
			{ "views/login.ts": `html\`<script>go(\${n})</script>\`;` },
			"views/login.ts has a script in its text",
		],
		[
			"a script that no template closes",
			{ "views/login.ts": `html\`<script>\${n}\`;` },
			"views/login.ts has a script in its text",
		],
		[
			"an arrow function in a template",
			{ "views/login.ts": "export const s = `{ const go = () => {}; }`;" },
			"views/login.ts has a script in its text",
		],
		[
			"a statement in a template",
			{ "views/login.ts": `export const s = "location.replace(x)";` },
			"views/login.ts has a script in its text",
		],
		[
			"a declaration in a template",
			{ "views/login.ts": `export const s = \`const a = \${n};\`;` },
			"views/login.ts has a script in its text",
		],
		[
			"a server that reaches the client",
			{ "app/a.ts": `import "../client/tabs.ts";` },
			"app may not import client",
		],
		[
			"product code that uses the test kit",
			{ "app/a.ts": `import "../testing/idp.ts";` },
			"app may not import testing",
		],
		[
			"an entry that ships the test kit",
			{ "index.ts": `export * as t from "./testing/idp.ts";` },
			"only testing.ts may",
		],
		[
			"a command line that reaches the client",
			{ "cli/doctor.ts": `import "../client/tabs.ts";` },
			"cli may not import client",
		],
		[
			"a folder that imports an entry",
			{ "hosts/hono/protect.ts": `import "../../index.ts";` },
			"imports index.ts, an entry",
		],
		[
			"an entry that imports an entry",
			{ "index.ts": `export { a } from "./testing.ts";` },
			"imports testing.ts, an entry",
		],
		[
			"an entry with a star",
			{ "index.ts": `export * from "./app/gate.ts";` },
			"must list its exports by name",
		],
		[
			"a test that is imported",
			{ "app/a.ts": `import "../base/time.test.ts";` },
			"imports base/time.test.ts, a test",
		],
		[
			"a file outside the sources",
			{ "app/a.ts": `import "../../test/helper.ts";` },
			"which is not a source file",
		],
		[
			"a missing file ending",
			{ "app/a.ts": `import "../base/time";` },
			"which is not a source file",
		],
		["a folder nobody knows", { "utils/a.ts": "" }, "the layout does not know"],
		[
			"a framework elsewhere",
			{ "app/a.ts": `import type { Context } from "hono/jsx";` },
			"the package hono, only hosts/hono/ may",
		],
		[
			"an unlisted package",
			{ "app/a.ts": `import z from "@scope/zod/mini";` },
			"the package @scope/zod, which no place may",
		],
		[
			"a package named like an object's property",
			{ "app/a.ts": `import "constructor";` },
			"the package constructor",
		],
		[
			"a Node module elsewhere",
			{ "guard/a.ts": `import { join } from "node:path";` },
			"guard/a.ts imports node:path",
		],
		[
			"a Node module without prefix",
			{ "guard/a.ts": `import { join } from "path";` },
			"guard/a.ts imports path",
		],
		[
			"process elsewhere",
			{ "guard/a.ts": `export const e = process.env.A;` },
			"guard/a.ts names process",
		],
		[
			"process as a shorthand",
			{ "guard/a.ts": `export const e = { process };` },
			"guard/a.ts names process",
		],
		[
			"process of the global object",
			{ "guard/a.ts": `(globalThis as any)["process"].exit();` },
			"guard/a.ts names process",
		],
		[
			"process taken out of the global object",
			{ "guard/a.ts": `const { process: p } = globalThis as any;` },
			"guard/a.ts names process",
		],
		[
			"process as a type",
			{ "guard/a.ts": `export type P = typeof process;` },
			"guard/a.ts names process",
		],
		[
			"a cycle of three, one of them through a type",
			{
				"guard/a.ts": `import "./b.ts";`,
				"guard/b.ts": `import type {} from "./c.ts";`,
				"guard/c.ts": `import "./a.ts";`,
			},
			"import cycle: guard/a.ts -> guard/b.ts -> guard/c.ts -> guard/a.ts",
		],
		[
			"a file that imports itself",
			{ "guard/a.ts": `import "./a.ts";` },
			"import cycle: guard/a.ts -> guard/a.ts",
		],
		[
			"a cycle through the conditional import",
			{ "crypto/web.ts": `import "./key-ring.ts";` },
			"import cycle: crypto/web.ts -> crypto/key-ring.ts -> crypto/web.ts",
		],
	])("with %s has one", (_, changes, problem) => {
		const problems = problemsWith(changes);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(problem);
	});
});

test("what only looks like a reference is none", () => {
	const source = `
		// import "./comment.ts"; process.exit()
		const text = 'import "./string.ts"; process.exit()';
		const template = \`import("./template.ts") \${1}\`;
		const regex = /import ".\\/regex.ts"/;
		export interface Job { process: () => void; }
		export const job: Job = { process() {} };
		job.process();
		export { a as process };
		const a = 1;
	`;
	const { specifiers, namesProcess, computedImport } = moduleReferences(source);
	expect({ specifiers, namesProcess, computedImport }).toEqual({
		specifiers: [],
		namesProcess: false,
		computedImport: false,
	});
});
