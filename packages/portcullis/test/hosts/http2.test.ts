import { connect, createServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listener, protect } from "../../src/hosts/node/protect.ts";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { http2 as overHttp2Stream } from "../support/wire.ts";
import { streamBehaviours } from "./stream-behaviours.ts";

interface Seen {
	status: number;
	headers: Record<string, string | string[] | undefined>;
	body: string;
}

let http1: string;
let http2: string;
/**
 * The cookies of a new session: a login that is begun ends the session of the one who begins it.
 */
let signIn: () => Promise<string>;
let close: () => Promise<unknown>;

beforeAll(async () => {
	const fixture = await startGate({
		gate: { pages: { "/": { auth: false }, "/admin/*": { auth: () => false } } },
	});
	const listener: Listener = (request, response) => {
		response.writeHead(200, {
			"content-type": "text/plain",
			"cache-control": "public, max-age=60",
		});
		response.end(`${MARKER} ${request.url}`);
	};
	const server = createServer(protect(listener, fixture.gate) as never);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	signIn = async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		return browser.cookieHeader(`${fixture.origin}/`);
	};
	http1 = fixture.origin;
	http2 = `http://localhost:${(server.address() as AddressInfo).port}`;
	close = () => new Promise((resolve) => server.close(resolve));
});

afterAll(() => close());

async function overHttp2(path: string, headers: Record<string, string>): Promise<Seen> {
	const session = connect(http2.replace("localhost", "127.0.0.1"));
	try {
		const stream = session.request({
			":path": path,
			":authority": new URL(http2).host,
			...headers,
		});
		const answered = new Promise<IncomingHttpHeaders>((resolve, reject) =>
			stream.once("response", resolve).once("error", reject),
		);
		let body = "";
		stream.setEncoding("utf8").on("data", (chunk: string) => {
			body += chunk;
		});
		const ended = new Promise((resolve) => stream.once("end", resolve));
		const { ":status": status, ...rest } = await answered;
		await ended;
		return { status: Number(status), headers: rest, body };
	} finally {
		session.close();
	}
}

streamBehaviours("HTTP/2 on portcullis/node", {
	serve: async (gate) => {
		const server = createServer(protect((_, response) => response.end(), gate) as never);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		return { origin, close: () => new Promise((resolve) => void server.close(() => resolve())) };
	},
	wire: overHttp2Stream,
	logsTo: "gate",
});

describe("HTTP/2 on portcullis/node", () => {
	const callers = { anonymous: {}, "signed in": { cookie: "" } };
	const kinds = {
		navigation: {
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
			"sec-fetch-site": "same-origin",
			accept: "text/html",
		},
		fetch: { "sec-fetch-mode": "cors", accept: "application/json" },
	};

	for (const [caller, credentials] of Object.entries(callers)) {
		for (const [kind, metadata] of Object.entries(kinds)) {
			it.each([
				"/",
				"/private?x=1",
				"/admin/x",
				"/Admin/x",
				"//admin",
				"/login",
				"/login/generic",
				"/_portcullis/nothing",
			])(`decides as HTTP/1.1 does for ${caller}, ${kind}, %s`, async (path) => {
				const headers = {
					...metadata,
					...("cookie" in credentials ? { cookie: await signIn() } : {}),
				};
				const one = await exchange(http1, "GET", headers, undefined, path);
				const two = await overHttp2(path, headers);
				expect(two.status).toBe(one.status);
				expect(two.body.includes(MARKER)).toBe(one.body.includes(MARKER));
				expect(two.headers["cache-control"]).toBe(
					one.headers.get("cache-control") ??
						(path === "/" && caller === "anonymous" ? "public, max-age=60" : undefined),
				);
			});
		}
	}

	it("reads cookies that came in several fields as one header", async () => {
		const cookies = await signIn();
		const session = connect(http2.replace("localhost", "127.0.0.1"));
		try {
			const stream = session.request({
				":path": "/private",
				":authority": new URL(http2).host,
				cookie: cookies.split("; ") as never,
			});
			const status = await new Promise((resolve) =>
				stream.once("response", (headers) => resolve(headers[":status"])),
			);
			stream.resume();
			expect(status).toBe(200);
		} finally {
			session.close();
		}
	});
});
