import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployment, deploy } from "../support/deployment.ts";
import { allCookies, MARKER } from "../support/gate-fixture.ts";
import { Http2Client } from "../support/http2-client.ts";
import { ADMIN, BODIES, corpus, SIGNED_IN } from "../support/path-spellings.ts";
import {
	freePort,
	type ProxyName,
	proxyProgram,
	type RunningProxy,
	startProxy,
} from "../support/proxies.ts";
import { exchange } from "../support/scripted-browser.ts";
import { spoofedHeaders } from "../support/spoofed-headers.ts";

// What becomes of odd requests on their way through a proxy. The processes trust it, and no origin
// is pinned: what it says is all they know.

const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "none",
};
const FETCH = {
	accept: "application/json",
	"sec-fetch-mode": "cors",
	"sec-fetch-dest": "empty",
	"sec-fetch-site": "same-origin",
};
/** With a path of its own, nginx hands on paths that it has decoded, resolved and tidied. */
const tidyingPaths = (config: string) =>
	config.replace("proxy_pass http://app;", "proxy_pass http://app/;");

/** What was decided about a request, as far as a browser can tell. */
interface Decided {
	readonly status: number;
	readonly isServed: boolean;
	readonly location: string;
	readonly cacheControl: string;
}

describe.skipIf(proxyProgram("nginx") === undefined)("requests through nginx", () => {
	let app: Deployment;
	let cookie: string;
	const clients: Http2Client[] = [];
	const extra: RunningProxy[] = [];

	beforeAll(async () => {
		app = await deploy({ proxy: "nginx", env: { TRUST_PROXY: "127.0.0.1" } });
		cookie = allCookies(await app.signIn());
	}, 30_000);
	afterAll(async () => {
		for (const client of clients) client.close();
		for (const proxy of extra) await proxy.close();
	});

	function http2(origin: string): Http2Client {
		const client = new Http2Client(origin);
		clients.push(client);
		return client;
	}

	/** Another nginx, in front of one of the processes, or of another proxy. */
	async function nginx(port: number, change?: (config: string) => string): Promise<RunningProxy> {
		const ports = [await freePort(), await freePort()] as const;
		const proxy = await startProxy("nginx", { ports, upstreams: [port, port], change });
		extra.push(proxy);
		return proxy;
	}

	it("are decided as without it: HTTP/2, HTTP/1.1, and behind a second proxy (R88)", async () => {
		const [one] = app.replicas;
		const direct = await nginx(one.port);
		const inner = await nginx(one.port, behindAnother);
		const outer = await nginx(Number(new URL(inner.plainOrigin).port));
		const second = http2(direct.origin);
		const beyond = http2(outer.origin);
		for (const credentials of [{}, { cookie }]) {
			for (const metadata of [NAVIGATION, FETCH]) {
				for (const path of [
					"/",
					"/private?x=1",
					"/public/page",
					"/admin/panel",
					"/Admin/x",
					"//admin",
					"/open/private",
					"/login",
					"/forbidden",
					"/_portcullis/session",
					"/_portcullis/nothing",
				]) {
					const headers = { ...metadata, ...credentials };
					const expected = decided(
						await exchange(
							`http://127.0.0.1:${one.port}`,
							"GET",
							{ ...headers, host: new URL(direct.origin).host, "x-forwarded-proto": "https" },
							undefined,
							path,
						),
					);
					expect
						.soft([path, decided(await exchange(direct.origin, "GET", headers, undefined, path))])
						.toEqual([path, expected]);
					expect.soft([path, ofHttp2(await second.get(path, headers))]).toEqual([path, expected]);
					expect
						.soft([path, decided(await exchange(outer.origin, "GET", headers, undefined, path))])
						.toEqual([path, expected]);
					expect.soft([path, ofHttp2(await beyond.get(path, headers))]).toEqual([path, expected]);
				}
			}
		}
	}, 30_000);

	it("with cookies in several fields are those of one person, and of nobody where a part is missing (R88)", async () => {
		const parts = cookie.split("; ");
		const client = http2(app.origin);
		for (let i = 0; i < 2; i++) {
			expect((await client.get("/private", { ...FETCH, cookie: parts })).status).toBe(200);
			expect(
				(
					await client.get("/private", {
						...FETCH,
						cookie: parts.filter((part) => !/-at(\.\d)?=/.test(part)),
					})
				).status,
			).toBe(401);
			const lines = parts.map((part) => `Cookie: ${part}\r\n`).join("");
			expect(
				await raw(`GET /private HTTP/1.1\r\nHost: localhost\r\n${lines}Connection: close\r\n\r\n`),
			).toContain(SIGNED_IN);
		}
	});

	it("with two Host headers, a folded header or a smuggled second request open nothing (R88)", async () => {
		const host = new URL(app.origin).host;
		for (const head of [
			`Host: ${host}\r\nHost: evil.example\r\n`,
			`Host: evil.example\r\nHost: ${host}\r\n`,
			`Host: ${host}\r\nX-Portcullis-User: ada\r\n folded: yes\r\n`,
			`Host: ${host}\r\nCookie:\r\n ${cookie}x\r\n`,
			`Host: ${host}\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n`,
			`Host: ${host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n`,
			`Host: ${host}\r\nContent-Length: 4\r\nContent-Length: 40\r\n`,
			`Host : ${host}\r\n`,
		]) {
			const answer = await raw(
				`GET /private HTTP/1.1\r\n${head}Connection: close\r\n\r\n0\r\n\r\nGET /private HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
			);
			expect(answer).toMatch(/^HTTP\/1\.1 (400|401|200|501) /);
			expect(answer).not.toContain(MARKER);
		}
	});

	it("with paths in every spelling open nothing, whether nginx tidies them or not (R74)", async () => {
		const secrets = new Set<string>();
		for (const replica of app.replicas) {
			for (const change of [undefined, tidyingPaths]) {
				const proxy = await nginx(replica.port, change);
				const client = http2(proxy.origin);
				for (const target of corpus) {
					const answers: [number, string][] = [];
					const { status, body } = await exchange(proxy.origin, "GET", {}, undefined, target);
					answers.push([status, body]);
					if (target.startsWith("/")) {
						const other = await client.get(target);
						answers.push([other.status, other.body]);
					}
					for (const [code, text] of answers) {
						expect(code, target).toBeLessThan(500);
						if (text.includes(SIGNED_IN) || text.includes(ADMIN)) secrets.add(target);
					}
				}
				// It is a corpus that leads there for those who may.
				const seen = await Promise.all(
					corpus
						.slice(0, 200)
						.map((target) => exchange(proxy.origin, "GET", { cookie }, undefined, target)),
				);
				expect(seen.filter(({ body }) => body.includes(SIGNED_IN)).length).toBeGreaterThan(5);
				expect(seen.filter(({ body }) => body.includes(ADMIN))).toEqual([]);
			}
		}
		expect([...secrets]).toEqual([]);
		expect(Object.keys(BODIES).length).toBeGreaterThan(5);
	}, 60_000);

	async function raw(text: string): Promise<string> {
		const { port } = new URL(app.origin);
		const socket = connect({
			port: Number(port),
			host: "127.0.0.1",
			servername: "localhost",
			ALPNProtocols: ["http/1.1"],
		});
		socket.write(text);
		let answer = "";
		for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
		return answer;
	}
});

describe.each(["nginx", "haproxy", "caddy"] satisfies ProxyName[])(
	"forwarded headers that a browser makes up, through %s",
	(name) => {
		it.skipIf(proxyProgram(name) === undefined)(
			"change nothing (R82)",
			async () => {
				const { origin } = await deploy({ proxy: name, env: { TRUST_PROXY: "127.0.0.1" } });
				// Without a port in Host it is the one that the proxy says, and Caddy says none.
				const portless = name === "caddy" ? "https://localhost" : origin;
				const headersOf = spoofedHeaders.flatMap((headers) => [
					headers,
					{ ...headers, host: "localhost", X_Forwarded_Host: "evil.example" },
				]);
				for (const headers of headersOf) {
					const answer = await exchange(`${origin}/login/generic`, "GET", {
						...NAVIGATION,
						...headers,
					});
					// A proxy may refuse what is no header.
					if (answer.status === 400 && !answer.headers.has("content-security-policy")) continue;
					const location = answer.headers.get("location");
					expect(new URL(location ?? "http://none").searchParams.get("redirect_uri")).toBe(
						`${headers.host === "localhost" ? portless : origin}/callback`,
					);
				}
			},
			30_000,
		);
	},
);

function decided({
	status,
	headers,
	body,
}: {
	status: number;
	headers: Headers;
	body: string;
}): Decided {
	return {
		status,
		isServed: body.includes(MARKER),
		location: headers.get("location")?.replace(/(state|nonce|code_challenge)=[^&]*/g, "$1") ?? "",
		cacheControl: headers.get("cache-control") ?? "",
	};
}

function ofHttp2({
	status,
	headers,
	body,
}: {
	status: number;
	headers: object;
	body: string;
}): Decided {
	return decided({
		status,
		headers: new Headers(Object.entries(headers) as [string, string][]),
		body,
	});
}

/**
 * The plain port serves the app, to another proxy whose word is handed on: it has said all there is
 * to say.
 */
function behindAnother(config: string): string {
	return config.replace(
		/return 301 .*;/,
		`location / {
			proxy_pass http://app;
			proxy_http_version 1.1;
			proxy_buffer_size 16k;
			proxy_buffers 8 16k;
			proxy_set_header Host $http_host;
			proxy_set_header Connection "";
		}`,
	);
}
