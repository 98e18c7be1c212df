import type { LoginOutcome } from "../wire/popup.ts";
import type { SessionAnswer } from "../wire/session-answer.ts";
import type { EventEffects, Snapshot } from "../wire/state.ts";
import type { GateLike } from "../wire/state-view.ts";
import { TABS_CHANNEL } from "../wire/tabs.ts";
import { loginAddress, pathOf } from "./addresses.ts";
import type { Client, ClientOptions } from "./client-types.ts";
import { createConnection } from "./connection.ts";
import { createCore } from "./core.ts";
import { createEvents, type SendEvent } from "./events.ts";
import { createListeners } from "./listeners.ts";
import { browserPlatform, type Platform } from "./platform.ts";
import type { Refresher } from "./refresh.ts";
import { createTabRecord } from "./tab-record.ts";
import type { Tabs } from "./tabs.ts";
import { createToasts } from "./toasts.ts";
import { type AnyView, createViews } from "./views.ts";

/**
 * Makes a client for the tab.
 *
 * @example
 * const client = createClient<typeof gate>();
 * await client.ready("notes");
 * await client.state("notes").addNote("Milk");
 */
export function createClient<G extends GateLike>(options: ClientOptions<G> = {}): Client<G> {
	return createClientOn(browserPlatform(), options);
}

/** The page is left, or shown again. */
interface Transition {
	/** False if it is not kept, or was not. */
	readonly persisted?: boolean;
}

/** The same on a platform of the caller's. */
export function createClientOn<G extends GateLike>(
	browser: Platform,
	options: ClientOptions<G>,
): Client<G> {
	const {
		endpoint = "/_portcullis",
		loginPath = "/login",
		logoutPath = "/logout",
		snapshot,
		states = [],
	} = options;
	const platform = options.fetch ? { ...browser, fetch: options.fetch } : browser;
	const toasts = createToasts();
	const showToast = options.onToast ?? toasts.add;
	const connection = createConnection(platform, endpoint);
	const name = TABS_CHANNEL + endpoint;
	const record = createTabRecord(platform, name);
	const session = createListeners();
	const readies = new Map<string, Promise<void>>();
	const first = new Map<string, AnyView>();
	let firstSession: SessionAnswer | undefined;
	/** False while the page is kept for the way back. */
	let isHere = true;
	const closed = new AbortController();

	const core = createCore(connection, record, {
		states: (changed) => {
			drafts?.();
			views.changed(changed);
		},
		session: session.tell,
		hydrated: (isOther) => {
			for (const name of readies.keys()) if (isReady(name)) readies.delete(name);
			if (core.isStarted) void share(isOther);
			planRenewal();
		},
	});
	const sendEvent = createEvents(core, connection, record, {
		effects,
		// Not inside a click, so that a popup would be blocked. A way that the server names is below
		// its endpoints, or is not followed.
		login: (way = "") => {
			const path = way.startsWith(`${endpoint}/`) ? way : loginPath; // proven: step-up-anywhere
			platform.assign(loginAddress(path, undefined, pathOf(platform.href())));
		},
	});
	const later = () => import("./later.ts");
	const send: SendEvent = async (...call) => {
		// With the first event: when one has failed the server may be out of reach.
		const telling = later().then(
			({ notices }) => notices({ connection, showToast, options, toasts, core }),
			() => undefined,
		);
		const result = await sendEvent(...call);
		if (result.ok) return result;
		const tell = await telling;
		return tell ? tell(call, result) : Object.assign(result, { handled() {} });
	};
	const views = createViews(core, send);
	/** What keeps values live is loaded after the first paint. */
	let tabs: Tabs | undefined;

	/** Keeps what was typed where a session ends; call it before any listener hears of a change. */
	let drafts: (() => void) | undefined;
	let renewal: Refresher | undefined;
	const renewer = async () => {
		const { createRefresher } = await later();
		renewal ??= createRefresher(connection, endpoint, core, () => tabs?.announceChange());
		return renewal;
	};
	const planRenewal = () => {
		if (core.session?.refresh) void renewer().then(({ plan }) => plan());
	};
	connection.retry = async (...args) => (await renewer()).retry(...args);

	for (const state of states) core.used.add(state);
	if (snapshot) seed(snapshot);

	function seed(seeded: Snapshot): void {
		if (core.session) return;
		core.seed(seeded);
		firstSession = core.session;
		for (const name of Object.keys(seeded.events)) {
			const view = views.of(name);
			if (view) first.set(name, view);
		}
	}

	function isReady(name: string): boolean {
		return name === "" ? core.session !== undefined : core.events(name) !== undefined;
	}

	async function begin(): Promise<void> {
		if (core.isStarted || core.isClosed) return core.start();
		const listen = (type: string, listener: (event: Transition) => void) =>
			platform.listen(type, listener, closed.signal);
		listen("pagehide", leave);
		listen("pageshow", comeBack);
		// A frozen tab does not hear what the others say. These events have no `persisted`.
		listen("freeze", leave);
		listen("resume", comeBack);
		const wake = () => {
			connection.wake();
			tabs?.check();
			planRenewal();
		};
		listen("online", wake);
		listen("visibilitychange", () => platform.isVisible() && wake());
		await core.start();
		if (core.session) void share(true);
	}

	async function share(isOther: boolean): Promise<void> {
		if (!tabs) {
			const loaded = await later().catch(() => undefined);
			// Without it values change by events alone; the next hydrate tries again.
			if (!loaded) return;
			tabs ??= new loaded.Tabs(core, connection, record, name);
			if (options.drafts !== false)
				drafts ??= loaded.watchDrafts(core, platform, name, closed.signal);
		}
		if (core.isClosed || !isHere) return;
		tabs.open();
		if (isOther) tabs.announcePerson();
		tabs.join();
	}

	function leave({ persisted }: Transition): void {
		// The page is in the back/forward cache, and another person may be there when it is shown
		// again: it stays hidden until the session is known.
		if (persisted !== false && core.session?.signedIn) platform.hide(true);
		isHere = false;
		tabs?.close();
		record.release();
	}

	function comeBack({ persisted }: Transition): void {
		if (persisted === false) return;
		isHere = true;
		core.restart();
		core.hydrate().then(
			() => setTimeout(() => platform.hide(false)),
			() => {},
		);
	}

	function effects({ toasts: messages = [], redirect, logout: isLogout }: EventEffects): void {
		for (const message of messages) showToast(message);
		if (isLogout) logout();
		else if (redirect !== undefined)
			void later().then(({ goTo }) => goTo(platform, redirect, options.navigate));
	}

	function loginHref(provider?: string, redirectTo: string = pathOf(platform.href())): string {
		return loginAddress(loginPath, provider, redirectTo);
	}

	/**
	 * Signs in or out by the page that does it; in a frame, where providers refuse to be shown, by
	 * what is loaded for that alone.
	 */
	async function go(way: "login" | "logout", href: string): Promise<LoginOutcome | undefined> {
		const popup = platform.openWindow();
		const framed = popup === false ? undefined : await import("./framed.ts").catch(() => undefined);
		if (framed && popup !== false)
			return framed[way]({ connection, endpoint, changed }, popup, href);
		// The page takes the refresh lock, and can send the ID token as a hint: a script must never
		// have it.
		platform.assign(href);
		return undefined;
	}

	function changed(): void {
		tabs?.announceChange();
		core.hydrate().catch(() => {});
	}

	const logout = () => go("logout", logoutPath);

	async function whenReady(name: string): Promise<void> {
		await begin();
		await core.fetch(() => isReady(name));
		if (!isReady(name)) throw new Error(`There is no state "${name}"`);
	}

	const client = {
		state: (name: string) => {
			const view = views.of(name);
			if (!view) throw new Error(`"${name}" is not there: await client.ready("${name}")`);
			return view;
		},
		has: isReady,
		subscribe: (name: string, listener: () => void) => {
			void begin();
			core.use(name);
			return views.subscribe(name, listener);
		},
		ready: (name = "") => {
			let ready = readies.get(name);
			if (!ready) {
				if (name !== "") core.used.add(name);
				ready = whenReady(name);
				ready.catch(() => {});
				readies.set(name, ready);
			}
			return ready;
		},
		session: () => core.session,
		subscribeSession: (listener: () => void) => {
			void begin();
			return session.subscribe(listener);
		},
		seed,
		first: { state: (name: string) => first.get(name), session: () => firstSession },
		hydrate: () => begin().then(core.hydrate),
		navigate: async (path: string) => {
			await begin();
			return (await later()).navigate(core, path, platform.href());
		},
		loginHref,
		logoutPath,
		login: (provider?: string, redirectTo?: string) => go("login", loginHref(provider, redirectTo)),
		logout,
		fetch: (path: string, init: RequestInit = {}) =>
			connection.withRetry(() => platform.fetch(path, init)),
		toasts,
		texts: () => later().then(({ texts }) => texts(options)),
		ownTexts: options.texts,
		close: () => {
			closed.abort();
			core.close();
			tabs?.close();
			record.release();
		},
	};
	return client as unknown as Client<G>;
}
