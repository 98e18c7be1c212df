import type { Core } from "./core.ts";
import { type AnyEventFunction, createEventFunction } from "./event-function.ts";
import type { SendEvent } from "./events.ts";
import { createListeners, type Listeners } from "./listeners.ts";

/** A state as the app sees it, without its types. */
export type AnyView = Readonly<Record<string, unknown>>;

/** The objects that the app sees: a new one for a state only when something in it has changed. */
export interface Views {
	/** The view of a state; `undefined` while nothing is known of it. */
	readonly of: (state: string) => AnyView | undefined;
	/**
	 * Makes new views of these states and calls the listeners; all views are in place before the
	 * first call.
	 */
	readonly changed: (states: Iterable<string>) => void;
	/** Returns how to stop. */
	readonly subscribe: (state: string, listener: () => void) => () => void;
}

export function createViews(core: Core, send: SendEvent): Views {
	const functions = new Map<string, AnyEventFunction>();
	const views = new Map<string, AnyView>();
	const listeners = new Map<string, Listeners>();

	const changed = (states: Iterable<string>) => {
		const all = [...states];
		for (const state of all) views.delete(state);
		for (const state of all) listeners.get(state)?.tell();
	};

	const functionOf = (state: string, name: string): AnyEventFunction => {
		const key = `${state}.${name}`;
		const known = functions.get(key);
		if (known) return known;
		const info = () => core.events(state)?.[name] ?? {};
		const made = createEventFunction(
			info,
			(payload) => send(state, name, info(), payload),
			() => changed([state]),
		);
		functions.set(key, made);
		return made;
	};

	return {
		of: (state) => {
			const known = views.get(state);
			const events = core.events(state);
			if (known || !events) return known;
			// Without a prototype: the app chooses the names, and `__proto__` may be one.
			const view = Object.create(null);
			const withheld = Object.create(null);
			const granted = Object.create(null);
			for (const [name, { value, isWithheld }] of core.values.of(state)) {
				view[name] = value;
				withheld[name] = isWithheld;
				if (!isWithheld) granted[name] = value;
			}
			for (const name of Object.keys(events)) view[name] = functionOf(state, name);
			view.$withheld = Object.freeze(withheld);
			view.$granted = Object.freeze(granted);
			views.set(state, Object.freeze(view));
			return view;
		},
		changed,
		subscribe: (state, listener) => {
			const known = listeners.get(state) ?? createListeners();
			listeners.set(state, known);
			return known.subscribe(listener);
		},
	};
}
