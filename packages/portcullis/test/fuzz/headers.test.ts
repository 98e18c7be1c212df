import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { portcullis } from "../../src/index.ts";
import { providerClass, SECRET } from "../support/gate-fixture.ts";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { APP, FuzzedGate, IDP, type Sent } from "./fuzzed-gate.ts";
import { HOSTILE_TEXTS, mutatedText } from "./mutations.ts";

let gate: FuzzedGate;

beforeAll(async () => {
	gate = await FuzzedGate.start();
});

/** Good values, by the header that they are good in. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
	host: ["app.example", "evil.example", "app.example:443", "[::1]"],
	forwarded: [
		"for=192.0.2.1;proto=https;host=app.example",
		'for="[2001:db8::1]:80";host=evil.example',
		"for=unknown, for=_hidden",
	],
	"x-forwarded-host": ["app.example", "evil.example", "app.example, evil.example"],
	"x-forwarded-proto": ["https", "http", "https, http"],
	"x-forwarded-port": ["443", "80", "1"],
	"x-forwarded-for": ["192.0.2.1", "192.0.2.1, 198.51.100.2", "2001:db8::1"],
	"x-forwarded-prefix": ["/app", "//evil.example"],
	"x-original-url": ["/open/page", "/assets/a.js"],
	"x-rewrite-url": ["/open/page"],
	"x-http-method-override": ["GET", "POST"],
	"sec-fetch-site": ["same-origin", "cross-site", "same-site", "none"],
	"sec-fetch-mode": ["navigate", "cors", "no-cors", "websocket"],
	"sec-fetch-dest": ["document", "iframe", "empty", "image", "script"],
	"sec-fetch-user": ["?1"],
	"sec-purpose": ["prefetch", "prefetch;prerender"],
	origin: [APP, "null", "https://evil.example", IDP],
	referer: [`${APP}/private`, "https://evil.example/"],
	accept: ["text/html", "application/json", "*/*", "text/html;q=0.1, application/json;q=0.9"],
	"accept-language": ["de-DE,de;q=0.9,en;q=0.8", "zh-Hant-TW;q=0.5", "*"],
	"content-type": [
		"application/json",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=a",
	],
	"content-length": ["0", "5", "1000000"],
	"transfer-encoding": ["chunked"],
	authorization: ["Bearer a.b.c", "Basic YTpi"],
	"user-agent": ["Mozilla/5.0 AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"],
	"portcullis-request": ["1", "0"],
	"x-middleware-subrequest": ["middleware:middleware:middleware"],
	connection: ["upgrade"],
	upgrade: ["websocket"],
	range: ["bytes=0-1"],
	"if-none-match": ["*"],
};

const PATHS = [
	"/private",
	"/",
	"/open/../private",
	"/login",
	"/login/generic",
	"/callback",
	"/logout",
	"/forbidden",
	"/assets/../private",
];
const ENDPOINTS = [
	"session",
	"refresh",
	"claim",
	"hydrate",
	"event",
	"stream",
	"health",
	"nowhere",
	"backchannel-logout/generic",
];
const targets = [...PATHS, ...ENDPOINTS.map((name) => `/_portcullis/${name}`)];

const oneHeader = fc.constantFrom(...Object.entries(GOOD)).chain(([name, values]) =>
	fc.tuple(
		fc.constant(name),
		fc.oneof(
			{ arbitrary: fc.constantFrom(...values), weight: 3 },
			{ arbitrary: fc.constantFrom(...values).chain(mutatedText), weight: 3 },
			fc.constantFrom(...HOSTILE_TEXTS),
			fc.string({ unit: "binary", maxLength: 200 }),
			// What a parser might go back and forth over.
			fc.constantFrom(...values).map((value) => `${value},`.repeat(400)),
			fc.constantFrom(...values).map((value) => `${value};q=`.repeat(400)),
		),
	),
);

it(
	"lets nobody in and leads nobody away, whatever the headers say",
	async () => {
		const inputs = fc.record({
			target: fc.constantFrom(...targets),
			method: fc.constantFrom("GET", "GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "QUERY"),
			headers: fc.array(oneHeader, { maxLength: 8 }),
			body: fc.constantFrom("", "{}", "a=b", "[]", "null"),
		});
		const trusting = await startTrusting();
		await fuzz("request headers", gate.meter, inputs, async ({ target, method, headers, body }) => {
			const sent: Sent = { target, method, headers: Object.fromEntries(headers), body };
			await gate.ask(sent, { open: /^\/(assets|open)\//.test(new URL(APP + target).pathname) });
			await trusting(sent);
		});
	},
	FUZZ_TIMEOUT,
);

/**
 * A gate without a pinned origin, which believes every proxy: what the headers say of the origin
 * ends up in its answers, but never breaks them.
 */
async function startTrusting(): Promise<(sent: Sent) => Promise<void>> {
	const { idp } = gate;
	const auth = portcullis({
		secret: SECRET,
		providers: [providerClass("generic")],
		platform: {
			env: {
				GENERIC_ISSUER_URI: IDP,
				GENERIC_CLIENT_ID: idp.clientId,
				GENERIC_CLIENT_SECRET: idp.clientSecret,
			},
			fetch: idp.fetch,
			log: () => {},
		},
		http: { trustProxy: true },
		session: { loginLimit: 0 },
	});
	const trusting = auth.gate();
	await trusting.ready();
	return async ({ target, method = "GET", headers = {}, body }) => {
		const url = APP + target;
		const header = (name: string) => headers[name] ?? null;
		const hasBody = method !== "GET" && method !== "HEAD";
		const request = () => new Request(url, { method, ...(hasBody ? { body } : {}) } as RequestInit);
		const call = { method, url, header, request, remoteAddress: "10.0.0.1" };
		const result = await gate.meter.time(async () => trusting.enter(call));
		if (result.kind === "allow") throw new Error("The app was reached");
		const { status, headers: answered } = result.response;
		expect(status).toBeLessThan(500);
		const location = answered.get("location");
		if (location === null) return;
		// Of the same origin as long as it is a path, whatever the origin is; or the provider's.
		expect(/^\/(?![/\\])/.test(location) || new URL(location).origin === IDP, location).toBe(true);
	};
}
