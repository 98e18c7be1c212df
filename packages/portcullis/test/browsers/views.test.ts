import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { AxeResults, RunOptions } from "axe-core";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultViews, english } from "../../src/views/index.ts";
import { languages } from "../../src/views/languages/index.ts";
import { continuePostPage, onwardPage, repeatPage } from "../../src/views/move-on.ts";
import { nonce, stay, viewVariants } from "./view-variants.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wcag: RunOptions = {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	rules: { "target-size": { enabled: true } },
};

/** The policy that the gate sends with its pages: nothing runs, loads or submits but what carries the nonce or stays here. */
const policy = [
	"default-src 'none'",
	`style-src 'nonce-${nonce}'`,
	`script-src 'nonce-${nonce}'`,
	"img-src 'self' data:",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join("; ");

const variants = await viewVariants();
const sizes = [
	{ width: 390, height: 844 },
	{ width: 1280, height: 800 },
];

let browser: Browser;
let site: Site;

beforeAll(async () => {
	browser = await chromium.launch({
		executablePath: process.env.PORTCULLIS_CHROMIUM ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--no-first-run",
		],
	});
	site = await Site.start();
});

afterAll(async () => {
	await browser?.close();
	await site?.stop();
});

beforeEach(() => site.reset());

describe.each(sizes)("at $width x $height", (viewport) => {
	it.each(["light", "dark"] as const)("every page in %s passes axe, WCAG 2.2 AA", async (colorScheme) => {
		await withPage({ viewport, colorScheme, reducedMotion: "reduce", bypassCSP: true }, async (page) => {
			for (const [name, text] of variants) {
				site.serve("/page", stay(text));
				await page.goto(site.at("/page"));
				expect(await violations(page), `${name} ${colorScheme}`).toEqual([]);
			}
		});
	});

	it("no page scrolls sideways, also with text at 200 %, and every target is 44 px high", async () => {
		await withPage({ viewport, reducedMotion: "reduce" }, async (page) => {
			for (const [name, text] of variants) {
				site.serve("/page", stay(text));
				await page.goto(site.at("/page"));
				for (const size of ["100%", "200%"]) {
					const measured = await page.evaluate((fontSize) => {
						document.documentElement.style.setProperty("font-size", fontSize);
						const targets = [...document.querySelectorAll("a, button")].map((target) => target.getBoundingClientRect());
						return {
							overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
							smallest: Math.min(...targets.flatMap(({ width, height }) => [width, height])),
						};
					}, size);
					expect(measured.overflow, `${name} at ${size}`).toBeLessThanOrEqual(0);
					expect(measured.smallest, `${name} at ${size}`).toBeGreaterThanOrEqual(44);
				}
			}
		});
	});
});

describe.each(Object.entries(languages).filter(([tag]) => tag !== "en"))("in %s", (_, source) => {
	const viewport = { width: 320, height: 640 };

	it("no page scrolls sideways on a small phone, and what people see most passes axe", async () => {
		const texts = typeof source === "function" ? await source() : source;
		const pages = await viewVariants(texts);
		await withPage({ viewport, reducedMotion: "reduce", bypassCSP: true }, async (page) => {
			for (const [name, text] of pages) {
				site.serve("/page", stay(text));
				await page.goto(site.at("/page"));
				const overflow = await page.evaluate(
					() => document.documentElement.scrollWidth - document.documentElement.clientWidth,
				);
				expect(overflow, name).toBeLessThanOrEqual(0);
				expect(await page.evaluate(() => document.documentElement.lang), name).toBe(texts.lang);
				if (["login-several-expired", "logout-confirm", "forbidden", "error"].includes(name))
					expect(await violations(page), name).toEqual([]);
			}
		});
	});
});

describe("under the strict policy", () => {
	it("no page runs into it", async () => {
		await withPage({}, async (page, said) => {
			for (const [name, text] of variants) {
				site.serve("/page", stay(text));
				await page.goto(site.at("/page"));
				expect(await page.evaluate(() => getComputedStyle(document.body).display), name).toBe("grid");
			}
			expect(said).toEqual([]);
		});
	});

	it("hostile values are shown as text, and nothing of them runs even without the policy", async () => {
		const hostile = `"'\`><img src=x onerror="window.ran=1"><svg onload="window.ran=1"></svg><script>window.ran=1</script>`;
		await withPage({ bypassCSP: true }, async (page) => {
			const error = { code: hostile, id: hostile, title: hostile, message: hostile, providerText: hostile };
			const provider = { name: hostile, displayName: hostile, loginHref: `/login/${hostile}` };
			const base = {
				request: new Request("https://app.example/"),
				nonce,
				texts: english,
				homeHref: hostile,
				endpoints: hostile,
				providers: [provider],
			};
			site.serve("/error", String(await defaultViews.error({ ...base, kind: "error", error, retryHref: hostile })));
			await page.goto(site.at("/error"));
			expect(await page.title()).toBe(hostile);
			for (const selector of ["h1", "blockquote", "code"]) expect(await page.textContent(selector)).toBe(hostile);
			expect(await page.evaluate(() => "ran" in window)).toBe(false);
			expect(await page.locator("img, script").count()).toBe(0);
			expect(await page.getByText("Try again").getAttribute("href")).toBe("/");

			const login = { ...base, kind: "login", redirectTo: "/", user: { name: hostile }, notice: undefined } as const;
			site.serve("/login", String(await defaultViews.login(login)));
			await page.goto(site.at("/login"));
			expect(await page.locator("li bdi").textContent()).toBe(hostile);
			expect(await page.locator("p bdi").textContent()).toBe(hostile);
			expect(await page.evaluate(() => "ran" in window)).toBe(false);
		});
	});
});

describe.each([
	{ scripts: "with script", javaScriptEnabled: true },
	{ scripts: "without script", javaScriptEnabled: false },
])("pages that leave, $scripts", ({ javaScriptEnabled }) => {
	const context = { javaScriptEnabled };
	const awkward = "/notes/it's;v=1,2?q=a,b;c&url='//evil.example'&r=\"x\"&s=a%20b";
	const arrived = "/notes/it%27s;v=1,2?q=a,b;c&url=%27//evil.example%27&r=%22x%22&s=a%20b";

	it("the callback reaches its destination once, and leaves neither history nor a referrer behind", async () => {
		await withPage(context, async (page) => {
			const view = await defaultViews.callback({
				request: new Request("https://app.example/callback"),
				nonce,
				texts: english,
				homeHref: "/",
				endpoints: "/_portcullis",
				providers: [],
				kind: "callback",
				destination: awkward,
			});
			site.serve("/callback?code=secret&state=s", String(view));
			await page.goto(site.at("/start"));
			await page.goto(site.at("/callback?code=secret&state=s"));
			await page.waitForURL(site.at(arrived));
			expect(site.hits(arrived)).toHaveLength(1);
			expect(site.hits(arrived)[0]?.headers.referer).toBeUndefined();
			expect(site.hits(arrived)[0]?.headers["sec-fetch-site"]).toBe("same-origin");
			await page.goBack();
			expect(page.url()).toBe(site.at("/start"));
		});
	});

	it("the onward page reaches another origin", async () => {
		const idp = await Site.start();
		try {
			await withPage(context, async (page) => {
				site.serve("/logout", String(onwardPage({ nonce, href: idp.at("/end?client_id=a'b;c,d&state=x") })));
				await page.goto(site.at("/logout"));
				await page.waitForURL(idp.at("/end?client_id=a%27b;c,d&state=x"));
				expect(idp.hits("/end?client_id=a%27b;c,d&state=x")).toHaveLength(1);
				expect(idp.requests[0]?.headers.referer).toBeUndefined();
			});
		} finally {
			await idp.stop();
		}
	});

	it.each([
		["/", "#part=2"],
		["/notes?q=1,2;3", "#part=2"],
		["/?a=b", "#"],
		["/notes", ""],
	])("the repeat page requests %s%s again from the own site", async (path, fragment) => {
		await withPage(context, async (page) => {
			site.serveOnce(path, String(repeatPage({ nonce, href: path })));
			await page.goto(site.at("/start"));
			await page.goto(site.at(path + fragment));
			await page.getByText(`the app at ${path}`).waitFor();
			expect(page.url()).toBe(site.at(javaScriptEnabled ? path + fragment : path));
			expect(site.hits(path).map(({ headers }) => headers["sec-fetch-site"])).toEqual(["none", "same-origin"]);
			expect(site.requests.filter(({ url }) => url !== path && url !== "/start")).toEqual([]);
			await page.goBack();
			expect(page.url()).toBe(site.at("/start"));
		});
	});

	it("the continue page posts its fields once, with our origin, whatever they are called", async () => {
		const fields = { code: "a b&c", state: "x'\"y", submit: "1", action: "//evil.example", method: "get", id: "2" };
		await withPage(context, async (page) => {
			site.serve("/callback", String(continuePostPage({ nonce, action: "/callback/continue", fields })));
			await page.goto(site.at("/start"));
			await page.goto(site.at("/callback"));
			if (!javaScriptEnabled) await page.getByRole("button", { name: "Continue" }).click();
			await page.waitForURL(site.at("/callback/continue"));
			const posts = site.hits("/callback/continue");
			expect(posts.map(({ method }) => method)).toEqual(["POST"]);
			expect(posts[0]?.headers.origin).toBe(site.origin);
			expect(Object.fromEntries(new URLSearchParams(posts[0]?.body))).toEqual(fields);
			if (!javaScriptEnabled) return;
			await page.goBack();
			expect(page.url()).toBe(site.at("/start"));
		});
	});

	it("the logout form waits for a person, or submits itself where the context says so", async () => {
		for (const autoSubmit of [false, true]) {
			site.reset();
			await withPage(context, async (page) => {
				const view = await defaultViews.logout({
					request: new Request("https://app.example/logout"),
					nonce,
					texts: english,
					homeHref: "/",
					endpoints: "/_portcullis",
					providers: [],
					kind: "logout",
					phase: "confirm",
					user: undefined,
					formAction: "/logout/now",
					fields: { csrf: "sealed" },
					autoSubmit,
					providerSession: undefined,
				});
				site.serve("/logout", String(view));
				await page.goto(site.at("/logout"));
				if (!autoSubmit || !javaScriptEnabled) {
					expect(site.hits("/logout/now")).toEqual([]);
					await page.getByRole("button", { name: "Sign out" }).click();
				}
				await page.waitForURL(site.at("/logout/now"));
				expect(site.hits("/logout/now").map(({ method, body }) => `${method} ${body}`)).toEqual(["POST csrf=sealed"]);
				expect(site.hits("/logout/now")[0]?.headers.origin).toBe(site.origin);
			});
		}
	});
});

// Probes run inside the page: the driver waits for a pending navigation before it looks.
describe("a page whose next one is slow", () => {
	it("is not sent twice when a person presses the button as well", async () => {
		await withPage({}, async (page, said) => {
			await page.addInitScript(() => {
				setTimeout(() => {
					const button = document.querySelector("button");
					button?.click();
					console.log(`pressed ${button?.textContent}`);
				}, 400);
			});
			site.serve("/callback", String(continuePostPage({ nonce, action: "/slow", fields: { code: "1" } })));
			await page.goto(site.at("/callback"), { waitUntil: "commit" });
			await page.waitForURL(site.at("/slow"));
			expect(said).toEqual(["pressed Continue"]);
			expect(site.hits("/slow")).toHaveLength(1);
		});
	});

	it("shows nothing at first, and the card with its link after a moment", async () => {
		await withPage({ reducedMotion: "no-preference" }, async (page, said) => {
			await page.addInitScript(() => {
				const report = () => {
					const main = document.querySelector("main");
					if (main !== null) console.log(getComputedStyle(main).opacity);
				};
				setTimeout(report, 100);
				setTimeout(report, 1000);
			});
			site.serve("/logout", String(onwardPage({ nonce, href: "/slow" })));
			await page.goto(site.at("/logout"), { waitUntil: "commit" });
			await page.waitForURL(site.at("/slow"));
			expect(said).toEqual(["0", "1"]);
			expect(site.hits("/slow")).toHaveLength(1);
		});
	});
});

type Visit = (page: Page, said: readonly string[]) => Promise<void>;

/** Opens a fresh context; `said` collects what its console says, breaches of the policy included, and uncaught errors. */
async function withPage(options: BrowserContextOptions, visit: Visit): Promise<void> {
	const context: BrowserContext = await browser.newContext(options);
	try {
		const page = await context.newPage();
		const said: string[] = [];
		page.on("console", (message) => said.push(message.text()));
		page.on("pageerror", (error) => said.push(error.message));
		await visit(page, said);
	} finally {
		await context.close();
	}
}

async function violations(page: Page): Promise<string[]> {
	await page.evaluate(axeSource);
	const results = await page.evaluate(
		(options) => (window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
		wcag,
	);
	// A run that examined nothing would pass as well.
	expect(results.passes.map(({ id }) => id)).toEqual(expect.arrayContaining(["color-contrast", "html-has-lang"]));
	expect(results.incomplete.filter(({ id }) => id === "color-contrast")).toEqual([]);
	return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

interface Hit {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: string;
}

/** A site on a free port of the loopback that serves given pages under the strict policy, and a plain page everywhere else. */
class Site {
	readonly origin: string;
	readonly requests: Hit[] = [];
	readonly #server: Server;
	readonly #pages = new Map<string, { text: string; once: boolean }>();

	private constructor(server: Server) {
		this.#server = server;
		this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
		server.on("request", (request, response) => void this.#answer(request, response));
	}

	static async start(): Promise<Site> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return new Site(server);
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	at(path: string): string {
		return this.origin + path;
	}

	serve(url: string, text: string): void {
		this.#pages.set(url, { text, once: false });
	}

	serveOnce(url: string, text: string): void {
		this.#pages.set(url, { text, once: true });
	}

	hits(url: string): readonly Hit[] {
		return this.requests.filter((request) => request.url === url);
	}

	reset(): void {
		this.requests.length = 0;
		this.#pages.clear();
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = "", url = "", headers } = request;
		let body = "";
		for await (const chunk of request) body += chunk;
		if (url === "/favicon.ico") return void response.writeHead(204).end();
		this.requests.push({ method, url, headers, body });
		if (url === "/slow") await new Promise((resolve) => setTimeout(resolve, 1500));
		const page = this.#pages.get(url);
		if (page?.once) this.#pages.delete(url);
		response.setHeader("Content-Type", "text/html; charset=utf-8");
		response.setHeader("Cache-Control", "no-store");
		if (page !== undefined) response.setHeader("Content-Security-Policy", policy);
		response.end(page?.text ?? `<!doctype html><title>app</title><p>the app at ${url.replaceAll("&", "&amp;")}</p>`);
	}
}
