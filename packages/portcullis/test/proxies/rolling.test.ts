import { beforeAll, describe, expect, it, vi } from "vitest";
import { callByScript, type Deployment, deploy } from "../support/deployment.ts";
import { MARKER, SECRET, sessionCookies } from "../support/gate-fixture.ts";
import { proxyProgram } from "../support/proxies.ts";
import { ScriptedBrowser, useEachConnectionOnce } from "../support/scripted-browser.ts";

const NEW_SECRET = "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0Re";

/**
 * People at work until they are told to stop: pages, fetches and renewals in turn, and a login now
 * and then.
 */
class Load {
	/** Everything that went wrong. */
	readonly failures: string[] = [];
	readonly counts = { pages: 0, posts: 0, renewals: 0, logins: 0 };
	#isOver = false;
	readonly #people: Promise<void>[];

	constructor(app: Deployment, people: number) {
		this.#people = Array.from({ length: people }, () => this.#work(app));
	}

	async end(): Promise<void> {
		this.#isOver = true;
		await Promise.all(this.#people);
	}

	async #work(app: Deployment): Promise<void> {
		try {
			while (!this.#isOver) {
				const browser = await app.signIn();
				this.counts.logins++;
				let renewals = 0;
				for (let i = 0; renewals < 2 && !this.#isOver; i++)
					renewals += await this.#step(app, browser, i % 2 === 0 ? "GET" : "POST");
			}
		} catch (error) {
			this.failures.push(String(error));
		}
	}

	/** Returns how often the session was renewed for it. */
	async #step(
		{ origin }: Deployment,
		browser: ScriptedBrowser,
		method: "GET" | "POST",
	): Promise<0 | 1> {
		for (const attempt of [0, 1] as const) {
			const answer = await callByScript(browser, `${origin}/private`, method);
			if (answer.status === 200 && answer.body.includes(MARKER)) {
				this.counts[method === "GET" ? "pages" : "posts"]++;
				return attempt;
			}
			if (attempt === 0 && answer.status === 401 && answer.body.includes("refresh_required")) {
				const renewed = await callByScript(browser, `${origin}/_portcullis/refresh`);
				if (renewed.status === 200) {
					this.counts.renewals++;
					continue;
				}
				this.failures.push(`refresh: ${renewed.status} ${renewed.body}`);
				break;
			}
			this.failures.push(`${method}: ${answer.status} ${answer.body.slice(0, 200)}`);
			break;
		}
		return 0;
	}
}

describe.skipIf(proxyProgram("nginx") === undefined)(
	"two processes behind nginx, one after the other restarted",
	() => {
		let app: Deployment;
		beforeAll(async () => {
			useEachConnectionOnce();
			// Renewed every other second, and each refresh token is good for one renewal.
			app = await deploy({ proxy: "nginx", idp: { accessTokenLifetime: 2 }, env: { DELAY: "1" } });
		}, 30_000);

		it("fail no request and end no session, under load (R129)", async () => {
			const load = new Load(app, 6);
			await vi.waitUntil(() => load.counts.renewals >= 6 || load.failures.length > 0, 30_000);
			const stops: { readonly code: number | null; readonly milliseconds: number }[] = [];
			for (const replica of app.replicas) {
				const { posts, renewals } = load.counts;
				// As documented: first nginx sends nothing there any more, then the process ends.
				await app.proxy.reload((config) =>
					config.replace(`:${replica.port} max_fails=0`, "$& down"),
				);
				stops.push(await replica.stop());
				// The other one does all the work for a while, renewals too.
				const goesOn = () => load.counts.posts > posts + 20 && load.counts.renewals > renewals;
				await vi.waitUntil(() => goesOn() || load.failures.length > 0, 30_000);
				await replica.start();
				await app.proxy.reload((config) => config);
			}
			await load.end();
			expect(load.failures).toEqual([]);
			expect(stops.map(({ code }) => code)).toEqual([0, 0]);
			for (const { milliseconds } of stops) expect(milliseconds).toBeLessThan(10_000);
			for (const count of Object.values(load.counts)) expect(count).toBeGreaterThan(5);
			expect(app.replicas.map((replica) => replica.log()).join("")).not.toMatch(/error/);
		}, 90_000);

		it("finish a login and a renewal that have begun (R129)", async () => {
			const signedIn = await app.signIn();
			const hasEnded = async () =>
				(await callByScript(signedIn, `${app.origin}/private`)).body.includes("refresh_required");
			await vi.waitUntil(hasEnded, { timeout: 10_000, interval: 100 });
			const start = await new ScriptedBrowser().navigate(
				`${app.origin}/login/generic?redirect_to=/private`,
				{
					follow: false,
				},
			);
			expect(start.status).toBe(302);
			const newcomer = new ScriptedBrowser();
			const before = app.idp.count("token");
			app.idp.set({ delay: { token: 1000 } });
			const page = newcomer
				.navigate(`${app.origin}/private`)
				.then(() => newcomer.click("/login/generic?redirect_to=/private", { follow: false }))
				.then((sent) =>
					newcomer.navigate(sent.headers.get("location") ?? "", {
						from: app.origin,
						follow: false,
					}),
				)
				.then((back) =>
					newcomer.navigate(back.headers.get("location") ?? "", {
						from: app.idp.issuer,
						follow: false,
					}),
				);
			const renewed = callByScript(signedIn, `${app.origin}/_portcullis/refresh`);
			await vi.waitUntil(() => app.idp.count("token") === before + 2, 5000);

			const stops = await Promise.all(app.replicas.map((replica) => replica.stop()));
			expect(stops.map(({ code }) => code)).toEqual([0, 0]);
			expect((await page).body).toContain("Signing you in");
			expect(sessionCookies(newcomer)).not.toEqual([]);
			expect(JSON.parse((await renewed).body)).toMatchObject({ renewed: true });
			app.idp.reset();
			await Promise.all(app.replicas.map((replica) => replica.start()));
			expect((await callByScript(newcomer, `${app.origin}/_portcullis/refresh`)).status).toBe(200);
		}, 30_000);
	},
);

it.skipIf(proxyProgram("nginx") === undefined)(
	"a change of secrets over both processes logs nobody out (R53)",
	async () => {
		const app = await deploy({ proxy: "nginx" });
		const everybody: ScriptedBrowser[] = [];
		for (const secrets of [SECRET, `${SECRET},${NEW_SECRET}`, `${NEW_SECRET},${SECRET}`]) {
			for (const replica of app.replicas) {
				await replica.stop();
				await replica.start({ PORTCULLIS_SECRET: secrets });
				everybody.push(await app.signIn());
				for (const browser of everybody) {
					for (let i = 0; i < 2; i++)
						expect((await browser.navigate(`${app.origin}/private`)).body).toContain(
							`${MARKER} /private for ada`,
						);
				}
			}
		}
		// Now only the new one is left: who signed in under it stays, whoever did so before starts
		// over.
		for (const replica of app.replicas) {
			await replica.stop();
			await replica.start({ PORTCULLIS_SECRET: NEW_SECRET });
		}
		const statuses = await Promise.all(
			everybody.map((browser) =>
				callByScript(browser, `${app.origin}/private`, "GET").then(({ status }) => status),
			),
		);
		expect(statuses).toEqual([401, 401, 401, 401, expect.any(Number), 200]);
	},
	60_000,
);
