import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LoginError } from "../base/errors.ts";
import { createBoundedFetch, MAX_BODY_BYTES } from "./http.ts";
import { refusalOf } from "./idp.fixture.ts";

const PUBLIC = "https://idp.example.com";

function bounded(
	fetch: (url: string, init: RequestInit) => Response | Promise<Response>,
	issuer: string = PUBLIC,
) {
	const calls: { url: string; init: RequestInit }[] = [];
	const call = createBoundedFetch({
		fetch: async (input, init = {}) => {
			calls.push({ url: String(input), init });
			return fetch(String(input), init);
		},
		issuer: new URL(issuer),
		timeout: 5,
		provider: "okta",
	});
	return { call, calls };
}

const ok = () => Response.json({ fine: true });

describe("createBoundedFetch", () => {
	it("hands on method, headers and body, and returns a complete response", async () => {
		const { call, calls } = bounded(
			() => new Response("hello", { status: 201, headers: { "x-test": "1" } }),
		);
		const response = await call(`${PUBLIC}/token`, {
			method: "POST",
			headers: { a: "b" },
			body: new URLSearchParams({ c: "d" }),
		});
		expect([response.status, response.headers.get("x-test"), await response.text()]).toEqual([
			201,
			"1",
			"hello",
		]);
		expect(calls[0]?.init).toMatchObject({
			method: "POST",
			headers: { a: "b" },
			redirect: "manual",
			cache: "no-store",
		});
		expect(String(calls[0]?.init.body)).toBe("c=d");
	});

	it("copes with a status that has no body", async () => {
		const { call } = bounded(() => new Response(null, { status: 204 }));
		expect((await call(PUBLIC)).status).toBe(204);
	});

	it("keeps the foreign error as cause and names its code", async () => {
		const cause = new TypeError("fetch failed", {
			cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
		});
		const { call } = bounded(() => Promise.reject(cause));
		const error = await call(PUBLIC).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(LoginError);
		expect(error).toMatchObject({
			code: "provider_unreachable",
			reason: "network",
			provider: "okta",
			cause,
		});
		expect(String(error)).toContain("ECONNREFUSED");
	});

	it.each([500, 502, 503, 504, 408, 429])("calls status %i an outage", async (status) => {
		const { call } = bounded(() => new Response("x", { status }));
		expect(await refusalOf(call(PUBLIC))).toEqual({
			code: "provider_unreachable",
			reason: `status_${status}`,
		});
	});

	it.each([400, 401, 403, 404])("hands status %i to the caller", async (status) => {
		const { call } = bounded(() => new Response("x", { status }));
		expect((await call(PUBLIC)).status).toBe(status);
	});
});

describe("time-out", () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	async function outcome(promise: Promise<unknown>, milliseconds: number) {
		const settled = refusalOf(promise);
		let done = false;
		void settled.then(() => {
			done = true;
		});
		await vi.advanceTimersByTimeAsync(milliseconds - 1);
		expect(done).toBe(false);
		await vi.advanceTimersByTimeAsync(2);
		return settled;
	}

	it("gives up on a server that never answers, even if fetch ignores the signal", async () => {
		const { call, calls } = bounded(() => new Promise(() => {}));
		expect(await outcome(call(PUBLIC), 5000)).toEqual({
			code: "provider_unreachable",
			reason: "timeout",
		});
		expect(calls[0]?.init.signal?.aborted).toBe(true);
	});

	it("gives up on a body that drips", async () => {
		let drip: ReturnType<typeof setInterval> | undefined;
		const body = new ReadableStream({
			start(controller) {
				drip = setInterval(() => controller.enqueue(new Uint8Array(1)), 100);
			},
			cancel: () => clearInterval(drip),
		});
		const { call } = bounded(() => new Response(body));
		expect(await outcome(call(PUBLIC), 5000)).toEqual({
			code: "provider_unreachable",
			reason: "timeout",
		});
		clearInterval(drip);
	});

	it("counts redirects into the same five seconds and starts no new hop afterwards", async () => {
		const { call, calls } = bounded(async () => {
			await new Promise((resolve) => setTimeout(resolve, 3000));
			return new Response(null, { status: 302, headers: { location: "/next" } });
		});
		expect(await outcome(call(PUBLIC), 5000)).toEqual({
			code: "provider_unreachable",
			reason: "timeout",
		});
		await vi.advanceTimersByTimeAsync(10_000);
		expect(calls).toHaveLength(2);
	});
});

describe("body limit", () => {
	const tooLarge = { code: "provider_misconfigured", reason: "too_large" };

	it("reads up to the limit", async () => {
		const { call } = bounded(() => new Response(new Uint8Array(MAX_BODY_BYTES)));
		expect((await (await call(PUBLIC)).arrayBuffer()).byteLength).toBe(MAX_BODY_BYTES);
	});

	it("refuses one byte more", async () => {
		const { call } = bounded(() => new Response(new Uint8Array(MAX_BODY_BYTES + 1)));
		expect(await refusalOf(call(PUBLIC))).toEqual(tooLarge);
	});

	it("refuses by content-length without reading", async () => {
		let pulled = 0;
		const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 });
		const { call } = bounded(
			() => new Response(body, { headers: { "content-length": "1000000000" } }),
		);
		expect(await refusalOf(call(PUBLIC))).toEqual(tooLarge);
		expect(pulled).toBe(0);
	});

	it("stops reading an endless body that lies about its length, and cancels it", async () => {
		let chunks = 0;
		let cancelled = false;
		const body = new ReadableStream({
			pull(controller) {
				chunks++;
				controller.enqueue(new Uint8Array(64 * 1024));
			},
			cancel() {
				cancelled = true;
			},
		});
		const { call } = bounded(() => new Response(body, { headers: { "content-length": "10" } }));
		expect(await refusalOf(call(PUBLIC))).toEqual(tooLarge);
		expect(chunks).toBeLessThan(20);
		expect(cancelled).toBe(true);
	});

	it("honours a smaller limit", async () => {
		const { call } = bounded(() => new Response("12345"));
		expect(await refusalOf(call(PUBLIC, { maxBytes: 4 }))).toEqual(tooLarge);
	});
});

describe("redirects", () => {
	const refused = { code: "provider_misconfigured", reason: "redirect" };
	const to = (location: string, status = 302) =>
		new Response(null, { status, headers: { location } });

	it("follows a GET within the origin, three times", async () => {
		const { call, calls } = bounded((url) =>
			url.endsWith("/3") ? ok() : to(`/${Number(url.slice(-1)) + 1}`),
		);
		expect((await call(`${PUBLIC}/0`)).status).toBe(200);
		expect(calls.map(({ url }) => new URL(url).pathname)).toEqual(["/0", "/1", "/2", "/3"]);
	});

	it("refuses the fourth, and so a loop", async () => {
		const { call, calls } = bounded(() => to("/again"));
		expect(await refusalOf(call(`${PUBLIC}/again`))).toEqual(refused);
		expect(calls).toHaveLength(4);
	});

	it.each([
		"https://evil.example/",
		"//evil.example/",
		"https://idp.example.com:8443/",
		"http://idp.example.com/",
		"https://idp.example.com.evil.example/",
		"https://idp.example.com@evil.example/",
		"http://169.254.169.254/latest/meta-data/",
		"https://localhost/",
		"file:///etc/passwd",
		"data:application/json,{}",
		"https://[",
	])("refuses to follow to %s", async (location) => {
		const { call, calls } = bounded((url) => (url === `${PUBLIC}/` ? to(location) : ok()));
		expect(await refusalOf(call(PUBLIC))).toEqual(refused);
		expect(calls).toHaveLength(1);
	});

	it("refuses credentials smuggled into the own origin", async () => {
		const { call, calls } = bounded((url) =>
			url === `${PUBLIC}/` ? to("https://a:b@idp.example.com/x") : ok(),
		);
		expect(await refusalOf(call(PUBLIC))).toEqual({
			code: "provider_misconfigured",
			reason: "insecure_url",
		});
		expect(calls).toHaveLength(1);
	});

	it.each([301, 302, 303, 307, 308])("never repeats a POST after status %i", async (status) => {
		const { call, calls } = bounded(() => to("/elsewhere", status));
		expect(await refusalOf(call(PUBLIC, { method: "POST", body: "code=secret" }))).toEqual(refused);
		expect(calls).toHaveLength(1);
	});

	it("refuses a redirect without a location", async () => {
		const { call } = bounded(() => new Response(null, { status: 302 }));
		expect(await refusalOf(call(PUBLIC))).toEqual(refused);
	});
});

describe("where a call may go", () => {
	const corpus = [
		"10.0.0.1",
		"10.1",
		"192.168.0.1",
		"172.16.0.1",
		"100.64.0.1",
		"127.0.0.1",
		"0x7f.1",
		"2130706433",
		"localhost",
		"localhost.",
		"a.localhost",
		"0.0.0.0",
		"169.254.169.254",
		"0xa9fea9fe",
		"[::1]",
		"[::]",
		"[fc00::1]",
		"[fe80::1]",
		"[::ffff:10.0.0.1]",
		"[::ffff:a9fe:a9fe]",
	];

	it.each(corpus)("keeps a public issuer away from %s", async (host) => {
		const { call, calls } = bounded(ok);
		expect(await refusalOf(call(`https://${host}/`))).toEqual({
			code: "provider_misconfigured",
			reason: "private_address",
		});
		expect(calls).toHaveLength(0);
	});

	it.each([
		"http://idp.example.com/",
		"http://10.0.0.1/",
		"ftp://idp.example.com/",
		"http://localhost/",
		"nonsense",
		"https://u:p@idp.example.com/",
	])("refuses %s", async (url) => {
		const { call, calls } = bounded(ok);
		expect(await refusalOf(call(url))).toEqual({
			code: "provider_misconfigured",
			reason: "insecure_url",
		});
		expect(calls).toHaveLength(0);
	});

	it.each(["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"])(
		"lets the issuer %s call itself",
		async (issuer) => {
			const { call } = bounded(ok, issuer);
			expect((await call(`${issuer}/token`)).status).toBe(200);
		},
	);

	it("lets a private issuer call its neighbours, but no metadata service", async () => {
		const { call } = bounded(ok, "https://10.0.0.5");
		expect((await call("https://10.0.0.6/")).status).toBe(200);
		expect(await refusalOf(call("https://169.254.169.254/"))).toMatchObject({
			reason: "private_address",
		});
		expect(await refusalOf(call("http://127.0.0.1/"))).toMatchObject({ reason: "insecure_url" });
	});
});
