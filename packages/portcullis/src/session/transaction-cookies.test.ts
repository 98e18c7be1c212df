import { beforeAll, describe, expect, it } from "vitest";
import { createKeyRing } from "../crypto/key-ring.ts";
import type { LoginTransaction } from "../protocol/types.ts";
import { cookieNames } from "./cookie-names.ts";
import { cookieBytes } from "./cookies.ts";
import {
	isExpired,
	MAX_TRANSACTION_BYTES,
	MAX_TRANSACTIONS,
	readTransaction,
	type TransactionSeal,
	transactionBytes,
	writeTransaction,
} from "./transaction-cookies.ts";
import { UsedTransactions } from "./used-transactions.ts";

const NOW = 1_800_000_000;
let seal: TransactionSeal;
beforeAll(async () => {
	seal = {
		ring: await createKeyRing(["secret"]),
		names: (await cookieNames("okta", "https://issuer.example", "client")).ordinary,
	};
});

function transaction(number: number, changes: Partial<LoginTransaction> = {}): LoginTransaction {
	const id = `id${String(number).padStart(14, "0")}`;
	return {
		id,
		provider: "okta",
		issuer: "https://issuer.example",
		state: `${id}.${"s".repeat(24)}`,
		nonce: "n".repeat(24),
		codeVerifier: "v".repeat(43),
		redirectUri: "https://app.example/callback",
		scopes: ["openid", "email", "profile"],
		returnTo: "/notes",
		startedAt: NOW + number,
		...changes,
	};
}

async function begin(requestCookies: Map<string, string>, tx: LoginTransaction): Promise<void> {
	for (const { name, value, maxAge } of await writeTransaction(seal, requestCookies, tx)) {
		if (maxAge === 0) requestCookies.delete(name);
		else requestCookies.set(name, value);
	}
}

describe("transaction cookies", () => {
	it("come back by the state that names them", async () => {
		const requestCookies = new Map<string, string>();
		await begin(requestCookies, transaction(1));
		await begin(requestCookies, transaction(2));
		expect(await readTransaction(seal, requestCookies, transaction(1).state)).toEqual(
			transaction(1),
		);
		expect(await readTransaction(seal, requestCookies, transaction(3).state)).toBeUndefined();
		for (const state of ["", "x", ".", "id00000000000001", "../../x.y", `${"x".repeat(5000)}.y`])
			expect(await readTransaction(seal, requestCookies, state)).toBeUndefined();
	});

	it("cannot stand in for one another", async () => {
		const requestCookies = new Map<string, string>();
		await begin(requestCookies, transaction(1));
		const moved = new Map([
			[seal.names.transactionPrefix + transaction(2).id, [...requestCookies.values()][0] ?? ""],
		]);
		expect(await readTransaction(seal, moved, transaction(2).state)).toBeUndefined();
	});

	it("stay few and small: the oldest go, the newest works", async () => {
		const requestCookies = new Map<string, string>();
		for (let i = 0; i < 100; i++) {
			await begin(
				requestCookies,
				transaction(i, { returnTo: `/deep/${"x".repeat((i * 37) % 900)}` }),
			);
			expect(requestCookies.size).toBeLessThanOrEqual(MAX_TRANSACTIONS);
			expect(transactionBytes(requestCookies, seal.names)).toBeLessThanOrEqual(
				MAX_TRANSACTION_BYTES,
			);
			expect(await readTransaction(seal, requestCookies, transaction(i).state)).toBeDefined();
		}
	});

	it("evict what is expired or damaged first", async () => {
		const requestCookies = new Map<string, string>();
		await begin(requestCookies, transaction(0, { startedAt: NOW - 700 }));
		requestCookies.set(`${seal.names.transactionPrefix}damaged`, "AAAAxxxx");
		await begin(requestCookies, transaction(1));
		expect([...requestCookies.keys()]).toEqual([seal.names.transactionPrefix + transaction(1).id]);
	});

	it("give up a return target that does not fit, not the login", async () => {
		const requestCookies = new Map<string, string>();
		await begin(requestCookies, transaction(1, { returnTo: `/${"x".repeat(1900)}` }));
		expect((await readTransaction(seal, requestCookies, transaction(1).state))?.returnTo).toBe("/");
		expect(
			cookieBytes({
				name: [...requestCookies.keys()][0] ?? "",
				value: [...requestCookies.values()][0] ?? "",
			}),
		).toBeLessThanOrEqual(MAX_TRANSACTION_BYTES);
	});

	it("expire after ten minutes, and do not come from the future", () => {
		const tx = transaction(0);
		expect([NOW - 600, NOW, NOW + 600].map((now) => isExpired(tx, now))).toEqual([
			false,
			false,
			false,
		]);
		expect([NOW - 601, NOW + 601].map((now) => isExpired(tx, now))).toEqual([true, true]);
	});
});

describe("UsedTransactions", () => {
	it("lets each attempt be taken once", () => {
		const used = new UsedTransactions();
		expect([
			used.take("a", NOW),
			used.take("a", NOW),
			used.take("b", NOW),
			used.take("a", NOW + 500),
		]).toEqual([true, false, true, false]);
	});

	it("forgets only what has expired by itself", () => {
		const used = new UsedTransactions();
		used.take("old", NOW);
		used.take("new", NOW + 500);
		used.take("now", NOW + 700);
		expect(used.take("new", NOW + 700)).toBe(false);
	});
});
