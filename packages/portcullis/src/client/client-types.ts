import type { LoginOutcome } from "../wire/popup.ts";
import type { SessionAnswer } from "../wire/session-answer.ts";
import type { PageDecision, Snapshot, Toast } from "../wire/state.ts";
import type { GateLike, StateName, StateView } from "../wire/state-view.ts";
import type { ClientTexts, NoticeOptions } from "./notices.ts";
import type { Toasts } from "./toasts.ts";

/** What a client may be told. */
export interface ClientOptions<G extends GateLike = GateLike> extends NoticeOptions {
	/** Where the gate's endpoints are. Default: `/_portcullis`. */
	readonly endpoint?: string;
	/** Default: `/login`. */
	readonly loginPath?: string;
	/** Default: `/logout`. */
	readonly logoutPath?: string;
	/** What the server put into the page (`gate.snapshot`): values are there at once. */
	readonly snapshot?: Snapshot | undefined;
	/**
	 * States to fetch from the start. Default: those of the snapshot; others when they are first
	 * used.
	 */
	readonly states?: readonly StateName<G>[];
	/** Sends requests. Default: the browser's `fetch`. */
	readonly fetch?: (path: string, init: RequestInit) => Promise<Response>;
	/** Gets messages for the person instead of the list `toasts`. */
	readonly onToast?: (toast: Toast) => void;
	/**
	 * Whether what was typed into the page is there again after a session that cannot be refreshed
	 * has ended, and the same person has signed in. Default: true.
	 */
	readonly drafts?: boolean;
	/** Goes to a path of the app after an event that said `redirect`. Default: leaves the page. */
	readonly navigate?: (path: string) => void;
}

/**
 * Server state and session in the browser. Talks to the server from the first use on; nothing
 * happens before.
 */
export interface Client<G extends GateLike = GateLike> {
	/**
	 * The values and events of a state: the same object until something in it changes, so that it can
	 * be compared.
	 *
	 * @throws {Error} while the values are not there; `await client.ready(name)` first.
	 */
	state<K extends StateName<G>>(name: K): StateView<G["statesType"][K]>;
	/** Whether `state(name)` has something to give. */
	has(name: StateName<G>): boolean;
	/** Calls the listener whenever the state has changed. Returns how to stop. */
	subscribe(name: StateName<G>, listener: () => void): () => void;
	/**
	 * Resolves once the values of the state, or without a name the session, are there. The same
	 * promise until then. For as long as the server cannot be reached it is tried again.
	 *
	 * @throws {Error} if the server refuses, or has no such state.
	 */
	ready(name?: StateName<G>): Promise<void>;
	/** Who the person is; `undefined` while it is not known. The same object until it changes. */
	session(): SessionAnswer | undefined;
	/** Calls the listener whenever the session has changed. Returns how to stop. */
	subscribeSession(listener: () => void): () => void;
	/**
	 * Takes a snapshot that came later than the client was made. Ignored if there is anything
	 * already.
	 */
	seed(snapshot: Snapshot): void;
	/**
	 * What the snapshot said, unchanged: what a server has rendered and hydration has to begin with.
	 */
	readonly first: {
		state<K extends StateName<G>>(name: K): StateView<G["statesType"][K]> | undefined;
		session(): SessionAnswer | undefined;
	};
	/**
	 * Fetches everything anew.
	 *
	 * @throws {Error} if the server refuses.
	 */
	hydrate(): Promise<void>;
	/**
	 * Asks whether the person may go to a path before a client-side router does. Where the answer is
	 * not `allow`, load its `href`.
	 *
	 * @param path Path and query; a fragment is ignored.
	 * @throws {Error} if there is no answer: never take that for an `allow`.
	 */
	navigate(path: string): Promise<PageDecision>;
	/** Address of the login page. `redirectTo` defaults to where the browser is. */
	loginHref(provider?: string, redirectTo?: string): string;
	/** Where the session is ended. */
	readonly logoutPath: string;
	/**
	 * Signs in: leaves for the login page; in a frame, where providers refuse to be shown, opens a
	 * popup instead. To be called inside a click, or the popup is blocked; the frame then goes to the
	 * login page, which opens it by a button. Always resolves; to `undefined` where the page is being
	 * left.
	 */
	login(provider?: string, redirectTo?: string): Promise<LoginOutcome | undefined>;
	/**
	 * Leaves for the page that ends the session, in all tabs, and says so. In a frame to be called
	 * inside a click, as `login`.
	 */
	logout(): Promise<unknown>;
	/**
	 * The browser's `fetch`, for routes of the app that need a login: a request that is refused
	 * because the session has to be refreshed first is sent once more after that; if it cannot be
	 * refreshed for now the answer is a 503 with `Retry-After`. Of a body that is a stream nothing is
	 * left to send again.
	 */
	fetch(path: string, init?: RequestInit): Promise<Response>;
	/** Messages for the person. */
	readonly toasts: Toasts;
	/** Texts in the language of the page. Loaded when they are first asked for. */
	texts(): Promise<ClientTexts>;
	/** Texts of the app's own, as in the options: there at once. */
	readonly ownTexts: Partial<ClientTexts> | undefined;
	/** Ends stream, locks and listeners. What is shown stays as it is. */
	close(): void;
}
