import { describe, expect, test } from "vitest";
import {
	codeOf,
	describeStore,
	KEEPING,
	newClient,
	read,
	write,
} from "../../../test/support/store-contract.ts";
import { ConfigError } from "../../base/errors.ts";
import type { Keeping, RecordLease, StateStore } from "../contract.ts";
import { type MemoryOptions, memory } from "./store.ts";

let now = 1_800_000_000_000;
const clock = (): number => now;

describeStore("memory", {
	open: () => memory({ now: clock }),
	passTime: (seconds) => {
		now += seconds * 1000;
	},
});

test("a free client costs no promise", () => {
	const store = memory();
	const lease = store.acquire("client", 0) as RecordLease;
	expect(lease).not.toBeInstanceOf(Promise);
	expect(lease.commit([["a", "1"]], 1, KEEPING)).toBe(undefined);
	expect(lease.release()).toBe(undefined);
});

/** Room for three records of `TEXT`, not four. */
const ROOM: MemoryOptions = { maxBytes: 70_000, now: clock };

const TEXT = "x".repeat(10_000);

const ANONYMOUS: Keeping = { ttl: 86_400, anonymous: true };

describe("when there is no room", () => {
	test("records of anonymous clients go first, the oldest commit before others", async () => {
		const store = memory(ROOM);
		await write(store, "signed-in", { text: TEXT });
		await write(store, "anonymous 1", { text: TEXT }, ANONYMOUS);
		await write(store, "anonymous 2", { text: TEXT }, ANONYMOUS);
		await write(store, "anonymous 1", { more: "1" }, ANONYMOUS);
		await write(store, "new", { text: TEXT });
		expect(await kept(store, ["signed-in", "anonymous 1", "anonymous 2", "new"])).toEqual([
			"signed-in",
			"anonymous 1",
			"new",
		]);
	});

	test("then those of others, the oldest commit first", async () => {
		const store = memory(ROOM);
		for (const client of ["1", "2", "3", "1", "4"]) await write(store, client, { text: TEXT });
		expect(await kept(store, ["1", "2", "3", "4"])).toEqual(["1", "3", "4"]);
	});

	test("what has expired goes before everything else, also behind what has not", async () => {
		const store = memory(ROOM);
		await write(store, "anonymous", { text: TEXT }, ANONYMOUS);
		await write(store, "long", { text: TEXT });
		await write(store, "short", { text: TEXT }, { ttl: 1, anonymous: false });
		now += 1000;
		await write(store, "new", { text: TEXT });
		expect(await kept(store, ["anonymous", "long", "short", "new"])).toEqual([
			"anonymous",
			"long",
			"new",
		]);
	});

	test("nobody pushes out people who have signed in without having signed in", async () => {
		const store = memory(ROOM);
		for (const client of ["1", "2", "3"]) await write(store, client, { text: TEXT });
		expect(await codeOf(() => write(store, "anonymous", { text: TEXT }, ANONYMOUS))).toBe(
			"state_store_full",
		);
		expect(await kept(store, ["1", "2", "3", "anonymous"])).toEqual(["1", "2", "3"]);
	});

	test("a record that is being worked on stays; if all are, the store is full and the record is as it was", async () => {
		const store = memory(ROOM);
		for (const client of ["1", "2", "3"]) await write(store, client, { text: TEXT }, ANONYMOUS);
		const held = ["1", "2", "3"].map((client) => store.acquire(client, 0) as RecordLease);
		expect(await codeOf(() => write(store, "4", { text: TEXT }))).toBe("state_store_full");
		const first = held[0] as RecordLease;
		expect(
			await codeOf(() =>
				first.commit(
					[
						["text", undefined],
						["a", TEXT + TEXT],
					],
					2,
					ANONYMOUS,
				),
			),
		).toBe("state_store_full");
		for (const lease of held.slice(0, 2)) lease.release();
		expect(await read(store, "1")).toEqual({ version: 1, entries: { text: TEXT } });
		await write(store, "4", { text: TEXT });
		held[2]?.release();
		expect(await kept(store, ["1", "2", "3", "4"])).toEqual(["2", "3", "4"]);
	});

	test("nobody's record goes for one that would not fit all the same", async () => {
		const store = memory(ROOM);
		for (const client of ["1", "2", "3"]) await write(store, client, { text: TEXT }, ANONYMOUS);
		expect(await codeOf(() => write(store, "4", { text: "x".repeat(40_000) }))).toBe(
			"state_store_full",
		);
		expect(await kept(store, ["1", "2", "3"])).toEqual(["1", "2", "3"]);
	});

	test("what is removed, replaced or expired makes room again, to the byte", async () => {
		const store = memory(ROOM);
		for (let round = 0; round < 50; round++) {
			for (const client of ["1", "2", "3"])
				await write(store, client, { text: TEXT, [`key ${round}`]: "x" });
			for (const client of ["1", "2", "3"])
				await write(store, client, { text: "", [`key ${round}`]: undefined });
			const lease = store.acquire("1", 0) as RecordLease;
			lease.remove();
			lease.release();
			now += 90_000_000;
		}
		for (const client of ["4", "5", "6"]) await write(store, client, { text: TEXT });
		expect(await kept(store, ["4", "5", "6"])).toEqual(["4", "5", "6"]);
	});

	test("many small records count for what they take", async () => {
		const store = memory({ maxBytes: 1_000_000, now: clock });
		for (let i = 0; i < 3000; i++) await write(store, `client ${i}`, { a: "" });
		expect(
			(
				await kept(
					store,
					Array.from({ length: 3000 }, (_, i) => `client ${i}`),
				)
			).length,
		).toBeLessThan(1600);
	});
});

describe("anonymous records of one address", () => {
	const from = (address: string | undefined): Keeping => ({
		ttl: 86_400,
		anonymous: true,
		address,
	});
	const limited = (): StateStore => memory({ maxPerAddress: 2, now: clock });

	test("are limited: the oldest commit gives way", async () => {
		const store = limited();
		for (const client of ["1", "2", "1", "3"])
			await write(store, client, { a: "1" }, from("192.0.2.1"));
		await write(store, "4", { a: "1" }, from("192.0.2.2"));
		expect(await kept(store, ["1", "2", "3", "4"])).toEqual(["1", "3", "4"]);
	});

	test.each([
		["addresses of one /64", ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"], 2],
		[
			"one address in three spellings",
			["2001:db8::1", "2001:DB8:0:0::1", "2001:db8:0:0:0:0:0:1"],
			2,
		],
		["an IPv4 address in three spellings", ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"], 2],
		["networks beside each other", ["2001:db8:0:1::", "2001:db8:0:2::", "2001:db8:0:3::"], 3],
		["no address", [undefined, undefined, undefined], 3],
		["texts that are none", ["a", "b", "c"], 3],
	])("%s", async (_, addresses, count) => {
		const store = limited();
		for (const [index, address] of addresses.entries())
			await write(store, String(index), { a: "1" }, from(address));
		expect((await kept(store, ["0", "1", "2"])).length).toBe(count);
	});

	test("those of all networks of one /48 are 16 times as many, and go before those of others", async () => {
		const store = memory({ maxPerAddress: 2, maxBytes: 100_000, now: clock });
		await write(store, "other", { a: "1" }, from("2001:db8:2::1"));
		const clients: string[] = [];
		for (let i = 0; i < 200; i++) {
			clients.push(`client ${i}`);
			await write(store, `client ${i}`, { a: "1" }, from(`2001:db8:1:${i}::1`));
		}
		expect((await kept(store, clients)).length).toBe(32);
		for (const client of clients.slice(0, 20))
			await write(store, client, { text: "x".repeat(3000) }, from("2001:db8:1:ffff::1"));
		for (let i = 0; i < 32; i++)
			await write(store, `large ${i}`, { text: "x".repeat(3000) }, from(`2001:db8:1:${i}::1`));
		expect(await kept(store, ["other"])).toEqual(["other"]);
	});

	test("count no more once somebody has signed in", async () => {
		const store = limited();
		await write(store, "1", { a: "1" }, from("192.0.2.1"));
		await write(store, "1", { a: "2" }, { ...KEEPING, address: "192.0.2.1" });
		for (const client of ["2", "3"]) await write(store, client, { a: "1" }, from("192.0.2.1"));
		expect(await kept(store, ["1", "2", "3"])).toEqual(["1", "2", "3"]);
	});

	test("that are all being worked on let no further one in", async () => {
		const store = limited();
		for (const client of ["1", "2"]) await write(store, client, { a: "1" }, from("192.0.2.1"));
		const held = ["1", "2"].map((client) => store.acquire(client, 0) as RecordLease);
		expect(await codeOf(() => write(store, "3", { a: "1" }, from("192.0.2.1")))).toBe(
			"state_store_full",
		);
		for (const lease of held) lease.release();
		expect(await kept(store, ["1", "2", "3"])).toEqual(["1", "2"]);
	});
});

describe("records of one person", () => {
	const of = (owner: string): Keeping => ({ ttl: 86_400, anonymous: false, owner });

	test("are limited: the oldest commit of the person's own gives way, whatever session it was of", async () => {
		const store = memory({ maxPerPerson: 2, now: clock });
		await write(store, "other", { a: "1" }, of("https://idp bob"));
		for (const client of ["1", "2", "1", "3"])
			await write(store, client, { a: "1" }, of("https://idp ada"));
		expect(await kept(store, ["other", "1", "2", "3"])).toEqual(["other", "1", "3"]);
	});

	test("push out nobody else's, however many and however large they are", async () => {
		const store = memory({ maxBytes: 32 * 1024 * 1024, now: clock });
		const victims = Array.from({ length: 20 }, (_, i) => `victim ${i}`);
		for (const victim of victims)
			await write(store, victim, { text: TEXT }, of(`https://idp ${victim}`));
		await write(store, "revocation", { text: TEXT });
		await write(store, "anonymous", { text: TEXT }, ANONYMOUS);
		for (let i = 0; i < 3000; i++)
			await write(store, `many ${i}`, { text: "x".repeat(10_000) }, of("https://idp ada"));
		expect(await kept(store, [...victims, "revocation", "anonymous"])).toEqual([
			...victims,
			"revocation",
			"anonymous",
		]);
		const own = await kept(
			store,
			Array.from({ length: 3000 }, (_, i) => `many ${i}`),
		);
		expect(own.length).toBeLessThan(110);
		expect(own.at(-1)).toBe("many 2999");
	});

	test("go first where a small store is full, before anybody else's", async () => {
		const store = memory(ROOM);
		await write(store, "1", { text: TEXT }, of("https://idp bob"));
		for (const client of ["2", "3", "4", "5"])
			await write(store, client, { text: TEXT }, of("https://idp ada"));
		expect(await kept(store, ["1", "2", "3", "4", "5"])).toEqual(["1", "4", "5"]);
	});

	test("never push out what the gate keeps for itself, such as sessions that were ended", async () => {
		const store = memory(ROOM);
		for (const client of ["revoked 1", "revoked 2", "revoked 3"])
			await write(store, client, { text: TEXT });
		expect(await codeOf(() => write(store, "1", { text: TEXT }, of("https://idp ada")))).toBe(
			"state_store_full",
		);
		await write(store, "revoked 4", { text: TEXT });
		expect(await kept(store, ["revoked 1", "revoked 2", "revoked 3", "revoked 4"])).toEqual([
			"revoked 2",
			"revoked 3",
			"revoked 4",
		]);
	});

	test("a record that alone is more than the share is refused, and pushes out nothing", async () => {
		const store = memory({ maxBytes: 4 * 1024 * 1024, now: clock });
		await write(store, "1", { text: TEXT }, of("https://idp ada"));
		const large = { text: "x".repeat(600_000) };
		expect(await codeOf(() => write(store, "2", large, of("https://idp ada")))).toBe(
			"state_store_full",
		);
		expect(await kept(store, ["1", "2"])).toEqual(["1"]);
	});

	test("that are all being worked on let no further one in", async () => {
		const store = memory({ maxPerPerson: 2, now: clock });
		for (const client of ["1", "2"]) await write(store, client, { a: "1" }, of("https://idp ada"));
		const held = ["1", "2"].map((client) => store.acquire(client, 0) as RecordLease);
		expect(await codeOf(() => write(store, "3", { a: "1" }, of("https://idp ada")))).toBe(
			"state_store_full",
		);
		for (const lease of held) lease.release();
	});
});

test("anonymous clients of one network push out their own before those of others", async () => {
	const store = memory(ROOM);
	const from = (address: string): Keeping => ({ ttl: 86_400, anonymous: true, address });
	await write(store, "1", { text: TEXT }, from("192.0.2.1"));
	for (const client of ["2", "3", "4", "5"])
		await write(store, client, { text: TEXT }, from(`2001:db8::${client}`));
	expect(await kept(store, ["1", "2", "3", "4", "5"])).toEqual(["1", "4", "5"]);
});

test("options that cannot be meant are refused, all at once", () => {
	const wrong = { maxBytes: 0, maxPerAddress: "100", max: 1 } as unknown as MemoryOptions;
	expect(() => memory(wrong)).toThrow(ConfigError);
	expect(() => memory(wrong)).toThrow(/no option max\b.*maxBytes.*maxPerAddress/s);
	memory({ maxBytes: Number.POSITIVE_INFINITY }).acquire(newClient(), 0);
});

/** Those of the clients that the store has a record of. */
async function kept(store: StateStore, clients: readonly string[]): Promise<string[]> {
	const found: string[] = [];
	for (const client of clients) if ((await read(store, client)).version > 0) found.push(client);
	return found;
}
