import { use, useCallback, useMemo, useSyncExternalStore } from "react";
import { useClient } from "./context.ts";

type AnySelector = (view: unknown) => unknown;

/**
 * The view of a state, or what the selector makes of it; renders again when that is another one.
 * Suspends while the values are not there.
 *
 * @throws {Error} on a server that has given no snapshot of the state; in the browser if the server
 *   refuses or has no such state.
 */
export function useServerStateOf(name: string, select: AnySelector = identity): unknown {
	const client = useClient();
	// A name that the types allow: which gate it is of, they have checked.
	const key = name as never;
	if (!client.has(key)) {
		if (typeof document === "undefined") {
			throw new Error(
				`Server state "${name}" was rendered on a server without its values: pass the request's snapshot to PortcullisProvider`,
			);
		}
		use(client.ready(key));
	}
	const subscribe = useCallback(
		(listener: () => void) => client.subscribe(key, listener),
		[client, key],
	);
	const [now, first] = useMemo(() => {
		const selected = once(select);
		const selectedFirst = once(select);
		return [
			() => selected(client.state(key)),
			() => selectedFirst(client.first.state(key) ?? client.state(key)),
		];
	}, [client, key, select]);
	return useSyncExternalStore(subscribe, now, first);
}

function identity(view: unknown): unknown {
	return view;
}

/** A selector that makes a new object each time gives the same one for the same view. */
function once(select: AnySelector): AnySelector {
	let last: { readonly view: unknown; readonly selected: unknown } | undefined;
	return (view) => {
		if (!last || last.view !== view) last = { view, selected: select(view) };
		return last.selected;
	};
}
