import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import type { AllowResult } from "../guard/gate-request.ts";
import { makePrivate } from "./outgoing.ts";

const result: AllowResult = {
	kind: "allow",
	user: undefined,
	isPrivate: true,
	decidedByTag: false,
	cookies: [],
	framing: "frame-ancestors 'none'",
};
const withCookie: AllowResult = {
	...result,
	cookies: [{ name: "__Host-x", value: "1", sameSite: "Lax", maxAge: 5 }],
};

/** What a client gets from a listener whose answer was made private. */
async function answerOf(
	listener: (response: ServerResponse) => void,
	admitted = result,
): Promise<Response> {
	const server = createServer((_, response) => {
		makePrivate(response, admitted);
		listener(response);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	try {
		const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		await response.text();
		return response;
	} finally {
		server.close();
	}
}

const CONSTANT = Object.freeze({ "Cache-Control": "public, max-age=60", Vary: "Accept" });
const ways: Record<string, (response: ServerResponse) => void> = {
	"an object": (response) => response.writeHead(200, { ...CONSTANT }).end(),
	"a frozen object": (response) => response.writeHead(200, CONSTANT).end(),
	"a reason and an object": (response) => response.writeHead(200, "Fine", { ...CONSTANT }).end(),
	"a flat list": (response) =>
		response.writeHead(200, ["Cache-Control", "public, max-age=60", "Vary", "Accept"]).end(),
	"setHeader alone": (response) => {
		for (const [name, value] of Object.entries(CONSTANT)) response.setHeader(name, value);
		response.end();
	},
	"setHeader, replaced by writeHead": (response) => {
		response.setHeader("Cache-Control", "private");
		response.setHeader("Vary", "Origin");
		response.writeHead(200, { ...CONSTANT }).end();
	},
	flushHeaders: (response) => {
		response.setHeader("Vary", "Accept");
		response.flushHeaders();
		response.end();
	},
};

it.each(Object.entries(ways))("is private whichever way the headers came: %s", async (_, way) => {
	const { status, headers } = await answerOf(way);
	expect(status).toBe(200);
	expect(headers.get("cache-control")).toBe("private, no-store");
	expect(headers.get("vary")).toBe("Accept, Cookie");
	expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
});

it("leaves what is private already, and what the app says of other origins", async () => {
	const given = {
		"cache-control": "private, max-age=5",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"X-Own": "1",
	};
	const { headers } = await answerOf((response) => response.writeHead(200, given).end());
	expect(headers.get("cache-control")).toBe("private, max-age=5");
	expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
	expect(headers.get("x-own")).toBe("1");
});

it.each<[string, (response: ServerResponse) => void]>([
	["an object", (response) => response.writeHead(200, { "Set-Cookie": ["a=1", "b=2"] }).end()],
	[
		"a flat list",
		(response) => response.writeHead(200, ["Set-Cookie", "a=1", "Set-Cookie", "b=2"]).end(),
	],
	["setHeader", (response) => response.setHeader("Set-Cookie", ["a=1", "b=2"]).end()],
])("adds its cookies to those of the app, one by one: %s", async (_, way) => {
	const { headers } = await answerOf(way, withCookie);
	const cookies = headers.getSetCookie();
	expect(cookies.slice(0, 2)).toEqual(["a=1", "b=2"]);
	expect(cookies[2]).toMatch(/^__Host-x=1; /);
	expect(cookies).toHaveLength(3);
	expect(headers.get("cache-control")).toBe("private, no-store");
});

it("keeps the status, the reason and what another hook on writeHead does", async () => {
	let seen = 0;
	const { status, statusText } = await answerOf((response) => {
		const writeHead = response.writeHead;
		response.writeHead = ((...args: unknown[]) => {
			seen++;
			return Reflect.apply(writeHead, response, args);
		}) as typeof writeHead;
		response.writeHead(418, "Short and stout").end();
	});
	expect([status, statusText, seen]).toEqual([418, "Short and stout", 1]);
});

it("an answer to an access token varies by it as well", async () => {
	const response = await answerOf((outgoing) => outgoing.writeHead(200, CONSTANT).end(), {
		...result,
		isByToken: true,
	});
	expect(response.headers.get("vary")).toBe("Accept, Cookie, Authorization");
});
