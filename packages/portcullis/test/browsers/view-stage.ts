import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { AxeResults, RunOptions } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Texts } from "../../src/views/index.ts";
import { languages } from "../../src/views/languages/index.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { nonce, stay, viewVariants } from "./view-variants.ts";

const axeSource = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
	"utf8",
);
const wcag: RunOptions = {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	rules: { "target-size": { enabled: true } },
};

/**
 * The policy that the gate sends with its pages: nothing runs, loads or submits but what carries
 * the nonce or stays here.
 */
const policy = [
	"default-src 'none'",
	`style-src 'nonce-${nonce}'`,
	`script-src 'nonce-${nonce}'`,
	"img-src 'self' data:",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join("; ");

/** How large a page is shown, and in which colours. */
export interface Look {
	readonly viewport: { readonly width: number; readonly height: number };
	readonly colorScheme: "light" | "dark";
}

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

type Visit = (page: Page, said: readonly string[]) => Promise<void>;

/** What a file of tests of the gate's own pages works with; filled before its first test. */
export interface ViewStage {
	readonly site: Site;
	/**
	 * Opens a fresh context; `said` collects what its console says, breaches of the policy included,
	 * and uncaught errors.
	 */
	withPage(options: BrowserContextOptions, visit: Visit): Promise<void>;
	/** Opens each page in that look, and runs axe on it. */
	expectAccessible(look: Look, pages: ReadonlyMap<string, string>): Promise<void>;
	/**
	 * Opens each page on a small phone: none scrolls sideways, and what people see most passes axe.
	 */
	expectFitsIn(language: string): Promise<void>;
}

/** Starts a browser and a site for a test file, and stops them after it. */
export function useViewStage(): ViewStage {
	let browser: Browser;
	const stage = {} as { site: Site } & ViewStage;

	beforeAll(async () => {
		browser = await chromium.launch(CHROMIUM);
		stage.site = await Site.start();
	});
	afterAll(async () => {
		await browser?.close();
		await stage.site?.stop();
	});
	beforeEach(() => stage.site.reset());

	stage.withPage = async (options, visit) => {
		const context = await browser.newContext(options);
		try {
			const page = await context.newPage();
			const said: string[] = [];
			page.on("console", (message) => said.push(message.text()));
			page.on("pageerror", (error) => said.push(error.message));
			await visit(page, said);
		} finally {
			await context.close();
		}
	};
	stage.expectAccessible = (look, pages) =>
		stage.withPage({ ...look, reducedMotion: "reduce", bypassCSP: true }, async (page) => {
			for (const [name, text] of pages) {
				stage.site.serve("/page", stay(text));
				await page.goto(stage.site.at("/page"));
				await page.evaluate(axeSource);
				expect(
					await violations(page),
					`${name} ${look.colorScheme} ${look.viewport.width}`,
				).toEqual([]);
			}
		});
	stage.expectFitsIn = async (language) => {
		const texts = await textsIn(language);
		const options = {
			viewport: { width: 320, height: 640 },
			reducedMotion: "reduce",
			bypassCSP: true,
		} as const;
		const pages = await viewVariants(texts);
		await stage.withPage(options, async (page) => {
			for (const [name, text] of pages) {
				stage.site.serve("/page", stay(text));
				await page.goto(stage.site.at("/page"));
				const [overflow, lang] = await page.evaluate(() => {
					const { scrollWidth, clientWidth, lang } = document.documentElement;
					return [scrollWidth - clientWidth, lang] as const;
				});
				expect(overflow, name).toBeLessThanOrEqual(0);
				expect(lang, name).toBe(texts.lang);
				if (!["login-several-expired", "logout-confirm", "forbidden", "error"].includes(name))
					continue;
				await page.evaluate(axeSource);
				expect(await violations(page), name).toEqual([]);
			}
		});
	};
	return stage;
}

async function textsIn(language: string): Promise<Texts> {
	const source = Object.entries(languages).find(([tag]) => tag === language)?.[1];
	if (source === undefined) throw new Error(`There is no language ${language}`);
	return typeof source === "function" ? source() : source;
}

/** What axe, which the page has, says of it as it is shown now. */
async function violations(page: Page): Promise<string[]> {
	const results = await page.evaluate(
		(options) =>
			(window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(
				options,
			),
		wcag,
	);
	// A run that examined nothing would pass as well.
	expect(results.passes.map(({ id }) => id)).toEqual(
		expect.arrayContaining(["color-contrast", "html-has-lang"]),
	);
	expect(results.incomplete.filter(({ id }) => id === "color-contrast")).toEqual([]);
	return results.violations.map(
		({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
	);
}

interface Hit {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: string;
}

/**
 * A site on a free port of the loopback that serves given pages under the strict policy, and a
 * plain page everywhere else.
 */
export class Site {
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
		response.end(
			page?.text ??
				`<!doctype html><title>app</title><p>the app at ${url.replaceAll("&", "&amp;")}</p>`,
		);
	}
}
