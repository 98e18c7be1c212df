import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exchange } from "../../../packages/portcullis/test/support/scripted-browser.ts";
import { launchChromium, visit } from "./support/chromium.ts";
import { type Dashboard, exampleFolder, startDashboard } from "./support/dashboard.ts";

/** Of people and of the audit log; in no public file. */
const ADMIN_DATA = ["directory.example", "Provisioning (seed)", "Joan Clarke"];
const PAGES = ["/", "/admin", "/admin/audit", "/profile", "/nowhere"];
const DATA = [
	"/_.data",
	"/_root.data",
	"/admin.data",
	"/admin/_.data",
	"/admin/audit.data",
	"/ADMIN.data",
	"/%61dmin.data",
	"/admin%2edata",
	"/profile.data",
	"/_.data?_routes=root",
	"/_.data?_routes=routes/users",
	"/profile.data?_routes=root,routes/users,routes/audit",
	"/admin.data?_routes=root",
	"/__manifest?paths=/admin&version=x",
];

let browser: Browser;
let app: Dashboard;

beforeAll(async () => {
	[app, browser] = await Promise.all([startDashboard(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

test("the test looks for the right thing: an admin finds all of it, in documents, data and state", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	for (const path of ["/admin", "/admin.data", "/_.data"]) {
		const body = await (await context.request.get(path)).text();
		for (const text of ADMIN_DATA) expect(body, path).toContain(text);
	}
	const body = await (await send(page, "hydrate", {})).text;
	for (const text of ADMIN_DATA) expect(body).toContain(text);
	await context.close();
});

test.each(["Vic Viewer", "Nora Nogroup"])(
	"no answer that %s gets holds data of the admin panel",
	async (name) => {
		const { context, page } = await visit(browser, app.url, name);
		const seen = recordAnswers(context);
		for (const path of PAGES) await page.goto(path);
		const answers: string[] = [];
		for (const path of [...PAGES, ...DATA]) {
			for (const method of ["GET", "POST"]) {
				const answer = await context.request.fetch(app.url + path, {
					method,
					headers: { origin: app.url },
				});
				answers.push(
					`${method} ${path} ${answer.status()} ${JSON.stringify(answer.headers())} ${await answer.text()}`,
				);
			}
		}
		await page.goto("/profile");
		const { text } = await send(page, "hydrate", {});
		answers.push(text, (await send(page, "hydrate", { states: ["users", "audit"] })).text);
		const { client, epoch, rev } = JSON.parse(text);
		const call = { client, epoch, rev, seq: 1, id: "by-hand", states: ["users", "audit"] };
		for (const [state, event, payload] of FORGED) {
			answers.push((await send(page, "event", { ...call, state, event, payload })).text);
		}
		answers.push(
			await openStream(page, {
				clients: [{ client, rev: 0, states: ["users", "audit", "metrics"] }],
			}),
		);
		answers.push(...(await seen()));
		expect(answers.length).toBeGreaterThan(40);
		for (const answer of answers) {
			for (const marker of ADMIN_DATA)
				expect(answer.includes(marker), `${marker} in ${answer.slice(0, 80)}`).toBe(false);
		}
		await context.close();
	},
);

test("what admins get is in no public file", async () => {
	const files = readdirSync(join(exampleFolder, "dist", "client", "assets"));
	expect(files.length).toBeGreaterThan(5);
	for (const file of files) {
		const answer = await fetch(`${app.url}/web/assets/${file}`);
		expect(answer.status, file).toBe(200);
		const body = await answer.text();
		for (const marker of [...ADMIN_DATA, "ClaimUnknownError", "oauth4webapi"]) {
			expect(body.includes(marker), `${marker} in ${file}`).toBe(false);
		}
	}
	for (const path of [
		"/web/.vite/manifest.json",
		"/web/assets/../../server/index.js",
		"/web/assets/..%2f..%2fserver%2findex.js",
	]) {
		expect([400, 401, 404], path).toContain(
			(await fetch(app.url + path, { redirect: "manual" })).status,
		);
	}
});

test("anonymous callers get a login for a page, and 401 for anything else", async () => {
	for (const path of PAGES) {
		const page = await exchange(app.url + path, "GET", NAVIGATION);
		expect(page.status, path).toBe(302);
		expect(page.headers.get("location")).toBe(
			path === "/" ? "/login" : `/login?redirect_to=${encodeURIComponent(path)}`,
		);
		expect(page.body).toBe("");
	}
	for (const path of DATA) {
		const data = await fetch(app.url + path, { redirect: "manual" });
		expect(data.status, path).toBe(401);
		expect((await data.text()).length, path).toBeLessThan(400);
	}
});

test.each(["Vic Viewer", "Nora Nogroup"])(
	"an event that %s forges is refused, and changes nothing",
	async (name) => {
		const ada = await visit(browser, app.url, "Ada Lovelace");
		const before = await values(ada.page);
		const { context, page } = await visit(browser, app.url, name);
		const { client, epoch, rev } = JSON.parse((await send(page, "hydrate", {})).text);
		for (const [i, [state, event, payload]] of FORGED.entries()) {
			const call = { client, epoch, rev, seq: 1, id: `by-hand-${i}`, state, event, payload };
			const { status, text } = await send(page, "event", call);
			expect([status, JSON.parse(text).code], `${state}.${event}`).toEqual([403, "forbidden"]);
		}
		expect(await values(ada.page)).toEqual(before);
		await context.close();
		await ada.context.close();
	},
);

/**
 * What only admins may do, with inputs that would be fine and inputs that would not: neither is
 * looked at.
 */
const FORGED: readonly (readonly [state: string, event: string, payload: unknown])[] = [
	["users", "setRole", { id: "p01", role: "administrator" }],
	["users", "setActive", { id: "p01", isActive: false }],
	["users", "setRole", { id: 7 }],
	["audit", "setFilter", { text: "", action: "any" }],
];

const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

/** Sends a request as somebody with the developer tools would, from the open page. */
function send(
	page: Page,
	endpoint: string,
	body: unknown,
): Promise<{ status: number; text: string }> {
	return page.evaluate(
		async ([endpoint, body]) => {
			const headers = { "content-type": "application/json", "portcullis-request": "1" };
			const response = await fetch(`/_portcullis/${endpoint}`, { method: "POST", headers, body });
			return { status: response.status, text: await response.text() };
		},
		[endpoint, JSON.stringify(body)] as const,
	);
}

/**
 * Opens a stream by hand, and reads until it says that it is open and what had changed has come.
 */
function openStream(page: Page, body: unknown): Promise<string> {
	return page.evaluate(async (body) => {
		const headers = { "content-type": "application/json", "portcullis-request": "1" };
		const aborter = new AbortController();
		const response = await fetch("/_portcullis/stream", {
			method: "POST",
			headers,
			body,
			signal: aborter.signal,
		});
		const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
		let text = "";
		for (let lines = 0; reader && lines < 2; lines = text.split("\n").length - 1) {
			const { done, value } = await reader.read();
			if (done) break;
			text += value;
		}
		aborter.abort();
		return text;
	}, JSON.stringify(body));
}

async function values(page: Page): Promise<unknown> {
	return JSON.parse((await send(page, "hydrate", { states: ["users", "audit"] })).text).values;
}

/** Every answer that the browser gets, except for streams, which do not end. */
function recordAnswers(context: BrowserContext): () => Promise<string[]> {
	const texts: Promise<string>[] = [];
	context.on("response", (response) => {
		if (response.url().endsWith("/stream")) return;
		texts.push(
			response
				.text()
				.catch(() => "")
				.then((text) => `${response.url()} ${text}`),
		);
	});
	return () => Promise.all(texts);
}
