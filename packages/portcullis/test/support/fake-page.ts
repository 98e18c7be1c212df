import { vi } from "vitest";
import type { Html } from "../../src/views/html.ts";

// A browser's page, as far as the scripts of the gate's pages use one. They run as they are
// shipped.

type Listener = (event: Record<string, unknown>) => unknown;

/** An element with what scripts read and write of it. */
export class FakeElement {
	readonly dataset: Record<string, string> = {};
	readonly children: FakeElement[] = [];
	readonly #listeners: [string, Listener][] = [];
	hidden = true;
	textContent = "";
	href = "";
	target = "";
	name = "";
	value = "";
	method = "";
	action = "";
	/** How often the form was sent without a person. */
	sent = 0;
	/** Called by `click()` if no listener prevents it. */
	pressed = () => {};

	addEventListener(type: string, listener: Listener): void {
		this.#listeners.push([type, listener]);
	}

	/** @returns false if a listener has prevented what would follow. */
	fire(type: string, event: Record<string, unknown> = {}): boolean {
		let isPrevented = false;
		const preventDefault = () => {
			isPrevented = true;
		};
		for (const [heard, listener] of this.#listeners)
			if (heard === type) listener({ ...event, preventDefault });
		return !isPrevented;
	}

	click(): void {
		if (this.fire("click")) this.pressed();
	}

	querySelector(): FakeElement | undefined {
		return this.children[0];
	}

	append(child: FakeElement): void {
		this.children.push(child);
	}

	submit(): void {
		this.sent++;
	}

	remove(): void {}
	removeAttribute(): void {}
}

/** A page with the elements of all of the gate's pages, and what its script does to the browser. */
export class FakePage {
	readonly elements = new Map<string, FakeElement>();
	readonly form = new FakeElement();
	readonly button = new FakeElement();
	/** Links that open popups. */
	readonly links: FakeElement[] = [];
	/** What a script has added. */
	readonly body = new FakeElement();
	/** Attributes of the script. */
	data: Record<string, string> = {};
	location = new URL("https://app.example/notes?a=1");
	/** Where the page went, without history. */
	readonly replaced: string[] = [];
	readonly storage = new Map<string, string>();
	readonly messages: unknown[] = [];
	readonly window = new FakeElement();
	/** Further globals, or others. */
	globals: Record<string, unknown> = {};
	/** Answers requests. */
	fetch = vi.fn(
		async (_path: string, _init?: RequestInit): Promise<Response> =>
			Response.json({ signedIn: false }),
	);
	/** Forms that reached the server. */
	posted = 0;
	#channels: { name: string; onmessage?: ((event: { data: unknown }) => void) | null }[] = [];

	constructor() {
		this.form.append(this.button);
		this.button.pressed = () => {
			if (this.form.fire("submit")) this.posted++;
		};
	}

	/** The element with this id. */
	the(id: string): FakeElement {
		const element = this.elements.get(id) ?? new FakeElement();
		this.elements.set(id, element);
		return element;
	}

	/** Says something on a channel, from another page. */
	say(name: string, data: unknown): void {
		for (const channel of this.#channels) if (channel.name === name) channel.onmessage?.({ data });
	}

	/** @param more Of the location and the document. */
	run(
		script: Html,
		{ location: place = {}, referrer = "" }: { location?: object; referrer?: string } = {},
	): void {
		const page = this;
		const storage = {
			getItem: (key: string) => this.storage.get(key) ?? null,
			setItem: (key: string, value: string) => void this.storage.set(key, value),
			removeItem: (key: string) => void this.storage.delete(key),
		};
		const { href, origin, protocol, pathname, search, hash } = this.location;
		const location = { href, origin, protocol, pathname, search, hash };
		const globals: Record<string, unknown> = {
			document: {
				currentScript: { dataset: this.data },
				getElementById: (id: string) => this.the(id),
				querySelector: () => this.form,
				querySelectorAll: () => this.links,
				createElement: () => new FakeElement(),
				body: this.body,
				referrer,
			},
			location: { ...location, ...place, replace: (to: string) => void this.replaced.push(to) },
			history: {
				replaceState: (_: unknown, __: string, to: string) =>
					void this.replaced.push(`state ${to}`),
			},
			navigator: {},
			performance: { getEntriesByType: () => [] },
			localStorage: storage,
			sessionStorage: storage,
			fetch: this.fetch,
			addEventListener: (type: string, listener: Listener) =>
				this.window.addEventListener(type, listener),
			removeEventListener: () => {},
			BroadcastChannel: class {
				onmessage = null;
				readonly name: string;
				constructor(name: string) {
					this.name = name;
					page.#channels.push(this);
				}
				postMessage(data: unknown) {
					page.messages.push([this.name, data]);
				}
				close() {
					page.#channels = page.#channels.filter((channel) => channel !== this);
				}
			},
			...this.globals,
		};
		const window: Record<string, unknown> = { close: () => {}, opener: null };
		window.parent = window;
		Object.assign(window, this.globals);
		const all: Record<string, unknown> = { window, parent: window, ...globals };
		new Function(...Object.keys(all), String(script))(...Object.values(all));
	}
}
