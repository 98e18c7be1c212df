import type { Toast } from "../wire/state.ts";
import { createListeners } from "./listeners.ts";

/** A message that is on show. */
export interface ShownToast extends Toast {
	/** Grows with each one. */
	readonly id: number;
}

/** Messages for the person, for the part of the app that shows them. */
export interface Toasts {
	/** Oldest first; a new list whenever it changes. */
	readonly list: () => readonly ShownToast[];
	/** Returns how to stop. */
	readonly subscribe: (listener: () => void) => () => void;
	readonly dismiss: (id: number) => void;
}

/** More are not kept: the oldest goes. */
const MAX_SHOWN = 20;

/** A list of toasts, and how to add one. */
export function createToasts(): Toasts & { readonly add: (toast: Toast) => void } {
	const { subscribe, tell } = createListeners();
	let shown: readonly ShownToast[] = [];
	let count = 0;
	const set = (next: readonly ShownToast[]) => {
		shown = next;
		tell();
	};
	return {
		list: () => shown,
		subscribe,
		dismiss: (id) => set(shown.filter((toast) => toast.id !== id)),
		add: ({ message, kind }) => set([...shown, { message, kind, id: ++count }].slice(-MAX_SHOWN)),
	};
}
