// The load of the state benchmark, in a process of its own: does what its parent sends, one job
// after the other.
import { connect } from "node:net";
import { requestHead, WireConnection } from "./state-connection.ts";
import { Tab, type TabServer } from "./state-tab.ts";

/** What the parent may send. */
export type StateJob =
	/** Tabs that send an event as soon as the one before is answered, for so many seconds. */
	| {
			readonly kind: "events";
			readonly server: TabServer;
			readonly isBare: boolean;
			readonly seconds: number;
	  }
	/** So many hydrates of one state, over as many connections. */
	| {
			readonly kind: "hydrates";
			readonly server: TabServer;
			readonly state: string;
			readonly isKnown: boolean;
			readonly count: number;
	  }
	/** So many tabs that hydrate, send one event and are never heard of again. */
	| { readonly kind: "tabs"; readonly server: TabServer; readonly count: number }
	/** A tab with an open stream for each cookie. */
	| { readonly kind: "streams"; readonly port: number; readonly cookies: readonly string[] }
	/** Waits until every stream has brought the change with this number. */
	| { readonly kind: "change"; readonly count: number };

/** What came of events; 0 for other jobs. */
export interface StateLoad {
	readonly requests: number;
	readonly seconds: number;
	/** Milliseconds from request to answer. */
	readonly p50: number;
	readonly p99: number;
}

const CONNECTIONS = 50;
const NOTHING: StateLoad = { requests: 0, seconds: 0, p50: 0, p99: 0 };

const openTabs = new Map<number, Tab[]>();
/** The last change that each stream has brought. */
const arrived: number[] = [];
let onArrival: (() => void) | undefined;

process.on("message", async (job: StateJob) => process.send?.(await run(job)));
process.on("disconnect", () => process.exit(0));

async function run(job: StateJob): Promise<StateLoad> {
	switch (job.kind) {
		case "events":
			return sendEvents(job.server, job.isBare, job.seconds);
		case "hydrates":
			return sendHydrates(job);
		case "tabs":
			return visit(job.server, job.count);
		case "streams":
			return openStreams(job.port, job.cookies);
		case "change":
			return awaitChange(job.count);
	}
}

async function sendEvents(server: TabServer, isBare: boolean, seconds: number): Promise<StateLoad> {
	const tabs = openTabs.get(server.port) ?? (await openTabsOf(server, isBare));
	openTabs.set(server.port, tabs);
	const latencies: number[] = [];
	const started = performance.now();
	const end = started + seconds * 1000;
	const awake = stayAwake();
	await Promise.all(
		tabs.map(async (tab) => {
			for (let sentAt = performance.now(); sentAt < end; ) {
				await tab.saveDraft();
				const now = performance.now();
				latencies.push(now - sentAt);
				sentAt = now;
			}
		}),
	);
	awake.stop();
	latencies.sort((a, b) => a - b);
	const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
	return {
		requests: latencies.length,
		seconds: (performance.now() - started) / 1000,
		p50: at(0.5),
		p99: at(0.99),
	};
}

/**
 * Keeps this process from sleeping. Writing to a process on the same machine that sleeps costs the
 * writer twice as much, since it has to wake it: the slower of two servers would pay for finding
 * the load asleep, which the faster one never does.
 */
function stayAwake(): { stop(): void } {
	let next = setImmediate(function spin() {
		next = setImmediate(spin);
	});
	return { stop: () => clearImmediate(next) };
}

async function openTabsOf(server: TabServer, isBare: boolean): Promise<Tab[]> {
	const tabs = Array.from(
		{ length: CONNECTIONS },
		() => new Tab(new WireConnection(server.port), server),
	);
	if (!isBare) await Promise.all(tabs.map((tab) => tab.hydrate("notes", false)));
	return tabs;
}

async function sendHydrates({
	server,
	state,
	isKnown,
	count,
}: StateJob & { kind: "hydrates" }): Promise<StateLoad> {
	const connections = Array.from({ length: CONNECTIONS }, () => new WireConnection(server.port));
	const started = performance.now();
	let left = count;
	await Promise.all(
		connections.map(async (connection) => {
			const tab = new Tab(connection, server);
			for (let isFirst = true; left-- > 0; isFirst = false)
				await tab.hydrate(state, isKnown && !isFirst);
			connection.close();
		}),
	);
	return { ...NOTHING, requests: count, seconds: (performance.now() - started) / 1000 };
}

async function visit(server: TabServer, count: number): Promise<StateLoad> {
	const connections = Array.from({ length: CONNECTIONS }, () => new WireConnection(server.port));
	let left = count;
	await Promise.all(
		connections.map(async (connection) => {
			while (left-- > 0) {
				const tab = new Tab(connection, server);
				await tab.hydrate("notes", false);
				await tab.saveDraft();
			}
			connection.close();
		}),
	);
	return { ...NOTHING, requests: 2 * count };
}

async function openStreams(port: number, cookies: readonly string[]): Promise<StateLoad> {
	const connection = new WireConnection(port);
	for (const cookie of cookies) {
		const tab = new Tab(connection, { port, cookie, eventPath: "" });
		await tab.hydrate("notes", false);
		await openStream(port, cookie, tab);
	}
	connection.close();
	return { ...NOTHING, requests: cookies.length };
}

/** Resolves when the server has said that the stream is open. */
function openStream(port: number, cookie: string, { client, rev }: Tab): Promise<void> {
	const index = arrived.push(0) - 1;
	const body = JSON.stringify({ clients: [{ client, rev, states: ["notes"] }] });
	const socket = connect({ port, host: "127.0.0.1", noDelay: true });
	socket.setEncoding("latin1");
	socket.write(
		`${requestHead(port, "/_portcullis/stream", cookie)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
	);
	let unread = "";
	return new Promise((resolve, reject) => {
		socket.on("error", reject);
		socket.on("close", () => {
			throw new Error("The server closed a stream");
		});
		socket.on("data", (data: unknown) => {
			const lines = (unread + (data as string)).split("\n");
			unread = lines.pop() ?? "";
			for (const line of lines) {
				if (line.includes('"type":"open"')) resolve();
				if (line.includes('"type":"stale"')) throw new Error(`A stream said ${line}`);
				const change = /change (\d+);/.exec(line)?.[1];
				if (change === undefined) continue;
				arrived[index] = Number(change);
				onArrival?.();
			}
		});
	});
}

function awaitChange(count: number): Promise<StateLoad> {
	return new Promise((resolve) => {
		onArrival = () => {
			if (arrived.every((last) => last >= count)) resolve({ ...NOTHING, requests: arrived.length });
		};
		onArrival();
	});
}
