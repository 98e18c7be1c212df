import { chromium } from "playwright-core";
import { expect, it } from "vitest";
import { runBrowserChaos } from "../support/browser-chaos.ts";
import { CHROMIUM } from "../support/chromium.ts";

/** Seconds; `npm run chaos:browsers` goes on for longer. */
const SECONDS = Number(process.env.PORTCULLIS_CHAOS_SECONDS ?? 12);
const SEED = Number(process.env.PORTCULLIS_CHAOS_SEED ?? Date.now() % 1_000_000);

it(
	"tabs that come and go in the middle of refreshes never lose the session, and spend each token once",
	async () => {
		const browser = await chromium.launch(CHROMIUM);
		const isLong = SECONDS > 60;
		const options = {
			...{ seconds: SECONDS, seed: SEED, tabs: 20, failures: 0.05 },
			accessTokenLifetime: isLong ? 30 : 6,
			latency: isLong ? 10_000 : 1500,
		};
		try {
			const result = await runBrowserChaos(await browser.newContext(), options);
			if (isLong) console.info({ ...options, ...result });
			const { grants } = result;
			expect(result, `seed ${SEED}`).toMatchObject({
				...{ logouts: 0, reuseAlarms: 0, person: "ada", generation: grants },
			});
			// Not vacuous.
			expect([grants > 0, result.opened > 5, result.closed > 2]).toEqual([true, true, true]);
			expect(grants).toBeLessThanOrEqual(Math.ceil((SECONDS + 30) / (options.accessTokenLifetime * 0.75)));
		} finally {
			await browser.close();
		}
	},
	(SECONDS + 150) * 1000,
);
