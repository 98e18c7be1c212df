import { afterAll, expect, it } from "vitest";
import { useStage } from "../support/chromium.ts";
import { startStrippingProxy } from "../support/stripping-proxy.ts";
import { expectSilentFlow, SEC } from "./silent-flow.ts";

// What without-sec-fetch.test.ts shows, with the names of browsers that are so old that they say
// nothing.

const SAFARI_9 =
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_6) AppleWebKit/601.7.7 (KHTML, like Gecko) Version/9.1.2 Safari/601.7.7";
const CHROME_49 =
	"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.112 Safari/537.36";

const proxy = await startStrippingProxy({ drop: SEC });
const stage = useStage({ proxy: { server: proxy.server } });
afterAll(() => proxy.close());

it.each([
	["Safari 9", SAFARI_9],
	["Chrome 49", CHROME_49],
])(
	"in what calls itself %s people sign in, come by links from other sites, and sign out",
	async (_, name) => {
		proxy.does = { drop: SEC, ask: { "user-agent": name } };
		await expectSilentFlow(stage);
		expect(proxy.seen.requests).toBeGreaterThan(0);
		expect(proxy.seen.withMetadata).toBe(0);
	},
);
