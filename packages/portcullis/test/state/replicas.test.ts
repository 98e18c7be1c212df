import { afterAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Auth, Generic, portcullis, type UserClaims } from "../../src/index.ts";
import { redis } from "../../src/redis.ts";
import { type Person, SECRET, startGate } from "../support/gate-fixture.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";
import { listenFetch } from "../support/web-server.ts";

const notes: string[] = [];

function board<U extends UserClaims>({ State, field, computed, event, topic }: Auth<U>) {
	const changes = topic("notes");
	class Board extends State {
		log = field<string[]>([]);
		count = field(0);
		notes = computed(() => [...notes], { on: [changes], initial: [] });
		add = event({ input: z.string() }, async ({ input: text }) => {
			// Time enough for the other replica to do something of its own.
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
			this.log.value = [...this.log.value, text];
			this.count.value++;
			return this.count.value;
		});
		publish = event({ input: z.string() }, ({ input: text }) => {
			notes.push(text);
			changes.changed();
		});
	}
	return { board: Board };
}

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
	for (const close of closing.toReversed()) await close();
});

/**
 * Two gates of one app that share a Redis and a secret, as two processes would, and somebody who is
 * signed in.
 */
async function startReplicas() {
	const server: RedisServer = await startRedisServer();
	closing.push(() => server.close());
	const one = await startGate({
		auth: { store: redis(server.url) },
		gate: (auth: Auth<Person>) => ({ states: board(auth) }),
	});
	closing.push(() => one.gate.close());
	const auth = portcullis({
		providers: [Generic],
		secret: SECRET,
		platform: { env: one.idp.env, log: (entry) => one.log.push(entry) },
		store: redis(server.url),
	});
	const other = auth.gate({ states: board(auth) });
	closing.push(() => other.close());
	const { origin } = await listenFetch((request) =>
		other.handle(request, () => new Response("other")),
	);
	const browser = new ScriptedBrowser();
	await one.signIn(browser);
	return { server, browser, origins: [one.origin, origin] as const, log: one.log };
}

/** The tab's next request goes to another replica. */
function moveTo(tab: StateTab, origin: string): StateTab {
	return Object.assign(tab, { origin });
}

test("interleaved events of one client on two replicas lose nothing and keep their order", async () => {
	const { browser, origins } = await startReplicas();
	const tab = new StateTab(origins[0], browser);
	await tab.hydrate();
	const texts = Array.from({ length: 100 }, (_, i) => `note ${i}`);
	const answers: Promise<unknown>[] = [];
	for (const [i, text] of texts.entries()) {
		moveTo(tab, origins[i % 2 === 0 ? 0 : 1]);
		const request = tab.request("board.add", text, { seq: i + 1 });
		const sent = tab.post("event", request).then((response) => response.text());
		answers.push(sent.then((body) => expect(body).toContain('"status":"ok"')));
		// Pairs are under way at once, each on its own replica.
		if (i % 2 === 1) await Promise.all(answers);
	}
	for (const origin of origins) {
		const fresh = moveTo(new StateTab(origin, browser), origin);
		fresh.client = tab.client;
		await fresh.hydrate();
		expect(fresh.values["board.log"]).toEqual(texts);
		expect(fresh.values["board.count"]).toBe(100);
	}
});

test("a tab that changes the replica with each event always sees what is there", async () => {
	const { browser, origins } = await startReplicas();
	const tab = new StateTab(origins[0], browser);
	await tab.hydrate();
	for (let i = 1; i <= 20; i++) {
		moveTo(tab, origins[i % 2 === 0 ? 0 : 1]);
		expect((await tab.send("board.add", `note ${i}`)).value).toBe(i);
		expect(tab.values["board.count"]).toBe(i);
	}
});

test("a topic and the end of a session reach the streams of every replica", async () => {
	const { browser, origins } = await startReplicas();
	const watcher = new StateTab(origins[1], browser);
	await watcher.hydrate();
	const stream = await watcher.stream();
	const writer = new StateTab(origins[0], browser);
	await writer.hydrate();
	await writer.send("board.publish", "from the other replica");
	await vi.waitFor(() => expect(watcher.values["board.notes"]).toContain("from the other replica"));
	const logout = await fetch(`${origins[0]}/logout`, { method: "POST", headers: writer.headers() });
	expect(logout.status).toBe(200);
	await stream.ended;
	expect(stream.lines.at(-1)).toEqual({ type: "session" });
});

test("while Redis is away events are refused with a reason, and go on when it is back", async () => {
	const { server, browser, origins } = await startReplicas();
	const tab = new StateTab(origins[0], browser);
	await tab.hydrate();
	await tab.send("board.add", "before");
	await server.stop();
	const refused = await tab.send("board.add", "lost");
	expect([refused.status, refused.problem?.code]).toEqual([503, "state_store_unavailable"]);
	await server.start();
	await vi.waitFor(async () => {
		await tab.hydrate();
		expect((await tab.send("board.add", "after")).outcome).toMatchObject({ status: "ok" });
	}, 10_000);
	expect(tab.values["board.log"]).toEqual(["after"]);
}, 20_000);
