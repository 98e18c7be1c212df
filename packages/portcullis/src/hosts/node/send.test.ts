import {
	createServer,
	request as httpRequest,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { http1, http2, type OpenAnswer } from "../../../test/support/wire.ts";
import type { Gate } from "../../app/gate.ts";
import { portcullis } from "../../app/portcullis.ts";
import type { LogEntry } from "../../audit/log.ts";
import { type FaultyIdp, startFaultyIdp } from "../../testing/faulty-idp.ts";
import { protect } from "./protect.ts";
import { sendResponse } from "./send.ts";

type Run = (request: IncomingMessage, response: ServerResponse) => unknown;

const log: LogEntry[] = [];
let idp: FaultyIdp;
let gate: Gate;

beforeAll(async () => {
	idp = await startFaultyIdp();
	return () => idp.close();
});

beforeEach(() => {
	// One for each test: of many lines alike a gate writes the first ones alone.
	const auth = portcullis({ platform: { env: idp.env, log: (entry) => log.push(entry) } });
	gate = auth.gate({ pages: { "/*": { auth: false } } });
});

/** What was logged since the last call. */
const taken = () =>
	log.splice(0).map(({ level, code, message, cause }) => [level, code, message, String(cause)]);

const versions = { "HTTP/1.1": http1, "HTTP/2": http2 } as const;
type Version = keyof typeof versions;

async function serve(version: Version, run: Run): Promise<string> {
	const server = version === "HTTP/2" ? createHttp2Server(run as never) : createServer(run);
	onTestFinished(() => void server.close());
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const bytes = (value: string) => new TextEncoder().encode(value);
const failing = (...chunks: unknown[]) =>
	new ReadableStream({
		pull(controller) {
			if (chunks.length === 0) controller.error(new Error("it broke"));
			else controller.enqueue(chunks.shift());
		},
	});

describe.each(Object.keys(versions) as Version[])("an answer over %s", (version) => {
	const ask = async (
		make: () => Response,
		method = "GET",
	): Promise<OpenAnswer & { readonly whole: boolean }> => {
		const origin = await serve(version, (request, response) =>
			sendResponse(make(), { request, response, gate }),
		);
		const answer = await versions[version](origin, method, "/page?secret=1");
		return { ...answer, whole: await answer.isWhole };
	};

	test.each(["while more is to come", "once all of it is written"])(
		"is ended where the browser takes nothing for two minutes, %s",
		async (when) => {
			vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
			onTestFinished(() => void vi.useRealTimers());
			let pulled = 0;
			let cancelled = false;
			// More than sockets and windows take by themselves.
			const chunk = new Uint8Array(when === "while more is to come" ? 65_536 : 16_777_216);
			const body = () =>
				new ReadableStream({
					pull(controller) {
						if (chunk.length < 1e6 || pulled === 0) controller.enqueue(chunk);
						else controller.close();
						pulled++;
					},
					cancel() {
						cancelled = true;
					},
				});
			let responded: ServerResponse | undefined;
			const origin = await serve(version, (request, response) => {
				responded = response;
				return sendResponse(new Response(body()), { request, response, gate });
			});
			const answer = await versions[version](origin, "GET", "/");
			answer.pause();
			const isQuiet = async () => {
				for (let before = -1; before !== pulled; ) {
					before = pulled;
					for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
				}
			};
			await isQuiet();
			const over = () =>
				responded?.destroyed === true ||
				(responded as { stream?: { closed: boolean } }).stream?.closed === true;
			await vi.advanceTimersByTimeAsync(119_000);
			expect(over()).toBe(false);
			await vi.advanceTimersByTimeAsync(1000);
			await isQuiet();
			expect(over()).toBe(true);
			expect(cancelled || when !== "while more is to come").toBe(true);
			answer.resume();
			expect(await answer.isWhole).toBe(false);
		},
	);

	test("is sent with its status and chunks", async () => {
		const body = new ReadableStream({
			start(controller) {
				for (const chunk of ["one ", "two ", "three"]) controller.enqueue(bytes(chunk));
				controller.close();
			},
		});
		const answer = await ask(() => new Response(body, { status: 201 }));
		expect([answer.status, answer.whole]).toEqual([201, true]);
		for (const chunk of ["one ", "two ", "three"]) expect(answer.text()).toContain(chunk);
		expect(taken()).toEqual([]);
	});

	test.each<[string, () => Response]>([
		[
			"whose body fails at once",
			() => new Response(failing(), { headers: { "content-length": "100", etag: "a" } }),
		],
		[
			"whose body is in use",
			() => {
				const answer = new Response("text");
				answer.body?.getReader();
				return answer;
			},
		],
		[
			"whose body was read",
			() => {
				const answer = new Response(new ReadableStream());
				void answer.body?.cancel();
				return answer;
			},
		],
		["with a status that Node refuses", () => Response.error()],
	])("%s is a 500, and one line in the log", async (_, make) => {
		const answer = await ask(make);
		expect([answer.status, answer.whole]).toEqual([500, true]);
		expect(answer.text()).toContain("Internal error");
		expect(taken()).toEqual([
			["error", "internal_error", "The answer could not be sent: GET /page", expect.any(String)],
		]);
	});

	test.each<[string, () => Response]>([
		["fails", () => new Response(failing(bytes("begun")))],
		["brings what is no bytes", () => new Response(failing(bytes("begun"), 5))],
	])("whose body %s later on is cut off, with one line in the log", async (_, make) => {
		const answer = await ask(make);
		expect(answer.whole).toBe(false);
		expect(taken()).toEqual([
			["error", "internal_error", "The answer could not be sent: GET /page", expect.any(String)],
		]);
	});

	test("to HEAD has no body, and that is cancelled", async () => {
		let isCancelled = false;
		const answer = await ask(
			() =>
				new Response(
					new ReadableStream({
						cancel: () => {
							isCancelled = true;
						},
					}),
				),
			"HEAD",
		);
		expect([answer.status, isCancelled]).toEqual([200, true]);
		expect(taken()).toEqual([]);
	});

	test.each([204, 304])("of status %i ends without a body", async (status) => {
		const answer = await ask(() => new Response(null, { status }));
		expect([answer.status, answer.text()]).toEqual([status, ""]);
	});

	test.each(["before it is ready", "while it is sent"])(
		"is cancelled when the browser goes away %s",
		async (when) => {
			const cancelled = Promise.withResolvers<void>();
			const sent = Promise.withResolvers<void>();
			const body = new ReadableStream({
				start: (controller) => controller.enqueue(bytes("begun")),
				// What fails at this moment interests nobody.
				cancel: () => {
					cancelled.resolve();
					throw new Error("not even this");
				},
			});
			const asked = Promise.withResolvers<() => Promise<unknown>>();
			const origin = await serve(version, async (request, response) => {
				if (when === "before it is ready") {
					asked.resolve(() => new Promise((resolve) => response.on("close", resolve)));
					await new Promise((resolve) => response.on("close", resolve));
				}
				await sendResponse(new Response(body), { request, response, gate });
				sent.resolve();
			});
			if (when === "before it is ready" && version === "HTTP/1.1") {
				const socket = connect(Number(new URL(origin).port), "127.0.0.1");
				socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
				await asked.promise;
				socket.destroy();
			} else if (when === "before it is ready") {
				const { connect: open } = await import("node:http2");
				const session = open(origin);
				session.request({ ":path": "/" }).on("error", () => {});
				await asked.promise;
				session.destroy();
			} else {
				const answer = await versions[version](origin, "GET", "/");
				await expect.poll(answer.text).toContain("begun");
				answer.hangUp();
			}
			await Promise.all([cancelled.promise, sent.promise]);
			expect(taken()).toEqual([]);
		},
	);

	test("is read no faster than the browser takes it", async () => {
		let pulled = 0;
		const chunk = new Uint8Array(65_536);
		const body = new ReadableStream(
			{
				pull(controller) {
					pulled++;
					controller.enqueue(chunk);
				},
			},
			{ highWaterMark: 0 },
		);
		const origin = await serve(version, (request, response) =>
			sendResponse(new Response(body), { request, response, gate }),
		);
		const answer = await versions[version](origin, "GET", "/");
		answer.pause();
		// Until the buffers of the connection are full; without a bound it goes on for ever.
		let before = -1;
		while (before !== pulled && pulled < 1000) {
			before = pulled;
			for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
		}
		expect(pulled).toBeLessThan(1000);
		answer.resume();
		await expect.poll(() => pulled).toBeGreaterThan(before);
		answer.hangUp();
	});
});

describe.each(Object.keys(versions) as Version[])(
	"a listener behind protect over %s",
	(version) => {
		test.each<[string, number, Run]>([
			[
				"throws",
				500,
				() => {
					throw new Error("it broke");
				},
			],
			["rejects", 500, () => Promise.reject(new Error("it broke"))],
			[
				"rejects with headers set",
				500,
				async (_, response) => {
					response.setHeader("Content-Length", "5000").setHeader("Set-Cookie", "a=1");
					throw new Error("it broke");
				},
			],
			[
				"rejects after its answer",
				200,
				async (_, response) => {
					response.end("whole");
					throw new Error("it broke");
				},
			],
		])("that %s ends nothing but its own answer", async (_, status, run) => {
			const origin = await serve(version, protect(run, gate));
			for (let i = 0; i < 2; i++) {
				const answer = await versions[version](origin, "GET", "/page?secret=1");
				expect([answer.status, await answer.isWhole]).toEqual([status, true]);
				expect(taken()).toEqual([
					["error", "internal_error", "The app's listener failed: GET /page", expect.any(String)],
				]);
			}
		});

		test("that rejects in the middle of its answer is cut off", async () => {
			const origin = await serve(
				version,
				protect(async (_, response) => {
					response.write("begun");
					await new Promise((resolve) => setTimeout(resolve));
					throw new Error("it broke");
				}, gate),
			);
			const answer = await versions[version](origin, "GET", "/");
			expect(await answer.isWhole).toBe(false);
			expect(taken()).toHaveLength(1);
		});
	},
);

test("headers that Node refuses are a 500, whether the gate or the app has set them", async () => {
	const refused = { headers: { "x-odd": "\x01" } };
	const runs: Run[] = [
		(request, response) => sendResponse(new Response("text", refused), { request, response, gate }),
		protect((_, response) => response.writeHead(200, refused.headers), gate),
	];
	for (const run of runs) {
		const answer = await http1(await serve("HTTP/1.1", run), "GET", "/");
		expect([answer.status, await answer.isWhole]).toEqual([500, true]);
		expect(taken()).toHaveLength(1);
	}
});

test("a body that is no bytes is never taken for an answer", async () => {
	for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
		const origin = await serve(version, (request, response) =>
			sendResponse(new Response(failing({ not: "bytes" })), { request, response, gate }),
		);
		const answer = await versions[version](origin, "GET", "/");
		expect([answer.status, await answer.isWhole]).not.toEqual([200, true]);
		expect(taken()).toHaveLength(1);
	}
});

describe("an upload", () => {
	test("that breaks off while the app reads it ends nothing, and is not logged", async () => {
		const failed = Promise.withResolvers<unknown>();
		const listener: Run = async (request, response) => {
			if (request.method === "GET") return response.end("alive");
			await text(request).catch((error: unknown) => {
				failed.resolve(error);
				throw error;
			});
			return response.end();
		};
		const origin = await serve("HTTP/1.1", protect(listener, gate));
		const socket = connect(Number(new URL(origin).port), "127.0.0.1");
		const head = `POST / HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 100\r\n\r\nbegun`;
		socket.write(head, () => setTimeout(() => socket.destroy(), 20));
		expect(await failed.promise).toBeInstanceOf(Error);
		const answer = await http1(origin, "GET", "/");
		expect([answer.status, await answer.isWhole]).toEqual([200, true]);
		expect(taken()).toEqual([]);
	});

	test.each(["in chunks", "with its length"])(
		"that is too large for the gate, %s, is answered",
		async (how) => {
			const origin = await serve(
				"HTTP/1.1",
				protect((_, response) => response.end(), gate),
			);
			const body = Buffer.alloc(1_000_000, "x");
			const status = await new Promise((resolve, reject) => {
				const headers = {
					"content-type": "application/json",
					origin,
					"portcullis-request": "1",
					...(how === "in chunks"
						? { "transfer-encoding": "chunked" }
						: { "content-length": body.length }),
				};
				const sent = httpRequest(
					`${origin}/_portcullis/hydrate`,
					{ method: "POST", headers },
					(answer) => {
						answer.resume().on("end", () => resolve(answer.statusCode));
					},
				);
				sent.on("error", reject).end(body);
			});
			expect([status, taken().length]).toEqual([413, 1]);
		},
	);

	test("waits for leave where it asks, and is read whole", async () => {
		const origin = await serve(
			"HTTP/1.1",
			protect(
				async (request, response) => response.end(`${request.method} ${await text(request)}`),
				gate,
			),
		);
		const answer = await new Promise<string>((resolve, reject) => {
			const headers = { expect: "100-continue", "content-length": 5, origin };
			const sent = httpRequest(origin, { method: "POST", headers }, (got) =>
				text(got).then(resolve, reject),
			);
			sent
				.on("continue", () => sent.end("hello"))
				.on("error", reject)
				.flushHeaders();
		});
		expect(answer).toBe("POST hello");
	});

	test("with trailers is read whole", async () => {
		const origin = await serve(
			"HTTP/1.1",
			protect(
				async (request, response) =>
					response.end(`${await text(request)} ${request.trailers["x-sum"]}`),
				gate,
			),
		);
		const headers = { "transfer-encoding": "chunked", trailer: "X-Sum", origin };
		const sent = httpRequest(origin, { method: "POST", headers });
		sent.addTrailers({ "X-Sum": "42" });
		const answer = new Promise<string>((resolve, reject) => {
			sent.on("response", (got) => text(got).then(resolve, reject)).on("error", reject);
		});
		sent.end("hello");
		expect(await answer).toBe("hello 42");
	});
});
