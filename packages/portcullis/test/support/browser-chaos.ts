import type { BrowserContext, Page } from "playwright-core";
import { startTabsApp } from "./tabs-app.ts";

export interface BrowserChaosOptions {
	/** How long it goes on. Seconds. */
	readonly seconds: number;
	/** Most tabs at once. */
	readonly tabs: number;
	/** Seconds. */
	readonly accessTokenLifetime: number;
	/**
	 * Longest answer of the token endpoint, at most 10,000: the gates wait a little longer.
	 * Milliseconds.
	 */
	readonly latency: number;
	/** Share of refreshes that get 503. */
	readonly failures: number;
	/** Makes it the same each time. */
	readonly seed: number;
}

/** What came of it. */
export interface BrowserChaosResult {
	readonly opened: number;
	readonly closed: number;
	/** Tabs that were closed while the token endpoint had a refresh of them. */
	readonly closedMidRefresh: number;
	readonly requests: number;
	/** How often somebody was sent to the login page. */
	readonly logouts: number;
	readonly refreshes: number;
	readonly failedRefreshes: number;
	readonly grants: number;
	/** How often the session was renewed, by what it says itself. One grant for each of them. */
	readonly generation: number;
	readonly reuseAlarms: number;
	/** Who is signed in at the end. */
	readonly person: string | null;
}

/**
 * One browser whose tabs are opened, used and closed at random, also in the middle of a refresh, on
 * two replicas that share nothing. The identity provider rotates refresh tokens, ends the login
 * when one comes twice, and takes its time.
 */
export async function runBrowserChaos(
	profile: BrowserContext,
	options: BrowserChaosOptions,
): Promise<BrowserChaosResult> {
	const random = generator(options.seed);
	let [refreshes, failedRefreshes, underWay] = [0, 0, 0];
	const app = await startTabsApp({
		replicas: 2,
		accessTokenLifetime: options.accessTokenLifetime,
		timeout: 12,
		fault: () => {
			refreshes++;
			const delay = random() * options.latency;
			underWay++;
			setTimeout(() => underWay--, delay);
			if (random() >= options.failures) return { delay };
			failedRefreshes++;
			return { delay, status: 503 };
		},
	});
	const tabs: Page[] = [];
	let [opened, closed, closedMidRefresh] = [0, 0, 0];
	const open = () => {
		const path = random() < 0.5 ? "/page" : `/page/${opened}`;
		const opening = profile.newPage().then((page) => {
			opened++;
			tabs.push(page);
			// Closed before it is there, perhaps.
			page.goto(app.origin + path).catch(() => {});
		});
		return opening;
	};
	const close = () => {
		const [page] = tabs.splice(Math.floor(random() * tabs.length), 1);
		if (underWay > 0) closedMidRefresh++;
		closed++;
		// The driver may wait for a page for ever whose navigation is under way; the browser closes it
		// all the same.
		page?.close().catch(() => {});
	};
	const use = () => {
		const page = tabs[Math.floor(random() * tabs.length)];
		page?.evaluate(() => Reflect.get(window, "portcullis")?.fetch("/api/me")).catch(() => {});
	};
	try {
		const first = await profile.newPage();
		await first.goto(`${app.origin}/page`);
		await first.locator('a.button[href^="/login/"]').click();
		await first.waitForURL(`${app.origin}/page`);
		tabs.push(first);
		const logins = () => app.visits.filter(({ path }) => path.startsWith("/login")).length;
		const before = logins();
		const end = Date.now() + options.seconds * 1000;
		while (Date.now() < end) {
			const dice = random();
			// While a refresh is under way, tabs are more likely to go.
			if (tabs.length < 2 || (tabs.length < options.tabs && dice < 0.45)) await open();
			else if (dice < (underWay > 0 ? 0.9 : 0.6)) close();
			else use();
			await new Promise((resolve) => setTimeout(resolve, random() * 100));
		}
		// Whatever a closed tab has left under way comes to its end first.
		const last = await profile.newPage();
		await last.goto(`${app.origin}/page`);
		await last.waitForSelector("html[data-ready]");
		const { sub, generation } = await last.evaluate(async () => {
			const { sub } = await (await Reflect.get(window, "portcullis").fetch("/api/me")).json();
			const session = await (await fetch("/_portcullis/session")).json();
			return { sub, generation: session.refresh?.generation ?? -1 };
		});
		return {
			...{ opened, closed, closedMidRefresh, refreshes, failedRefreshes, generation, person: sub },
			requests: app.visits.length,
			logouts: logins() - before,
			grants: app.refreshGrants(),
			reuseAlarms: app.reuseAlarms(),
		};
	} finally {
		await profile.close();
		await app.close();
	}
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
