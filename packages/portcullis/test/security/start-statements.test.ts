import { expect, it } from "vitest";
import { formatLogEntry } from "../../src/audit/log.ts";
import { memory, type StateStore } from "../../src/state.ts";
import { startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// What a process says at start of sign-outs that do not reach copies of cookies.

const start = (nodeEnv: string, store: StateStore) =>
	startGate({
		auth: { store },
		env: (env) => ({ ...env, NODE_ENV: nodeEnv, PORTCULLIS_ORIGIN: "http://localhost" }),
	});

/** As one for several processes says of itself. */
function sharedStore(): StateStore {
	const store = memory();
	const read = (name: keyof StateStore) => {
		const value: unknown = name === "isShared" ? true : store[name];
		return typeof value === "function" ? value.bind(store) : value;
	};
	return new Proxy(store, { get: (_, name) => read(name as keyof StateStore) });
}

it("in production a store of one process says, once, that a restart forgets sign-outs, and what to do", async () => {
	const { log } = await start("production", memory());
	expect(log.map(({ code, message }) => `${code} ${message}`)).toEqual([
		expect.stringMatching(
			/^config_invalid .*after a restart, sign-outs and back-channel logouts are forgotten.*redis\(url\)/,
		),
	]);
	expect(log.map(formatLogEntry).join("")).not.toContain("\n");
	for (const [nodeEnv, store] of [
		["development", memory()],
		["test", memory()],
		["production", sharedStore()],
	] as const)
		expect(
			(await start(nodeEnv, store)).log.filter(({ message }) => message.includes("restart")),
		).toEqual([]);
});

it.each([
	["production", { revocation_endpoint: undefined }, undefined, 1],
	["production", {}, undefined, 0],
	["production", { revocation_endpoint: undefined }, memory(), 0],
	["development", { revocation_endpoint: undefined }, undefined, 0],
] as const)(
	"in %s, with metadata %j, what a first login says of copies",
	async (nodeEnv, metadata, store, times) => {
		const fixture = await startGate({
			auth: store ? { store } : {},
			env: (env) => ({ ...env, NODE_ENV: nodeEnv }),
		});
		fixture.idp.set({ metadata });
		for (let i = 0; i < 2; i++) await fixture.signIn(new ScriptedBrowser());
		const said = fixture.log.filter(({ message }) =>
			message.includes("copy of somebody's cookies"),
		);
		expect(said.length).toBe(times);
		for (const entry of said)
			expect(entry).toMatchObject({ code: "config_invalid", provider: "generic" });
	},
);
