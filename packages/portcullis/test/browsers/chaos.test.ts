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
			// In a short run the tabs may happen to close before any of them renews: that one says
			// nothing, and another is made.
			for (let run = 0, grants = 0; grants === 0; run++) {
				const profile = await browser.newContext();
				const result = await runBrowserChaos(profile, { ...options, seed: SEED + run });
				await profile.close();
				if (isLong) console.info({ ...options, ...result });
				grants = result.grants;
				expect(result, `seed ${SEED + run}`).toMatchObject({
					...{ logouts: 0, reuseAlarms: 0, person: "ada", generation: grants },
				});
				expect([result.opened > 5, result.closed > 2]).toEqual([true, true]);
				expect(grants).toBeLessThanOrEqual(
					Math.ceil((SECONDS + 30) / (options.accessTokenLifetime * 0.75)),
				);
				expect(run, "runs without a renewal").toBeLessThan(5);
			}
		} finally {
			await browser.close();
		}
	},
	(SECONDS + 150) * 1000,
);
