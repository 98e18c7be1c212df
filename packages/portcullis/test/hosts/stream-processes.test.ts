import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyIdp, startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { type ReplicaProcess, startReplica } from "../support/replica-process.ts";
import { http1, type OpenAnswer } from "../support/wire.ts";

// Against processes of their own, with the built package: what would end one must not be caught by
// the test runner's.

const TABS = 40;

let idp: FaultyIdp;

beforeAll(async () => {
	idp = await startFaultyIdp();
});

afterAll(() => idp.close());

describe.each(["node", "hono"])("a process with the %s host", (host) => {
	let app: ReplicaProcess;
	let origin: string;

	beforeAll(async () => {
		app = await startReplica({
			...idp.env,
			HOST_KIND: host,
			STATES: "1",
			PORTCULLIS_ORIGIN: "",
			NODE_ENV: "test",
		});
		origin = `http://127.0.0.1:${app.port}`;
	});

	afterAll(() => app.close());

	const post = (path: string, body: unknown): Promise<OpenAnswer> => {
		const headers = { "content-type": "application/json", origin, "portcullis-request": "1" };
		return http1(origin, "POST", `/_portcullis/${path}`, headers, JSON.stringify(body));
	};

	test("outlives a stranger with many tabs on one stream, whether he reads, sleeps or hangs up", async () => {
		for (const way of ["reads", "sleeps", "hangs up"]) {
			const clients: { client: string; rev: number }[] = [];
			for (let i = 0; i < TABS; i++) {
				const hydrated = await post("hydrate", {});
				await hydrated.isWhole;
				clients.push({ client: /"client":"([^"]+)"/.exec(hydrated.text())?.[1] ?? "", rev: 0 });
			}
			const stream = await post("stream", { clients });
			expect(stream.status).toBe(200);
			if (way === "sleeps") stream.pause();
			if (way === "reads")
				await expect
					.poll(() => stream.text().split('"type":"delta"').length - 1, { timeout: 8000 })
					.toBe(TABS);
			if (way !== "sleeps") stream.hangUp();
			const page = await http1(origin, "GET", "/public/a");
			expect([page.status, await page.isWhole]).toEqual([200, true]);
			stream.hangUp();
		}
		expect(app.log()).not.toMatch(/error/i);
		expect(await app.stop()).toMatchObject({ code: 0 });
	}, 60_000);
});
