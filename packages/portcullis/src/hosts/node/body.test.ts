import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { ScriptedBrowser } from "../../../test/support/scripted-browser.ts";
import { portcullis } from "../../app/portcullis.ts";
import { startFaultyIdp } from "../../testing/faulty-idp.ts";
import { protect } from "./protect.ts";

const body = "a=1&".repeat(50_000);

test("a check that gets the request leaves the body to the listener", async () => {
	const idp = await startFaultyIdp();
	onTestFinished(() => idp.close());
	const auth = portcullis({ platform: { env: idp.env } });
	// Answers after a turn of the event loop, in which the body arrives.
	const slowly = auth.check(
		({ request }) => new Promise((resolve) => setTimeout(() => resolve(request.body !== null), 20)),
	);
	const reads = auth.check(async ({ request }) => (await request.text()) === body);
	const gate = auth.gate({ pages: { "/form": { auth: slowly }, "/read": { auth: reads } } });
	const server = createServer(
		protect(async (request, response) => response.end(await text(request)), gate),
	);
	onTestFinished(() => void server.close());
	await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
	const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

	const browser = new ScriptedBrowser();
	browser.location = `${origin}/login`;
	await browser.click("/login/generic");
	const headers = { cookie: browser.cookieHeader(origin), origin };
	const post = (path: string) => fetch(origin + path, { method: "POST", headers, body });

	expect(await (await post("/form")).text()).toBe(body);
	// And a check that does read it gets all of it.
	expect((await post("/read")).status).toBe(200);
});
