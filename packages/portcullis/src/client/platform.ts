/** Storage of one tab, as far as it is used. */
export interface TabStorage {
	getItem(key: string): string | null;
	setItem(key: string, value: string): void;
}

/** Locks that all tabs of a browser see (Web Locks), as far as they are used. */
export interface TabLocks {
	request(
		name: string,
		options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
		held: (lock: unknown) => Promise<void> | undefined,
	): Promise<unknown>;
}

/** A channel between the tabs of a browser, as far as it is used. */
export interface TabChannel {
	onmessage: ((event: { readonly data: unknown }) => void) | null;
	postMessage(message: unknown): void;
	close(): void;
}

/** A window that was opened, as far as it is used. */
export interface PopupWindow {
	name: string;
	/** True does not prove that the person closed it: a page in it can cut the link to its opener. */
	readonly closed: boolean;
	readonly location: { replace(href: string): void };
	close(): void;
}

/**
 * What the client uses of the browser. A feature that is missing or forbidden is `undefined`: the
 * client works without it.
 */
export interface Platform {
	readonly fetch: (path: string, init: RequestInit) => Promise<Response>;
	readonly storage: TabStorage | undefined;
	readonly locks: TabLocks | undefined;
	readonly openChannel: (name: string) => TabChannel | undefined;
	/** Where the tab is: an absolute address. */
	readonly href: () => string;
	/** Leaves the page. */
	readonly assign: (href: string) => void;
	/**
	 * Hears `pagehide`, `pageshow` and `online` of the window, `visibilitychange`, `freeze` and
	 * `resume` of the document, until the signal aborts.
	 */
	readonly listen: (
		type: string,
		listener: (event: { readonly persisted?: boolean }) => void,
		signal: AbortSignal,
	) => void;
	readonly isVisible: () => boolean;
	readonly isOffline: () => boolean;
	/**
	 * In a frame, opens an empty window, inside a click; `null` if the browser does not let it.
	 * `false` at the top, where none is needed.
	 */
	readonly openWindow: () => PopupWindow | null | false;
	/** Hides the whole page, or shows it again. */
	readonly hide: (isHidden: boolean) => void;
}

/** The browser that this runs in. On a server nothing of it is there, and nothing of it is used. */
export function browserPlatform(): Platform {
	return {
		fetch: (path, init) => fetch(path, init),
		storage: attempt(() => sessionStorage),
		locks: attempt(() => navigator.locks as TabLocks),
		openChannel: (name) => attempt(() => new BroadcastChannel(name) as TabChannel),
		href: () => location.href,
		assign: (href) => location.assign(href),
		// Events of the document reach the window.
		listen: (type, listener, signal) =>
			globalThis.addEventListener?.(type, listener as (event: object) => void, { signal }),
		isVisible: () => document.visibilityState === "visible",
		isOffline: () => navigator.onLine === false,
		openWindow: () => parent !== window && open("", "", "popup"),
		hide: (isHidden) => {
			document.documentElement.style.visibility = isHidden ? "hidden" : "";
		},
	};
}

function attempt<T>(read: () => T): T | undefined {
	try {
		return read() ?? undefined;
	} catch {
		// Blocked by the person's settings, or not a browser.
		return undefined;
	}
}

/** Unguessable, 128 bits. `crypto.randomUUID` is not there over plain HTTP. */
export function randomId(): string {
	return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) =>
		part.toString(36).padStart(7, "0"),
	).join("");
}
