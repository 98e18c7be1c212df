import { createElement, type ReactNode } from "react";
import { createClient } from "../client/client.ts";
import type { Client, ClientOptions } from "../client/client-types.ts";
import type { Snapshot } from "../wire/state.ts";
import type { GateLike, StateName, StateView } from "../wire/state-view.ts";
import { useClient } from "./context.ts";
import { type PortcullisProviderProps, Provider } from "./provider.ts";
import { LoginButton, LogoutButton, SignedIn, SignedOut } from "./session-parts.ts";
import { useNavigationGuard } from "./use-navigation-guard.ts";
import { useServerStateOf } from "./use-server-state.ts";
import { type SessionUser, useToasts, useUser } from "./use-session.ts";

/** Hooks and components for one gate. */
export interface ReactClient<G extends GateLike> {
	/** Around everything that uses the others. */
	readonly PortcullisProvider: (props: PortcullisProviderProps) => ReactNode;
	/**
	 * Values and events of a state. With a selector the component renders again only when what it
	 * gives is another (`Object.is`). Suspends while the values are not there.
	 *
	 * @throws {Error} on a server without a snapshot; in the browser if the server refuses, or has no
	 *   such state.
	 */
	readonly useServerState: {
		<K extends StateName<G>>(name: K): StateView<G["statesType"][K]>;
		<K extends StateName<G>, T>(name: K, selector: (state: StateView<G["statesType"][K]>) => T): T;
	};
	/**
	 * The person who is signed in; `undefined` for an anonymous person, and while it is not known.
	 */
	readonly useUser: () => SessionUser | undefined;
	/** The messages for the person, for an app that shows them itself. */
	readonly useToasts: typeof useToasts;
	/** The client of the provider: `login`, `logout`, `navigate` and the rest. */
	readonly usePortcullis: () => Client<G>;
	/**
	 * A function that asks whether the person may go to a path (with its query), for routers that
	 * move on in the browser. If not, it loads the login page or the page that says no, and gives
	 * false.
	 */
	readonly useNavigationGuard: () => (path: string) => Promise<boolean>;
	readonly SignedIn: typeof SignedIn;
	readonly SignedOut: typeof SignedOut;
	readonly LoginButton: typeof LoginButton;
	readonly LogoutButton: typeof LogoutButton;
	/**
	 * The tab's client outside of components, in the browser alone: for the middleware of a router, say. With React Router:
	 *
	 * ```ts
	 * export const clientMiddleware = [
	 *   async ({ request }, next) => {
	 *     const { pathname, search } = new URL(request.url);
	 *     const decision = await portcullis.client().navigate(pathname + search);
	 *     if (decision.outcome !== "allow") throw redirectDocument(decision.href);
	 *     return next();
	 *   },
	 * ];
	 * ```
	 *
	 * @throws {Error} on a server, where every request has a client of its own.
	 */
	readonly client: () => Client<G>;
}

/**
 * Makes hooks and components with the types of a gate. Nothing happens before a provider is
 * rendered.
 *
 * @example
 * export const { PortcullisProvider, useServerState, useUser } = createReactClient<typeof gate>();
 */
export function createReactClient<G extends GateLike>(
	options: Omit<ClientOptions<G>, "snapshot"> = {},
): ReactClient<G> {
	let inBrowser: Client | undefined;
	let providers = 0;

	function acquire(snapshot: Snapshot | undefined): Client {
		// Never shared on a server: two requests are two people.
		const client =
			(isServer() ? undefined : inBrowser) ?? (createClient<G>(options) as unknown as Client);
		if (!isServer()) inBrowser = client;
		if (snapshot) client.seed(snapshot);
		return client;
	}

	function retain(client: Client): () => void {
		providers++;
		return () => {
			providers--;
			// Strict mode takes every effect back once and runs it again.
			setTimeout(() => {
				if (providers > 0 || inBrowser !== client) return;
				inBrowser = undefined;
				client.close();
			});
		};
	}

	return {
		// biome-ignore lint/correctness/noComponentHookFactories: an app calls this once for a gate, not while it renders
		PortcullisProvider: (props) => createElement(Provider, { ...props, acquire, retain }),
		useServerState: useServerStateOf as ReactClient<G>["useServerState"],
		useUser,
		useToasts,
		usePortcullis: useClient as () => unknown as () => Client<G>,
		useNavigationGuard,
		...{ SignedIn, SignedOut, LoginButton, LogoutButton },
		client: () => {
			if (isServer())
				throw new Error(
					"On a server every request has a client of its own: use hooks, below a PortcullisProvider",
				);
			return acquire(undefined) as unknown as Client<G>;
		},
	};
}

function isServer(): boolean {
	return typeof document === "undefined";
}
