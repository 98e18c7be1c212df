import { stringify } from "devalue";
import type {
	Encoded,
	EventInfo,
	EventOutcome,
	EventRequest,
	HydrateRequest,
	PageDecision,
	Snapshot,
	StreamRequest,
} from "../wire/state.ts";
import type { GateLike } from "../wire/state-view.ts";

// A server that keeps to the contract of src/wire/state.ts, in memory, with one state and faults on
// request.

interface ValueOf<T> {
	readonly kind: "field";
	readonly value: T;
}

interface EventOf<I, R> {
	readonly kind: "event";
	readonly io: (input: I) => R;
}

/** The type of its gate. */
export interface FakeGate extends GateLike {
	readonly statesType: {
		readonly notes: {
			readonly dark: ValueOf<boolean>;
			readonly draft: ValueOf<string>;
			readonly notes: ValueOf<{ readonly text: string }[]>;
			readonly toggle: EventOf<void, undefined>;
			readonly write: EventOf<string, string>;
			readonly add: EventOf<string, number>;
			readonly slow: EventOf<string, string>;
			readonly ping: EventOf<void, undefined>;
			readonly type: EventOf<string, undefined>;
			readonly often: EventOf<void, undefined>;
			readonly fail: EventOf<void, never>;
			readonly admin: EventOf<void, undefined>;
			readonly again: EventOf<void, undefined>;
			readonly leave: EventOf<string, undefined>;
		};
		readonly other: { readonly size: ValueOf<number> };
	};
	readonly claimsType: unknown;
}

const EVENTS: Readonly<Record<string, EventInfo>> = {
	...{ toggle: {}, write: {}, add: {}, fail: {}, admin: {}, again: {}, leave: {} },
	slow: { background: true },
	ping: { temporal: true },
	type: { debounce: 300 },
	often: { throttle: 1000 },
};
const PUBLIC = ["toggle", "ping", "often", "type"];

interface Client {
	owner: string;
	rev: number;
	sentRev: number;
	sent: Map<string, string>;
	epoch: number;
	seq: number;
	outcomes: Map<string, EventOutcome>;
	dark: boolean;
	draft: string;
}

interface OpenStream {
	readonly request: StreamRequest;
	readonly owner: string;
	write(line: unknown): void;
	end(): void;
	/** Breaks the connection. */
	break(): void;
}

/** A request that came, with its body. */
export interface Logged {
	readonly path: string;
	readonly body: Record<string, unknown>;
	readonly init: RequestInit;
	readonly at: number;
}

/** Gives an answer instead of the server's; `serve` does what the server does. */
export type Fault = (
	request: Logged,
	serve: () => Promise<Response>,
) => Promise<Response> | undefined;

export class FakeServer {
	/** Shared by everyone. */
	notes: { readonly text: string }[] = [{ text: "first" }];
	/** Who the browser is signed in as. */
	person: { readonly sub: string; readonly session: string } | undefined;
	readonly log: Logged[] = [];
	/** Inputs of handlers that ran, by event. */
	readonly ran: string[] = [];
	readonly streams: OpenStream[] = [];
	fault: Fault | undefined;
	/** What `slow` waits for. */
	slow: Promise<void> = Promise.resolve();
	#clients = new Map<string, Client>();
	#count = 0;

	readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
		const request: Logged = { path, body: JSON.parse(String(init.body)), init, at: Date.now() };
		this.log.push(request);
		if (init.signal?.aborted) throw init.signal.reason;
		const serve = () => this.#serve(request);
		return (await this.fault?.(request, serve)) ?? serve();
	};

	/** Requests to an endpoint. */
	sent(endpoint: string): Logged[] {
		return this.log.filter(({ path }) => path === `/_portcullis/${endpoint}`);
	}

	signIn(sub: string): void {
		this.person = { sub, session: `${sub}${++this.#count}` };
		this.#endSessions();
	}

	signOut(): void {
		this.person = undefined;
		this.#endSessions();
	}

	/** Adds a note as another person. */
	addNote(text: string): void {
		this.notes = [...this.notes, { text }];
		this.#pushAll();
	}

	/** Forgets everything but the notes, as a process with `memory()` does. */
	restart(): void {
		this.#clients = new Map();
		for (const stream of this.streams.splice(0)) stream.break();
	}

	/** What goes into a page. */
	async snapshot(): Promise<Snapshot> {
		return (await this.#hydrate({ states: ["notes"] })).json();
	}

	async #serve(request: Logged): Promise<Response> {
		switch (request.path) {
			case "/_portcullis/hydrate":
				return this.#hydrate(request.body as HydrateRequest);
			case "/_portcullis/event":
				return this.#event(request.body as unknown as EventRequest);
			case "/_portcullis/stream":
				return this.#stream(
					request.body as unknown as StreamRequest,
					request.init.signal ?? undefined,
				);
			case "/logout":
				this.signOut();
				return Response.json({ location: "/logout" });
		}
		return problem(404, "not_found");
	}

	#owner(): string {
		return this.person?.session ?? "";
	}

	#open(name: string | undefined): { id: string; client: Client; isOwn: boolean } | undefined {
		const [id, owner] = name?.split("|") ?? [];
		if (id === undefined || owner === undefined) return undefined;
		let client = this.#clients.get(id);
		if (!client) {
			client = newClient(owner);
			this.#clients.set(id, client);
		}
		return { id, client, isOwn: owner === this.#owner() };
	}

	#hydrate({ client: name, states = ["notes", "other"], path }: HydrateRequest): Response {
		const opened = this.#open(name) ?? {
			id: `c${++this.#count}`,
			client: newClient(this.#owner()),
		};
		const { id, client } = opened;
		this.#clients.set(id, client);
		if (client.owner !== this.#owner()) {
			Object.assign(client, { owner: this.#owner(), draft: "", seq: 0 });
			client.sent.clear();
			client.outcomes.clear();
		}
		const delta = this.#view(client, states, true);
		const events: Record<string, Readonly<Record<string, EventInfo>>> = {};
		for (const state of states) {
			if (state === "notes") events[state] = EVENTS;
			if (state === "other") events[state] = {};
		}
		const { person } = this;
		const user = person && {
			sub: person.sub,
			name: person.sub,
			email: null,
			picture: null,
			provider: "dev",
		};
		return Response.json({
			...{
				rev: 0,
				values: {},
				full: true,
				...delta,
				client: `${id}|${client.owner}`,
				epoch: client.epoch,
				events,
			},
			session: user ? { signedIn: true, user, expiresAt: 4_000_000_000 } : { signedIn: false },
			...(path === undefined ? {} : { page: this.#page(path) }),
		} satisfies Snapshot);
	}

	#page(path: string): PageDecision {
		if (path === "/" || this.person?.sub === "admin") return { outcome: "allow" };
		if (path.startsWith("/admin")) return { outcome: "forbidden", href: "/forbidden" };
		return this.person
			? { outcome: "allow" }
			: { outcome: "login", href: `/login?redirect_to=${encodeURIComponent(path)}` };
	}

	async #event(request: EventRequest): Promise<Response> {
		const opened = this.#open(request.client);
		if (!opened?.isOwn) return problem(409, "client_stale");
		const { client } = opened;
		if (!this.person && !PUBLIC.includes(request.event)) return problem(401, "login_required");
		const known = client.outcomes.get(request.id);
		if (known)
			return lines(this.#deltaLines(client, request), [
				{ type: "outcome", outcome: known, epoch: client.epoch },
			]);
		if (
			request.repeat &&
			(request.epoch !== client.epoch || client.epoch === 0 || request.seq <= client.seq)
		)
			return lines(this.#deltaLines(client, request), [
				{ type: "outcome", outcome: { status: "unknown" }, epoch: client.epoch },
			]);
		if (request.seq <= client.seq) return problem(409, "event_out_of_order");
		if (request.event === "admin") return problem(403, "forbidden");
		if (request.event === "again")
			return problem(401, "step_up_required", { href: "/_portcullis/step-up/sealed" });
		if (request.event === "write" && typeof request.payload !== "string")
			return problem(422, "input_invalid", { issues: [{ message: "not a string", path: [] }] });
		client.epoch ||= client.rev + 1;
		client.seq = request.seq;
		this.ran.push(`${request.event} ${request.payload ?? ""}`.trim());
		if (request.event === "slow") return this.#slow(client, request);
		const outcome = this.#run(client, request);
		client.outcomes.set(request.id, outcome);
		return lines(this.#deltaLines(client, request), [
			{ type: "outcome", outcome, epoch: client.epoch },
		]);
	}

	#run(client: Client, { event, payload }: EventRequest): EventOutcome {
		const text = String(payload);
		if (event === "toggle") client.dark = !client.dark;
		if (event === "write") {
			client.draft = text;
			return { status: "ok", value: encode(text.toUpperCase()) };
		}
		if (event === "add") {
			this.addNote(text);
			return {
				status: "ok",
				value: encode(this.notes.length),
				toasts: [{ message: "Added", kind: "success" }],
			};
		}
		if (event === "fail") return { status: "failed", code: "event_failed", errorId: "e1" };
		if (event === "leave") return { status: "ok", value: encode(undefined), redirect: text };
		return { status: "ok", value: encode(undefined) };
	}

	#slow(client: Client, request: EventRequest): Response {
		const body = new ReadableStream<Uint8Array>({
			start: async (controller) => {
				await this.slow;
				const outcome: EventOutcome = { status: "ok", value: encode(request.payload) };
				client.outcomes.set(request.id, outcome);
				controller.enqueue(bytes([{ type: "outcome", outcome, epoch: client.epoch }]));
				controller.close();
			},
		});
		return new Response(body, { headers: { "Content-Type": "application/x-ndjson" } });
	}

	#stream(request: StreamRequest, signal: AbortSignal | undefined): Response {
		let stream: OpenStream | undefined;
		const body = new ReadableStream<Uint8Array>({
			start: (controller) => {
				let isOpen = true;
				const close = (end: () => void) => {
					if (!isOpen) return;
					isOpen = false;
					const at = this.streams.indexOf(made);
					if (at >= 0) this.streams.splice(at, 1);
					end();
				};
				const made: OpenStream = {
					request,
					owner: this.#owner(),
					write: (line) => isOpen && controller.enqueue(bytes([line])),
					end: () => close(() => controller.close()),
					break: () => close(() => controller.error(new TypeError("connection lost"))),
				};
				signal?.addEventListener("abort", () => made.break());
				stream = made;
			},
		});
		if (stream) {
			this.streams.push(stream);
			stream.write({ type: "open" });
			this.#push(stream);
		}
		return new Response(body, { headers: { "Content-Type": "application/x-ndjson" } });
	}

	#pushAll(): void {
		for (const stream of [...this.streams]) this.#push(stream);
	}

	#push(stream: OpenStream): void {
		for (const [index, { client: name, rev, states }] of stream.request.clients.entries()) {
			const opened = this.#open(name);
			if (!opened || !name.endsWith(`|${stream.owner}`) || opened.client.owner !== stream.owner) {
				stream.write({ type: "stale", client: index });
				continue;
			}
			const { client } = opened;
			const delta = this.#view(
				client,
				states ?? ["notes"],
				client.sentRev === 0 || rev > client.rev,
			);
			if (delta) stream.write({ type: "delta", client: index, delta, epoch: client.epoch });
		}
	}

	#endSessions(): void {
		for (const stream of [...this.streams]) {
			if (stream.owner === this.#owner() || stream.owner === "") continue;
			stream.write({ type: "session" });
			stream.end();
		}
	}

	#deltaLines(client: Client, { rev, states = ["notes"] }: EventRequest): unknown[] {
		const delta = this.#view(client, states, rev !== client.sentRev);
		return delta ? [{ type: "delta", delta, epoch: client.epoch }] : [];
	}

	#view(client: Client, states: readonly string[], isFull: boolean) {
		const isIn = client.owner !== "";
		const all: Record<string, Encoded> = {};
		const hidden: string[] = [];
		if (states.includes("notes")) {
			all["notes.dark"] = encode(client.dark);
			all["notes.draft"] = encode(isIn ? client.draft : "");
			all["notes.notes"] = encode(isIn ? this.notes : []);
			if (!isIn) hidden.push("notes.draft", "notes.notes");
		}
		if (states.includes("other")) all["other.size"] = encode(this.notes.length);
		const values: Record<string, Encoded> = {};
		const withheld: string[] = [];
		for (const [name, value] of Object.entries(all)) {
			const isHidden = hidden.includes(name);
			const text = JSON.stringify([value, isHidden]);
			if (!isFull && client.sent.get(name) === text) continue;
			client.sent.set(name, text);
			values[name] = value;
			if (isHidden) withheld.push(name);
		}
		if (!isFull && Object.keys(values).length === 0) return undefined;
		client.rev = Math.max(client.rev + 1, Date.now() * 1000);
		client.sentRev = client.rev;
		return { rev: client.rev, ...(isFull ? { full: true as const } : {}), values, withheld };
	}
}

function newClient(owner: string): Client {
	return {
		...{ owner, rev: 0, sentRev: 0, sent: new Map(), epoch: 0, seq: 0 },
		...{ outcomes: new Map(), dark: false, draft: "" },
	};
}

function encode(value: unknown): Encoded {
	return JSON.parse(stringify(value));
}

function bytes(all: readonly unknown[]): Uint8Array {
	return new TextEncoder().encode(all.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

function lines(...all: readonly (readonly unknown[])[]): Response {
	return new Response(bytes(all.flat()) as BodyInit, {
		headers: { "Content-Type": "application/x-ndjson" },
	});
}

/** A refusal as the server gives it. */
export function problem(
	status: number,
	code: string,
	more: object = {},
	headers: Record<string, string> = {},
): Response {
	return new Response(JSON.stringify({ type: "about:blank", title: code, status, code, ...more }), {
		status,
		headers: { "Content-Type": "application/problem+json", ...headers },
	});
}
