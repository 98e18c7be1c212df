import { expect, it } from "vitest";
import { type Gate, portcullis } from "../../src/index.ts";
import { startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { MARKER } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { listenFetch } from "../support/web-server.ts";

const OLD = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";
const NEW = "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4Ds7Ap0Re";

it("a rolling change of secrets over two replicas logs nobody out (R53)", async () => {
	const idp = await startFaultyIdp({ algorithm: "ES256" });
	const replica = (secret: string) => portcullis({ secret, platform: { env: idp.env, log: () => {} } }).gate();
	const replicas: [Gate, Gate] = [replica(OLD), replica(OLD)];
	let turn = 0;
	const { origin } = await listenFetch((request) =>
		(replicas[turn++ % 2] as Gate).handle(request, () => new Response(MARKER)),
	);
	const signIn = async () => {
		const browser = new ScriptedBrowser();
		await browser.navigate(`${origin}/private`);
		await browser.click("/login/generic?redirect_to=/private");
		return browser;
	};
	const everybody: ScriptedBrowser[] = [];
	const allAreIn = async () => {
		for (const browser of everybody)
			for (let i = 0; i < 3; i++) expect((await browser.navigate(`${origin}/private`)).body).toBe(MARKER);
	};

	for (const [first, second] of [
		[OLD, OLD],
		// First every replica learns the new secret as a second one, then it becomes the one that seals, then the old one goes.
		[`${OLD},${NEW}`, OLD],
		[`${OLD},${NEW}`, `${OLD},${NEW}`],
		[`${NEW},${OLD}`, `${OLD},${NEW}`],
		[`${NEW},${OLD}`, `${NEW},${OLD}`],
	] as const) {
		replicas[0] = replica(first);
		replicas[1] = replica(second);
		everybody.push(await signIn());
		await allAreIn();
	}
	await idp.close();
});

it("a session under an unknown key is ignored and never cleared: a replica with the key still knows it", async () => {
	const idp = await startFaultyIdp({ algorithm: "ES256" });
	const gates = [OLD, NEW].map((secret) => portcullis({ secret, platform: { env: idp.env, log: () => {} } }).gate());
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
	for (let i = 0; i < 4; i++) expect((await browser.navigate(`${origin}/private`)).body).toBe(MARKER);
	await idp.close();
});
