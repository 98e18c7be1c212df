import { expect, test } from "vitest";
import { StateError } from "../../src/index.ts";
import { memory, type StateStore } from "../../src/state.ts";
import { startBoard } from "../support/state-board.ts";
import { signInAs, tabOf } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";

/** A store whose commits fail for as long as one says so. */
function flaky(): {
	store: StateStore;
	outage: { is: boolean };
	records: Map<string, Map<string, string>>;
} {
	const inner = memory();
	const outage = { is: false };
	const records = new Map<string, Map<string, string>>();
	const store: StateStore = {
		isShared: false,
		async acquire(client, knownVersion, signal) {
			const lease = await inner.acquire(client, knownVersion, signal);
			return {
				version: lease.version,
				entries: lease.entries,
				signal: lease.signal,
				async commit(changes, version, keeping) {
					if (outage.is) throw new StateError("state_store_unavailable", "The store is away");
					const all = [...changes];
					await lease.commit(all, version, keeping);
					const record = records.get(client) ?? new Map<string, string>();
					for (const [key, text] of all)
						text === undefined ? record.delete(key) : record.set(key, text);
					records.set(client, record);
				},
				remove: () => lease.remove(),
				release: () => lease.release(),
			};
		},
		publish: (channel, message) => inner.publish(channel, message),
		subscribe: (channel, listener) => inner.subscribe(channel, listener),
		close: () => inner.close(),
	};
	return { store, outage, records };
}

test("what a change of hands could not remove is removed with the next one", async () => {
	const { store, outage, records } = flaky();
	const board = await startBoard({ store });
	const tab = await tabOf(board.fixture, "ada");
	await tab.send("board.write", "of Ada");
	await tab.send("keys.take");
	expect(JSON.stringify([...records.values()].map((record) => [...record]))).toContain("of Ada");

	outage.is = true;
	await signInAs(board.fixture, "vic", tab.browser);
	const refused = await tab.post("hydrate", { client: tab.client });
	expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
	expect(await refused.text()).not.toContain("of Ada");
	outage.is = false;

	// A third one takes over what the second one could not.
	const next = new StateTab(tab.origin);
	next.client = tab.client;
	await next.hydrate();
	const kept = JSON.stringify([...records.values()].map((record) => [...record]));
	expect(kept).not.toContain("of Ada");
	expect(kept).not.toContain("keys.has");
});

test("an event whose changes cannot be kept has failed, and nothing of it is seen", async () => {
	const { store, outage } = flaky();
	const board = await startBoard({ store });
	const tab = await tabOf(board.fixture, "ada");
	await tab.send("board.write", "before");
	outage.is = true;
	const request = tab.request("board.write", "lost");
	const sent = await tab.sendRequest(request);
	expect(sent.outcome).toMatchObject({ status: "failed", code: "state_store_unavailable" });
	expect(tab.values["board.draft"]).toBe("before");
	outage.is = false;
	await tab.hydrate();
	expect(tab.values["board.draft"]).toBe("before");
	expect((await tab.send("board.write", "after")).value).toBe("after");
});
