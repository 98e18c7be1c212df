import { beforeAll, describe, expect, it } from "vitest";
import { callByScript, type Deployment, deploy } from "../support/deployment.ts";
import { allCookies, MARKER, sessionCookies } from "../support/gate-fixture.ts";
import { proxyProgram } from "../support/proxies.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

/** Bytes that a proxy has to hold before it can pass an answer on. */
const headerBytes = ({ headers }: Answer) =>
	[...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);

const withoutBuffers = (config: string) => config.replace(/\t\tproxy_buffer.*\n/g, "");

/** The provider answers with a made-up access token of this length. */
function issueToken({ idp }: Deployment, length: number): void {
	const text = Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString("base64url");
	idp.faults = {
		discovery: "no-userinfo",
		tokenResponse: { access_token: text.slice(0, length) },
		idToken: "at-hash-missing",
	};
}

/** Signs in as far as the callback's answer. */
async function reachCallback(
	{ origin, idp }: Deployment,
	browser = new ScriptedBrowser(),
): Promise<Answer> {
	const start = await browser.navigate(`${origin}/login/generic?redirect_to=/private`, {
		follow: false,
	});
	const answer = await browser.navigate(start.headers.get("location") ?? "", {
		from: origin,
		follow: false,
	});
	return browser.navigate(answer.headers.get("location") ?? "", {
		from: idp.issuer,
		follow: false,
	});
}

describe.skipIf(proxyProgram("nginx") === undefined)(
	"two processes behind nginx, without a store",
	() => {
		let app: Deployment;
		beforeAll(async () => {
			app = await deploy({ proxy: "nginx" });
			// From the start: metadata is kept, and made-up access tokens are good for nothing.
			app.idp.faults = { discovery: "no-userinfo" };
		}, 30_000);

		/** Which processes serve a page, asked four times. */
		async function servedBy(browser: ScriptedBrowser): Promise<Set<string | null>> {
			const served = new Set<string | null>();
			for (let i = 0; i < 4; i++) {
				const page = await browser.navigate(`${app.origin}/private`);
				expect(page.body).toContain(`${MARKER} /private for ada`);
				served.add(page.headers.get("x-replica"));
			}
			return served;
		}

		it("sign in, whichever of them answers, and lead back to where the person was going", async () => {
			const browser = await app.signIn("/private/deep?a=1");
			expect(browser.location).toBe(`${app.origin}/private/deep?a=1`);
			expect((await servedBy(browser)).size).toBe(2);
		});

		it("know a person who comes by a link of another site", async () => {
			const browser = await app.signIn();
			for (let i = 0; i < 2; i++) {
				const page = await browser.navigate(`${app.origin}/private/deep?b=2`, {
					from: "https://mail.example/",
				});
				expect(page.body).toContain(`${MARKER} /private/deep for ada`);
				expect(browser.trail).toHaveLength(2);
			}
		});

		it("renew a session once, for a fetch and for a navigation", async () => {
			const browser = await app.signIn();
			const tokens = () => app.idp.count("token");
			const before = tokens();
			await app.setAhead(3600);
			for (let i = 0; i < 2; i++) {
				const refused = await callByScript(browser, `${app.origin}/private`);
				expect([refused.status, JSON.parse(refused.body).code]).toEqual([401, "refresh_required"]);
			}
			const page = await browser.navigate(`${app.origin}/private`, { follow: false });
			expect(page.body).toContain("Your session is being renewed");
			expect(page.body).not.toContain(MARKER);

			const renewed = await callByScript(browser, `${app.origin}/_portcullis/refresh`);
			expect([renewed.status, JSON.parse(renewed.body).renewed]).toEqual([200, true]);
			expect((await servedBy(browser)).size).toBe(2);
			// Whoever of them is asked again finds a session that needs nothing.
			for (let i = 0; i < 2; i++)
				expect(
					JSON.parse((await callByScript(browser, `${app.origin}/_portcullis/refresh`)).body)
						.renewed,
				).toBe(false);
			expect(tokens()).toBe(before + 1);
			await app.setAhead(0);
		});

		it("sign out, both of them", async () => {
			const browser = await app.signIn();
			const answer = await callByScript(browser, `${app.origin}/logout`);
			expect([answer.status, new URL(JSON.parse(answer.body).location).origin]).toEqual([
				200,
				app.idp.issuer,
			]);
			expect(sessionCookies(browser)).toEqual([]);
			for (let i = 0; i < 2; i++)
				expect((await callByScript(browser, `${app.origin}/private`, "GET")).status).toBe(401);
		});

		it("are reached over https alone, and say so to the browser", async () => {
			const plain = await exchange(`${app.proxy.plainOrigin}/private?a=1`, "GET", {});
			expect([plain.status, plain.headers.get("location")]).toEqual([
				301,
				`${app.origin}/private?a=1`,
			]);
			for (const path of ["/private", "/public/page", "/login"]) {
				const { headers } = await exchange(app.origin + path, "GET", {});
				expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
			}
		});

		it("set as many cookies as a session may have, and get them back, within nginx's own limits for requests (R55)", async () => {
			let largest = 0;
			for (let length = 5300; length <= 6100; length += 200) {
				issueToken(app, length);
				const browser = new ScriptedBrowser();
				const answer = await reachCallback(app, browser);
				largest = Math.max(largest, headerBytes(answer));
				expect(answer.status).toBe(200);
				expect((await browser.navigate(`${app.origin}/private`)).body).toContain(
					`${MARKER} /private for ada`,
				);
				if (length < 5900) continue;
				// What an app's own cookies may add to that: up to 8 kB in one line.
				const cookie = `${allCookies(browser)}; app=`;
				const ask = (bytes: number) =>
					exchange(`${app.origin}/private`, "GET", {
						cookie: cookie + "x".repeat(bytes - cookie.length - "Cookie: ".length),
					});
				expect((await ask(8180)).body).toContain(MARKER);
				expect((await ask(8300)).status).toBe(400);
			}
			app.idp.faults = { discovery: "no-userinfo" };
			// What docs/deployment.md says of an answer: far more than nginx takes by default, and less
			// than it is told to take there.
			expect(largest).toBeGreaterThan(7168);
			expect(largest).toBeLessThan(10_240);
		});

		it("lose a login of usual size where nginx has its default buffers, which the documentation says", async () => {
			const bare = await deploy({ proxy: "nginx", change: withoutBuffers });
			issueToken(bare, 1800);
			expect((await reachCallback(bare)).status).toBe(200);
			issueToken(bare, 2600);
			expect((await reachCallback(bare)).status).toBe(502);
			expect(bare.proxy.log()).toContain(
				"upstream sent too big header while reading response header from upstream",
			);
		});
	},
);
