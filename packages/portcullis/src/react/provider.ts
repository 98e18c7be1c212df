import { createElement, type ReactNode, useEffect, useState } from "react";
import type { Client } from "../client/client-types.ts";
import type { ShownToast } from "../client/toasts.ts";
import type { Snapshot } from "../wire/state.ts";
import { ClientContext } from "./context.ts";
import { ToastList } from "./toast-list.ts";
import { useToasts } from "./use-session.ts";

/**
 * What shows the messages for the person: something that uses `useToasts`, a function of the
 * messages, or nothing.
 */
export type ToastsProp =
	| ReactNode
	| ((toasts: readonly ShownToast[], dismiss: (id: number) => void) => ReactNode)
	| false;

export interface PortcullisProviderProps {
	/**
	 * What the server put into the page (`gate.snapshot(request)`). Needed for rendering on a server;
	 * of a browser the first one counts.
	 */
	readonly snapshot?: Snapshot | undefined;
	/** Default: an accessible list of its own. */
	readonly toasts?: ToastsProp;
	readonly children?: ReactNode;
}

interface ProviderProps extends PortcullisProviderProps {
	/** Gives the client: on a server one for each provider, in a browser the one of the tab. */
	readonly acquire: (snapshot: Snapshot | undefined) => Client;
	/** Says that the provider is there; returns how to say that it is gone. */
	readonly retain: (client: Client) => () => void;
}

export function Provider({
	acquire,
	retain,
	snapshot,
	toasts,
	children,
}: ProviderProps): ReactNode {
	const [client] = useState(() => acquire(snapshot));
	useEffect(() => retain(client), [client, retain]);
	const shown =
		toasts === undefined
			? createElement(ToastList)
			: typeof toasts === "function"
				? createElement(RenderedToasts, { render: toasts })
				: toasts;
	return createElement(ClientContext, { value: client }, children, shown);
}

function RenderedToasts({
	render,
}: {
	readonly render: Extract<ToastsProp, (...args: never[]) => unknown>;
}): ReactNode {
	const { toasts, dismiss } = useToasts();
	return render(toasts, dismiss);
}
