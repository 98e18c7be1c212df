import { expect, test } from "vitest";
import { portcullis } from "../../src/index.ts";
import { memory, type StateStore } from "../../src/state.ts";
import { sessionCookie } from "../../src/testing.ts";
import { SECRET } from "../support/gate-fixture.ts";

// What gates of one `portcullis()` share: options, keys and a store that was named. Nothing else.

const ORIGIN = "https://app.example.com";

async function twoGates(store?: StateStore) {
	const auth = portcullis({
		secret: SECRET,
		origin: ORIGIN,
		...(store && { store }),
		session: { loginLimit: 1 },
		platform: {
			env: { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" },
			fetch: () => Promise.reject(new Error("no network")),
			log: () => {},
		},
	});
	const gates = [auth.gate(), auth.gate()] as const;
	const send = (gate: (typeof gates)[number], path: string, init: RequestInit = {}) =>
		gate.handle(new Request(ORIGIN + path, init), () => new Response("in"));
	const cookie = await sessionCookie(gates[0], { sub: "ada" });
	const isIn = async (gate: (typeof gates)[number]) =>
		(await send(gate, "/private", { headers: { cookie } })).status === 200;
	const signOut = (gate: (typeof gates)[number]) =>
		send(gate, "/logout", {
			method: "POST",
			headers: { cookie, origin: ORIGIN, "portcullis-request": "1" },
		});
	return { gates, isIn, signOut };
}

test("a session that ends at one gate ends at the other, with a store that was named", async () => {
	const { gates, isIn, signOut } = await twoGates(memory());
	expect([await isIn(gates[0]), await isIn(gates[1])]).toEqual([true, true]);
	await signOut(gates[0]);
	expect([await isIn(gates[0]), await isIn(gates[1])]).toEqual([false, false]);
});

test("without one each gate has a memory of its own, as a process would", async () => {
	const { gates, isIn, signOut } = await twoGates();
	await signOut(gates[0]);
	expect([await isIn(gates[0]), await isIn(gates[1])]).toEqual([false, true]);
});

test("what is behind one gate is not behind the other", async () => {
	const auth = portcullis({
		secret: SECRET,
		platform: {
			env: { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" },
			log: () => {},
		},
	});
	const open = auth.gate({ pages: { "/about": { auth: false } } });
	const shut = auth.gate({ pages: { "/other": { auth: false } } });
	const status = async (gate: typeof open | typeof shut) =>
		(await gate.handle(new Request(`${ORIGIN}/about`), () => new Response("in"))).status;
	expect([await status(open), await status(shut)]).toEqual([200, 401]);
});
