import { expect, test } from "vitest";
import { runScriptedChaos } from "./scripted-chaos.ts";

test("no session is lost and no refresh token spent twice, on replicas that share nothing (R38, R43)", async () => {
	const summary = await runScriptedChaos({
		sessions: 40,
		requests: 20,
		tabs: 4,
		expiries: 3,
		replicas: 2,
		latency: 500,
		atOnce: 40,
		failures: 0.05,
		closings: 0.1,
		both: false,
	});
	expect(summary.problems).toEqual([]);
	expect(summary).toMatchObject({ requests: 2400, grants: 120 });
}, 60_000);
