import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startDevIdp } from "portcullis/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { A_SECOND } from "../../../packages/portcullis/test/support/a-second.ts";
import { assertFreshBuild } from "../../../packages/portcullis/test/support/built-package.ts";
import { exchange } from "../../../packages/portcullis/test/support/scripted-browser.ts";
import {
	addNote,
	launchChromium,
	noteIn,
	openNotesAs,
	signInAs,
	signOut,
} from "./support/chromium.ts";
import { type Demo, DemoEnded, startDemo } from "./support/demo.ts";
import { exampleFolder } from "./support/notes-app.ts";

let browser: Browser;
const running: Demo[] = [];

beforeAll(async () => {
	assertFreshBuild();
	browser = await launchChromium();
});

afterAll(() => browser?.close());

afterEach(async () => {
	await Promise.all(running.splice(0).map((demo) => demo.interrupt()));
});

async function start(args: readonly string[], env: Record<string, string> = {}): Promise<Demo> {
	const demo = await startDemo(args, env);
	running.push(demo);
	return demo;
}

test("signs in by a click, reloads modules hot behind the guard, and serves no server sources", async () => {
	const demo = await start(["--port", "0"]);
	expect(demo.output()).toMatch(/Ada Lovelace.*Vic Viewer.*Nora Nogroup/s);

	const page = await browser.newPage({ baseURL: demo.url });
	const complaints: string[] = [];
	page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
	page.on("pageerror", (error) => complaints.push(String(error)));
	await page.goto("/notes?from=demo");
	await signInAs(page, "Ada Lovelace");
	expect(page.url()).toBe(`${demo.url}/notes?from=demo`);
	const hot = page.waitForEvent("console", (message) => message.text() === "[vite] connected.");
	const socket = page.waitForEvent("websocket");
	await page.reload();
	await page.getByText("No notes yet").waitFor();
	await hot;
	expect((await socket).url()).toMatch(`${demo.url.replace("http", "ws")}/web/?token=`);
	await signOut(page);
	await page.close();
	expect(complaints).toEqual([]);

	// Vite does serve what it should, or the refusals below would prove nothing.
	expect((await exchange(`${demo.url}/web/main.tsx`, "GET", {})).body).toContain("createRoot");
	const files = exampleFolder.replaceAll("\\", "/").replace(/^\/?/, "/");
	for (const target of [
		"/server/auth.ts",
		"/web/../server/auth.ts",
		"/web/%2e%2e/server/auth.ts",
		"/web/..%2fserver/auth.ts",
		`/web/@fs${files}/server/auth.ts`,
		`/web/@fs${files}/server/auth.ts?raw`,
		`/web/@fs${files}/server/auth.ts?raw??`,
		`/web/@fs${files}/server/auth.ts?import&raw`,
		`/web/@fs${files}/server/auth.ts?url&inline`,
		`/web/@fs${files}/web/../server/auth.ts`,
		`/web/@fs${files}/web/%2e%2e/server/auth.ts`,
		`/web/@fs${files}/vite.config.ts`,
		`/web/@fs${files}/package.json`,
		`/web/@fs${files}/.env`,
		`/web/@fs${files}/.tmp/localhost.key.pem`,
		`/web/@fs${files}/.tmp/notes.sqlite`,
		"/web/../.tmp/notes.sqlite",
		"/web/@fs/etc/passwd",
		"/@fs/etc/passwd",
		"/@vite/client",
	]) {
		const { status, body } = await exchange(demo.url, "GET", { accept: "*/*" }, undefined, target);
		expect([400, 401, 403, 404], `${target} ${status}`).toContain(status);
		expect(body, target).not.toMatch(
			/extraScopes|defineConfig|devDependencies|PRIVATE KEY|SQLite format|root:/,
		);
	}
});

test("over https it signs in and out as well, with the identity provider on plain http", async () => {
	const demo = await start(["--https", "--port", "0"]);
	expect(demo.url).toMatch(/^https:\/\/localhost:\d+$/);
	const context = await browser.newContext({ baseURL: demo.url, ignoreHTTPSErrors: true });
	const page = await context.newPage();
	await page.goto("/notes?tag=1");
	await signInAs(page, "Ada Lovelace");
	expect(page.url()).toBe(`${demo.url}/notes?tag=1`);
	await addNote(page, "over https");
	await signOut(page);
	await context.close();
});

test("a second start has the notes of the first", async () => {
	const folder = mkdtempSync(join(tmpdir(), "team-notes-demo-"));
	try {
		for (const note of ["first day", "second day"]) {
			const demo = await start(["--port", "0"], { TEAM_NOTES_DB: join(folder, "notes.sqlite") });
			const page = await browser.newPage({ baseURL: demo.url });
			await openNotesAs(page, "Ada Lovelace");
			if (note === "second day") await noteIn(page, "first day").waitFor();
			await addNote(page, note);
			await page.close();
			await demo.interrupt();
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test("with OIDC_* set, that identity provider is used, and none is built in", async () => {
	const idp = await startDevIdp({
		people: [{ sub: "grace", name: "Grace Hopper", email: "grace@example.com" }],
	});
	try {
		const demo = await start(["--port", "0"], idp.env);
		expect(demo.output()).toContain(idp.issuer);
		expect(demo.output()).not.toContain("Ada Lovelace");
		const page = await browser.newPage({ baseURL: demo.url });
		await page.goto("/notes");
		await signInAs(page, "Grace Hopper");
		await page.getByText("grace@example.com").waitFor();
		await page.close();
	} finally {
		await idp.close();
	}
});

test("Ctrl-C ends everything within a second, also with a page open", async () => {
	const demo = await startDemo(["--port", "0"]);
	const page = await browser.newPage({ baseURL: demo.url });
	const hot = page.waitForEvent("console", (message) => message.text() === "[vite] connected.");
	await page.goto("/");
	await hot;
	const { duration, code } = await demo.interrupt();
	expect(code).toBe(0);
	expect(duration).toBeLessThan(A_SECOND);
	await expect(fetch(demo.url)).rejects.toThrow();
	await page.close();
});

test("a port that is taken is said: the default gives way, a chosen one does not", async () => {
	const blocker = createServer();
	await new Promise<void>((resolve) => {
		// Somebody else may have it already, which is as good.
		blocker.once("error", () => resolve());
		blocker.listen({ port: 3000, host: "127.0.0.1" }, resolve);
	});
	try {
		const demo = await start([]);
		expect(demo.output()).toContain("Port 3000 is taken.");
		expect(demo.url).not.toBe("http://localhost:3000");
		const failure: unknown = await startDemo(["--port", new URL(demo.url).port]).catch(
			(error: unknown) => error,
		);
		expect(failure).toBeInstanceOf(DemoEnded);
		expect(String(failure)).toMatch(/Port \d+ is taken\. Choose another one with --port\./);
		expect(String(failure)).not.toContain("    at ");
	} finally {
		blocker.close();
	}
});

test("what is wrong is said in a sentence", async () => {
	const options: unknown = await startDemo(["--prot", "1"]).catch((error: unknown) => error);
	expect(String(options)).toMatch(/'--prot'.*--port N/s);
	const production: unknown = await startDemo([], { NODE_ENV: "production" }).catch(
		(error: unknown) => error,
	);
	expect(String(production)).toMatch(/NODE_ENV=production/);
	expect(String(production)).not.toContain("    at ");
});
