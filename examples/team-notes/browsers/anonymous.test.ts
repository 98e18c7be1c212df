import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectConsole } from "../../../packages/portcullis/test/support/expect-console.ts";
import { exchange } from "../../../packages/portcullis/test/support/scripted-browser.ts";
import { launchChromium, signInAs } from "./support/chromium.ts";
import { exampleFolder, type NotesApp, startNotesApp } from "./support/notes-app.ts";

const NOTE = "canary-note-7c1f";
/** In no public file: what only signed-in people may learn. */
const PROTECTED = [NOTE, "ada@example.com", "Ada Lovelace"];

const navigation = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

let browser: Browser;
let app: NotesApp;
/** A note and a reader, so that there is something to leak. */
let cookie: string;

beforeAll(async () => {
	[app, browser] = await Promise.all([startNotesApp(), launchChromium()]);
	const context = await browser.newContext({ baseURL: app.url });
	const page = await context.newPage();
	await page.goto("/notes");
	await signInAs(page, "Ada Lovelace");
	await page.getByLabel("New note").fill(NOTE);
	await page.getByRole("button", { name: "Add note" }).click();
	await page.getByText(NOTE, { exact: true }).waitFor();
	cookie = (await context.cookies(app.url)).map(({ name, value }) => `${name}=${value}`).join("; ");
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

test("the test looks for the right thing: with the session the same requests find it", async () => {
	const own = { ...navigation, cookie };
	expect((await exchange(`${app.url}/api/notes`, "GET", own)).body).toContain(NOTE);
	expect((await exchange(`${app.url}/notes`, "GET", own)).body).toContain("ada@example.com");
});

test("no answer to an anonymous caller holds a protected byte", async () => {
	// A form_post that no provider sent.
	expectConsole("error", "callback_invalid");
	const files = readdirSync(join(exampleFolder, "dist", "assets")).map((file) => `/web/assets/${file}`);
	const pages = ["/", "/notes", "/admin", "/nowhere", "/api/viewer", "/api/notes", "/api/admin/authors", "/healthz"];
	const own = ["/login", "/login?redirect_to=/notes", "/logout", "/forbidden", "/_portcullis/session", "/callback"];
	for (const path of [...pages, ...own, ...files, "/web/.vite/manifest.json"]) {
		for (const headers of [navigation, { accept: "*/*" }]) {
			for (const method of ["GET", "POST", "DELETE"]) {
				const { body, headers: answered } = await exchange(app.url + path, method, headers);
				const everything = body + JSON.stringify([...answered]);
				for (const text of PROTECTED) expect(everything, `${method} ${path}`).not.toContain(text);
			}
		}
	}
	expect((await exchange(`${app.url}/api/notes`, "GET", { cookie })).body, "nothing was deleted").toContain(NOTE);
});

test.each(["/notes", "/admin", "/nowhere", "/api/notes"])(
	"%s leads a navigation to the login and refuses a fetch",
	async (path) => {
		const page = await exchange(app.url + path, "GET", navigation);
		expect([page.status, page.headers.get("location")]).toEqual([
			302,
			`/login?redirect_to=${encodeURIComponent(path)}`,
		]);
		expect(page.body).toBe("");
		const fetched = await exchange(app.url + path, "GET", { accept: "application/json" });
		expect(fetched.status).toBe(401);
		expect(fetched.headers.get("content-type")).toBe("application/problem+json");
	},
);

test("below /web/ only the built files are there, in no other spelling either", async () => {
	for (const target of [
		"/web/.vite/manifest.json",
		"/web/assets/../.vite/manifest.json",
		"/web/assets/%2e%2e/.vite/manifest.json",
		"/web/assets/..%2f.vite%2fmanifest.json",
		"/web/assets/..%5c.vite%5cmanifest.json",
		"/web/../server/auth.ts",
		"/web/assets/../../server/auth.ts",
		"/web/assets/%2e%2e/%2e%2e/server/auth.ts",
		"/web//etc/passwd",
		"/web/@fs/etc/passwd",
	]) {
		for (const headers of [{ accept: "*/*" }, { accept: "*/*", cookie }]) {
			const { status, body } = await exchange(app.url, "GET", headers, undefined, target);
			expect([400, 401, 404], `${target} ${status}`).toContain(status);
			expect(body, target).not.toMatch(/isEntry|portcullis\(|root:/);
		}
	}
});

test("the document lets in nothing but its own scripts and styles, and the picture of the person", async () => {
	const { headers } = await exchange(`${app.url}/notes`, "GET", { ...navigation, cookie });
	const policy = headers.get("content-security-policy") ?? "";
	expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[\w+/]+={0,2}'; style-src 'self'; /);
	expect(policy).toContain(`img-src 'self' ${app.idp.issuer};`);
	expect(policy).not.toContain("unsafe");
	expect(headers.get("cache-control")).toContain("no-store");
	expect((await exchange(`${app.url}/`, "GET", navigation)).headers.get("content-security-policy")).not.toContain(
		"http",
	);
});
