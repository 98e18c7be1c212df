import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectConsole } from "../../../packages/portcullis/test/support/expect-console.ts";
import { exchange } from "../../../packages/portcullis/test/support/scripted-browser.ts";
import { addNote, launchChromium, openNotesAs } from "./support/chromium.ts";
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
	await openNotesAs(page, "Ada Lovelace");
	await addNote(page, NOTE);
	cookie = (await context.cookies(app.url)).map(({ name, value }) => `${name}=${value}`).join("; ");
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

test("the test looks for the right thing: with the session the same requests find it", async () => {
	const own = { ...navigation, cookie };
	for (const { body } of [
		await exchange(`${app.url}/notes`, "GET", own),
		await state("hydrate", {}, { cookie }),
	])
		for (const text of PROTECTED) expect(body).toContain(text);
});

test("no answer to an anonymous caller holds a protected byte", async () => {
	// A form_post that no provider sent, and requests about state that no script of ours did.
	expectConsole("error", "callback_invalid");
	expectConsole("warn", "csrf_failed");
	// Methods that a page does not have, and forms that no navigation brings.
	expectConsole("warn", "method_not_allowed");
	expectConsole("warn", "forbidden reason=background");
	const files = readdirSync(join(exampleFolder, "dist", "assets")).map(
		(file) => `/web/assets/${file}`,
	);
	const pages = ["/", "/notes", "/admin", "/nowhere", "/healthz"];
	const own = [
		"/login",
		"/login?redirect_to=/notes",
		"/logout",
		"/forbidden",
		"/_portcullis/session",
		"/callback",
	];
	const endpoints = ["hydrate", "event", "stream"].map((name) => `/_portcullis/${name}`);
	for (const path of [...pages, ...own, ...endpoints, ...files, "/web/.vite/manifest.json"]) {
		for (const headers of [navigation, { accept: "*/*" }]) {
			for (const method of ["GET", "POST", "DELETE"]) {
				const { body, headers: answered } = await exchange(app.url + path, method, headers);
				const everything = body + JSON.stringify([...answered]);
				for (const text of PROTECTED) expect(everything, `${method} ${path}`).not.toContain(text);
			}
		}
	}
});

test("nor has an answer to an anonymous tab: values, events, stream", async () => {
	expectConsole("warn", "login_required");
	const snapshot = await state("hydrate", {});
	const { client, epoch, rev } = JSON.parse(snapshot.body);
	const send = (event: string, payload: unknown) =>
		state("event", {
			client,
			epoch,
			rev,
			seq: 1,
			id: crypto.randomUUID(),
			state: "notes",
			event,
			payload,
		});
	const answers = [snapshot, await send("addNote", "x"), await send("clearAllNotes", undefined)];
	expect(answers.map(({ status }) => status)).toEqual([200, 401, 401]);
	const toggled = await send("toggleDarkMode", true);
	expect(toggled.status).toBe(200);
	for (const { body, headers } of [...answers, toggled])
		for (const text of PROTECTED) expect(body + JSON.stringify([...headers])).not.toContain(text);
	expect((await state("hydrate", {}, { cookie })).body, "nothing was deleted").toContain(NOTE);
});

test("with the person's cookies, but from another site or without our header, nothing is said or done", async () => {
	expectConsole("warn", "csrf_failed");
	for (const headers of [
		{ cookie, origin: "https://evil.example" },
		{ cookie, origin: app.url.replace("localhost", "other.localhost") },
		{ cookie, "portcullis-request": undefined },
		{ cookie, origin: undefined },
	]) {
		for (const endpoint of ["hydrate", "event", "stream"]) {
			const { status, body } = await state(endpoint, {}, headers);
			expect([status, JSON.parse(body).code], `${endpoint} ${JSON.stringify(headers)}`).toEqual([
				403,
				"csrf_failed",
			]);
			for (const text of PROTECTED) expect(body).not.toContain(text);
		}
	}
});

test.each(["/notes", "/admin", "/nowhere"])(
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
	expect(policy).toMatch(
		/^default-src 'none'; script-src 'self' 'sha256-[\w+/]+={0,2}'; style-src 'self'; /,
	);
	expect(policy).toContain(`img-src 'self' ${app.idp.issuer};`);
	expect(policy).not.toContain("unsafe");
	expect(headers.get("cache-control")).toContain("no-store");
	expect(
		(await exchange(`${app.url}/`, "GET", navigation)).headers.get("content-security-policy"),
	).not.toContain("http");
});

/**
 * Speaks to an endpoint of server state as the app's own script would; `undefined` leaves a header
 * out.
 */
function state(endpoint: string, body: unknown, headers: Record<string, string | undefined> = {}) {
	const all = {
		"content-type": "application/json",
		"portcullis-request": "1",
		origin: app.url,
		...headers,
	};
	const sent = Object.entries(all).filter(
		(entry): entry is [string, string] => entry[1] !== undefined,
	);
	return exchange(
		`${app.url}/_portcullis/${endpoint}`,
		"POST",
		Object.fromEntries(sent),
		JSON.stringify(body),
	);
}
