import { expect, test } from "vitest";
import { memory } from "../../store/memory/store.ts";
import type { Caller } from "../caller.ts";
import { TabHost } from "./tab-host.ts";

let now = 1_800_000_000_000;

function openHost(): TabHost {
	const registry = undefined as never;
	const deps = { registry, now: () => now, isDevelopment: false, onFailed() {}, onDropped() {} };
	return new TabHost(memory(), deps);
}

function callerOf(owner: string, person?: string): Caller {
	return {
		owner,
		person,
		user: undefined,
		expiresAt: 0,
		order: 0,
		request: undefined as never,
		address: undefined,
	};
}

const ANONYMOUS = callerOf("");
const ADA = callerOf("session of ada", "https://idp ada");
const BOB = callerOf("session of bob", "https://idp bob");
const PROGRAM = callerOf("bearer 1");

test.each([
	["anonymous callers", ANONYMOUS, 5000],
	["programs", PROGRAM, 1000],
	["one session", BOB, 500],
])("instances of %s are bounded together, and push out nobody else's", (_, caller, most) => {
	const host = openHost();
	host.unpin(host.pin("ada's", ADA));
	for (let i = 0; i < most + 300; i++) host.unpin(host.pin(`client ${i}`, caller));
	expect(host.size).toBe(most + 1);
	expect(host.find("ada's")).toBeDefined();
	expect([host.find("client 0"), host.find("client 299")]).toEqual([undefined, undefined]);
	expect(host.find("client 300")).toBeDefined();
});

test("what is on a stream stays, and what is behind it goes", () => {
	const host = openHost();
	const pinned = Array.from({ length: 300 }, (_, i) => host.pin(`pinned ${i}`, ADA));
	for (let i = 0; i < 1000; i++) host.unpin(host.pin(`client ${i}`, ADA));
	for (const { id } of pinned) expect(host.find(id)).toBeDefined();
	expect(host.size).toBeLessThanOrEqual(510);
});

test("a tab counts with the session that it belongs to now", () => {
	const host = openHost();
	for (let i = 0; i < 400; i++) host.unpin(host.pin(`client ${i}`, ANONYMOUS));
	for (let i = 0; i < 400; i++) host.unpin(host.pin(`client ${i}`, ADA));
	for (let i = 400; i < 900; i++) host.unpin(host.pin(`client ${i}`, BOB));
	expect(host.size).toBe(900);
	for (let i = 0; i < 600; i++) host.unpin(host.pin(`client ${i}`, ADA));
	expect(host.size).toBeLessThanOrEqual(500 + 300);
});

test("what was used longest ago goes first", () => {
	const host = openHost();
	for (let i = 0; i < 500; i++) host.unpin(host.pin(`client ${i}`, ADA));
	now += 2000;
	host.unpin(host.pin("client 0", ADA));
	host.unpin(host.pin("new", ADA));
	expect([host.find("client 0") === undefined, host.find("client 1") === undefined]).toEqual([
		false,
		true,
	]);
});
