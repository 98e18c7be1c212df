import { unflatten } from "devalue";
import type {
	EventLine,
	EventOutcome,
	EventRequest,
	PageDecision,
	Snapshot,
	StateDelta,
	StateProblem,
	StreamLine,
} from "../../src/wire/state.ts";
import type { ScriptedBrowser } from "./scripted-browser.ts";

/** How a call ended, with everything that was said on the way. */
export interface Sent {
	readonly status: number;
	readonly headers: Headers;
	/** The whole body. */
	readonly text: string;
	readonly lines: readonly EventLine[];
	readonly outcome: EventOutcome | undefined;
	readonly problem: StateProblem | undefined;
	/** Of an outcome that is ok. */
	readonly value: unknown;
}

/**
 * A tab as the server sees it, without any of the client's code: says what the contract says, and
 * on request what it forbids.
 */
export class StateTab {
	readonly origin: string;
	readonly browser: ScriptedBrowser | undefined;
	client = "";
	epoch = 0;
	rev = 0;
	seq = 0;
	values: Record<string, unknown> = {};
	withheld = new Set<string>();
	readonly #revs = new Map<string, number>();
	snapshot: Snapshot | undefined;

	/** @param browser Whose cookies it has; without one nobody is signed in. */
	constructor(origin: string, browser?: ScriptedBrowser) {
		this.origin = origin;
		this.browser = browser;
	}

	headers(extra: Record<string, string> = {}): Record<string, string> {
		const cookie = [...(this.browser?.jar ?? [])]
			.map(([name, { value }]) => `${name}=${value}`)
			.join("; ");
		return {
			"Content-Type": "application/json",
			"Portcullis-Request": "1",
			Origin: this.origin,
			...(cookie === "" ? {} : { Cookie: cookie }),
			...extra,
		};
	}

	post(endpoint: string, body: unknown, init: RequestInit = {}): Promise<Response> {
		return fetch(`${this.origin}/_portcullis/${endpoint}`, {
			method: "POST",
			headers: this.headers(),
			body: typeof body === "string" ? body : JSON.stringify(body),
			...init,
		});
	}

	async hydrate(options: { states?: readonly string[]; path?: string } = {}): Promise<Snapshot> {
		const response = await this.post("hydrate", {
			...(this.client ? { client: this.client } : {}),
			...options,
		});
		if (!response.ok) throw new Error(`hydrate: ${response.status} ${await response.text()}`);
		const snapshot = (await response.json()) as Snapshot;
		this.snapshot = snapshot;
		// Under a new name events are counted anew.
		if (this.client !== snapshot.client) this.seq = 0;
		this.client = snapshot.client;
		this.epoch = snapshot.epoch;
		this.apply(snapshot, options.states);
		return snapshot;
	}

	async decide(path: string): Promise<PageDecision | undefined> {
		return (await this.hydrate({ path, states: [] })).page;
	}

	request(event: string, payload?: unknown, extra: Partial<EventRequest> = {}): EventRequest {
		const [state = "", name = ""] = event.split(".");
		const { client, epoch, rev } = this;
		return {
			client,
			epoch,
			rev,
			seq: this.seq + 1,
			id: crypto.randomUUID(),
			state,
			event: name,
			payload,
			...extra,
		};
	}

	async send(event: string, payload?: unknown, extra: Partial<EventRequest> = {}): Promise<Sent> {
		return this.sendRequest(this.request(event, payload, extra));
	}

	async sendRequest(request: EventRequest): Promise<Sent> {
		const response = await this.post("event", request);
		const text = await response.text();
		const isProblem = response.headers.get("content-type") === "application/problem+json";
		const lines = isProblem
			? []
			: (text
					.split("\n")
					.filter(Boolean)
					.map((line) => JSON.parse(line)) as EventLine[]);
		for (const line of lines) {
			if (line.type !== "delta") continue;
			this.epoch = line.epoch;
			this.apply(line.delta, request.states);
		}
		// A refused event does not use up its place.
		if (response.ok) this.seq = Math.max(this.seq, request.seq);
		const outcome = lines.find((line) => line.type === "outcome")?.outcome;
		return {
			status: response.status,
			headers: response.headers,
			text,
			lines,
			outcome,
			problem: isProblem ? JSON.parse(text) : undefined,
			value: outcome?.status === "ok" ? unflatten(outcome.value as never) : undefined,
		};
	}

	/** Opens a stream for this tab alone and applies what it says. */
	async stream(): Promise<{
		readonly lines: StreamLine[];
		readonly ended: Promise<void>;
		close(): void;
	}> {
		const abort = new AbortController();
		const body = { clients: [{ client: this.client, rev: this.rev }] };
		const response = await this.post("stream", body, { signal: abort.signal });
		if (!response.ok || !response.body)
			throw new Error(`stream: ${response.status} ${await response.text()}`);
		const lines: StreamLine[] = [];
		const ended = this.#read(response.body, lines).catch((error: unknown) => {
			if (!abort.signal.aborted) throw error;
		});
		return { lines, ended, close: () => abort.abort() };
	}

	/**
	 * Each value is replaced only by one of a higher `rev`: answers and streams overtake each other.
	 * `asked`: the states it is about; default all.
	 */
	apply(delta: StateDelta, asked?: readonly string[]): void {
		const withheld = new Set(delta.withheld);
		for (const [name, encoded] of Object.entries(delta.values)) {
			if (delta.rev <= (this.#revs.get(name) ?? 0)) continue;
			this.#revs.set(name, delta.rev);
			this.values[name] = unflatten(encoded as never);
			if (withheld.has(name)) this.withheld.add(name);
			else this.withheld.delete(name);
		}
		if (delta.full) {
			for (const name of Object.keys(this.values)) {
				if (name in delta.values || (this.#revs.get(name) ?? 0) > delta.rev) continue;
				if (asked && !asked.includes(name.split(".", 1)[0] ?? "")) continue;
				delete this.values[name];
				this.withheld.delete(name);
			}
		}
		this.rev = Math.max(this.rev, delta.rev);
	}

	async #read(body: ReadableStream<Uint8Array>, lines: StreamLine[]): Promise<void> {
		let rest = "";
		const decoder = new TextDecoder();
		for await (const chunk of body) {
			rest += decoder.decode(chunk, { stream: true });
			const complete = rest.split("\n");
			rest = complete.pop() ?? "";
			for (const text of complete.filter(Boolean)) {
				const line = JSON.parse(text) as StreamLine;
				lines.push(line);
				if (line.type === "delta") this.apply(line.delta);
			}
		}
	}
}
