import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Auth, Gate, LogEntry } from "../../src/index.ts";
import { consoleLines, expectConsole } from "../support/expect-console.ts";
import { type GateFixture, type Person, startGate } from "../support/gate-fixture.ts";
import type { Listening } from "../support/web-server.ts";
import type { OpenAnswer, Wire } from "../support/wire.ts";

/** How a host is asked about streams. */
export interface StreamHost {
	readonly serve: (gate: Gate<Person>) => Promise<Listening>;
	readonly wire: Wire;
	/** Where it says that a body has failed: in the gate's log, or by itself on the console. */
	readonly logsTo: "gate" | "console";
}

/**
 * So much more than a stream may hold, and the buffers of a loopback connection, that a bound must
 * have been met.
 */
const MANY_CHANGES = 400;
/**
 * As many as strangers may have on one stream, about; their values are more than what a stream may
 * hold.
 */
const TABS = 40;

/** What every host must do with streams, over real connections. */
export function streamBehaviours(host: string, { serve, wire, logsTo }: StreamHost): void {
	describe(`streams on the ${host} host`, () => {
		let fixture: GateFixture;
		let origin: string;
		let size: number;
		let changes: { changed(): void };
		/** How often the value was worked out. */
		let looks = 0;

		function states({ State, computed, topic }: Auth<Person>) {
			const shared = topic("changes");
			changes = shared;
			class Board extends State {
				rows = computed(
					() => {
						looks++;
						return `${looks}:`.padEnd(size, "r");
					},
					{ on: [shared], auth: false, initial: "" },
				);
			}
			return { board: Board };
		}

		const post = (path: string, body: unknown): Promise<OpenAnswer> => {
			const headers = { "content-type": "application/json", origin, "portcullis-request": "1" };
			return wire(origin, "POST", `/_portcullis/${path}`, headers, JSON.stringify(body));
		};
		/** Opens the stream of a browser with so many new tabs, nobody being signed in. */
		const open = async (tabs: number): Promise<OpenAnswer> => {
			const clients: { client: string; rev: number }[] = [];
			for (let i = 0; i < tabs; i++) {
				const hydrated = await post("hydrate", { states: [] });
				await hydrated.isWhole;
				clients.push({ client: /"client":"([^"]+)"/.exec(hydrated.text())?.[1] ?? "", rev: 0 });
			}
			const stream = await post("stream", { clients });
			onTestFinished(() => stream.hangUp());
			expect(stream.status).toBe(200);
			return stream;
		};
		/** How many changes reached a browser. */
		const deltasOf = (answer: OpenAnswer): number =>
			answer.text().split('"type":"delta"').length - 1;
		beforeAll(async () => {
			fixture = await startGate({
				serve,
				gate: (auth) => ({ states: states(auth), pages: { "/": { auth: false } } }),
			});
			origin = fixture.origin.replace("localhost", "127.0.0.1");
		});

		it("lets go of everything when browsers hang up", async () => {
			size = 10;
			const timers = liveTimers();
			const streams = [await open(1), await open(2), await open(3)];
			await expect.poll(() => streams.map(deltasOf)).toEqual([1, 2, 3]);
			expect(timers()).toBeGreaterThan(0);
			for (const stream of streams) stream.hangUp();
			await expect.poll(timers).toBe(0);

			// A topic finds nobody to look for.
			const before = looks;
			changes.changed();
			const other = await open(1);
			await expect.poll(() => deltasOf(other)).toBe(1);
			expect(looks).toBe(before + 1);
			other.hangUp();
			await expect.poll(timers).toBe(0);
		});

		it("sends a browser that reads slowly all that it begins with, however much that is", async () => {
			size = 30_000;
			const stream = await open(TABS);
			stream.pause();
			await turn();
			stream.resume();
			await expect.poll(() => deltasOf(stream), { timeout: 5000 }).toBe(TABS);
			// And what changes for all of its tabs at once.
			changes.changed();
			await expect.poll(() => deltasOf(stream), { timeout: 5000 }).toBe(2 * TABS);
		});

		it("ends the stream of a browser that does not read, before much of it waits", async () => {
			size = 100_000;
			fixture.log.length = 0;
			const timers = liveTimers();
			const stream = await open(1);
			await expect.poll(() => deltasOf(stream)).toBe(1);
			stream.pause();
			let told = 0;
			while (timers() > 0 && ++told < MANY_CHANGES) {
				changes.changed();
				await turn();
			}
			expect(told).toBeLessThan(MANY_CHANGES);
			expect(timers()).toBe(0);
			await expectOneLine(logsTo, fixture.log, /does not read/);
			stream.resume();
			expect(await stream.isWhole).toBe(false);
			// And the next one is served.
			size = 10;
			const next = await open(1);
			await expect.poll(() => deltasOf(next)).toBe(1);
		});
	});
}

/**
 * One line, no more and no less, was written about an answer that failed, where this host writes.
 */
export async function expectOneLine(
	logsTo: StreamHost["logsTo"],
	log: readonly LogEntry[],
	pattern: RegExp,
): Promise<void> {
	if (logsTo === "console") expectConsole("error", pattern);
	const lines = () =>
		logsTo === "console"
			? consoleLines("error")
			: log.filter(({ level }) => level === "error").map(({ cause }) => String(cause));
	await expect.poll(lines).toEqual([expect.stringMatching(pattern)]);
}

/** Resolves when everything that is due now has been done. */
async function turn(): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve));
	await new Promise((resolve) => setImmediate(resolve));
}

/** Counts the intervals that are set from now on, and not cleared. */
function liveTimers(): () => number {
	const live = new Set<unknown>();
	const { setInterval: set, clearInterval: clear } = globalThis;
	const setSpy = vi.spyOn(globalThis, "setInterval").mockImplementation(((
		...args: Parameters<typeof set>
	) => {
		const timer = set(...args);
		live.add(timer);
		return timer;
	}) as typeof set);
	const clearSpy = vi.spyOn(globalThis, "clearInterval").mockImplementation((timer) => {
		live.delete(timer);
		clear(timer as ReturnType<typeof set>);
	});
	onTestFinished(() => {
		setSpy.mockRestore();
		clearSpy.mockRestore();
	});
	return () => live.size;
}
