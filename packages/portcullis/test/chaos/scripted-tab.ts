import { AsyncLocalStorage } from "node:async_hooks";
import { createConnection } from "../../src/client/connection.ts";
import type { Core } from "../../src/client/core.ts";
import type { Platform } from "../../src/client/platform.ts";
import { createRefresher, type Refresher } from "../../src/client/refresh.ts";
import { BrowserLocks } from "./tab-locks.ts";

/** Answers a request to the app, by whichever replica. */
export type Server = (request: Request) => Promise<Response>;

const ENDPOINT = "/_portcullis";

/** A cookie jar, locks and a `localStorage` that all tabs of one browser share. */
export class TabbedBrowser {
	readonly jar: Map<string, string> = new Map();
	readonly locks: BrowserLocks = new BrowserLocks();
	readonly storage: Map<string, string> = new Map();
	readonly #origin: string;
	readonly #server: Server;

	constructor(origin: string, server: Server) {
		this.#origin = origin;
		this.#server = server;
	}

	openTab(): ScriptedTab {
		return new ScriptedTab(this);
	}

	/**
	 * One request with this browser's cookies. What the answer sets is set as soon as it is here,
	 * whether or not its tab still is.
	 */
	async fetch(path: string, init: RequestInit = {}): Promise<Response> {
		const headers = new Headers(init.headers);
		headers.set("cookie", [...this.jar].map(([name, value]) => `${name}=${value}`).join("; "));
		if (init.method === "POST") headers.set("origin", this.#origin);
		const { method = "GET", body = null } = init;
		const response = await this.#server(
			new Request(this.#origin + path, { method, headers, body }),
		);
		for (const line of response.headers.getSetCookie()) {
			const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
			if (line.includes("Max-Age=0")) this.jar.delete(name);
			else this.jar.set(name, value);
		}
		return response;
	}
}

/** A tab that runs the real code of the client for renewals, and none of its timers. */
export class ScriptedTab {
	readonly #browser: TabbedBrowser;
	readonly #closed: Promise<void>;
	#resolveClosed: () => void = () => {};
	readonly #connection: ReturnType<typeof createConnection>;
	readonly #renewal: Refresher;
	isClosed = false;
	/** Called when the tab has sent a refresh, before there is an answer. */
	onRefresh: (() => void) | undefined;

	constructor(browser: TabbedBrowser) {
		this.#browser = browser;
		this.#closed = new Promise((resolve) => {
			this.#resolveClosed = resolve;
		});
		const platform = {
			fetch: (path, init) => this.#fetch(path, init),
			locks: browser.locks.of(this.#closed),
			isOffline: () => false,
		} satisfies Partial<Platform>;
		this.#connection = createConnection(platform as Partial<Platform> as Platform, ENDPOINT);
		// Closed: the time for the next renewal is when a request needs it.
		const core = {
			isClosed: true,
			session: undefined,
			hydrate: async () => {},
		} satisfies Partial<Core>;
		this.#renewal = inStorageOf(browser, () =>
			createRefresher(this.#connection, ENDPOINT, core as Partial<Core> as Core, () => {}),
		);
	}

	/**
	 * A request of the app's script, sent once more where the session had to be renewed first.
	 * `undefined` if the tab closed meanwhile.
	 */
	async send(path: string): Promise<Response | undefined> {
		return this.#whileOpen(async () => {
			const send = () => this.#connection.send(path, "{}");
			const response = await send();
			return response.status === 401 ? this.#renewal.retry(response, send) : response;
		});
	}

	/** What the client does from time to time while a session is due for renewal. */
	async renew(): Promise<void> {
		await this.#whileOpen(() => this.#renewal.retry(refreshRequired(), async () => new Response()));
	}

	/**
	 * Like a tab that is closed: what it has sent arrives all the same, and nothing of it goes on.
	 */
	close(): void {
		this.isClosed = true;
		this.#resolveClosed();
	}

	#whileOpen<T>(act: () => Promise<T>): Promise<T | undefined> {
		return inStorageOf(this.#browser, () =>
			Promise.race([act(), this.#closed.then(() => undefined)]),
		);
	}

	async #fetch(path: string, init: RequestInit): Promise<Response> {
		const answer = this.#browser.fetch(path, init);
		if (path === `${ENDPOINT}/refresh`) this.onRefresh?.();
		const response = await answer;
		return this.isClosed ? new Promise<never>(() => {}) : response;
	}
}

function refreshRequired(): Response {
	return Response.json({ code: "refresh_required" }, { status: 401 });
}

const current = new AsyncLocalStorage<Map<string, string>>();

/** Runs what reads the global `localStorage` with that of one browser. */
function inStorageOf<T>({ storage }: TabbedBrowser, act: () => T): T {
	return current.run(storage, act);
}

/** Puts a `localStorage` in place that is each browser's own. */
export function installStorage(): void {
	const own = () => {
		const storage = current.getStore();
		if (!storage) throw new Error("localStorage is used by nobody's tab");
		return storage;
	};
	Object.defineProperty(globalThis, "localStorage", {
		configurable: true,
		value: {
			getItem: (key: string) => own().get(key) ?? null,
			setItem: (key: string, value: string) => void own().set(key, value),
			removeItem: (key: string) => void own().delete(key),
		},
	});
}
