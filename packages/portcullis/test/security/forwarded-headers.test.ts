import { describe, expect, it } from "vitest";
import { protect } from "../../src/node.ts";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange } from "../support/scripted-browser.ts";
import { spoofedHeaders as combinations } from "../support/spoofed-headers.ts";
import { listen } from "../support/web-server.ts";

const PINNED = "https://app.example.com";
const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};

type KitOptions = NonNullable<Parameters<typeof startGate>[0]>["auth"];

async function gateWith(auth: KitOptions) {
	const fixture = await startGate({
		auth: auth ?? {},
		serve: (gate) => listen(protect((_, response) => response.end(MARKER), gate)),
	});
	return {
		...fixture,
		/** The redirect URI that an attempt is started with, or the status where there is none. */
		async redirectUri(headers: Record<string, string>): Promise<string | number> {
			const answer = await exchange(`${fixture.origin}/login/generic`, "GET", {
				...NAVIGATION,
				...headers,
			});
			const location = answer.headers.get("location");
			return location === null
				? answer.status
				: (new URL(location).searchParams.get("redirect_uri") ?? "none");
		},
	};
}

describe("spoofed hosts and forwarded headers (R7, R82)", () => {
	it("has 200 of them", () => expect(combinations).toHaveLength(200));

	it("change nothing where nobody is trusted", async () => {
		const { origin, redirectUri } = await gateWith({});
		for (const headers of combinations)
			expect(await redirectUri(headers)).toBe(`${origin}/callback`);
	});

	it("change nothing where the peer is not among the trusted addresses", async () => {
		const { origin, redirectUri } = await gateWith({
			http: { trustProxy: ["10.0.0.0/8", "fd00::/8"] },
		});
		for (const headers of combinations)
			expect(await redirectUri(headers)).toBe(`${origin}/callback`);
	});

	it("change nothing where the origin is pinned, Host included and proxies trusted", async () => {
		for (const auth of [{ origin: PINNED }, { origin: PINNED, http: { trustProxy: true } }]) {
			const { redirectUri } = await gateWith(auth);
			for (const headers of combinations) {
				const host = headers["x-forwarded-host"] ?? headers["x-host"] ?? "evil.example";
				const sent = /^[\w.:[\]]+$/.test(host) ? { ...headers, host } : headers;
				expect(await redirectUri(sent)).toBe(`${PINNED}/callback`);
			}
		}
	});

	it("are refused where several origins are pinned and none is meant", async () => {
		const { redirectUri, log } = await gateWith({
			origin: [PINNED, "https://other.example.com"],
			http: { trustProxy: true },
		});
		for (const headers of combinations) {
			const found = await redirectUri(headers);
			expect([400, `${PINNED}/callback`, "https://other.example.com/callback"]).toContain(found);
		}
		expect(
			await redirectUri({ "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" }),
		).toBe(400);
		expect(
			await redirectUri({ "x-forwarded-host": "other.example.com", "x-forwarded-proto": "https" }),
		).toBe("https://other.example.com/callback");
		expect(new Set(log.map(({ code }) => code))).toEqual(new Set(["unknown_origin"]));
	});

	it("are refused by endpoints that need no origin for their answer, too", async () => {
		const { origin } = await gateWith({
			origin: [PINNED, "https://other.example.com"],
			http: { trustProxy: true },
		});
		const at = async (host: string) => {
			const headers = {
				"x-forwarded-host": host,
				"x-forwarded-proto": "https",
				"portcullis-request": "1",
			};
			return (await exchange(`${origin}/_portcullis/session`, "GET", headers)).status;
		};
		expect([await at("other.example.com"), await at("evil.example")]).toEqual([200, 400]);
	});

	it("count from a trusted peer, by the last value, which the nearest proxy wrote", async () => {
		const { redirectUri } = await gateWith({ http: { trustProxy: ["127.0.0.0/8", "::1"] } });
		const given = {
			"x-forwarded-host": "evil.example, app.example.com",
			"x-forwarded-proto": "http, https",
		};
		expect(await redirectUri(given)).toBe(`${PINNED}/callback`);
		expect(
			await redirectUri({ forwarded: "host=evil.example, host=app.example.com;proto=https" }),
		).toBe(`${PINNED}/callback`);
	});

	it("answer a Host that makes no URL with 4xx, and serve nothing", async () => {
		const { origin } = await gateWith({});
		for (const host of [
			"a@b",
			"a b",
			"a/b",
			"a#b",
			"a?b",
			"a\\b",
			"",
			"[",
			"a:b:c",
			"a%00",
			"http://a",
		]) {
			const answer = await exchange(`${origin}/private`, "GET", { host });
			expect.soft([host, Math.floor(answer.status / 100)]).toEqual([host, 4]);
			expect(answer.body).not.toContain(MARKER);
		}
	});
});
