import { describe, expect, it, vi } from "vitest";
import { run } from "../../src/cli/program.ts";
import { type Gate, portcullis } from "../../src/index.ts";
import { memory } from "../../src/state.ts";
import { startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { MARKER, sessionCookies } from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";
import { listenFetch } from "../support/web-server.ts";

const OLD = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";
const NEW = "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0Re";
/** Of the identity provider's first client. */
const CLIENT_SECRET = "w8Yc3Ft6Jm1Pz9Vb4Xk7Rd2Ns5Hq0Lg8";

describe("a rolling change of secrets over two replicas (R53)", { timeout: 60_000 }, () => {
	it.each([
		["one", [0, 1]],
		["the other", [1, 0]],
	] as const)(
		"logs nobody out in the steps of the command, with %s changing first",
		async (_which, order) => {
			const values = await rotationSteps(OLD);
			expect(values.map((value) => value.split(",").length)).toEqual([2, 2, 1]);
			expect(await rollOut([OLD, ...values], order)).toEqual([]);
		},
	);

	it("logs nobody out on the way from client secrets to a secret of its own", async () => {
		const values = [undefined, `${CLIENT_SECRET},${NEW}`, `${NEW},${CLIENT_SECRET}`, NEW];
		expect(await rollOut(values, [0, 1])).toEqual([]);
	});

	it("is noticed by everything looked at here if the new one seals before all know it", async () => {
		const lost = await rollOut([OLD, `${NEW},${OLD}`], [0, 1]);
		for (const what of ["session", "login", "logout form", "page"])
			expect(lost.some((line) => line.startsWith(what))).toBe(true);
	});
});

it("a session under an unknown key is ignored and never cleared: a replica with the key still knows it", async () => {
	const idp = await startFaultyIdp({ algorithm: "ES256" });
	const gates = [OLD, NEW].map((secret) =>
		portcullis({ secret, platform: { env: idp.env, log: () => {} } }).gate(),
	);
	let current = 0;
	const { origin } = await listenFetch((request) =>
		(gates[current] as Gate).handle(request, () => new Response(MARKER)),
	);
	const browser = new ScriptedBrowser();
	await browser.navigate(`${origin}/private`);
	await browser.click("/login/generic?redirect_to=/private");
	const before = [...browser.jar]
		.filter(([name]) => /-(at|id|rt|sc)$/.test(name))
		.map(([name, { value }]) => [name, value]);
	expect(before.length).toBeGreaterThanOrEqual(3);

	current = 1;
	expect((await browser.navigate(`${origin}/private`)).body).not.toContain(MARKER);
	expect((await browser.fetch(`${origin}/private`)).status).toBe(401);
	const after = [...browser.jar]
		.filter(([name]) => /-(at|id|rt|sc)$/.test(name))
		.map(([name, { value }]) => [name, value]);
	expect(after).toEqual(before);
	current = 0;
	expect((await browser.navigate(`${origin}/private`)).body).toBe(MARKER);
	await idp.close();
});

it("client secrets derive the keys where there is no other, the same on every replica", async () => {
	const idp = await startFaultyIdp({ algorithm: "ES256" });
	const gates = [0, 1].map(() => portcullis({ platform: { env: idp.env, log: () => {} } }).gate());
	let turn = 0;
	const { origin } = await listenFetch((request) =>
		(gates[turn++ % 2] as Gate).handle(request, () => new Response(MARKER)),
	);
	const browser = new ScriptedBrowser();
	await browser.navigate(`${origin}/private`);
	expect((await browser.click("/login/generic?redirect_to=/private")).body).toBe(MARKER);
	for (let i = 0; i < 4; i++)
		expect((await browser.navigate(`${origin}/private`)).body).toBe(MARKER);
	await idp.close();
});

/** The values that `portcullis secret --rotate` prints. */
async function rotationSteps(current: string): Promise<string[]> {
	vi.stubEnv("PORTCULLIS_SECRET", current);
	let out = "";
	const terminal = {
		out: (text: string) => (out += text),
		err: () => {},
		signal: AbortSignal.abort(),
	};
	expect(await run(["secret", "--rotate", "--json"], terminal)).toBe(0);
	return (JSON.parse(out) as { steps: { value: string }[] }).steps.map(({ value }) => value);
}

/**
 * Gives two replicas one value after the other, one replica at a time in this order. Before and
 * after each change, whatever one of them has sealed is taken to the other. `undefined` is a
 * replica without a secret of its own.
 *
 * Between the last two values lie seven days, after which nothing is left that was sealed before:
 * what was made until then is not taken over the last change.
 *
 * @returns what was lost, in words.
 */
async function rollOut(
	values: readonly (string | undefined)[],
	order: readonly [0 | 1, 0 | 1],
): Promise<string[]> {
	const idp = await startFaultyIdp({
		algorithm: "ES256",
		clients: [{ clientId: "replicated", clientSecret: CLIENT_SECRET }],
	});
	const store = memory();
	const replica = (secret: string | undefined) => {
		const auth = portcullis({
			store,
			...(secret && { secret }),
			platform: { env: idp.env, log: () => {} },
		});
		class Notes extends auth.State {
			count = auth.field(0);
			add = auth.event(() => ++this.count.value);
		}
		return auth.gate({ states: { notes: Notes } });
	};
	const replicas = [replica(values[0]), replica(values[0])];
	let asked = 0;
	const { origin } = await listenFetch((request) =>
		(replicas[asked] as Gate).handle(request, () => new Response(MARKER)),
	);
	const lost: string[] = [];
	let everybody: Carried[] = [];

	/**
	 * Somebody with a session, an open page, a login and a logout under way; all of it sealed by one
	 * replica.
	 */
	const begin = async (by: number, when: string): Promise<Carried> => {
		asked = by;
		const signIn = async () => {
			const browser = new ScriptedBrowser();
			await browser.navigate(`${origin}/private`);
			await browser.click("/login/generic?redirect_to=/private");
			return browser;
		};
		const tab = new StateTab(origin, await signIn());
		await tab.hydrate();
		const leaving = await signIn();
		const arriving = new ScriptedBrowser();
		await arriving.navigate(`${origin}/private`);
		const started = await arriving.click("/login/generic?redirect_to=/private", { follow: false });
		return {
			from: `sealed by ${by} ${when}`,
			tab,
			finishLogin: () => arriving.click(started.headers.get("location") ?? ""),
			finishLogout: async (form) => {
				await leaving.submit(form);
				return sessionCookies(leaving).length === 0;
			},
			logoutForm: await leaving.click("/logout"),
		};
	};
	const look = async (when: string) => {
		for (const { from, tab } of everybody) {
			for (asked of [0, 1]) {
				const at = `${from}, shown to ${asked} ${when}`;
				const page = await (tab.browser as ScriptedBrowser).navigate(`${origin}/private`);
				if (page.body !== MARKER) lost.push(`session ${at}`);
				if ((await tab.send("notes.add")).outcome?.status !== "ok") lost.push(`page ${at}`);
			}
		}
	};

	const beginOnBoth = async (when: string) => [await begin(0, when), await begin(1, when)];
	/** What was begun at one replica is finished at the other. */
	const finish = async (both: readonly Carried[], when: string) => {
		for (const [by, { from, finishLogin, finishLogout, logoutForm }] of both.entries()) {
			asked = 1 - by;
			if ((await finishLogin()).body !== MARKER) lost.push(`login ${from}, finished ${when}`);
			if (!(await finishLogout(logoutForm))) lost.push(`logout form ${from}, sent ${when}`);
		}
	};

	let underWay = await beginOnBoth("at first");
	everybody.push(...underWay);
	for (const [i, value] of values.entries()) {
		if (i === 0) continue;
		if (i === values.length - 1 && values.length > 2) {
			// Seven days on: whoever is there has signed in since.
			underWay = await beginOnBoth("seven days later");
			everybody = [...underWay];
		}
		for (const changing of order) {
			replicas[changing] = replica(value);
			const when = `after ${changing} has the value ${i}`;
			await finish(underWay, when);
			const now = await beginOnBoth(when);
			await finish(now, when);
			underWay = await beginOnBoth(when);
			everybody.push(...now);
			await look(when);
		}
	}
	await idp.close();
	return lost;
}

/** What one replica has sealed and another is asked to open. */
interface Carried {
	readonly from: string;
	readonly tab: StateTab;
	readonly logoutForm: Answer;
	finishLogin(): Promise<Answer>;
	/** True if it ended the session. */
	finishLogout(form: Answer): Promise<boolean>;
}
