import { beforeAll, describe, expect, it, vi } from "vitest";
import { callByScript, type Deployment, deploy } from "../support/deployment.ts";
import { MARKER, sessionCookies } from "../support/gate-fixture.ts";
import { type ProxyName, proxyProgram } from "../support/proxies.ts";
import { exchange, type ScriptedBrowser } from "../support/scripted-browser.ts";

describe.each(["haproxy", "caddy"] satisfies ProxyName[])("two processes behind %s", (name) => {
	describe.skipIf(proxyProgram(name) === undefined)("without a store", () => {
		let app: Deployment;
		beforeAll(async () => {
			app = await deploy({ proxy: name, env: { DELAY: "4" } });
		}, 30_000);

		/**
		 * Which processes serve a page, asked until both have, or often enough: Caddy takes them at
		 * random.
		 */
		async function servedBy(browser: ScriptedBrowser): Promise<Set<string | null>> {
			const served = new Set<string | null>();
			for (let i = 0; i < 40 && served.size < 2; i++) {
				const page = await browser.navigate(`${app.origin}/private`);
				expect(page.body).toContain(`${MARKER} /private for ada`);
				served.add(page.headers.get("x-replica"));
			}
			return served;
		}

		it("sign in and out, and renew a session once", async () => {
			const browser = await app.signIn("/private/deep?a=1");
			expect(browser.location).toBe(`${app.origin}/private/deep?a=1`);
			expect((await servedBy(browser)).size).toBe(2);

			const before = app.idp.count("token");
			await app.setAhead(3600);
			const refused = await callByScript(browser, `${app.origin}/private`);
			expect([refused.status, JSON.parse(refused.body).code]).toEqual([401, "refresh_required"]);
			const renewed = await callByScript(browser, `${app.origin}/_portcullis/refresh`);
			expect(JSON.parse(renewed.body)).toMatchObject({ renewed: true });
			expect((await servedBy(browser)).size).toBe(2);
			expect(app.idp.count("token")).toBe(before + 1);
			await app.setAhead(0);

			expect((await callByScript(browser, `${app.origin}/logout`)).status).toBe(200);
			expect(sessionCookies(browser)).toEqual([]);
		});

		it("set as many cookies as a session may have, within the proxy's own limits (R55)", async () => {
			const large = await deploy({ proxy: name });
			const token = Buffer.from(crypto.getRandomValues(new Uint8Array(5900)))
				.toString("base64url")
				.slice(0, 5900);
			const { idp } = large;
			idp.faults = {
				discovery: "no-userinfo",
				tokenResponse: { access_token: token },
				idToken: "at-hash-missing",
			};
			const browser = await large.signIn();
			expect(browser.cookieHeader(large.origin).length).toBeGreaterThan(6500);
		});

		it("are reached over https alone, and say so to the browser", async () => {
			const plain = await exchange(`${app.proxy.plainOrigin}/private?a=1`, "GET", {});
			expect([plain.status, plain.headers.get("location")]).toEqual([
				301,
				`${app.origin}/private?a=1`,
			]);
			const { headers } = await exchange(`${app.origin}/private`, "GET", {});
			expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
		});

		it("get no requests any more once health says 503, and fail none when they end (R129)", async () => {
			const browser = await app.signIn();
			const failures: string[] = [];
			let isOver = false;
			let count = 0;
			const work = async () => {
				while (!isOver) {
					const answer = await callByScript(
						browser,
						`${app.origin}/private`,
						count++ % 2 === 0 ? "GET" : "POST",
					);
					if (answer.status !== 200) failures.push(`${answer.status} ${answer.body.slice(0, 200)}`);
				}
			};
			const people = [work(), work(), work()].map((working) =>
				working.catch((error) => failures.push(String(error))),
			);
			const [first] = app.replicas;
			const { code, milliseconds } = await first.stop();
			expect(code).toBe(0);
			expect(milliseconds).toBeLessThan(10_000);
			await first.start();
			const isBack = async () => (await servedBy(browser)).has(String(first.port));
			await vi.waitUntil(isBack, { timeout: 20_000, interval: 200 });
			isOver = true;
			await Promise.all(people);
			expect(failures).toEqual([]);
			expect(count).toBeGreaterThan(50);
		}, 60_000);
	});
});
