import { describe, expect, it } from "vitest";
import { compileOrigin, isPlainLoopback, keepsSecureCookies } from "./origin.ts";

const source = (url: string, headers: Record<string, string> = {}, remoteAddress?: string) => ({
	url,
	header: (name: string) => headers[name] ?? null,
	remoteAddress,
});
const spoofed = {
	forwarded: "for=1.2.3.4;host=evil.example;proto=https",
	"x-forwarded-host": "evil.example",
	"x-forwarded-proto": "https",
	"x-forwarded-port": "444",
};

describe("without a trusted proxy", () => {
	it("takes no word from forwarded headers", () => {
		const { find } = compileOrigin(undefined, undefined, {});
		expect(find(source("http://localhost:3000/x", spoofed))).toBe("http://localhost:3000");
		expect(
			compileOrigin(undefined, ["10.0.0.0/8"], {}).find(
				source("http://localhost:3000/x", spoofed, "203.0.113.7"),
			),
		).toBe("http://localhost:3000");
		expect(
			compileOrigin(undefined, ["10.0.0.0/8"], {}).find(source("http://localhost:3000/x", spoofed)),
		).toBe("http://localhost:3000");
	});

	it("is always the one pinned origin", () => {
		const { find } = compileOrigin("https://app.example", true, {});
		for (const url of ["http://evil.example/x", "https://app.example/", "http://10.0.0.7:8080/"])
			expect(find(source(url, spoofed))).toBe("https://app.example");
	});

	it("is none where several are pinned and the host is another", () => {
		const { find } = compileOrigin(undefined, undefined, {
			PORTCULLIS_ORIGIN: "https://a.example, https://b.example:8443",
		});
		expect(find(source("http://a.example/x"))).toBe("https://a.example");
		expect(find(source("https://b.example:8443/x"))).toBe("https://b.example:8443");
		expect(find(source("https://b.example/x"))).toBeUndefined();
		expect(
			find(source("https://evil.example/x", { "x-forwarded-host": "a.example" })),
		).toBeUndefined();
	});
});

describe("behind a trusted proxy", () => {
	const { find } = compileOrigin(undefined, ["10.0.0.0/8"], {});
	const from = (headers: Record<string, string>) =>
		find(source("http://10.0.0.7:8080/x", headers, "10.1.1.1"));

	it("takes scheme, host and port from it", () => {
		expect(from({ "x-forwarded-proto": "https", "x-forwarded-host": "app.example" })).toBe(
			"https://app.example",
		);
		expect(
			from({
				"x-forwarded-proto": "https",
				"x-forwarded-host": "app.example",
				"x-forwarded-port": "8443",
			}),
		).toBe("https://app.example:8443");
		expect(from({ forwarded: 'for=1.1.1.1;proto=https;host="app.example:8443"' })).toBe(
			"https://app.example:8443",
		);
	});

	it("believes the last value: the ones before came with the request", () => {
		expect(
			from({ "x-forwarded-proto": "http, https", "x-forwarded-host": "evil.example, app.example" }),
		).toBe("https://app.example");
		expect(from({ forwarded: "host=evil.example;proto=http, host=app.example;proto=https" })).toBe(
			"https://app.example",
		);
	});

	it("has none where Forwarded and X-Forwarded-* contradict each other: one of them came with the request", () => {
		const own = { "x-forwarded-proto": "https", "x-forwarded-host": "app.example" };
		expect(from({ ...own, forwarded: "for=1.1.1.1;host=App.example;proto=HTTPS" })).toBe(
			"https://app.example",
		);
		expect(from({ ...own, forwarded: "host=evil.example" })).toBeUndefined();
		expect(from({ ...own, forwarded: "proto=http" })).toBeUndefined();
	});

	it("takes the caller's address from it, and its own where it is not clear", () => {
		const { findAddress } = compileOrigin(undefined, ["10.0.0.0/8"], {});
		const address = (headers: Record<string, string>, peer = "10.1.1.1") =>
			findAddress(source("http://10.0.0.7:8080/x", headers, peer));
		expect(address({ "x-forwarded-for": "6.6.6.6, 203.0.113.7" })).toBe("203.0.113.7");
		expect(
			address({ forwarded: 'for="[2001:db8::7]:4711"', "x-forwarded-for": "2001:db8::7" }),
		).toBe("2001:db8::7");
		expect(address({ forwarded: "for=6.6.6.6", "x-forwarded-for": "203.0.113.7" })).toBe(
			"10.1.1.1",
		);
		expect(address({ "x-forwarded-for": "6.6.6.6" }, "203.0.113.7")).toBe("203.0.113.7");
	});

	it("counts callers by their address, those with contradictory headers as one, and those behind an unnamed proxy not", () => {
		const { findCounted } = compileOrigin(undefined, ["10.0.0.0/8"], {});
		const counted = (headers: Record<string, string>, peer?: string) =>
			findCounted(source("http://10.0.0.7:8080/x", headers, peer));
		expect(counted({ "x-forwarded-for": "6.6.6.6, 203.0.113.7" }, "10.1.1.1")).toBe("203.0.113.7");
		// What a trusted proxy says is somebody's own, in whichever network.
		expect(counted({ "x-forwarded-for": "192.168.0.7" }, "10.1.1.1")).toBe("192.168.0.7");
		const contradictory = ["6.6.6.6", "7.7.7.7"].map((made) =>
			counted({ forwarded: `for=${made}`, "x-forwarded-for": "203.0.113.7" }, "10.1.1.1"),
		);
		expect(contradictory).toEqual(Array(2).fill("a caller with contradictory forwarded headers"));
		for (const peer of [
			...[
				undefined,
				"127.0.0.1",
				"::1",
				"10.1.2.3",
				"::ffff:10.1.2.3",
				"fe80::1%eth0",
				"fd00::1",
				"unix",
				"",
			],
		])
			expect([peer, counted({}, peer)]).toEqual([peer, undefined]);
		for (const peer of ["198.51.100.1", "2001:4860::1"])
			expect(counted({ "x-forwarded-for": "6.6.6.6" }, peer)).toBe(peer);
	});

	it("has no origin for what is none", () => {
		for (const host of ["app.example/x", "a@b", "a b", "a?b", "a#b", "[::1", "\\evil"])
			expect(from({ "x-forwarded-host": host })).toBeUndefined();
		expect(from({ "x-forwarded-proto": "javascript" })).toBeUndefined();
	});
});

it("reports every pinned origin that is none", () => {
	const { problems } = compileOrigin(
		[
			"https://ok.example",
			"app.example",
			"https://a.example/path",
			"ftp://a.example",
			"https://u@a.example",
			"https://a.example?x",
		],
		["nonsense"],
		{},
	);
	expect(problems).toHaveLength(6);
});

it("knows where browsers keep Secure cookies", () => {
	expect(
		[
			"https://a.example",
			"http://localhost:1",
			"http://127.0.0.1",
			"http://[::1]:3",
			"http://x.localhost",
		].map(keepsSecureCookies),
	).toEqual([true, true, true, true, true]);
	expect(
		[
			"http://a.example",
			"http://10.0.0.1",
			"http://localhost.evil.example",
			"http://127.0.0.1.evil.example",
		].map(keepsSecureCookies),
	).toEqual([false, false, false, false]);
	expect(isPlainLoopback("https://localhost")).toBe(false);
});
