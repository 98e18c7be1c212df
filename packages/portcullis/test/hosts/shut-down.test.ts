import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Auth } from "../../src/index.ts";
import { protect, type ShutDownOptions, shutDown } from "../../src/node.ts";
import { type GateFixture, type Person, startGate } from "../support/gate-fixture.ts";
import { StateTab } from "../support/state-tab.ts";

let server: Server;
let fixture: GateFixture;
/** Where the handler of /slow is, and how it is let go. */
let slow: {
	readonly reached: PromiseWithResolvers<void>;
	readonly door: PromiseWithResolvers<void>;
};

beforeEach(async () => {
	slow = { reached: Promise.withResolvers(), door: Promise.withResolvers() };
	fixture = await startGate({
		gate: ({ State, field }: Auth<Person>) => {
			class Notes extends State {
				dark = field(false, { auth: false });
			}
			return { states: { notes: Notes }, pages: { "/*": { auth: false } } };
		},
		serve: async (gate) => {
			server = createServer(
				protect(async (request, response) => {
					if (request.url === "/slow") {
						slow.reached.resolve();
						await slow.door.promise;
					}
					response.end("served");
				}, gate),
			);
			await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
			const { port } = server.address() as AddressInfo;
			return { origin: `http://localhost:${port}`, close: async () => {} };
		},
	});
});

afterEach(() => {
	slow.door.resolve();
	server.closeAllConnections();
	server.close();
});

function stop(options?: ShutDownOptions): {
	readonly ended: Promise<void>;
	readonly isEnded: () => boolean;
} {
	let isEnded = false;
	const ended = shutDown(server, fixture.gate, options).then(() => {
		isEnded = true;
	});
	return { ended, isEnded: () => isEnded };
}

function ask(path: string, agent?: Agent): Promise<{ message: IncomingMessage; body: string }> {
	return new Promise((resolve, reject) => {
		get(fixture.origin + path, agent ? { agent } : {}, async (message) => {
			let body = "";
			for await (const chunk of message) body += chunk;
			resolve({ message, body });
		}).on("error", reject);
	});
}

test("what has begun is finished, and nothing more is accepted", async () => {
	const agent = new Agent({ keepAlive: true });
	const answer = ask("/slow", agent);
	await slow.reached.promise;
	const { ended, isEnded } = stop();
	await vi.waitFor(() => expect(ask("/")).rejects.toMatchObject({ code: "ECONNREFUSED" }));
	expect(isEnded()).toBe(false);
	slow.door.resolve();
	expect((await answer).body).toBe("served");
	// The connection would be kept alive for 5 seconds more.
	const since = performance.now();
	await ended;
	expect(performance.now() - since).toBeLessThan(3000);
});

test("a connection that was made before and brings its first request now is served", async () => {
	const { port } = new URL(fixture.origin);
	const early = connect(Number(port), "localhost");
	await once(server, "connection");
	const { ended } = stop();
	await vi.waitFor(() => expect(server.listening).toBe(false));
	early.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	let answer = "";
	for await (const chunk of early.setEncoding("utf8")) answer += chunk;
	expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
	expect(answer).toContain("served");
	await ended;
});

test("during the delay requests are served, health says 503, and connections are not used again", async () => {
	expect((await fetch(`${fixture.origin}/_portcullis/health/ready`)).status).toBe(200);
	const { ended } = stop({ delay: 1 });
	const ready = await fetch(`${fixture.origin}/_portcullis/health/ready`);
	expect([ready.status, ready.headers.get("retry-after")]).toEqual([503, "1"]);
	expect((await fetch(`${fixture.origin}/_portcullis/health`)).status).toBe(200);
	const { message, body } = await ask("/", new Agent({ keepAlive: true }));
	expect([body, message.headers.connection]).toEqual(["served", "close"]);
	await ended;
});

test("streams say goodbye, those too that are opened during the delay", async () => {
	const tab = new StateTab(fixture.origin);
	await tab.hydrate();
	const stream = await tab.stream();
	const { ended } = stop({ delay: 1 });
	await stream.ended;
	expect(stream.lines.at(-1)).toEqual({ type: "bye" });
	const late = await tab.stream();
	await late.ended;
	expect(late.lines).toEqual([{ type: "open" }, { type: "bye" }]);
	await ended;
});

test("what takes too long is cut off", async () => {
	const answer = ask("/slow").catch((error: { code: string }) => error.code);
	await slow.reached.promise;
	await stop({ timeout: 0.1 }).ended;
	expect(await answer).toBe("ECONNRESET");
});
