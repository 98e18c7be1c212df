import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { ClaimLimits } from "../../src/app/routes/claim-limits.ts";
import type { Gate } from "../../src/index.ts";
import { AUDIENCE, accessToken } from "../support/access-token.ts";
import { allCookies, startGate } from "../support/gate-fixture.ts";
import { hand, handState, type ReadStream, readStream } from "../support/in-process.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// What callers of whom nobody knows anything, or one person alone, can take of a process: streams,
// tabs on them, values that are worked out, handlers that go on. All of it is counted by network,
// session and process.

async function startLimited() {
	const looks = { count: 0 };
	const doors: (() => void)[] = [];
	const fixture = await startGate({
		gate: ({ State, computed, event, topic }) => {
			const rows = topic("rows");
			class Board extends State {
				rows = computed(() => ++looks.count, { on: [rows], initial: 0, auth: false });
				change = event({ auth: false }, () => rows.changed());
				wait = event(
					{ auth: false, background: true, input: z.string() },
					() => new Promise<void>((open) => doors.push(open)),
				);
			}
			return { states: { board: Board } };
		},
	});
	onTestFinished(async () => {
		for (const open of doors) open();
		await fixture.gate.close();
	});
	const { gate, origin } = fixture;
	const streams: ReadStream[] = [];
	onTestFinished(
		async () => void (await Promise.all(streams.map((stream) => stream.cancel().catch(() => {})))),
	);
	const open = async (
		tabs: number,
		sent: { address?: string; cookie?: string } = {},
	): Promise<ReadStream> => {
		const clients = Array.from({ length: tabs }, (_, i) => ({ client: `none ${i}`, rev: 0 }));
		const { address, cookie } = sent;
		const response = await handState(
			gate as Gate,
			origin,
			"stream",
			{ clients },
			{ address, headers: cookie ? { cookie } : {} },
		);
		const stream = readStream(response);
		streams.push(stream);
		return stream;
	};
	const ended = async (): Promise<number> => {
		await settle();
		return streams.filter(({ isEnded }) => isEnded).length;
	};
	const signedIn = async (): Promise<string> => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		return allCookies(browser);
	};
	return { ...fixture, gate: gate as Gate, looks, open, ended, signedIn };
}

/** Whatever is ready to run has run. */
async function settle(): Promise<void> {
	for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

test.each([
	["addresses of one /64", (i: number) => `2001:db8:1:2:${i.toString(16)}::1`],
	[
		"one address in many spellings",
		(i: number) => ["2001:db8::1", "2001:DB8:0::1", "2001:0db8:0:0:0:0:0:1"][i % 3] ?? "",
	],
	["an IPv4 address, also as IPv6", (i: number) => (i % 2 ? "203.0.113.7" : "::ffff:203.0.113.7")],
])("anonymous streams are counted by network: %s", async (_, addressOf) => {
	const { open, ended } = await startLimited();
	for (let i = 0; i < 40; i++) await open(1, { address: addressOf(i) });
	await open(1, { address: "198.51.100.1" });
	expect(await ended()).toBe(8);
});

test("where the host knows no address, tabs on anonymous streams are counted for the process", async () => {
	const { gate, origin, ended } = await startLimited();
	const streams: ReadStream[] = [];
	const body = JSON.stringify({
		clients: Array.from({ length: 50 }, (_, i) => ({ client: `none ${i}`, rev: 0 })),
	});
	const headers = { "content-type": "application/json", origin, "portcullis-request": "1" };
	for (let i = 0; i < 90; i++) {
		const request = new Request(`${origin}/_portcullis/stream`, { method: "POST", headers, body });
		streams.push(readStream(await gate.handle(request, () => new Response())));
	}
	await ended();
	expect(streams.map(({ isEnded }) => isEnded)).toEqual(streams.map((_, i) => i < 10));
	await Promise.all(streams.map((stream) => stream.cancel()));
});

test("callers behind a proxy that is not named are many: they do not share what one may have", async () => {
	const { open, ended } = await startLimited();
	for (let i = 0; i < 120; i++)
		await open(20, { address: ["10.1.1.1", "127.0.0.1", "fd00::1"][i % 3] ?? "" });
	expect(await ended()).toBe(0);
});

test("who has many networks of one site takes the place of no other site's tabs", async () => {
	const { open, ended } = await startLimited();
	const others: ReadStream[] = [];
	for (let i = 0; i < 20; i++) others.push(await open(2, { address: `198.51.100.${i}` }));
	for (let i = 0; i < 4000; i++) await open(1, { address: `2001:db8:1:${i.toString(16)}::1` });
	expect(await ended()).toBe(40);
	expect(others.filter(({ isEnded }) => isEnded)).toEqual([]);
});

test("an anonymous stream looks after 50 tabs, however many it names", async () => {
	const { open } = await startLimited();
	const stream = await open(200, { address: "203.0.113.7" });
	await settle();
	expect(stream.lines.filter(({ type }) => type === "stale").length).toBe(50);
});

test("one session has 32 streams with 400 tabs on them, and another one its own", async () => {
	const { open, ended, signedIn } = await startLimited();
	const [ada, second] = [await signedIn(), await signedIn()];
	const small = await open(1, { cookie: second });
	for (let i = 0; i < 4; i++) await open(200, { cookie: ada });
	expect(await ended()).toBe(2);
	for (let i = 0; i < 40; i++) await open(1, { cookie: second });
	expect(small.isEnded).toBe(true);
	expect(await ended()).toBe(2 + 9);
});

test("where the process has no room for more anonymous tabs, who has the most gives way, not who came first", async () => {
	const { open, ended } = await startLimited();
	const first = await open(1, { address: "198.51.100.1" });
	for (let network = 0; network < 12; network++)
		for (let i = 0; i < 8; i++) await open(50, { address: `2001:db8:${network}::1` });
	expect(await ended()).toBeGreaterThanOrEqual(16);
	expect(first.isEnded).toBe(false);
});

test("tabs that moved to a newer stream do not count on the older one", async () => {
	const { gate, origin, ended, signedIn } = await startLimited();
	const cookie = await signedIn();
	const clients: { client: string; rev: number }[] = [];
	for (let i = 0; i < 150; i++) {
		const response = await handState(
			gate,
			origin,
			"hydrate",
			{ states: [] },
			{ headers: { cookie } },
		);
		clients.push({ client: ((await response.json()) as { client: string }).client, rev: 0 });
	}
	const streams = [];
	for (let i = 0; i < 6; i++)
		streams.push(
			readStream(await handState(gate, origin, "stream", { clients }, { headers: { cookie } })),
		);
	await ended();
	expect(streams.filter(({ isEnded }) => isEnded).length).toBe(0);
	await Promise.all(streams.map((stream) => stream.cancel()));
});

test("streams that one tab was moved to again and again all count", async () => {
	const { gate, origin, ended } = await startLimited();
	const headers = { "content-type": "application/json", origin, "portcullis-request": "1" };
	const ask = (path: string, body: unknown) =>
		gate.handle(
			new Request(`${origin}/_portcullis/${path}`, {
				method: "POST",
				headers,
				body: JSON.stringify(body),
			}),
			() => new Response(),
		);
	const { client } = (await (await ask("hydrate", { states: [] })).json()) as { client: string };
	const streams: ReadStream[] = [];
	onTestFinished(
		async () => void (await Promise.all(streams.map((stream) => stream.cancel().catch(() => {})))),
	);
	for (let i = 0; i < 4010; i++)
		streams.push(readStream(await ask("stream", { clients: [{ client, rev: 0 }] })));
	await ended();
	expect(streams.filter(({ isEnded }) => isEnded).length).toBe(10);
	expect(streams.findLastIndex(({ isEnded }) => isEnded)).toBe(9);
});

test("one event makes no more than the tabs of one session be looked at, 50 of them at a time", async () => {
	const { gate, origin, looks, signedIn } = await startLimited();
	const cookie = await signedIn();
	const streams: ReadStream[] = [];
	let client = "";
	for (let s = 0; s < 5; s++) {
		const clients: { client: string; rev: number }[] = [];
		for (let i = 0; i < 100; i++) {
			const response = await handState(
				gate,
				origin,
				"hydrate",
				{ states: ["board"] },
				{ headers: { cookie } },
			);
			client = ((await response.json()) as { client: string }).client;
			clients.push({ client, rev: 0 });
		}
		streams.push(
			readStream(await handState(gate, origin, "stream", { clients }, { headers: { cookie } })),
		);
	}
	const isQuiet = async () => {
		for (let before = -1; before !== looks.count; ) {
			before = looks.count;
			for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve));
		}
	};
	await isQuiet();
	looks.count = 0;
	let most = 0;
	let seen = 0;
	let isOver = false;
	const watch = () => {
		most = Math.max(most, looks.count - seen);
		seen = looks.count;
		if (!isOver) setImmediate(watch);
	};
	setImmediate(watch);
	const event = {
		client,
		epoch: 0,
		rev: 0,
		seq: 1,
		id: crypto.randomUUID(),
		state: "board",
		event: "change",
		states: ["board"],
	};
	expect((await handState(gate, origin, "event", event, { headers: { cookie } })).status).toBe(200);
	await isQuiet();
	isOver = true;
	expect(streams.map(({ isEnded }) => isEnded)).toEqual([true, false, false, false, false]);
	expect(looks.count).toBeGreaterThan(300);
	// The event's own look is one more.
	expect(looks.count).toBeLessThanOrEqual(401);
	expect(most).toBeLessThanOrEqual(51);
	await Promise.all(streams.map((stream) => stream.cancel()));
});

test("values are asked for 1,200 times a minute by one network, and by one session", async () => {
	const { gate, origin, clock, signedIn } = await startLimited();
	const cookie = await signedIn();
	const limited = async (ask: (i: number) => Promise<Response>): Promise<number> => {
		let count = 0;
		for (let i = 0; i < 1300; i++) {
			const response = await ask(i);
			if (response.status !== 429) continue;
			expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
			count++;
		}
		return count;
	};
	const ask = (address: string | undefined, headers = {}) =>
		handState(gate, origin, "hydrate", { states: [] }, { address, headers });
	vi.useFakeTimers({ toFake: ["Date"] });
	onTestFinished(() => void vi.useRealTimers());
	expect(await limited((i) => ask(`2001:db8:1:2:${i.toString(16)}::1`))).toBe(100);
	expect((await ask("2001:db8:1:3::1")).status).toBe(200);
	expect(await limited(() => ask("2001:db8:1:4::1", { cookie }))).toBe(100);
	expect(await limited(() => ask(undefined))).toBe(0);
	clock.ahead += 60;
	expect((await ask("2001:db8:1:2::1")).status).toBe(200);
	expect((await ask("2001:db8:1:4::1", { cookie })).status).toBe(200);
});

test("values are asked for 1,200 times a minute by the programs of one subject", async () => {
	const fixture = await startGate({
		auth: { http: { bearer: { audience: AUDIENCE } } },
		gate: ({ State, computed }) => {
			class Board extends State {
				rows = computed(() => 1, { initial: 0 });
			}
			return { states: { board: Board } };
		},
	});
	const ask = (sub: string) => {
		const headers = { authorization: `Bearer ${accessToken(fixture, { claims: { sub } })}` };
		return handState(
			fixture.gate as unknown as Gate,
			fixture.origin,
			"hydrate",
			{ states: ["board"] },
			{ headers },
		);
	};
	vi.useFakeTimers({ toFake: ["Date"] });
	onTestFinished(() => void vi.useRealTimers());
	let limited = 0;
	for (let i = 0; i < 1250; i++) if ((await ask("reporter")).status === 429) limited++;
	expect(limited).toBe(50);
	expect((await ask("another")).status).toBe(200);
	await fixture.gate.close();
});

test("handlers that go on in the background are counted by network, and by session", async () => {
	const { gate, origin, signedIn } = await startLimited();
	const cookie = await signedIn();
	let asked = 0;
	const begin = async (headers: Record<string, string>): Promise<number> => {
		let begun = 0;
		for (let tab = 0; tab < 9; tab++) {
			const address = `2001:db8:7:7:${(++asked).toString(16)}::1`;
			const sent = { headers, address };
			const { client } = (await (await handState(gate, origin, "hydrate", {}, sent)).json()) as {
				client: string;
			};
			for (let seq = 1; seq <= 32; seq++) {
				const call = {
					epoch: 0,
					rev: 0,
					seq,
					id: crypto.randomUUID(),
					state: "board",
					event: "wait",
					payload: "x",
				};
				const { status } = await handState(
					gate,
					origin,
					"event",
					{ client, ...call, states: [] },
					sent,
				);
				if (status === 429) break;
				begun++;
			}
		}
		return begun;
	};
	for (const headers of [{}, { cookie }]) expect(await begin(headers)).toBe(256);
});

test("handlers in the background of one site leave room for others", async () => {
	const { gate, origin } = await startLimited();
	const begin = async (address: string): Promise<number> => {
		const { client } = (await (
			await handState(gate, origin, "hydrate", {}, { address })
		).json()) as { client: string };
		for (let seq = 1; ; seq++) {
			const call = {
				epoch: 0,
				rev: 0,
				seq,
				id: crypto.randomUUID(),
				state: "board",
				event: "wait",
				payload: "x",
			};
			const { status } = await handState(
				gate,
				origin,
				"event",
				{ client, ...call, states: [] },
				{ address },
			);
			if (status === 429) return seq - 1;
		}
	};
	let begun = 0;
	for (let i = 0; i < 34; i++) begun += await begin(`2001:db8:1:${i.toString(16)}::1`);
	expect(begun).toBe(1024);
	expect(await begin("2001:db8:2::1")).toBe(32);
});

test("claims are counted by network: one has no more of them for having many addresses", () => {
	const limits = new ClaimLimits(() => 0);
	let taken = 0;
	for (let i = 0; i < 10_000; i++)
		if (limits.takeAddress(`2001:db8:1:2::${i.toString(16)}`)) taken++;
	expect(taken).toBe(300);
	expect(limits.takeAddress("2001:db8:1:3::1")).toBe(true);
	for (let i = 0; i < 20_000; i++)
		if (limits.takeAddress(`2001:db8:1:${i.toString(16)}::1`)) taken++;
	expect(taken).toBeLessThanOrEqual(300 * 17);
	expect(limits.takeAddress("2001:db8:2::1")).toBe(true);
	// All of whom no address is known have more of them, since they are many.
	let everybody = 0;
	for (let i = 0; i < 10_000; i++) if (limits.takeAddress(undefined)) everybody++;
	expect(everybody).toBe(3000);
});

test("a page behind the guard is still there for those who are let in, while the limits hold", async () => {
	const { gate, origin, open, signedIn } = await startLimited();
	const cookie = await signedIn();
	for (let i = 0; i < 40; i++) await open(1, { address: "203.0.113.7" });
	expect((await hand(gate, `${origin}/private`, { headers: { cookie } })).status).toBe(204);
});
