import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listener, protect } from "../../src/node.ts";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { rawRequest } from "../support/raw-request.ts";
import { listen } from "../support/web-server.ts";

/** Only the start page is open. */
const gateOptions = { pages: { "/": { auth: false } }, assets: ["/assets/*"] } as const;
/** Targets that no router need read as one particular path. */
const NOT_ORIGIN_FORM = [
	"http:///secret",
	"http:/secret",
	"http://x/",
	"http://x/secret/../",
	"http://x/secret/x/../../assets/a.js",
	"http://x\\secret",
	"HTTP://x",
	"ws://x/",
	"/#/secret",
	"/?#/secret",
	"*",
	"",
];

/** Says how far it was reached, as routers that cut an authority off do. */
const app: Listener = (request: IncomingMessage, response: ServerResponse) => {
	response.end(`${MARKER} ${request.url}`);
};

describe("request targets on portcullis/node", () => {
	let origin: string;
	let hooked: string[];

	beforeAll(async () => {
		hooked = [];
		const fixture = await startGate({
			gate: gateOptions,
			serve: (gate) =>
				listen(
					protect((request, response) => {
						hooked.push(request.url ?? "");
						app(request, response);
					}, gate),
				),
		});
		origin = fixture.origin;
	});

	it("answers 400 to every form but the origin form, and asks nothing of the app", async () => {
		for (const target of NOT_ORIGIN_FORM) {
			for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
				hooked = [];
				const { status, headers, body } = await rawRequest(origin, target, { method });
				expect([method, target, status, hooked]).toEqual([method, target, 400, []]);
				expect(body).not.toContain(MARKER);
				// Node itself refuses some of them, without a header of its own.
				if (body !== "") expect(headers).toMatch(/cache-control: no-store/i);
			}
		}
	});

	it("answers 405 to methods that no Request can have, and asks nothing of the app", async () => {
		for (const method of ["TRACE", "trace", "TRACK"]) {
			hooked = [];
			const { status } = await rawRequest(origin, "/", { method });
			expect([method, status >= 400 && status < 500, hooked]).toEqual([method, true, []]);
		}
		expect((await rawRequest(origin, "/", { method: "TRACE" })).status).toBe(405);
	});

	it("answers 400 to a Host that makes no origin", async () => {
		for (const host of ["", "a/b", "a\\b", "a?b", "a#b", "a@b", "a b", "a:b", "[::1"]) {
			hooked = [];
			const { status } = await rawRequest(origin, "/", { lines: [`Host: ${host}`] });
			expect([host, status, hooked]).toEqual([host, 400, []]);
		}
	});

	it("goes on serving addresses that people have", async () => {
		for (const target of [
			"/",
			"/?next=http://x/%2e%2e#".slice(0, -1),
			"/assets/a.js",
			"/?a=//b\\c",
		]) {
			const { status, body } = await rawRequest(origin, target);
			expect([target, status, body.includes(`${MARKER} ${target}`)]).toEqual([target, 200, true]);
		}
	});
});

describe("request targets over HTTP/2", () => {
	let port: number;
	let close: () => void;
	const reached: string[] = [];

	beforeAll(async () => {
		const { gate } = await startGate({ gate: gateOptions });
		const listener: Listener = (request, response) => {
			reached.push(request.url ?? "");
			app(request, response);
		};
		const server = createHttp2Server(protect(listener, gate) as never);
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		port = (server.address() as AddressInfo).port;
		close = () => server.close();
	});

	afterAll(() => close());

	it("are the path alone", async () => {
		const session = connectHttp2(`http://127.0.0.1:${port}`);
		const statusOf = async (path: string): Promise<number> => {
			const stream = session.request({ ":path": path, ":authority": "localhost" });
			try {
				const [headers] = (await once(stream, "response")) as [{ ":status": number }];
				stream.resume();
				return headers[":status"];
			} catch {
				// Refused below the listener.
				return 400;
			}
		};
		const odd = [...NOT_ORIGIN_FORM.filter(Boolean), "secret"];
		for (const path of odd) expect([path, await statusOf(path)]).toEqual([path, 400]);
		expect(reached).toEqual([]);
		expect(await statusOf("/?a=b")).toBe(200);
		session.close();
	});
});

describe("a gate in the wrong place", () => {
	/** What Connect, Express and their likes do to a request before they hand it on. */
	const misplacements: Record<string, (request: IncomingMessage) => void> = {
		"below a path of Connect": (request) => {
			Object.assign(request, { originalUrl: `/admin${request.url}` });
		},
		"below a path of Express": (request) => {
			Object.assign(request, { originalUrl: `/admin${request.url}`, baseUrl: "/admin" });
		},
		"in a router that is mounted below a path": (request) => {
			Object.assign(request, { originalUrl: request.url, baseUrl: "/admin" });
		},
		"behind a body parser that found nothing": (request) => {
			Object.assign(request, { body: undefined });
		},
		"behind a body parser": (request) => {
			Object.assign(request, { body: {} });
		},
	};

	it.each(Object.entries(misplacements))(
		"is refused with 500 and a line in the log: %s",
		async (_, misplace) => {
			const reached: string[] = [];
			const fixture = await startGate({
				gate: gateOptions,
				serve: (gate) => {
					const guarded = protect((request, response) => {
						reached.push(request.url ?? "");
						app(request, response);
					}, gate);
					return listen((request, response) => {
						misplace(request);
						guarded(request, response);
					});
				},
			});
			for (const method of ["GET", "POST", "GET"]) {
				const { status, headers, body } = await rawRequest(fixture.origin, "/", { method });
				expect([status, body.includes(MARKER)]).toEqual([500, false]);
				expect(headers).toMatch(/cache-control: no-store/i);
			}
			expect(reached).toEqual([]);
			expect(fixture.log).toEqual([
				{
					level: "error",
					code: "config_invalid",
					message: expect.stringContaining("createServer(protect(app, gate))"),
				},
			]);
		},
	);

	it("is refused where the body was read by something that leaves no trace but that", async () => {
		const fixture = await startGate({
			gate: gateOptions,
			serve: (gate) => {
				const guarded = protect(app, gate);
				return listen(async (request, response) => {
					for await (const _ of request);
					guarded(request, response);
				});
			},
		});
		const posted = await rawRequest(fixture.origin, "/", { method: "POST", body: "a=b" });
		expect([posted.status, posted.body.includes(MARKER)]).toEqual([500, false]);
		expect(fixture.log).toHaveLength(1);
		// A page has no body that could be missing.
		expect((await rawRequest(fixture.origin, "/")).status).toBe(200);
	});

	it("is no gate that stands behind middleware at the root", async () => {
		const fixture = await startGate({
			gate: gateOptions,
			serve: (gate) => {
				const guarded = protect(app, gate);
				return listen((request, response) => {
					Object.assign(request, { originalUrl: request.url, baseUrl: "" });
					guarded(request, response);
				});
			},
		});
		expect((await rawRequest(fixture.origin, "/?a")).body).toContain(`${MARKER} /?a`);
	});
});

it("takes https from the socket's own word, and not from a member of that name", async () => {
	const { origin } = await startGate({
		gate: gateOptions,
		serve: (gate) => {
			const guarded = protect(app, gate);
			return listen((request, response) => {
				// Some runtimes give every socket the member.
				Object.assign(request.socket, { encrypted: false });
				guarded(request, response);
			});
		},
	});
	const lines = ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Accept: text/html"];
	const started = await rawRequest(origin, "/login/generic", { lines });
	expect(started.status).toBe(302);
	expect(started.headers).toContain(`redirect_uri=${encodeURIComponent(origin)}`);
});
