import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type RedisServer, startRedisServer } from "../../../test/support/redis-server.ts";
import { output } from "../../../test/support/run.ts";
import { packageFolder } from "../../../test/support/source-tree.ts";
import {
	codeOf,
	describeStore,
	increment,
	KEEPING,
	newClient,
	read,
	untilHeard,
	withLease,
	write,
} from "../../../test/support/store-contract.ts";
import type { StateStore } from "../contract.ts";
import { keysOf } from "./lease.ts";
import type { RedisClient, RedisOptions } from "./options.ts";
import { redis } from "./store.ts";

let server: RedisServer;
let admin: ReturnType<typeof createClient>;

beforeAll(async () => {
	server = await startRedisServer();
	admin = createClient({ url: server.url });
	await admin.connect();
});
afterAll(async () => {
	admin?.destroy();
	await server?.close();
});

describeStore("redis", { open: () => redis(server.url), passTime: () => {} });

/** A store as another process would have it; closed after the test. */
function open(options: Partial<RedisOptions> = {}): StateStore {
	const store = redis(options.client ? options : { url: server.url, ...options });
	onTestFinished(() => store.close());
	return store;
}

const PROGRAM = join(packageFolder, "test", "support", "redis-store-process.ts");
const leaseKey = (client: string): string => keysOf("portcullis:", client).lease;

describe("two processes", () => {
	test("see each other's records, and read only what they do not have", async () => {
		const [a, b] = [open(), open()];
		const client = newClient();
		await write(a, client, { a: "1" });
		expect(await read(b, client)).toEqual({ version: 1, entries: { a: "1" } });
		await withLease(b, client, ({ entries }) => expect(entries).toBe(undefined), 1);
		await write(b, client, { a: "2" });
		await withLease(a, client, ({ entries }) => expect(entries?.get("a")).toBe("2"), 1);
		await admin.configResetStat();
		await withLease(a, client, ({ version }) => expect(version).toBe(2), 2);
		expect(await admin.info("commandstats")).not.toContain("hgetall");
	});

	test("with different prefixes do not", async () => {
		const [a, b] = [open(), open({ prefix: "other:" })];
		const client = newClient();
		await write(a, client, { a: "1" });
		await withLease(a, client, async () => expect((await read(b, client)).version).toBe(0));
	});

	test("never work on one client at once", async () => {
		const stores = [open(), open(), open()];
		const client = newClient();
		let working = 0;
		const work = (store: StateStore) =>
			withLease(store, client, async (lease) => {
				expect(++working).toBe(1);
				await lease.commit([], lease.version + 1, KEEPING);
				expect(--working).toBe(0);
			});
		await Promise.all(Array.from({ length: 150 }, (_, i) => work(stores[i % 3] as StateStore)));
		expect((await read(stores[0] as StateStore, client)).version).toBe(150);
	});

	test("let each other in, however busy one of them is", async () => {
		const [busy, other] = [open(), open()];
		const client = newClient();
		let isDone = false;
		const hammer = async () => {
			while (!isDone) await increment(busy, client);
		};
		const hammers = Promise.all([hammer(), hammer(), hammer()]);
		for (let i = 0; i < 20; i++) {
			const start = performance.now();
			await increment(other, client);
			expect(performance.now() - start).toBeLessThan(5000);
		}
		isDone = true;
		await hammers;
	}, 30_000);

	test("that are processes indeed lose nothing of 1,000 interleaved increments", async () => {
		const client = newClient();
		const store = open();
		const other = output(process.execPath, [PROGRAM, server.url, client, "increment", "500"], {
			cwd: packageFolder,
		});
		await vi.waitFor(
			async () => expect((await read(store, client)).version).toBeGreaterThan(0),
			8000,
		);
		for (let i = 0; i < 500; i++) await increment(store, client);
		expect(await other).toContain("done");
		expect(await read(store, client)).toEqual({ version: 1000, entries: { count: "1000" } });
	}, 30_000);

	test("of which one crashes leave its clients locked for no longer than its lease", async () => {
		const client = newClient();
		const child = spawn(process.execPath, [PROGRAM, server.url, client, "hold", "2"], {
			cwd: packageFolder,
		});
		onTestFinished(() => void child.kill("SIGKILL"));
		await once(child.stdout, "data");
		expect(await admin.exists(leaseKey(client))).toBe(1);
		child.kill("SIGKILL");
		await once(child, "close");
		const start = performance.now();
		await increment(open(), client);
		expect(performance.now() - start).toBeLessThan(3500);
	});

	test("hear each other's messages", async () => {
		const [a, b] = [open(), open()];
		const channel = newClient();
		const heard: string[] = [];
		b.subscribe(channel, (message) => heard.push(message));
		await untilHeard(b, channel, heard);
		a.publish(channel, "from a");
		await vi.waitFor(() => expect(heard).toEqual(["from a"]));
	});
});

describe("a lease", () => {
	test("is renewed for as long as it is held", async () => {
		const [a, b] = [open({ leaseTime: 0.6 }), open()];
		const client = newClient();
		await withLease(a, client, async (lease) => {
			let isIn = false;
			const next = withLease(b, client, () => {
				isIn = true;
			});
			await untilPassed(1500);
			expect([isIn, lease.signal.aborted]).toEqual([false, false]);
			await lease.commit([["a", "1"]], 1, KEEPING);
			await lease.release();
			await next;
		});
		expect((await read(b, client)).version).toBe(1);
	});

	test("of a process that was paused for too long cannot be used, though nobody took it meanwhile", async () => {
		const [a, b] = [open({ leaseTime: 0.2 }), open()];
		const client = newClient();
		await write(a, client, { a: "1" });
		await withLease(a, client, async (lease) => {
			const { signal } = lease;
			freeze(400);
			expect(await codeOf(() => lease.commit([["a", "2"]], 2, KEEPING))).toBe("state_conflict");
			expect(signal.aborted).toBe(true);
			expect(signal.reason).toMatchObject({ code: "state_conflict" });
			expect(await codeOf(() => lease.remove())).toBe("state_conflict");
		});
		expect(await read(b, client)).toEqual({ version: 1, entries: { a: "1" } });
	});

	test("that somebody else has taken meanwhile is theirs: a late commit changes nothing, a late release neither", async () => {
		const [a, b, c] = [open(), open(), open()];
		const client = newClient();
		const lost = await a.acquire(client, 0);
		await admin.del(leaseKey(client));
		const theirs = await b.acquire(client, 0);
		expect(await codeOf(() => lost.commit([["a", "lost"]], 1, KEEPING))).toBe("state_conflict");
		expect(await codeOf(() => lost.remove())).toBe("state_conflict");
		await lost.release();
		const next = Promise.resolve(c.acquire(client, 0));
		await theirs.commit([["a", "theirs"]], 1, KEEPING);
		await theirs.release();
		await (await next).release();
		expect((await read(a, client)).entries).toEqual({ a: "theirs" });
	});

	test("that is lost is said to be by its signal", async () => {
		const store = open({ leaseTime: 0.2 });
		const client = newClient();
		await withLease(store, client, async ({ signal }) => {
			await admin.del(leaseKey(client));
			await vi.waitFor(() => expect(signal.aborted).toBe(true), 5000);
		});
		await withLease(store, client, async (lease) => {
			await admin.del(leaseKey(client));
			expect(await codeOf(() => lease.commit([], 1, KEEPING))).toBe("state_conflict");
			expect(lease.signal.aborted).toBe(true);
		});
	});

	test("does not write to a record that was changed by other means", async () => {
		const store = open();
		const client = newClient();
		await write(store, client, { a: "1" });
		await withLease(store, client, async (lease) => {
			await admin.hSet(keysOf("portcullis:", client).record, "v", "7");
			expect(await codeOf(() => lease.commit([["a", "2"]], 8, KEEPING))).toBe("state_conflict");
			expect(await codeOf(() => lease.remove())).toBe("state_conflict");
		});
		expect(await read(store, client)).toEqual({ version: 7, entries: { a: "1" } });
	});

	test("whose release was lost keeps its own process from nothing, and others until it expires", async () => {
		const [a, b] = [open(), open()];
		const client = newClient();
		const lease = await a.acquire(client, 0);
		const token = (await admin.get(leaseKey(client))) as string;
		await lease.release();
		await vi.waitFor(async () => expect(await admin.exists(leaseKey(client))).toBe(0));
		await admin.set(leaseKey(client), token, { PX: 20_000 });
		await increment(a, client);
		await admin.set(leaseKey(client), token, { PX: 600 });
		const start = performance.now();
		await increment(b, client);
		expect(performance.now() - start).toBeGreaterThan(500);
		expect((await read(b, client)).version).toBe(2);
	});

	test("is given back when the store closes", async () => {
		const [a, b] = [redis(server.url), open()];
		const client = newClient();
		const { signal } = await a.acquire(client, 0);
		await a.close();
		expect(signal.aborted).toBe(true);
		const start = performance.now();
		await increment(b, client);
		expect(performance.now() - start).toBeLessThan(5000);
	});

	test("that is given back wakes the process that waits", async () => {
		const [a, b] = [open(), open()];
		const client = newClient();
		const woken: string[] = [];
		const listener = await admin.duplicate().connect();
		onTestFinished(() => listener.destroy());
		await listener.pSubscribe("portcullis:wake:*", (message) => woken.push(message));
		const held = await a.acquire(client, 0);
		const next = Promise.resolve(b.acquire(client, 0));
		await vi.waitFor(async () =>
			expect(await admin.exists(keysOf("portcullis:", client).reservation)).toBe(1),
		);
		await held.release();
		await (await next).release();
		await vi.waitFor(() => expect(woken).toEqual([client]));
	});

	test("leaves nothing behind but the record, which expires", async () => {
		const store = open();
		const client = newClient();
		await write(store, client, { a: "1" });
		const { record, lease, reservation } = keysOf("portcullis:", client);
		await vi.waitFor(async () => expect(await admin.exists([lease, reservation])).toBe(0));
		const ttl = await admin.ttl(record);
		expect(ttl).toBeGreaterThan(86_390);
		expect(ttl).toBeLessThanOrEqual(86_400);
	});
});

describe("when Redis is away", () => {
	test("everything is unavailable, and works again when it is back", async () => {
		const own = await startRedisServer();
		onTestFinished(() => own.close());
		const store = open({ url: own.url, timeout: 0.3, leaseTime: 0.5 });
		const client = newClient();
		await write(store, client, { a: "1" });
		const held = await store.acquire(newClient(), 0);
		const { signal } = held;
		await own.stop();
		expect(await codeOf(() => store.acquire(client, 0))).toBe("state_store_unavailable");
		expect(await codeOf(() => held.commit([["a", "1"]], 1, KEEPING))).toBe(
			"state_store_unavailable",
		);
		await vi.waitFor(() => expect(signal.aborted).toBe(true), 3000);
		await held.release();
		store.publish("channel", "message");
		await own.start();
		await vi.waitFor(() => write(store, client, { b: "2" }), 5000);
		expect(await read(store, client)).toEqual({ version: 1, entries: { b: "2" } });
	});

	test("from the start, the store begins to work when it comes", async () => {
		const own = await startRedisServer();
		onTestFinished(() => own.close());
		await own.stop();
		const store = open({ url: own.url, timeout: 0.3 });
		const heard: string[] = [];
		store.subscribe("channel", (message) => heard.push(message));
		expect(await codeOf(() => store.acquire("client", 0))).toBe("state_store_unavailable");
		await own.start();
		await vi.waitFor(() => write(store, newClient(), { a: "1" }), 5000);
		await untilHeard(store, "channel", heard);
	});

	test("a Redis that hangs is as good as none; what it does later holds up nobody", async () => {
		const own = await startRedisServer();
		onTestFinished(() => own.close());
		const [a, b] = [open({ url: own.url, timeout: 0.3 }), open({ url: own.url, leaseTime: 60 })];
		const client = newClient();
		await increment(a, client);
		await increment(b, client);
		own.pause();
		const start = performance.now();
		expect(await codeOf(() => a.acquire(client, 0))).toBe("state_store_unavailable");
		expect(performance.now() - start).toBeLessThan(4000);
		own.resume();
		await vi.waitFor(() => increment(b, client), 5000);
		await vi.waitFor(() => increment(a, client), 5000);
	});

	test("subscriptions are there again when it is back", async () => {
		const own = await startRedisServer();
		onTestFinished(() => own.close());
		const [a, b] = [open({ url: own.url, timeout: 0.5 }), open({ url: own.url, timeout: 0.5 })];
		const heard: string[] = [];
		b.subscribe("channel", (message) => heard.push(message));
		await untilHeard(b, "channel", heard);
		await own.stop();
		await own.start();
		await untilHeard(a, "channel", heard);
		a.publish("channel", "after");
		await vi.waitFor(() => expect(heard).toEqual(["after"]));
	});

	test("a lost connection loses no subscription", async () => {
		const store = open();
		const channel = newClient();
		const heard: string[] = [];
		store.subscribe(channel, (message) => heard.push(message));
		await untilHeard(store, channel, heard);
		await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
		await untilHeard(store, channel, heard);
	});

	test("scripts that it has forgotten are sent anew", async () => {
		const store = open();
		const client = newClient();
		await increment(store, client);
		await admin.sendCommand(["SCRIPT", "FLUSH"]);
		await increment(store, client);
		expect((await read(store, client)).version).toBe(2);
	});
});

test("a Redis without room says so, and nothing is written", async () => {
	const own = await startRedisServer(["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]);
	onTestFinished(() => own.close());
	const store = open({ url: own.url });
	const client = newClient();
	await write(store, client, { a: "1" });
	const fill = async () => {
		for (let i = 0; i < 1000; i++) await write(store, newClient(), { text: "x".repeat(100_000) });
	};
	expect(await codeOf(fill)).toBe("state_store_full");
	const control = createClient({ url: own.url });
	await control.connect();
	onTestFinished(() => control.destroy());
	const lease = await withRoom(control, () => store.acquire(client, 0));
	const changes = [
		["a", undefined],
		["b", "2"],
	] as const;
	expect(await codeOf(() => lease.commit(changes, 2, KEEPING))).toBe("state_store_full");
	await lease.release();
	expect(await withRoom(control, () => read(store, client))).toEqual({
		version: 1,
		entries: { a: "1" },
	});
});

describe("a client of the app's own", () => {
	test("is used, and left open when the store closes", async () => {
		const store = redis({ client: admin });
		const client = newClient();
		await increment(store, client);
		await store.close();
		expect(await admin.ping()).toBe("PONG");
		expect((await read(open(), client)).version).toBe(1);
	});

	test("is connected if it is not, and closed again; what its answers are made into does not matter", async () => {
		const buffers = { typeMapping: { 36: Buffer } };
		const own = createClient({
			url: server.url,
			RESP: 2,
			keyPrefix: "app:",
			commandOptions: buffers,
		});
		const store = redis({ client: own });
		const client = newClient();
		await write(store, client, { a: "1" });
		const heard: string[] = [];
		store.subscribe(client, (message) => heard.push(message));
		await untilHeard(store, client, heard);
		expect(await read(store, client)).toEqual({ version: 1, entries: { a: "1" } });
		expect(await admin.exists(`app:${keysOf("portcullis:", client).record}`)).toBe(1);
		await store.close();
		expect(own.isOpen).toBe(false);
	});
});

describe("options", () => {
	test("that cannot be meant are refused, all at once", () => {
		const wrong = {
			url: "http://localhost",
			leaseTime: 0,
			timeout: 1000,
			prefix: 1,
			leasetime: 1,
		} as unknown as RedisOptions;
		expect(() => redis(wrong)).toThrow(/no option leasetime.*url.*prefix.*leaseTime.*timeout/s);
		expect(() => redis({})).toThrow(/either url or client/);
		expect(() => redis({ url: server.url, client: admin })).toThrow(/either url or client/);
		expect(() => redis({ client: {} as unknown as RedisClient })).toThrow(
			/no client of the package redis/,
		);
	});

	test.each([
		"redis://user:SECRET%@localhost",
		"redis://user:SECRET@host:port",
		"SECRET",
		"https://:SECRET@localhost",
	])("a URL that is none is not shown: %s", (url) => {
		const error = catchError(() => redis(url));
		expect(error).toMatchObject({ code: "config_invalid" });
		expect(everythingIn(error)).not.toContain("SECRET");
	});

	test("a password that Redis does not take is not shown either", async () => {
		const own = await startRedisServer(["--requirepass", "another"]);
		onTestFinished(() => own.close());
		const store = open({ url: own.url.replace("//", "//:SECRET@"), timeout: 0.5 });
		const error = await Promise.resolve(store.acquire("client", 0)).catch(
			(error: unknown) => error,
		);
		expect(error).toMatchObject({ code: "state_store_unavailable" });
		expect(everythingIn(error)).toContain("WRONGPASS");
		expect(everythingIn(error)).not.toContain("SECRET");
	});
});

test("without the package redis the error says what to install", async () => {
	vi.doMock("redis", () => {
		throw new Error("Cannot find package 'redis'");
	});
	onTestFinished(() => vi.doUnmock("redis"));
	const error = await Promise.resolve(open().acquire("client", 0)).catch((error: unknown) => error);
	expect(error).toMatchObject({ code: "state_store_unavailable", reason: "package_missing" });
	expect(String(error)).toContain("npm install redis");
});

/** Stops this process, as a virtual machine that is moved does: no timer runs, nothing is read. */
function freeze(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Time in which something must not happen cannot be awaited otherwise. */
function untilPassed(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Runs `work` while Redis may take more. */
async function withRoom<T>(
	control: { configSet(name: string, value: string): Promise<unknown> },
	work: () => T | Promise<T>,
): Promise<T> {
	await control.configSet("maxmemory", "100mb");
	const result = await work();
	await control.configSet("maxmemory", "1mb");
	return result;
}

function catchError(call: () => unknown): unknown {
	try {
		call();
	} catch (error) {
		return error;
	}
	throw new Error("nothing was thrown");
}

/** All that a log could show of an error. */
function everythingIn(error: unknown): string {
	if (!(error instanceof Error)) return JSON.stringify(error) ?? String(error);
	const own = Object.getOwnPropertyNames(error).map(
		(name) => (error as unknown as Record<string, unknown>)[name],
	);
	return [
		String(error),
		...own.map((value) => (value instanceof Error ? everythingIn(value) : JSON.stringify(value))),
	].join("\n");
}
