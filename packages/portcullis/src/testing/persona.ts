import { unflatten } from "devalue";
import type { UserClaims } from "../protocol/types.ts";
import type {
	EventLine,
	EventOutcome,
	InputIssue,
	PageDecision,
	Snapshot,
	StateDelta,
	StateProblem,
	Toast,
} from "../wire/state.ts";
import { REQUEST_HEADER } from "../wire/state.ts";
import {
	type GateOrApp,
	gateOf,
	insideOf,
	type ProtectedApp,
	sessionCookie,
	type TestSessionOptions,
} from "./test-session.ts";
import type { TestClaims } from "./test-user.ts";

/** Where the gate thinks it is. */
export interface PersonaOptions extends TestSessionOptions {
	/** An origin of the app. Default `https://app.example`; with pinned origins one of those. */
	readonly origin?: string;
}

/** How an event of a persona ended. */
export type PersonaResult =
	| {
			readonly status: "ok";
			readonly value: unknown;
			readonly toasts: readonly Toast[];
			readonly redirect?: string;
			readonly logout?: true;
	  }
	/** Not let in: `login_required`, `forbidden` and what else `errors.md` has. */
	| { readonly status: "refused"; readonly code: string; readonly issues?: readonly InputIssue[] }
	| { readonly status: "failed"; readonly code: string; readonly errorId: string };

/** What a persona sees of a value. */
export interface SeenValue {
	/** The placeholder, if it is withheld. */
	readonly value: unknown;
	readonly withheld: boolean;
}

/**
 * A person at a gate, in this process, without socket and login. Every request goes through the
 * gate itself, as a browser's would.
 */
export interface Persona {
	/** A `Cookie` header; empty for an anonymous persona. */
	readonly cookie: string;
	/**
	 * Asks for a path, as a script of the app would. A gate without an app answers 200 with the body
	 * `let in` where the app would have been asked.
	 */
	fetch(path: string, init?: RequestInit): Promise<Response>;
	/** Whether a page would open. */
	opens(path: string): Promise<PageDecision["outcome"]>;
	/** The values that this person sees, by `state.name`. */
	values(): Promise<Readonly<Record<string, SeenValue>>>;
	/** One of them. @throws {Error} for a value that does not exist. */
	value(name: string): Promise<SeenValue>;
	/**
	 * Calls an event and waits for its outcome. One persona is one tab: its events run in the order
	 * of the calls.
	 */
	event(name: string, payload?: unknown): Promise<PersonaResult>;
}

/**
 * Makes a persona that sends requests to a gate.
 *
 * @param gateOrApp A gate knows the rules of `pages` alone. An app that `protect()` of
 *   `portcullis/hono` has returned also knows the tags of its routes; `fetch` then gets the app's
 *   own answers.
 * @param claims `null` for an anonymous caller.
 * @throws {ConfigError} with `NODE_ENV=production`.
 */
export async function actAs<U extends UserClaims = UserClaims>(
	gateOrApp: GateOrApp,
	claims: TestClaims<U> | null,
	options: PersonaOptions = {},
): Promise<Persona> {
	const cookie = claims === null ? "" : await sessionCookie(gateOrApp, claims, options);
	return new ActingPersona(gateOrApp, cookie, options.origin ?? "https://app.example");
}

class ActingPersona implements Persona {
	readonly cookie: string;
	readonly #send: (request: Request) => Promise<Response>;
	readonly #origin: string;
	readonly #endpoints: string;
	#client: Promise<string> | undefined;
	#seen: Record<string, SeenValue> = {};
	#revs: Record<string, number> = {};
	#rev = 0;
	#epoch = 0;
	#last: Promise<unknown> = Promise.resolve();
	#seq = 0;

	constructor(gateOrApp: GateOrApp, cookie: string, origin: string) {
		const { gate, routes } = gateOf(gateOrApp);
		this.#send = routes
			? async (request) => (gateOrApp as ProtectedApp).fetch(request)
			: (request) => gate.handle(request, () => new Response("let in"));
		this.cookie = cookie;
		this.#origin = origin;
		this.#endpoints = insideOf(gate).endpoints;
	}

	fetch(path: string, init: RequestInit = {}): Promise<Response> {
		const headers = new Headers(init.headers);
		if (this.cookie) headers.set("Cookie", this.cookie);
		headers.set("Origin", this.#origin);
		headers.set(REQUEST_HEADER, "1");
		return this.#send(new Request(new URL(path, this.#origin), { ...init, headers }));
	}

	async opens(path: string): Promise<PageDecision["outcome"]> {
		const { page } = await this.#hydrate({ path, states: [] });
		if (!page) throw new Error(`${path} is no path of the app`);
		return page.outcome;
	}

	async values(): Promise<Readonly<Record<string, SeenValue>>> {
		await this.#last;
		const client = await this.#ready();
		const snapshot = await this.#hydrate({ client });
		this.#client = Promise.resolve(snapshot.client);
		this.#apply(snapshot);
		return { ...this.#seen };
	}

	async value(name: string): Promise<SeenValue> {
		const found = (await this.values())[name];
		if (!found) throw new Error(`There is no value ${name}`);
		return found;
	}

	event(name: string, payload?: unknown): Promise<PersonaResult> {
		const sent = this.#last.then(() => this.#sendEvent(name, payload));
		this.#last = sent.catch(() => {});
		return sent;
	}

	async #sendEvent(name: string, payload: unknown): Promise<PersonaResult> {
		const client = await this.#ready();
		const [state, event] = name.split(".");
		const body = {
			...{
				client,
				epoch: this.#epoch,
				rev: this.#rev,
				seq: this.#seq + 1,
				id: crypto.randomUUID(),
			},
			...{ state, event, ...(payload === undefined ? {} : { payload }) },
		};
		const response = await this.#post("event", body);
		if (!response.ok) {
			const { code, issues } = (await response.json()) as StateProblem;
			return { status: "refused", code, ...(issues ? { issues } : {}) };
		}
		this.#seq++;
		let outcome: EventOutcome | undefined;
		for (const text of (await response.text()).split("\n")) {
			if (text.trim() === "") continue;
			const line = JSON.parse(text) as EventLine;
			this.#epoch = line.epoch;
			if (line.type === "delta") this.#apply(line.delta);
			else outcome = line.outcome;
		}
		if (!outcome || outcome.status === "unknown")
			throw new Error(`${name} ended without an outcome`);
		if (outcome.status === "failed")
			return { status: "failed", code: outcome.code, errorId: outcome.errorId ?? "" };
		const { redirect, logout, toasts = [] } = outcome;
		return {
			...{ status: "ok", value: unflatten(outcome.value as never), toasts },
			...(redirect === undefined ? {} : { redirect }),
			...(logout ? { logout } : {}),
		};
	}

	/** The sealed name of the tab. */
	#ready(): Promise<string> {
		this.#client ??= this.#hydrate({}).then((snapshot) => {
			this.#apply(snapshot);
			return snapshot.client;
		});
		return this.#client;
	}

	async #hydrate(body: object): Promise<Snapshot> {
		const response = await this.#post("hydrate", body);
		if (!response.ok)
			throw new Error(`The gate refused: ${response.status} ${await response.text()}`);
		const snapshot = (await response.json()) as Snapshot;
		this.#epoch = snapshot.epoch;
		return snapshot;
	}

	#post(endpoint: string, body: object): Promise<Response> {
		const headers = { "Content-Type": "application/json" };
		return this.fetch(`${this.#endpoints}/${endpoint}`, {
			method: "POST",
			headers,
			body: JSON.stringify(body),
		});
	}

	#apply({ rev, values, withheld = [] }: StateDelta): void {
		this.#rev = Math.max(this.#rev, rev);
		for (const [name, encoded] of Object.entries(values)) {
			if ((this.#revs[name] ?? 0) > rev) continue;
			this.#revs[name] = rev;
			this.#seen[name] = { value: unflatten(encoded as never), withheld: withheld.includes(name) };
		}
	}
}
